//! The layout of a text: the same values and the same comments, as everybody's editor would have them.
//!
//! The layout is `dprint-plugin-json`'s; what is added here is the proof that nothing was lost.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use dprint_plugin_json::configuration::{Configuration, ConfigurationBuilder, TrailingCommaKind};
use dprint_plugin_json::format_text;
use jsonc_parser::ast::{Comment, Value};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, parse_to_ast};

use super::{Finding, FindingCode, SourceText, grammar, parse, span};

/// Columns that a line may take before it is broken, if its parts can stand on lines of their own.
pub const LINE_WIDTH: u32 = 110;
const INDENT_WIDTH: u8 = 2;
/// A comment in an odd place may be moved, and what moved can change the layout once more.
const MOST_PASSES: usize = 8;
/// Where a line is too long, the formatter's time doubles with nearly each level. A policy has five.
const MOST_LEVELS: usize = 12;

/// Why a text is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormatError {
    /// It is not JSON with comments.
    Faulty(Vec<Finding>),
    /// The new layout would say something else or lose a comment: a fault of the formatter.
    WouldChange,
    /// Each pass over the text gives another layout: a fault of the formatter.
    Unstable,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::Faulty(findings) => {
                let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
                f.write_str(&told.join("; "))
            }
            FormatError::WouldChange => {
                f.write_str("formatting would change what the text says, so it is left as it is")
            }
            FormatError::Unstable => {
                f.write_str("formatting comes to no end with this text, so it is left as it is")
            }
        }
    }
}

impl Error for FormatError {}

/// Lays a text out: two spaces, lines of at most [`LINE_WIDTH`] columns where they can be broken, LF at each end.
///
/// Objects and lists stay on one line where the author has them there and they fit. Every value and every comment
/// stays, but for white space at the ends of lines. A comment that holds `dprint-ignore` leaves the value behind it
/// as it is. To format the result gives the result.
///
/// # Errors
/// When the text has faults of syntax, or a fault of the formatter would change it.
pub fn format(text: &SourceText) -> Result<String, FormatError> {
    let written = Content::of(text).map_err(FormatError::Faulty)?;
    let mut last = text.as_str().to_owned();
    for _ in 0..MOST_PASSES {
        // The text was read more strictly than this reads it, so that it has no faults left to find.
        let next = format_text(Path::new("policy.json"), &last, &LAYOUT)
            .map_err(|_| FormatError::WouldChange)?;
        let Some(next) = next else { return Ok(last) };
        let laid_out = SourceText::new(text.path().clone(), next);
        match Content::of(&laid_out) {
            Ok(content) if content == written => {}
            _ => return Err(FormatError::WouldChange),
        }
        last = laid_out.into_string();
    }
    Err(FormatError::Unstable)
}

static LAYOUT: LazyLock<Configuration> = LazyLock::new(|| {
    ConfigurationBuilder::new()
        .line_width(LINE_WIDTH)
        .indent_width(INDENT_WIDTH)
        .trailing_commas(TrailingCommaKind::Maintain)
        .comment_line_force_space_after_slashes(false)
        .package_json_apply_conventions(false)
        .build()
});

/// What a text says, whatever its layout.
#[derive(PartialEq, Eq)]
struct Content {
    value: Plain,
    comments: Vec<Vec<String>>,
}

/// A value without its place. Numbers as they are written: `1.0` and `1` are the same to some readers only.
#[derive(PartialEq, Eq)]
enum Plain {
    Null,
    Boolean(bool),
    Number(String),
    String(String),
    Array(Vec<Plain>),
    /// In the order of the text, and with keys that stand twice.
    Object(Vec<(String, Plain)>),
}

impl Content {
    fn of(text: &SourceText) -> Result<Self, Vec<Finding>> {
        let value = parse(text)?;
        if let Some(node) = first_below(&value, MOST_LEVELS) {
            let message = format!("only {MOST_LEVELS} levels of lists and objects can be laid out");
            return Err(vec![Finding::new(FindingCode::TooDeep, message, text, span(node))]);
        }
        Ok(Content { value: Plain::of(&value), comments: comments(text)? })
    }
}

/// The first value that stands deeper than so many lists and objects.
fn first_below<'b, 'a>(value: &'b Value<'a>, levels: usize) -> Option<&'b Value<'a>> {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => Some(value),
        Value::Array(array) => {
            array.elements.iter().find_map(|element| first_below(element, levels - 1))
        }
        Value::Object(object) => {
            object.properties.iter().find_map(|member| first_below(&member.value, levels - 1))
        }
        _ => None,
    }
}

