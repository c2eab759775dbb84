//! A finding as reports show it.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::code::{Code, Severity};
use super::secrets::mask;
use crate::jsonc::{self, SourceText};
use crate::provenance::{Place, Position, path_as_text};

/// A part of a file; columns count Unicode scalar values from 1, and the end is the position behind the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema, Hash)]
pub struct Span {
    /// The file.
    #[serde(serialize_with = "path_as_text")]
    #[schemars(with = "String")]
    pub file: Arc<Path>,
    /// Where it begins and ends; none where the whole file is meant.
    #[serde(flatten)]
    pub lines: Option<Lines>,
}

/// Where a part of a text begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, Hash)]
pub struct Lines {
    /// The first line, from 1.
    pub line: u32,
    /// The column of its first character, from 1.
    pub column: u32,
    /// The last line, from 1.
    pub end_line: u32,
    /// The column behind its last character, from 1.
    pub end_column: u32,
}

impl Span {
    /// A part of a text.
    pub fn of(text: &SourceText, range: &Range<usize>) -> Self {
        let (start, end) = (text.position(range.start), text.position(range.end));
        Span { file: Arc::clone(text.path()), lines: Some(Lines::between(start, end)) }
    }

    /// A file, or a directory.
    pub fn whole(file: &Path) -> Self {
        Span { file: Arc::from(file), lines: None }
    }
}

impl Lines {
    fn between(start: Position, end: Position) -> Self {
        Lines { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }
}

/// Something else that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Related {
    /// Where it stands.
    #[serde(flatten)]
    pub at: Span,
    /// What it is.
    pub message: String,
    /// The bytes of its text.
    #[serde(skip)]
    pub range: Range<usize>,
}

/// Something that is wrong: what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The kind.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, in words. Never repeats a value, which could be a secret in the wrong place.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// Where it stands.
    #[serde(flatten)]
    pub at: Span,
    /// What else it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// The bytes of its text.
    #[serde(skip)]
    pub range: Range<usize>,
}

/// Nobody looks at more places of one finding, and reports take only so many.
pub(super) const MOST_RELATED: usize = 10;

impl Finding {
    /// A fault of the text itself.
    pub fn of_text(fault: jsonc::Finding, text: &SourceText) -> Self {
        let at = match &fault.place {
            Place::File { position: None, path } => Span::whole(path),
            _ => Span::of(text, &fault.span),
        };
        Finding { at, ..Finding::of_file(fault) }
    }

    /// A fault of a file that holds no text.
    pub fn of_file(fault: jsonc::Finding) -> Self {
        let code = Code::Text(fault.code);
        let (file, position) = match fault.place {
            Place::File { path, position } => (path, position),
            Place::Variable(name) | Place::KeychainItem(name) => {
                (Arc::from(Path::new(name.as_ref())), None)
            }
        };
        let lines = position.map(|position| Lines::between(position, position));
        Finding {
            code,
            severity: code.severity(),
            // A key that means nothing is named, and a secret may stand in its place.
            message: mask(&fault.message),
            advice: fault.advice,
            at: Span { file, lines },
            related: Vec::new(),
            range: fault.span,
        }
    }

    /// Adds places that belong to it, each once.
    pub(super) fn relate(&mut self, more: Vec<Related>) {
        for related in more {
            if self.related.len() < MOST_RELATED && !self.related.contains(&related) {
                self.related.push(related);
            }
        }
    }

    /// Something about a file or a directory as a whole.
    pub fn about_file(code: Code, file: &Path, message: String, advice: &str) -> Self {
        Finding {
            code,
            severity: code.severity(),
            message,
            advice: Some(advice.to_owned()),
            at: Span::whole(file),
            related: Vec::new(),
            range: 0..0,
        }
    }
}
