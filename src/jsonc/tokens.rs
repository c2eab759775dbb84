//! The tokens of a text: RFC 8259 with comments, and what stands in the place of one, which is told and passed over.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::SourceText;
use super::faults::Faults;
use super::scan;
use super::tree::{Kind, Line, Spelling, count_of, meant};

/// A token.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token {
    /// The beginning of a list or an object.
    Open(Bracket),
    /// The end of a list or an object.
    Close(Bracket),
    Comma,
    Colon,
    /// Any other value, also one that cannot be read, which was told.
    Value(Kind),
    /// Something without quotes that is no value.
    Word,
}

/// What a list or an object stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    /// A list's.
    Square,
    /// An object's.
    Curly,
}

/// Reads one token after the other; comments are none.
pub(super) struct Tokens<'t> {
    text: &'t str,
    /// Up to where the text is read.
    at: usize,
    is_plain: bool,
    /// Whether stray carriage returns were told: where there is one, there are many.
    knows_returns: bool,
    /// Where the last line ended whose closing quote is missing.
    unclosed_line: Option<usize>,
    /// The line that the last token stands on.
    pub(super) line: Line,
    /// Strings that are not as they stand in the text.
    pub(super) meant: Vec<Cow<'t, str>>,
}

type Found = Option<(Token, Range<usize>)>;

impl<'t> Tokens<'t> {
    pub(super) fn of(text: &'t SourceText) -> Self {
        Tokens {
            text: text.as_str(),
            at: 0,
            is_plain: text.is_plain(),
            knows_returns: false,
            unclosed_line: None,
            line: Line::default(),
            meant: Vec::new(),
        }
    }

    /// The next token and the bytes at which it stands.
    pub(super) fn next(&mut self, faults: &mut Faults<'_>) -> Found {
        self.skip_trivia(faults);
        let start = self.at;
        let first = *self.text.as_bytes().get(start)?;
        if first == b'"' {
            return self.string(faults);
        }
        let token = match first {
            b'{' => Token::Open(Bracket::Curly),
            b'}' => Token::Close(Bracket::Curly),
            b'[' => Token::Open(Bracket::Square),
            b']' => Token::Close(Bracket::Square),
            b',' => Token::Comma,
            b':' => Token::Colon,
            b'\'' => return self.single_quoted(faults),
            _ => return self.word(faults),
        };
        self.at += 1;
        Some((token, start..self.at))
    }

