//! A record as a line, and what a line says of itself.

use std::fmt;
use std::io::Write as _;

use data_encoding::HEXLOWER;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::event::Record;
use super::text::write_ascii;

/// The SHA-256 of a record: of its line up to `,"hash":`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first record of a journal holds in place of the hash of the one before it.
    pub const NONE: Hash = Hash([0; 32]);

    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Hash(Sha256::digest(bytes).into())
    }

    /// A hash of these bytes of its own.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Hash(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal digits.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        (text.len() == 64).then(|| HEXLOWER.decode_mut(text, &mut bytes).ok())??;
        Some(Hash(bytes))
    }

    fn hex(&self) -> [u8; 64] {
        let mut text = [0; 64];
        HEXLOWER.encode_mut(&self.0, &mut text);
        text
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.hex()).unwrap_or_default())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(std::str::from_utf8(&self.hex()).unwrap_or_default())
    }
}

impl JsonSchema for Hash {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hash".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })
    }
}

/// Where a line's own hash begins, and what stands around it.
const BEFORE_HASH: &[u8] = b",\"hash\":\"";
const AFTER_HASH: &[u8] = b"\"}";
const HASH_PART: usize = BEFORE_HASH.len() + 64 + AFTER_HASH.len();

/// How each line begins.
pub(crate) const BEFORE_SEQUENCE: &[u8] = b"{\"schema_version\":1,\"sequence\":";
const BEFORE_PREVIOUS: &[u8] = b",\"previous\":\"";
const AFTER_PREVIOUS: &[u8] = b"\",\"time\":\"";

/// No journal has as many records, and every program that reads JSON can hold as much (RFC 8259, section 6).
const MOST_RECORDS: u64 = 1 << 53;

/// The line of a record, with its line break, and its hash.
pub fn seal(record: &Record<'_>, line: &mut Vec<u8>) -> Hash {
    let begin = line.len();
    let Record { schema_version, sequence, previous, time, event } = record;
    // Byte for byte what serde makes of a record, in half the time: it flattens field by field.
    let _ = write!(line, "{{\"schema_version\":{schema_version},\"sequence\":{sequence}");
    line.extend_from_slice(BEFORE_PREVIOUS);
    line.extend_from_slice(&previous.hex());
    let _ = write!(line, "\",\"time\":\"{time:.6}\"");
    let event_begin = line.len();
    write_ascii(event, line);
    // Its fields are those of the record: the brace in front of them goes, and the one behind them comes after the hash.
    line[event_begin] = b',';
    line.pop();
    let hash = Hash::of(&line[begin..]);
    line.extend_from_slice(BEFORE_HASH);
    line.extend_from_slice(&hash.hex());
    line.extend_from_slice(AFTER_HASH);
    line.push(b'\n');
    hash
}

/// What a line of a journal says of itself, found without reading the JSON between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The record's number in its journal, from 1.
    pub sequence: u64,
    /// The hash of the record before it.
    pub previous: Hash,
    /// Its own, which is true of its bytes.
    pub hash: Hash,
}

/// The bytes are no line of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotALine {
    /// They do not begin or end as one does.
    Form,
    /// They do, and are not those that their hash was made of.
    Changed {
        /// The number that stands there.
        sequence: u64,
    },
}

impl Line {
    /// Reads a line, without its line break, and makes sure that its hash is that of its bytes.
    ///
    /// # Errors
    /// When the bytes do not have the form of a line, or are not those that their hash was made of.
    pub fn read(bytes: &[u8]) -> Result<Self, NotALine> {
        let body_end = bytes.len().checked_sub(HASH_PART).ok_or(NotALine::Form)?;
        let (body, tail) = bytes.split_at(body_end);
        let hash = tail
            .strip_prefix(BEFORE_HASH)
            .and_then(|rest| rest.strip_suffix(AFTER_HASH))
            .and_then(Hash::from_hex)
            .ok_or(NotALine::Form)?;
        let (sequence, previous) = Line::links(body).ok_or(NotALine::Form)?;
        if Hash::of(body) != hash {
            return Err(NotALine::Changed { sequence });
        }
        Ok(Line { sequence, previous, hash })
    }

    /// The number and the hash of the record before, at their fixed places.
    fn links(body: &[u8]) -> Option<(u64, Hash)> {
        let rest = body.strip_prefix(BEFORE_SEQUENCE)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = rest.split_at(digits);
        let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let sequence = Some(number).filter(|number| *number < MOST_RECORDS)?;
        let rest = rest.strip_prefix(BEFORE_PREVIOUS)?;
        let (previous, rest) = rest.split_at_checked(64)?;
        rest.starts_with(AFTER_PREVIOUS).then_some(())?;
        Some((sequence, Hash::from_hex(previous)?))
    }
}
