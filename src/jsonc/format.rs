//! The layout of a text: the same values and the same comments, as everybody's editor would have them.
//!
//! The layout is `dprint-plugin-json`'s; what is added here is the proof that nothing was lost.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::LazyLock;

use dprint_plugin_json::configuration::{Configuration, ConfigurationBuilder, TrailingCommaKind};
use dprint_plugin_json::format_text;

use super::content::Content;
use super::settle::settled;
use super::{Finding, Node, SourceText, Value, faultless};
use crate::provenance::Position;

/// Columns that a line may take before it is broken, if its parts can stand on lines of their own.
pub const LINE_WIDTH: u32 = 110;
const INDENT_WIDTH: u8 = 2;
/// A comment in an odd place may be moved, and what moved can change the layout once more.
const MOST_PASSES: usize = 8;
/// Where a line is too long, the formatter's time doubles with nearly each level. A policy has five.
const MOST_LEVELS_LAID_OUT: usize = 12;

/// Why a text is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormatError {
    /// It is not JSON with comments.
    Faulty(Vec<Finding>),
    /// More lists and objects inside each other than are laid out begin here.
    TooDeep(Position),
    /// The new layout would say something else, or lose or move a comment: a fault of the formatter. This is where
    /// the first part of the text stands that would not be where it is.
    WouldChange(Position),
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
            FormatError::TooDeep(Position { line, column }) => write!(
                f,
                "only {MOST_LEVELS_LAID_OUT} levels of lists and objects can be laid out, and more begin in line {line}, column {column}"
            ),
            FormatError::WouldChange(Position { line, column }) => write!(
                f,
                "formatting would change what stands in line {line}, column {column}, so the text is left as it is"
            ),
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
/// stays, in their order, but for white space at the ends of lines; a comment around a colon may come to stand before
/// the key, and one before a comma behind it. A comment that holds `dprint-ignore` leaves the value behind it
/// as it is. To format the result gives the result.
///
/// # Errors
/// When the text has faults of syntax, is nested too deeply, or a fault of the formatter would change it.
pub fn format(text: &SourceText) -> Result<String, FormatError> {
    let tree = faultless(text).map_err(FormatError::Faulty)?;
    if let Some(node) = first_below(tree.root(), MOST_LEVELS_LAID_OUT) {
        return Err(FormatError::TooDeep(node.position()));
    }
    let faulty = |finding| FormatError::Faulty(vec![finding]);
    let written = Content::of(text).map_err(faulty)?;
    let as_it_is = text.as_str().to_owned();
    laid_out(as_it_is, text, &written).or_else(|error| {
        // The formatter lets some comments change places, or loses its way, where nobody looks for comments.
        let settled = settled(text).map_err(faulty)?;
        laid_out(settled, text, &written).map_err(|_| error)
    })
}

/// Gives what further passes leave as it is, and says the same as the text.
fn laid_out(
    mut last: String,
    text: &SourceText,
    written: &Content<'_>,
) -> Result<String, FormatError> {
    for _ in 0..MOST_PASSES {
        // The text was read more strictly than this reads it, so that it has no faults left to find.
        let next = format_text(Path::new("policy.json"), &last, &LAYOUT)
            .map_err(|_| FormatError::WouldChange(text.position(0)))?;
        let Some(next) = next else { return Ok(last) };
        let next = SourceText::new(text.path().clone(), next);
        let difference = match (faultless(&next), Content::of(&next)) {
            (Ok(_), Ok(content)) => written.first_difference(&content),
            _ => Some(0),
        };
        if let Some(at) = difference {
            return Err(FormatError::WouldChange(text.position(at)));
        }
        last = next.into_string();
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

/// The first value that stands deeper than so many lists and objects.
fn first_below(node: Node<'_>, levels: usize) -> Option<Node<'_>> {
    match node.value() {
        Value::List(_) | Value::Object(_) if levels == 0 => Some(node),
        Value::List(mut elements) => elements.find_map(|element| first_below(element, levels - 1)),
        Value::Object(mut members) => {
            members.find_map(|member| first_below(member.value, levels - 1))
        }
        _ => None,
    }
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

    /// The formatter alone would let the first two of each change places.
    #[test]
    fn comments_around_colons_and_before_commas_stay_in_their_order() {
        for (text, expected) in [
            ("{\"k\": // a\n/* b */ 1}", "{\n  // a\n  /* b */ \"k\": 1\n}\n"),
            ("{ // x\n\"k\": // a\n/* b */ 1}", "{ // x\n  // a\n  /* b */ \"k\": 1\n}\n"),
            ("[\n1 // a\n// b\n, 2]", "[\n  1, // a\n  // b\n  2\n]\n"),
            (
                "{\n// x\n\"k\" /* a */: // b\n// c\n1 // d\n/* e */, // f\n\"l\": 2 }",
                "{\n  // x\n  /* a */\n  // b\n  // c\n  \"k\": 1, // d\n  /* e */\n  // f\n  \"l\": 2\n}\n",
            ),
        ] {
            assert_eq!(formatted(text), expected, "{text}");
            assert_eq!(formatted(expected), expected);
        }
    }

    #[test]
    fn what_would_change_has_its_place() {
        let [one, other] = ["{ \"a\": 1, // x\n  \"b\": 2 }", "{ \"a\": 1,\n  \"b\": 2, /* y */ }"]
            .map(|text| SourceText::new(Path::new("f"), text));
        let difference = Content::of(&one).unwrap().first_difference(&Content::of(&other).unwrap());
        let Position { line, column } = one.position(difference.unwrap());
        assert_eq!((line, column), (1, 11));
        let told = FormatError::WouldChange(Position { line, column }).to_string();
        assert!(told.contains("line 1, column 11"), "{told}");
    }

    #[test]
    fn faults_of_syntax_have_their_place() {
        let text = SourceText::new(Path::new("f"), "{\n  \"ä\": 1,, }");
        let Err(FormatError::Faulty(findings)) = format(&text) else { panic!("it has a fault") };
        assert_eq!(findings[0].place.to_string(), "f:2:10");
    }

    #[test]
    fn what_is_nested_too_deeply_for_the_formatter_is_told() {
        let long = "x".repeat(LINE_WIDTH as usize);
        let deepest = "[".repeat(MOST_LEVELS_LAID_OUT)
            + &format!("\"{long}\"")
            + &"]".repeat(MOST_LEVELS_LAID_OUT);
        assert!(
            formatted(&deepest).lines().count() > MOST_LEVELS_LAID_OUT,
            "{}",
            formatted(&deepest)
        );
        let text = SourceText::new(Path::new("f"), "[".repeat(500) + &"]".repeat(500));
        let thirteenth = Position { line: 1, column: 13 };
        assert_eq!(format(&text), Err(FormatError::TooDeep(thirteenth)));
    }
}
