//! Characters that JSON knows nowhere, and that the parser lets pass: RFC 8259, sections 2 and 7.

use std::ops::Range;

use jsonc_parser::ast::Value;

use super::{Finding, FindingCode, SourceText, span};

/// Whether there is none of them for certain: nothing but visible ASCII and line feeds, which stand in no text.
/// Of anything else, [`first_fault`] tells.
pub(super) fn is_plain(text: &SourceText, value: &Value<'_>) -> bool {
    let is_other = |byte: u8| !matches!(byte, b'\n' | b' '..=b'~');
    // Without a way out in the middle, so that many bytes are looked at in one step.
    let has_other = text.as_str().bytes().fold(false, |has, byte| has | is_other(byte));
    !has_other && stands_on_its_lines(value, &mut Lines(text.line_starts()))
}

/// Whether no text goes on behind the end of its line; `lines` are the beginnings of those that are not looked at yet.
fn stands_on_its_lines(value: &Value<'_>, lines: &mut Lines<'_>) -> bool {
    match value {
        Value::StringLit(text) => lines.hold(span(text)),
        Value::Array(array) => {
            array.elements.iter().all(|element| stands_on_its_lines(element, lines))
        }
        Value::Object(object) => object.properties.iter().all(|member| {
            lines.hold(span(&member.name)) && stands_on_its_lines(&member.value, lines)
        }),
        _ => true,
    }
}

/// The beginnings of lines, in order.
struct Lines<'t>(&'t [usize]);

impl Lines<'_> {
    /// Whether a text stands on one line; those in front of it are done with.
    fn hold(&mut self, text: Range<usize>) -> bool {
        let Lines(begins) = self;
        while begins.first().is_some_and(|begin| *begin <= text.start) {
            *begins = &begins[1..];
        }
        begins.first().is_none_or(|begin| text.end <= *begin)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Text,
    LineComment,
    BlockComment,
}

/// The first of: a control character in a text, white space that is none of JSON's, a carriage return that ends no line.
/// Two readers could see two files in one of them.
pub(super) fn first_fault(text: &SourceText) -> Option<Finding> {
    let json = text.as_str();
    let mut inside = Inside::Nothing;
    let mut characters = json.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if let Some((message, advice)) = fault(inside, character, next) {
            let span = at..at + character.len_utf8();
            let finding = Finding::new(FindingCode::Syntax, message.to_owned(), text, span);
            return Some(finding.with_advice(advice));
        }
        let (then, takes_next) = go_on(inside, character, next);
        inside = then;
        if takes_next {
            characters.next();
        }
    }
    None
}

fn fault(
    inside: Inside,
    character: char,
    next: Option<char>,
) -> Option<(&'static str, &'static str)> {
    match (inside, character) {
        (Inside::Text, '\0'..='\u{1f}') => Some((
            "a control character stands in a text",
            "write it with a backslash, as in `\\n` or `\\t`",
        )),
        (_, '\r') if next != Some('\n') => Some((
            "a carriage return stands here without a line feed",
            "end lines with a line feed: some programs show what follows on the same line",
        )),
        (Inside::Nothing, character) if is_other_space(character) => Some((
            "this white space is none that JSON knows",
            "write a space, a tab or a line feed",
        )),
        _ => None,
    }
}

/// Where the next character stands, and whether the one after this belongs to it.
fn go_on(inside: Inside, character: char, next: Option<char>) -> (Inside, bool) {
    match (inside, character, next) {
        (Inside::Nothing, '"', _) => (Inside::Text, false),
        (Inside::Nothing, '/', Some('/')) => (Inside::LineComment, true),
        (Inside::Nothing, '/', Some('*')) => (Inside::BlockComment, true),
        // Whatever it stands for, it does not end the text.
        (Inside::Text, '\\', Some('"' | '\\')) => (Inside::Text, true),
        (Inside::Text, '"', _) | (Inside::LineComment, '\n', _) => (Inside::Nothing, false),
        (Inside::BlockComment, '*', Some('/')) => (Inside::Nothing, true),
        (inside, _, _) => (inside, false),
    }
}

fn is_other_space(character: char) -> bool {
    character.is_whitespace() && !matches!(character, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn place(text: &str) -> Option<String> {
        let text = SourceText::new(Path::new("f"), text);
        first_fault(&text).map(|finding| finding.place.to_string())
    }

    #[test]
    fn what_json_knows_passes() {
        for text in [
            "{\t\"a\": \"\u{a0}\u{2028}\\t\" } // \u{b}\u{a0}\t\r\n/* \u{c}\n\t */ ",
            "[\"\\\\\",\t1, \"\\\"\"]\t",
        ] {
            assert_eq!(place(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_it_does_not_know_is_told() {
        for (text, at) in [
            ("[\"\t\"]", "f:1:3"),
            ("[\"a\n\"]", "f:1:4"),
            ("[\"\\\u{1b}\"]", "f:1:4"),
            ("[\u{c}1]", "f:1:2"),
            ("{}\u{a0}", "f:1:3"),
            ("\u{2028}{}", "f:1:1"),
            ("{ // a\r\"b\": 1 }", "f:1:7"),
        ] {
            assert_eq!(place(text).as_deref(), Some(at), "{text:?}");
        }
    }
}
