//! Comments around colons and before commas, moved to where every formatter keeps them.

use std::ops::Range;

use jsonc_parser::tokens::{Token, TokenAndRange};

use super::content::tokens;
use super::{Finding, SourceText};

/// The text with those comments before the key or behind the comma. None of them passes another comment or a value.
pub(super) fn settled(text: &SourceText) -> Result<String, Finding> {
    let whole = text.as_str();
    let strays = strays(text)?;
    let mut edits: Vec<_> = strays.iter().map(|stray| (stray.better, Edit::Put(stray))).collect();
    edits.extend(strays.iter().map(|stray| (stray.comment.start, Edit::Cut(stray))));
    // What goes to one place goes there in the order of the text.
    edits.sort_by_key(|(at, _)| *at);
    let mut new = Text { text: String::with_capacity(whole.len() + 2 * edits.len()), ends: false };
    let mut done = 0;
    for (at, edit) in edits {
        new.push(&whole[done..at]);
        done = at;
        match edit {
            Edit::Put(stray) => new.put(&whole[stray.comment.clone()], stray.before_key),
            Edit::Cut(stray) => {
                new.push(" ");
                done = stray.comment.end;
            }
        }
    }
    new.push(&whole[done..]);
    Ok(new.text)
}

/// A comment that stands where some formatters do not look for one.
struct Stray {
    comment: Range<usize>,
    /// Where it could stand instead, without passing another comment or a value.
    better: usize,
    /// Whether that is before a key, and not behind a comma.
    before_key: bool,
}

/// Comments around colons and before commas.
fn strays(text: &SourceText) -> Result<Vec<Stray>, Finding> {
    let mut strays = Vec::new();
    // Comments since the last token, and where they go if the one before or behind them does not suit.
    let mut waiting: Vec<Range<usize>> = Vec::new();
    let mut last: Option<TokenAndRange<'_>> = None;
    let mut key = None;
    for token in tokens(text)? {
        let range = token.range.start..token.range.end;
        let better = match &token.token {
            Token::CommentLine(_) | Token::CommentBlock(_) => {
                waiting.push(range);
                continue;
            }
            Token::Colon => {
                key = last.as_ref().map(|key| key.range.start);
                key
            }
            Token::Comma => Some(range.end),
            _ => key.take(),
        };
        let before_key = token.token != Token::Comma;
        let comments = waiting.drain(..);
        if let Some(better) = better {
            strays.extend(comments.map(|comment| Stray { comment, better, before_key }));
        }
        last = Some(token);
    }
    Ok(strays)
}

enum Edit<'a> {
    Put(&'a Stray),
    Cut(&'a Stray),
}

/// A text that grows.
struct Text {
    text: String,
    /// A comment was put that needs an end of line.
    ends: bool,
}

impl Text {
    fn push(&mut self, part: &str) {
        if part.is_empty() {
            return;
        }
        // Where the line ends here anyway, another end would make a blank line.
        let rest = part.split('\n').next().unwrap_or_default();
        if self.ends && (rest.len() == part.len() || !rest.trim().is_empty()) {
            self.text.push('\n');
        }
        self.ends = false;
        self.text.push_str(part);
    }

    fn put(&mut self, comment: &str, on_a_line_of_its_own: bool) {
        let is_line = comment.starts_with("//");
        let line = self.text.rsplit('\n').next().unwrap_or_default();
        let breaks = is_line && on_a_line_of_its_own && !self.ends && !line.trim().is_empty();
        self.push(if breaks { "\n" } else { " " });
        self.push(comment.trim_end());
        if is_line {
            self.ends = true;
        } else {
            self.push(" ");
        }
    }
}
