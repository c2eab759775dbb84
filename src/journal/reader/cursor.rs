//! Up to where a journal was read.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;

use crate::audit::{Hash, Line};

/// The record after which to go on: its number and the beginning of its hash, as in `42:9f86d081884c7d65`.
///
/// It says nothing about files, so that it outlives them; and as it names the hash, a journal that was written anew is not
/// taken for the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The record's number; zero before the first.
    pub sequence: u64,
    hash: [u8; 8],
}

/// The text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotACursor;

impl fmt::Display for NotACursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a cursor is a number, `:` and 16 hexadecimal digits, as in `42:9f86d081884c7d65`",
        )
    }
}

impl std::error::Error for NotACursor {}

impl Cursor {
    /// Before the first record.
    pub const BEGIN: Cursor = Cursor { sequence: 0, hash: [0; 8] };

    /// After this record.
    pub fn after(line: &Line) -> Self {
        Cursor { sequence: line.sequence, hash: first_bytes(&line.hash) }
    }

    /// Whether it is this record.
    pub fn is_at(&self, line: &Line) -> bool {
        *self == Cursor::after(line)
    }
}

fn first_bytes(hash: &Hash) -> [u8; 8] {
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    first
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, HEXLOWER.encode(&self.hash))
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let read = || {
            let (sequence, hash) = text.split_once(':')?;
            let is_plain = sequence.bytes().all(|byte| byte.is_ascii_digit());
            let sequence = is_plain.then(|| sequence.parse().ok())??;
            let hash = HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()?;
            Some(Cursor { sequence, hash })
        };
        read().ok_or(NotACursor)
    }
}
