//! Text from outside, bounded, and JSON of ASCII alone.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

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
pub(crate) fn as_written(text: &str) -> Vec<u8> {
    let mut written = Vec::with_capacity(text.len() + 2);
    // A text is always JSON, and memory takes it.
    let _ = text.serialize(&mut serde_json::Serializer::with_formatter(&mut written, Ascii));
    written
}

/// Compact JSON whose every character beyond ASCII is escaped: no program takes any of it for the end of a line.
pub(super) struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.bytes().all(|byte| byte.is_ascii() && byte != 0x7f) {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            match character {
                ' '..='~' => writer.write_all(&[character as u8])?,
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}
