//! The characters of a text as a reader of JSON takes them: escapes decoded, each with the bytes that stand for it.

use std::ops::Range;

use crate::jsonc::code_unit;

/// Where a character stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// Between tokens, or in one that is no string.
    Structure,
    /// In a string; `is_prose`: one that is written for people alone.
    Text {
        is_prose: bool,
    },
    LineComment,
    BlockComment,
}

/// A character, and the bytes that stand for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Character {
    pub(super) value: char,
    pub(super) range: Range<usize>,
    pub(super) inside: Inside,
    /// Written with a backslash.
    pub(super) is_escaped: bool,
}

/// Every character of a text, be it JSON with comments or not.
pub(super) fn characters(text: &str) -> Characters<'_> {
    Characters {
        text,
        next: 0,
        inside: Inside::Structure,
        latest: 0..0,
        comment: 0,
        depth: 0,
        prose_at: None,
    }
}

pub(super) struct Characters<'t> {
    text: &'t str,
    next: usize,
    inside: Inside,
    /// The latest string, with its first quote and without its last.
    latest: Range<usize>,
    /// Where the latest comment begins.
    comment: usize,
    /// Objects and lists around.
    depth: usize,
    /// How deep the member stands whose value is prose, while that is read.
    prose_at: Option<usize>,
}

impl Iterator for Characters<'_> {
    type Item = Character;

    fn next(&mut self) -> Option<Character> {
        let start = self.next;
        let (before, character) = (self.inside, self.text[start..].chars().next()?);
        let is_escaped = character == '\\' && matches!(before, Inside::Text { .. });
        let (value, length) = if is_escaped {
            escape(&self.text[start..])
        } else {
            self.pass(character, start);
            (character, character.len_utf8())
        };
        self.next = start + length;
        Some(Character { value, range: start..self.next, inside: before, is_escaped })
    }
}

impl Characters<'_> {
    /// What a character that is no escape begins or ends.
    fn pass(&mut self, character: char, at: usize) {
        let bytes = self.text.as_bytes();
        match (self.inside, character) {
            (Inside::Structure, '"') => {
                self.inside = Inside::Text { is_prose: self.prose_at.is_some() };
                self.latest = at..at;
            }
            (Inside::Structure, '/') => match bytes.get(at + 1) {
                Some(b'/') => self.inside = Inside::LineComment,
                Some(b'*') => {
                    self.inside = Inside::BlockComment;
                    self.comment = at;
                }
                _ => {}
            },
            (Inside::Structure, _) => self.pass_token(character),
            (Inside::Text { .. }, '"') => {
                self.inside = Inside::Structure;
                self.latest.end = at;
            }
            (Inside::LineComment, '\n') => self.inside = Inside::Structure,
            // In `/*/` one asterisk cannot do both.
            (Inside::BlockComment, '/') if at > self.comment + 2 && bytes[at - 1] == b'*' => {
                self.inside = Inside::Structure;
            }
            _ => {}
        }
    }

    /// `description`, and what this program passes over: keys that begin with `x-`.
    fn pass_token(&mut self, token: char) {
        match token {
            ':' if self.prose_at.is_none() => {
                let key = &self.text[self.latest.clone()];
                let is_prose = key == "\"description" || key.starts_with("\"x-");
                self.prose_at = is_prose.then_some(self.depth);
            }
            '{' | '[' => self.depth += 1,
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                self.prose_at = self.prose_at.filter(|depth| *depth <= self.depth);
            }
            ',' => self.prose_at = self.prose_at.filter(|depth| *depth < self.depth),
            _ => {}
        }
    }
}

/// What an escape stands for, and how many bytes it takes.
pub(super) fn escape(text: &str) -> (char, usize) {
    let Some(named) = text[1..].chars().next() else { return ('\\', 1) };
    let value = match named {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return code_point(text),
        other => other,
    };
    (value, 1 + named.len_utf8())
}

/// `\u` and four digits, or two of them that make one character.
fn code_point(text: &str) -> (char, usize) {
    let Some(first) = code_unit(text, 0) else { return ('u', 2) };
    let units = [Some(first), code_unit(text, 6)];
    match char::decode_utf16(units.into_iter().flatten()).next() {
        Some(Ok(value)) => (value, 6 * value.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        characters(text).map(|character| character.value).collect()
    }

    #[test]
    fn escapes_count_in_strings_alone() {
        assert_eq!(read(r#"["a\u0041\n\"\\\ud83e\udd80\/"]"#), "[\"aA\n\"\\\u{1f980}/\"]");
        for text in [r#"\u0041 // \u0041 "\u0041"#, r#"/* \n " */ 1 /*/ "\n" */"#] {
            assert_eq!(read(text), text);
        }
        for (broken, told) in [
            ("\"\\", "\"\\"),
            ("\"\\u12", "\"u12"),
            ("\"\\u+123", "\"u+123"),
            ("\"\\ud83e\\u0041", "\"\u{fffd}A"),
            ("\"\\uäöü", "\"uäöü"),
            ("\"\\ä", "\"ä"),
        ] {
            assert_eq!(read(broken), told);
        }
    }

    #[test]
    fn every_byte_stands_for_something() {
        let text = "{ \"a\\u00e4\\n\": /* ü */ [\"\\ud83e\\udd80\"] } // \"";
        let mut end = 0;
        for character in characters(text) {
            assert_eq!(character.range.start, end);
            end = character.range.end;
        }
        assert_eq!(end, text.len());
    }

    #[test]
    fn prose_is_what_people_alone_read() {
        let prose = |text: &str| -> String {
            let is_prose = |c: &Character| c.inside == Inside::Text { is_prose: true };
            characters(text).filter(is_prose).map(|c| c.value).filter(|c| *c != '"').collect()
        };
        assert_eq!(prose(r#"{ "description": "a", "id": "b" }"#), "a");
        assert_eq!(prose(r#"{ "x-y": ["a", { "k": "b" }, "c"], "id": "d" }"#), "akbc");
        assert_eq!(prose(r#"{ "x-y": { "k": "a" } , "id": ["b", "c"] }"#), "ka");
        assert_eq!(prose(r#"{ "a": { "description": "a" }, "id": "b" }"#), "a");
        assert_eq!(prose(r#"{ "a": { "x-": "a" }, "id": { "k": "b" } }"#), "a");
    }
}