    /// Takes the next byte if it is this one. What nearly always stands there needs no token.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let is_there = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(is_there);
        is_there
    }

    /// White space and comments.
    fn skip_trivia(&mut self, faults: &mut Faults<'_>) {
        let bytes = self.text.as_bytes();
        loop {
            if bytes.get(self.at) == Some(&b' ') {
                self.at += scan::spaces(&bytes[self.at..]);
            }
            if bytes.get(self.at) != Some(&b'\n') {
                break;
            }
            self.at += 1;
            self.line = Line { number: self.line.number + 1, start: self.at };
        }
        if !self.is_plain || matches!(bytes.get(self.at), Some(b'/' | b'#')) {
            self.skip_trivia_slowly(faults);
        }
    }

    /// The same where there are comments, or characters that are not plain.
    fn skip_trivia_slowly(&mut self, faults: &mut Faults<'_>) {
        let start = self.at;
        self.skip_comments(faults);
        let passed = &self.text.as_bytes()[start..self.at];
        let lines = memchr::memchr_iter(b'\n', passed);
        if let Some(last) = lines.clone().next_back() {
            let number = self.line.number + count_of(lines.count());
            self.line = Line { number, start: start + last + 1 };
        }
    }

    fn skip_comments(&mut self, faults: &mut Faults<'_>) {
        loop {
            let start = self.at;
            self.skip_white_space(faults);
            self.look_for_stray_returns(start..self.at, faults);
            let start = self.at;
            match self.text.as_bytes()[start..] {
                [b'/', b'/', ..] => self.at += rest_of_line(self.text, start).len(),
                [b'#', ..] => {
                    self.at += rest_of_line(self.text, start).len();
                    faults.syntax("this is no comment", start..self.at, "begin comments with `//`");
                    // A value could be meant.
                    faults.text_is_ambiguous();
                }
                [b'/', b'*', ..] => match self.text[start + 2..].find("*/") {
                    Some(length) => self.at += length + 4,
                    None => {
                        let advice = "write `*/` at its end";
                        faults.syntax("this comment is never closed", start..start + 2, advice);
                        faults.text_is_ambiguous();
                        self.at = self.text.len();
                    }
                },
                _ => return,
            }
            self.look_for_stray_returns(start..self.at, faults);
        }
    }

    /// Four characters are white space (RFC 8259, section 2).
    fn skip_white_space(&mut self, faults: &mut Faults<'_>) {
        let rest = &self.text[self.at..];
        let end = rest.find(|character: char| !character.is_whitespace()).unwrap_or(rest.len());
        let is_other = |character| !matches!(character, ' ' | '\t' | '\n' | '\r');
        for (at, space) in rest[..end].match_indices(is_other) {
            let span = self.at + at..self.at + at + space.len();
            let advice = "write a space, a tab or a line feed";
            faults.syntax("this white space is none that JSON knows", span, advice);
            faults.resynchronize();
        }
        self.at += end;
    }

    fn look_for_stray_returns(&mut self, part: Range<usize>, faults: &mut Faults<'_>) {
        if self.knows_returns {
            return;
        }
        let is_stray = |at: &usize| self.text.as_bytes().get(at + 1) != Some(&b'\n');
        let strays = |from: usize, to: usize| {
            memchr::memchr_iter(b'\r', &self.text.as_bytes()[from..to])
                .map(move |at| from + at)
                .filter(is_stray)
        };
        if let Some(first) = strays(part.start, part.end).next() {
            let message = match strays(first, self.text.len()).count() {
                1 => "a carriage return stands here without a line feed".to_owned(),
                count => {
                    format!("here is the first of {count} carriage returns without a line feed")
                }
            };
            faults.syntax(
                &message,
                first..first + 1,
                "end lines with a line feed: some programs show what follows on the same line",
            );
            // To some it ends a comment, and to others it does not.
            faults.text_is_ambiguous();
            self.knows_returns = true;
        }
    }

    /// A string has control characters as escapes alone (RFC 8259, section 7).
    fn string(&mut self, faults: &mut Faults<'_>) -> Found {
        let start = self.at;
        let inside = &self.text.as_bytes()[start + 1..];
        let end = scan::plain_characters(inside);
        if inside.get(end) != Some(&b'"') {
            return self.odd_string(faults);
        }
        self.at = start + 1 + end + 1;
        Some((Token::Value(Kind::String(Spelling::AsWritten)), start..self.at))
    }

    #[cold]
    fn odd_string(&mut self, faults: &mut Faults<'_>) -> Found {
        let Some(inside) = between_quotes(self.text, self.at) else { return self.unclosed(faults) };
        let span = self.at..self.at + inside.len() + 2;
        self.at = span.end;
        let text = self.unescaped(&span, faults);
        faults.resynchronize();
        Some((Token::Value(text), span))
    }

    fn unescaped(&mut self, span: &Range<usize>, faults: &mut Faults<'_>) -> Kind {
        let whole = &self.text[span.clone()];
        if let Ok(text) = serde_json::from_str(whole) {
            return Kind::String(meant(&mut self.meant, Cow::Owned(text)));
        }
        let count = faults.count();
        for (at, control) in whole.match_indices(|character| character < ' ') {
            let at = span.start + at;
            faults.syntax(
                "a control character stands in a string",
                at..at + control.len(),
                "write the escape of it, as in `\\t`",
            );
        }
        for (escape, message, advice) in faults_of_escapes(whole) {
            faults.syntax(message, span.start + escape.start..span.start + escape.end, advice);
        }
        if faults.count() == count {
            faults.syntax("this is no string that JSON knows", span.clone(), "write it anew");
        }
        Kind::Unreadable
    }

    /// A string that goes on behind the end of its line.
    #[cold]
    fn unclosed(&mut self, faults: &mut Faults<'_>) -> Found {
        let line = rest_of_line(self.text, self.at);
        let span = self.at..self.at + line.trim_end().len();
        // Where a string goes on over several lines, the quotes of the second are taken for each other's.
        let goes_on = self.unclosed_line.is_some_and(|end| {
            self.text[end..self.at].trim_start_matches('\r').matches('\n').count() == 1
        });
        self.unclosed_line = Some(self.at + line.len());
        self.at = span.end;
        if !goes_on {
            let advice = "write the quote, or `\\n` where the string itself has the end of a line";
            faults.syntax("the closing quote of this string is missing", span.clone(), advice);
            // Whatever stands behind it on this line could belong to it, or not.
            faults.brackets_are_ambiguous();
        }
        Some((Token::Value(Kind::Unreadable), span))
    }

    #[cold]
    fn single_quoted(&mut self, faults: &mut Faults<'_>) -> Found {
        let Some(inside) = between_quotes(self.text, self.at) else { return self.unclosed(faults) };
        let span = self.at..self.at + inside.len() + 2;
        self.at = span.end;
        let advice = "write double quotes around it";
        faults.syntax("this string stands in single quotes", span.clone(), advice);
        faults.resynchronize();
        // What its escapes would mean is another matter.
        let is_clear = !inside.contains(['\\', '"']) && !inside.contains(char::is_control);
        let text = if is_clear { Kind::String(Spelling::AsWritten) } else { Kind::Unreadable };
        Some((Token::Value(text), span))
    }

    /// What stands between white space, quotes and the characters that structure a text.
    fn word(&mut self, faults: &mut Faults<'_>) -> Found {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        // Of what ends a word, as many as stand together.
        let ends = |next: char| if ends_word(first) { next != first } else { ends_word(next) };
        let end = rest.find(ends).unwrap_or(rest.len());
        let word = &rest[..end.max(first.len_utf8())];
        let span = self.at..self.at + word.len();
        self.at = span.end;
        let value = match (word, first) {
            ("true", _) => Kind::Boolean(true),
            ("false", _) => Kind::Boolean(false),
            ("null", _) => Kind::Null,
            (_, '0'..='9' | '-') if is_number(word) => Kind::Number(Spelling::AsWritten),
            (_, '0'..='9' | '-' | '+' | '.') => {
                let advice = "write it as in `1`, `-0.5` or `1e9`";
                faults.syntax("this is no number that JSON knows", span.clone(), advice);
                Kind::Unreadable
            }
            (_, 'A'..='Z' | 'a'..='z' | '_' | '$') => return Some((Token::Word, span)),
            _ => {
                let is_conflict_mark = is_conflict_mark(word);
                let (message, advice) = match first {
                    '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\u{ab}'
                    | '\u{bb}' => ("this quotation mark is none that JSON knows", "write `\"`"),
                    _ if is_conflict_mark => (
                        "this is a mark that a merge leaves where two texts contradict each other",
                        "keep one of the two, and remove the marks",
                    ),
                    '=' => (UNKNOWN, "write `:` between a key and its value"),
                    ';' => (UNKNOWN, "write `,` between two members or elements"),
                    _ if first.is_alphanumeric() => (UNKNOWN, "write strings in double quotes"),
                    _ => (UNKNOWN, "remove it, or write it in double quotes"),
                };
                faults.syntax(message, span.clone(), advice);
                if is_conflict_mark {
                    // What follows on the line names one of the two texts.
                    self.at = span.start + rest_of_line(self.text, span.start).len();
                }
                Kind::Unreadable
            }
        };
        Some((Token::Value(value), span))
    }
}

