//! A text with the file it came from, and the way from an offset to a line and a column.

use std::path::Path;
use std::sync::Arc;

use super::{Finding, FindingCode};
use crate::provenance::{Place, Position};

/// A text, the file it came from, and where its lines begin.
#[derive(Debug, Clone)]
pub struct SourceText {
    path: Arc<Path>,
    text: String,
    /// For each block of [`BLOCK`] bytes, the line that goes on at its beginning.
    lines: Vec<Line>,
    /// Then columns need no counting, which in a long line with many faults takes its time.
    is_ascii: bool,
    is_plain: bool,
}

/// Where a line begins, and the number of lines before it.
#[derive(Debug, Clone, Copy)]
struct Line {
    start: usize,
    index: usize,
}

/// So many bytes are looked at in a few steps.
const BLOCK: usize = 32;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl SourceText {
    /// A text that is already one.
    pub fn new(path: impl Into<Arc<Path>>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut line = Line { start: 0, index: 0 };
        let mut lines = Vec::with_capacity(text.len() / BLOCK + 1);
        lines.push(line);
        for (number, block) in text.as_bytes().as_chunks::<BLOCK>().0.iter().enumerate() {
            let count: u8 = block.iter().map(|byte| u8::from(*byte == b'\n')).sum();
            if let Some(last) = (count > 0).then(|| memchr::memrchr(b'\n', block)).flatten() {
                line.start = number * BLOCK + last + 1;
                line.index += usize::from(count);
            }
            lines.push(line);
        }
        let is_other = |byte: u8| !matches!(byte, b'\n' | b' '..=b'~');
        // Without a way out in the middle, so that many bytes are looked at in one step.
        let is_plain = !text.bytes().fold(false, |has, byte| has | is_other(byte));
        let is_ascii = is_plain || text.is_ascii();
        SourceText { path: path.into(), text, lines, is_ascii, is_plain }
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
        let Line { mut start, mut index } = self.lines[block];
        for (at, byte) in self.text.as_bytes()[..offset].iter().enumerate().skip(block * BLOCK) {
            if *byte == b'\n' {
                start = at + 1;
                index += 1;
            }
        }
        let before = self.text.get(start..offset).unwrap_or_default();
        let characters = if self.is_ascii { before.len() } else { before.chars().count() };
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position { line: number(index + 1), column: number(characters + 1) }
    }

    /// The place of a byte offset.
    pub fn place(&self, offset: usize) -> Place {
        Place::in_file(&self.path, self.position(offset))
    }
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