impl Plain {
    fn of(value: &Value<'_>) -> Self {
        match value {
            Value::NullKeyword(_) => Plain::Null,
            Value::BooleanLit(literal) => Plain::Boolean(literal.value),
            Value::NumberLit(literal) => Plain::Number(literal.value.to_owned()),
            Value::StringLit(literal) => Plain::String(literal.value.as_ref().to_owned()),
            Value::Array(array) => Plain::Array(array.elements.iter().map(Plain::of).collect()),
            Value::Object(object) => {
                let members = object.properties.iter();
                let plain = members.map(|m| (m.name.as_str().to_owned(), Plain::of(&m.value)));
                Plain::Object(plain.collect())
            }
        }
    }
}

/// The texts of all comments, each as its lines without white space at their ends, in some order.
fn comments(text: &SourceText) -> Result<Vec<Vec<String>>, Vec<Finding>> {
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    let parsed = parse_to_ast(text.as_str(), &collect, &grammar())
        .map_err(|error| vec![Finding::syntax(&error, text)])?;
    // Each comment is kept for the token before it and for the one behind it.
    let all = parsed.comments.unwrap_or_default();
    let mut once: Vec<&Comment<'_>> = all.values().flat_map(|comments| comments.iter()).collect();
    once.sort_by_key(|comment| jsonc_parser::common::Ranged::start(*comment));
    once.dedup_by_key(|comment| jsonc_parser::common::Ranged::start(*comment));
    let lines = |comment: &&Comment<'_>| {
        comment.text().trim_end().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    };
    let mut texts: Vec<_> = once.iter().map(lines).collect();
    texts.sort();
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(text: &str) -> String {
        format(&SourceText::new(Path::new("f"), text)).unwrap()
    }

    #[test]
    fn what_stands_on_one_line_stays_there_if_it_fits() {
        assert_eq!(formatted("{\"a\":[1,2],\r\n\"b\":{}}"), "{ \"a\": [1, 2], \"b\": {} }\n");
        assert_eq!(
            formatted("{\n\"a\":[1,2],\r\n\r\n\r\n\"b\":{\"c\":1} // why\r\n}"),
            "{\n  \"a\": [1, 2],\n\n  \"b\": { \"c\": 1 } // why\n}\n"
        );
        let long = format!("{{ \"a\": [{}1] }}", "111122223333, ".repeat(12));
        assert_eq!(formatted(&long).lines().count(), 17);
    }

    #[test]
    fn trailing_commas_and_numbers_stay_as_they_are_written() {
        assert_eq!(formatted("{\n\"a\":1.0,\n}"), "{\n  \"a\": 1.0,\n}\n");
    }

    #[test]
    fn comments_stay_wherever_they_stand() {
        for text in [
            "//a\n{}//b",
            "{/*a*/\"k\"/*b*/:/*c*/1/*d*/,/*e*/}/*f*/",
            "{ // a\n// b\n\"k\" // c\n: // d\n1 // e\n, // f\n// g\n}",
            "[ // a\n\n// b\n]",
            "[1, /* a\n  b\n*/ 2\n/* c */,\n]",
            "{\"k\": // a\n// b\n[]}",
        ] {
            let once = formatted(text);
            assert_eq!(formatted(&once), once, "{text}");
        }
    }

    #[test]
    fn faults_of_syntax_have_their_place() {
        let text = SourceText::new(Path::new("f"), "{\n  \"ä\": 1,, }");
        let Err(FormatError::Faulty(findings)) = format(&text) else { panic!("it has a fault") };
        assert_eq!(findings[0].place.to_string(), "f:2:10");
    }

    #[test]
    fn what_is_nested_too_deeply_for_the_formatter_is_a_finding() {
        let long = "x".repeat(LINE_WIDTH as usize);
        let deepest = "[".repeat(MOST_LEVELS) + &format!("\"{long}\"") + &"]".repeat(MOST_LEVELS);
        assert!(formatted(&deepest).lines().count() > MOST_LEVELS, "{}", formatted(&deepest));
        let text = SourceText::new(Path::new("f"), "[".repeat(500) + &"]".repeat(500));
        let Err(FormatError::Faulty(findings)) = format(&text) else { panic!("it is too deep") };
        assert_eq!(findings[0].code, FindingCode::TooDeep);
        assert_eq!(findings[0].place.to_string(), "f:1:13");
    }
}
