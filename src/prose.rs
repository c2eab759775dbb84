//! Helpers for text that people read.

use std::fmt::{self, Write as _};

/// Names in backticks, with commas and an "or" before the last.
pub fn listed<S: AsRef<str>>(names: &[S]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let mut text = String::with_capacity(names.iter().map(|name| name.as_ref().len() + 4).sum());
    for (index, name) in names.iter().enumerate() {
        match index {
            0 => {}
            last if last + 1 == names.len() => text.push_str(" or "),
            _ => text.push_str(", "),
        }
        push_quoted(&mut text, name.as_ref());
    }
    text
}

/// A sentence of another program as the tail of ours: they begin in lower case and end without a full stop.
pub fn as_tail(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    first + chars.as_str().trim_end_matches('.')
}

/// A name from outside in backticks.
pub fn quoted(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    push_quoted(&mut text, name);
    text
}

fn push_quoted(text: &mut String, name: &str) {
    text.push('`');
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{}", Shown(name));
    text.push('`');
}

/// A name from outside, cut to a length that fits a line, and without characters that steer a terminal.
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 200;
        match self.0.char_indices().nth(LONGEST) {
            Some((end, _)) => write!(f, "{}…", Harmless(&self.0[..end])),
            None => write!(f, "{}", Harmless(self.0)),
        }
    }
}

/// Text from outside, whole, and without characters that steer a terminal.
pub struct Harmless<'a>(pub &'a str);

impl fmt::Display for Harmless<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nearly all names are plain, and written at once.
        for piece in self.0.split_inclusive(steers_a_terminal) {
            let plain = piece.trim_end_matches(steers_a_terminal);
            f.write_str(plain)?;
            if plain.len() < piece.len() {
                write!(f, "{}", piece[plain.len()..].escape_unicode())?;
            }
        }
        Ok(())
    }
}

/// Control characters, and the marks that make text run the other way (CVE-2021-42574).
pub fn steers_a_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
        // Of the rest of Unicode's Bidi_Control and Default_Ignorable_Code_Point, which show nothing.
        || matches!(character, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}')
        || matches!(character, '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}')
        || matches!(character, '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(listed::<&str>(&[]), "none");
        assert_eq!(listed(&["a"]), "`a`");
        assert_eq!(listed(&["a", "b", "c"]), "`a`, `b` or `c`");
    }

    #[test]
    fn names_cannot_steer_a_terminal() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}\n"), "`a\\u{1b}[31m\\u{202e}\\u{a}`");
        assert_eq!(quoted(&"ü".repeat(300)).chars().count(), 203);
    }

    #[test]
    fn sentences_keep_their_length() {
        let long = "ü".repeat(300);
        assert_eq!(Harmless(&long).to_string(), long);
    }
}
