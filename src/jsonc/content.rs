//! What a text says, whatever its layout: the proof that formatting loses nothing rests on it.

use jsonc_parser::common::Range;
use jsonc_parser::errors::ParseError;
use jsonc_parser::tokens::{Token, TokenAndRange};
use jsonc_parser::{Scanner, ScannerOptions};

use super::{Finding, FindingCode, SourceText};
use crate::prose::as_tail;

/// Everything but white space, commas and colons, in the order of the text. Comments between a key and its value count
/// as if they stood before the key: nothing is between them that they could have changed places with.
#[derive(Debug)]
pub(super) struct Content<'a> {
    parts: Vec<(Part<'a>, usize)>,
}

#[derive(Debug, PartialEq)]
enum Part<'a> {
    /// Numbers as they are written: `1.0` and `1` are the same to some readers only.
    Token(Token<'a>),
    /// What stands between its marks: the lines without white space at their ends.
    Comment { is_block: bool, lines: Vec<&'a str> },
}

impl<'a> Content<'a> {
    pub(super) fn of(text: &'a SourceText) -> Result<Self, Finding> {
        let mut parts = Vec::new();
        // Where comments go that stand between a key and its value.
        let mut before_key = None;
        for TokenAndRange { token, range } in tokens(text)? {
            match token {
                Token::Comma => {}
                Token::Colon => before_key = move_key_behind_comments(&mut parts),
                Token::CommentLine(comment) | Token::CommentBlock(comment) => {
                    let is_block = matches!(token, Token::CommentBlock(_));
                    let lines = comment.trim_end().lines().map(str::trim_end).collect();
                    let part = (Part::Comment { is_block, lines }, range.start);
                    match &mut before_key {
                        Some(at) => {
                            parts.insert(*at, part);
                            *at += 1;
                        }
                        None => parts.push(part),
                    }
                }
                token => {
                    before_key = None;
                    parts.push((Part::Token(token), range.start));
                }
            }
        }
        Ok(Content { parts })
    }

    /// Where the first part stands that the other has not, or has elsewhere; none where both say the same.
    pub(super) fn first_difference(&self, other: &Content<'_>) -> Option<usize> {
        let pairs = self.parts.iter().zip(&other.parts);
        let same = pairs.take_while(|((one, _), (other, _))| one == other).count();
        if same == self.parts.len() && same == other.parts.len() {
            return None;
        }
        let part = self.parts.get(same).or(self.parts.last());
        Some(part.map_or(0, |(_, at)| *at))
    }
}

/// Gives the place before the key.
fn move_key_behind_comments(parts: &mut Vec<(Part<'_>, usize)>) -> Option<usize> {
    let key = parts.iter().rposition(|(part, _)| matches!(part, Part::Token(_)))?;
    parts[key..].rotate_left(1);
    Some(parts.len() - 1)
}

/// All tokens and comments.
pub(super) fn tokens(text: &SourceText) -> Result<Vec<TokenAndRange<'_>>, Finding> {
    let mut scanner = Scanner::new(text.as_str(), &ScannerOptions::default());
    let mut tokens = Vec::new();
    while let Some(token) = scanner.scan().map_err(|error| of_scanner(&error, text))? {
        let range = Range { start: scanner.token_start(), end: scanner.token_end() };
        tokens.push(TokenAndRange { token, range });
    }
    Ok(tokens)
}

/// The text was read more strictly than this reads it, so that there is nothing left to find.
fn of_scanner(error: &ParseError, text: &SourceText) -> Finding {
    let range = error.range();
    let message = as_tail(&error.kind().to_string());
    Finding::new(FindingCode::Syntax, message, text, range.start..range.end)
}
