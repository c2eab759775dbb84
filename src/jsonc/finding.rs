//! A fault of a text: its code, its message, its place and the advice on it.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use serde::Serialize;

use super::{Member, SourceText};
use crate::prose::quoted;
use crate::provenance::Place;
use crate::words::words;

words! {
    /// What is wrong with a text.
    pub enum FindingCode {
        /// The file cannot be read.
        Unreadable = "unreadable",
        /// The bytes are not UTF-8.
        NotUtf8 = "not_utf8",
        /// The file begins with a byte order mark.
        ByteOrderMark = "byte_order_mark",
        /// The text holds a NUL character.
        NulCharacter = "nul_character",
        /// The text is not JSON with comments.
        Syntax = "syntax",
        /// Lists and objects are nested too deeply.
        TooDeep = "too_deep",
        /// Only comments or white space.
        NoValue = "no_value",
        /// One key stands twice in an object.
        RepeatedKey = "repeated_key",
        /// A key that means nothing here.
        UnknownKey = "unknown_key",
        /// A required key is missing.
        MissingKey = "missing_key",
        /// A value of another type than the key calls for.
        WrongType = "wrong_type",
        /// A value that the key does not take.
        InvalidValue = "invalid_value",
        /// A schema version that this program does not know.
        UnknownVersion = "unknown_version",
    }
}

impl FindingCode {
    /// Whether the text itself is broken, as against a text that says something wrong.
    pub fn is_malformed(self) -> bool {
        match self {
            FindingCode::Unreadable
            | FindingCode::NotUtf8
            | FindingCode::ByteOrderMark
            | FindingCode::NulCharacter
            | FindingCode::Syntax
            | FindingCode::TooDeep
            | FindingCode::NoValue
            | FindingCode::RepeatedKey => true,
            FindingCode::UnknownKey
            | FindingCode::MissingKey
            | FindingCode::WrongType
            | FindingCode::InvalidValue
            | FindingCode::UnknownVersion => false,
        }
    }
}

/// One fault of a text: what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The kind of fault.
    pub code: FindingCode,
    /// The fault in words. Never repeats a value, which could be a secret in the wrong place.
    pub message: String,
    /// Where it stands.
    pub place: Place,
    /// What to do about it.
    pub advice: Option<String>,
    /// The bytes of the text that it is about.
    #[serde(skip)]
    pub span: Range<usize>,
}

impl Finding {
    /// A fault at a part of a text.
    pub fn new(code: FindingCode, message: String, text: &SourceText, span: Range<usize>) -> Self {
        Finding { code, message, place: text.place(span.start), advice: None, span }
    }

    /// A file that cannot be read at all.
    pub fn unreadable(path: &Path, reason: String) -> Self {
        Finding {
            code: FindingCode::Unreadable,
            message: reason,
            place: Place::whole_file(path),
            advice: None,
            span: 0..0,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    pub(super) fn repeated_key(first: &Member<'_>, again: &Member<'_>) -> Self {
        let line = first.key.position().line;
        let message = format!("{} stands here a second time", quoted(again.name));
        Finding::new(FindingCode::RepeatedKey, message, again.key.text(), again.key.span())
            .with_advice(format!("keep one of the two; the first is on line {line}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}
