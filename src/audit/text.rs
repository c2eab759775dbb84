//! Text from outside, bounded, and JSON of ASCII alone.

use std::io::Write as _;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// Longer than any name, path or command line that a person would write; a record stays one small write.
const LONGEST: usize = 1024;

/// Text from outside as a record holds it: at most 1,024 characters, and how many were left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(inline)]
pub struct Text(String);

impl Text {
    /// Cuts what is too long.
    pub fn new(text: &str) -> Self {
        match text.char_indices().nth(LONGEST) {
            Some((end, _)) => Text(format!("{}… (+{})", &text[..end], text[end..].chars().count())),
            None => Text(text.to_owned()),
        }
    }

    /// What is held.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A text as a line holds it, with its quotes.
#[cfg(feature = "journal")]
pub(crate) fn as_written(text: &str) -> Vec<u8> {
    let mut written = Vec::with_capacity(text.len() + 2);
    write_ascii(text, &mut written);
    written
}

/// Adds a value as compact JSON whose every character beyond ASCII is escaped: no program takes any of it for the end of a line.
pub(super) fn write_ascii<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let begin = out.len();
    let written = serde_json::to_writer(&mut *out, value);
    debug_assert!(written.is_ok(), "it holds nothing that JSON cannot, and memory takes it");
    // All of it is looked at, which is quicker than to stop at the first that is no ASCII.
    if !out[begin..].iter().fold(true, |is_plain, byte| is_plain & (*byte < 0x7f)) {
        let json = String::from_utf8_lossy(&out[begin..]).into_owned();
        out.truncate(begin);
        escape(&json, out);
    }
}

/// Outside of strings JSON has no other characters than these.
fn escape(json: &str, out: &mut Vec<u8>) {
    for character in json.chars() {
        match character {
            ' '..='~' => out.push(character as u8),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
}
