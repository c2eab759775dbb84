//! Characters that a reviewer does not see, or that steer the terminal or the log that shows them.

use std::ops::Range;

use super::characters::{Character, Inside, characters};
use crate::jsonc::SourceText;
use crate::prose::steers_a_terminal;

/// Hidden characters that stand beside each other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) range: Range<usize>,
    pub(super) first: char,
    pub(super) count: usize,
    /// Written with a backslash, as far as the first one goes.
    pub(super) is_escaped: bool,
}

/// Every run of hidden characters, be they written as they are or with a backslash.
pub(super) fn runs_in(text: &SourceText) -> Vec<Run> {
    if !may_hide(text) {
        return Vec::new();
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut before = None;
    let mut all = characters(text.as_str()).peekable();
    while let Some(character) = all.next() {
        let after = all.peek().map(|next| next.value);
        if is_hidden(&character, before, after) {
            match runs.last_mut().filter(|run| run.range.end == character.range.start) {
                Some(run) => {
                    run.range.end = character.range.end;
                    run.count += 1;
                }
                None => {
                    let Character { range, value: first, is_escaped, .. } = character.clone();
                    runs.push(Run { range, first, count: 1, is_escaped });
                }
            }
        }
        before = Some(character.value);
    }
    runs
}

/// Whether a closer look is worth it. Nearly all texts are plain.
fn may_hide(text: &SourceText) -> bool {
    let steers =
        |character: char| steers_a_terminal(character) && !matches!(character, '\t' | '\n' | '\r');
    let bytes = text.as_str().as_bytes();
    let mut escapes = memchr::memchr_iter(b'\\', bytes).map(|at| bytes.get(at + 1));
    (!text.is_plain() && text.as_str().contains(steers))
        || escapes.any(|named| matches!(named, Some(b'b' | b'f' | b'n' | b'r' | b't' | b'u')))
}

fn is_hidden(character: &Character, before: Option<char>, after: Option<char>) -> bool {
    let Character { value, inside, is_escaped, .. } = *character;
    let ends_a_line_of_prose =
        inside == Inside::Text { is_prose: true } && ends_a_line(value, after);
    steers_a_terminal(value)
        && (is_escaped || !is_of_the_reader(value, inside))
        && !ends_a_line_of_prose
        && !belongs_to(value, before, after)
}

/// Line ends and tabs, and what the reader refuses in words of its own.
fn is_of_the_reader(character: char, inside: Inside) -> bool {
    match inside {
        _ if matches!(character, '\0' | '\t' | '\n' | '\r') => true,
        Inside::Text { .. } => character < ' ',
        Inside::Structure => character.is_whitespace(),
        Inside::LineComment | Inside::BlockComment => false,
    }
}

fn ends_a_line(character: char, after: Option<char>) -> bool {
    matches!(character, '\n' | '\t') || (character == '\r' && after == Some('\n'))
}

/// Whether it is a part of what people see: of an emoji, of an ideograph, of a word whose letters join.
fn belongs_to(character: char, before: Option<char>, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    let joins = |next: char| is_of_joining_script(before) && is_of_joining_script(next);
    match character {
        '\u{200C}' => after.is_some_and(joins),
        '\u{200D}' => {
            let is_glue = is_picture(before) || before == '\u{FE0F}';
            after.is_some_and(|next| joins(next) || (is_glue && is_picture(next)))
        }
        '\u{FE0E}' | '\u{FE0F}' if is_picture(before) => true,
        '\u{FE0F}' if after == Some('\u{20E3}') => {
            before.is_ascii_digit() || matches!(before, '#' | '*')
        }
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => is_ideograph(before),
        _ => false,
    }
}

/// The blocks of Unicode in which emoji and their like stand.
fn is_picture(character: char) -> bool {
    matches!(character, '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}')
        || matches!(character, '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{24C2}')
        || matches!(character, '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}')
        || matches!(
            character,
            '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
        )
        || matches!(character, '\u{1F000}'..='\u{1FAFF}')
}

/// Of Chinese, Japanese and Korean, whose names have variants.
fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

/// Letters of scripts in which joiners change how a word looks: from Arabic to Sinhala, of Myanmar, Khmer and Mongolian.
fn is_of_joining_script(character: char) -> bool {
    matches!(character, '\u{620}'..='\u{DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17DD}' | '\u{1820}'..='\u{18AA}')
        && !steers_a_terminal(character)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn runs(text: &str) -> Vec<(&str, usize)> {
        let source = SourceText::new(Path::new("f"), text);
        runs_in(&source).into_iter().map(|run| (&text[run.range], run.count)).collect()
    }

    #[test]
    fn hidden_as_they_are_and_behind_escapes() {
        assert_eq!(runs("// a\u{200b}\u{202e}b\u{7f}"), [("\u{200b}\u{202e}", 2), ("\u{7f}", 1)]);
        assert_eq!(
            runs(r#"{ "a\u200b": "\u001b[1m\n\ud800" }"#),
            [(r"\u200b", 1), (r"\u001b", 1), (r"\n", 1)]
        );
        assert_eq!(runs("[\"\u{ad}\\u00ad\\udb40\\udc41\"]"), [("\u{ad}\\u00ad\\udb40\\udc41", 3)]);
        assert_eq!(runs("1\u{200b}"), [("\u{200b}", 1)]);
        assert_eq!(runs("/* \u{1b}\r\n */"), [("\u{1b}", 1)]);
        assert_eq!(runs(r#"{ "description": "a\r\n\tb\r" }"#), [(r"\r", 1)]);
    }

    #[test]
    fn what_people_see_is_not_hidden() {
        for text in [
            "{\t\"a\": \"C:\\\\new\\/\" } // \\u200b ä \u{a0}\r\n",
            "// \u{2764}\u{fe0f} \u{1f469}\u{1f3fd}\u{200d}\u{1f680} \u{1f3f3}\u{fe0f}\u{200d}\u{1f308} 1\u{fe0f}\u{20e3}",
            r#"["\u2764\ufe0f", "\ud83d\udc69\u200d\ud83d\ude80"]"#,
            "// \u{645}\u{6cc}\u{200c}\u{62e} \u{915}\u{94d}\u{200d}\u{937} \u{845b}\u{e0100}",
            r#"{ "description": "a\n\tb", "x-note": ["a\nb"] }"#,
        ] {
            assert_eq!(runs(text), [], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is() {
        for text in [
            "// a\u{fe0f}",
            "// \u{2764}\u{fe0f}\u{fe0f}",
            "// \u{1f469}\u{200d}a",
            "// a\u{200c}b",
            "// \u{1f3f4}\u{e0067}\u{e007f}",
            "// \u{845b}\u{e0100}\u{e0101}",
            "\u{feff}",
        ] {
            assert_eq!(runs(text).len(), 1, "{text:?}");
        }
    }

    /// The reader tells of these.
    #[test]
    fn what_the_reader_refuses_is_not_repeated() {
        for text in ["[\"\u{1b}\n\"]", "[\u{c}1]", "\u{2028}{}", "{ // a\r}", "[\"\0\"]"] {
            assert_eq!(runs(text), [], "{text:?}");
        }
    }
}
