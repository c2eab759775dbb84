//! A text with the file it came from, and the way from an offset to a line and a column.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::{Finding, FindingCode};
use crate::provenance::{Place, Position};

/// A text, the file it came from, and where its lines and characters are.
#[derive(Debug, Clone)]
pub struct SourceText {
    path: Arc<Path>,
    text: String,
    /// What stands before each block of [`BLOCK`] bytes: a line can be long, and much can stand on it. Made when it is needed,
    /// which it rarely is of plain texts.
    before: OnceLock<Vec<Before>>,
    is_plain: bool,
}

/// What stands before a place.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    lines: usize,
    /// Of the line that the place stands on.
    characters: usize,
}

impl Before {
    /// What stands before the end of a part that begins here.
    fn and(self, part: &[u8]) -> Self {
        match memchr::memrchr(b'\n', part) {
            Some(last) => Before {
                lines: self.lines + memchr::memchr_iter(b'\n', &part[..=last]).count(),
                characters: characters(&part[last + 1..]),
            },
            None => Before { characters: self.characters + characters(part), ..self },
        }
    }
}

/// So many bytes are looked at in a few steps.
const BLOCK: usize = 32;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl SourceText {
    /// A text that is already one.
    pub fn new(path: impl Into<Arc<Path>>, text: impl Into<String>) -> Self {
        let text = text.into();
        let is_other = |byte: u8| !matches!(byte, b'\n' | b' '..=b'~');
        // Without a way out in the middle, so that many bytes are looked at in one step.
        let is_plain = !text.bytes().fold(false, |has, byte| has | is_other(byte));
        SourceText { path: path.into(), text, before: OnceLock::new(), is_plain }
    }

    /// The bytes of a file as a text.
    ///
    /// # Errors
    /// When the bytes are not UTF-8, or begin with a byte order mark (also that of UTF-16).
    pub fn from_bytes(path: impl Into<Arc<Path>>, bytes: Vec<u8>) -> Result<Self, Finding> {
        let path = path.into();
        if bytes.starts_with(BYTE_ORDER_MARK)
            || bytes.starts_with(b"\xFF\xFE")
            || bytes.starts_with(b"\xFE\xFF")
        {
            let message = "the file begins with a byte order mark".to_owned();
            let start = SourceText::new(path, "");
            return Err(Finding::new(FindingCode::ByteOrderMark, message, &start, 0..0)
                .with_advice("save the file as UTF-8 without byte order mark"));
        }
        String::from_utf8(bytes).map(|text| SourceText::new(Arc::clone(&path), text)).map_err(
            |error| {
                let good = error.utf8_error().valid_up_to();
                let readable = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
                let text = SourceText::new(path, readable);
                let message = "the file is not valid UTF-8 from here on".to_owned();
                Finding::new(FindingCode::NotUtf8, message, &text, good..good)
                    .with_advice("save the file as UTF-8")
            },
        )
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, for whoever needs nothing else.
    pub fn into_string(self) -> String {
        self.text
    }

    /// Whether there is nothing but visible ASCII and line feeds, so that much need not be looked for. Nearly all texts are
    /// so.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// The file it came from.
    pub fn path(&self) -> &Arc<Path> {
        &self.path
    }

    /// Where a byte offset stands.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let block = offset / BLOCK;
        let rest = &self.text.as_bytes()[block * BLOCK..offset];
        let Before { lines, characters } = self.before()[block].and(rest);
        Position::after(lines, characters)
    }

    fn before(&self) -> &[Before] {
        self.before.get_or_init(|| {
            let mut before = vec![Before::default()];
            for block in self.text.as_bytes().as_chunks::<BLOCK>().0 {
                before.extend(before.last().map(|last| last.and(block)));
            }
            before
        })
    }

    /// The place of a byte offset.
    pub fn place(&self, offset: usize) -> Place {
        Place::in_file(&self.path, self.position(offset))
    }
}

fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| begins_character(**byte)).count()
}

/// The others go on with one, in UTF-8.
fn begins_character(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn positions_count_lines_and_characters(text in "[a-cäö\n]{0,300}", at in any::<prop::sample::Index>()) {
            let ends: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let at = *at.get(&ends);
            let before = &text[..at];
            let last_line = before.rsplit('\n').next().unwrap_or_default();
            let expected = (before.matches('\n').count() + 1, last_line.chars().count() + 1);
            prop_assert_eq!(position(&text, at), (expected.0 as u32, expected.1 as u32));
        }
    }

    fn position(text: &str, offset: usize) -> (u32, u32) {
        let at = SourceText::new(Path::new("f"), text).position(offset);
        (at.line, at.column)
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(position("ab", 0), (1, 1));
        assert_eq!(position("äöü\"x", 6), (1, 4));
        assert_eq!(position("a\r\n\tb", 4), (2, 2));
        assert_eq!(position("a\n", 2), (2, 1));
        assert_eq!(position("", 0), (1, 1));
    }

    #[test]
    fn bytes_that_are_no_text() {
        let code =
            |bytes: &[u8]| SourceText::from_bytes(Path::new("f"), bytes.to_vec()).unwrap_err();
        assert_eq!(code(b"\xEF\xBB\xBF{}").code, FindingCode::ByteOrderMark);
        assert_eq!(code(b"\xFF\xFE{\0").code, FindingCode::ByteOrderMark);
        let finding = code(b"{}\n  \xC3");
        assert_eq!(finding.code, FindingCode::NotUtf8);
        assert_eq!(finding.place.to_string(), "f:2:3");
    }
}
