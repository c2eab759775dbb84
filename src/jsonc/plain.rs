//! Characters that JSON knows nowhere, and that the parser lets pass: RFC 8259, sections 2 and 7.

use super::{Finding, FindingCode, SourceText};

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