/// The escapes of a string that are none (RFC 8259, section 7): where, what is wrong, what to do.
fn faults_of_escapes(string: &str) -> Vec<(Range<usize>, &'static str, &'static str)> {
    let mut faults = Vec::new();
    let mut at = 0;
    while let Some(backslash) = memchr::memchr(b'\\', &string.as_bytes()[at..]) {
        let start = at + backslash;
        let named = string[start + 1..].chars().next();
        at = start + 1 + named.map_or(0, char::len_utf8);
        let message = "this is no escape that JSON knows";
        match named {
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => {}
            Some('u') => match code_unit(string, start) {
                None => {
                    let digits = string[at..].bytes().take(4).take_while(u8::is_ascii_hexdigit);
                    at += digits.count();
                    faults.push((start..at, message, "write four hexadecimal digits behind `\\u`"));
                }
                Some(0xD800..=0xDBFF)
                    if matches!(code_unit(string, at + 4), Some(0xDC00..=0xDFFF)) =>
                {
                    at += 4 + 6;
                }
                Some(0xD800..=0xDFFF) => {
                    at += 4;
                    let message = "this is half of a character";
                    faults.push((start..at, message, "write both halves, or the character itself"));
                }
                Some(_) => at += 4,
            },
            _ => {
                let advice = "write `\\\\` for a backslash; behind one stands `\"`, `\\`, `/`, `b`, `f`, `n`, `r`, `t`, or `u` and four digits";
                faults.push((start..at, message, advice));
            }
        }
    }
    faults
}

/// What `\uXXXX` stands for, if that is written here.
pub(crate) fn code_unit(string: &str, at: usize) -> Option<u16> {
    let digits = string.get(at..at + 6)?.strip_prefix("\\u")?;
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

/// Seven of one kind, as git and others leave them in a text.
fn is_conflict_mark(word: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].contains(&word)
}

/// What a word is that is none of the three.
pub(super) const UNKNOWN: &str = "this is nothing that JSON knows";

fn is_number(word: &str) -> bool {
    let is_short = word.len() < 18 && !word.starts_with('0');
    (is_short && word.bytes().all(|byte| byte.is_ascii_digit()))
        || serde_json::from_str::<IgnoredAny>(word).is_ok()
}

/// From here to the end of the line.
fn rest_of_line(text: &str, start: usize) -> &str {
    text[start..].split(['\n', '\r']).next().unwrap_or_default()
}

/// What stands between the quote that begins here and the next one of its kind, if that is on the same line.
fn between_quotes(text: &str, start: usize) -> Option<&str> {
    let (quote, inside) = text.as_bytes()[start..].split_first()?;
    let mut is_escaped = false;
    for (at, byte) in inside.iter().enumerate() {
        match byte {
            b'\n' => return None,
            b'\r' if inside.get(at + 1) == Some(&b'\n') => return None,
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            _ if byte == quote => return Some(&text[start + 1..start + 1 + at]),
            _ => {}
        }
    }
    None
}

fn ends_word(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '{' | '}' | '[' | ']' | ',' | ':' | ';' | '=' | '"' | '\'' | '/' | '#'
        )
}
