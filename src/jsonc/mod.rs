//! JSON with comments, read with positions: every fault is reported, and each says where it stands.
//!
//! The grammar is `jsonc-parser`'s; what is added here is the strictness that a policy needs
//! (no repeated keys, no NUL, no byte order mark) and the way from a parsed text to typed values.

#[cfg(feature = "cli")]
mod content;
mod finding;
#[cfg(feature = "cli")]
mod format;
mod object;
mod plain;
mod read;
mod schema;
#[cfg(feature = "cli")]
mod settle;
#[cfg(feature = "check")]
mod sound;
mod source_text;
mod tree;

pub use finding::{Finding, FindingCode};
#[cfg(feature = "cli")]
pub use format::{FormatError, LINE_WIDTH, format};
pub(crate) use object::object;
pub use read::{Field, FromJson, Located, Reader};
pub(crate) use schema::string_schemas;
#[cfg(feature = "check")]
pub(crate) use sound::{SoundPart, StandIn, StandInValue, sound_part};
pub use source_text::SourceText;
pub use tree::Tree;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// How to treat keys that a type does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownKeys {
    /// They are findings.
    Refuse,
    /// They belong to another program.
    Ignore,
}

/// Reads a whole text as a `T`.
///
/// # Errors
/// With every fault that was found, in the order of the text.
pub fn read<T: FromJson>(text: &SourceText, unknown: UnknownKeys) -> Result<T, Vec<Finding>> {
    read_node(&parse(text)?, text, unknown)
}

/// Reads the part of a text that a JSON pointer (RFC 6901) names; none where it leads nowhere.
///
/// # Errors
/// With every fault that was found there, in the order of the text.
pub fn read_at<T: FromJson>(
    text: &SourceText,
    pointer: &str,
    unknown: UnknownKeys,
) -> Result<Option<T>, Vec<Finding>> {
    let root = parse(text)?;
    match follow(&root, pointer, text)? {
        Some(node) => read_node(node, text, unknown).map(Some),
        None => Ok(None),
    }
}

fn read_node<T: FromJson>(
    node: &Value<'_>,
    text: &SourceText,
    unknown: UnknownKeys,
) -> Result<T, Vec<Finding>> {
    let mut findings = Vec::new();
    refuse_repeated_keys(node, text, &mut findings);
    let mut reader = Reader::new(text, unknown, findings);
    let value = T::read(node, &mut reader);
    let mut findings = reader.into_findings();
    findings.sort_by_key(|finding| finding.span.start);
    match value {
        Some(value) if findings.is_empty() => Ok(value),
        None if findings.is_empty() => {
            // A reader that fails without saying why is a bug; it must not pass for a text without faults.
            let message = "this value cannot be read".to_owned();
            Err(vec![Finding::new(FindingCode::InvalidValue, message, text, span(node))])
        }
        _ => Err(findings),
    }
}

fn parse(text: &SourceText) -> Result<Value<'_>, Vec<Finding>> {
    let parsed = parse_to_ast(text.as_str(), &CollectOptions::default(), &grammar());
    let parsed = match parsed.map(|parsed| parsed.value) {
        // Nearly all texts are sound, which a glance shows.
        Ok(Some(value)) if plain::is_plain(text, &value) => return Ok(value),
        parsed => parsed,
    };
    if let Some(at) = text.as_str().find('\0') {
        let message = "the text holds a NUL character".to_owned();
        return Err(vec![Finding::new(FindingCode::NulCharacter, message, text, at..at + 1)]);
    }
    if let Some(finding) = plain::first_fault(text) {
        return Err(vec![finding]);
    }
    let value = parsed.map_err(|error| vec![Finding::syntax(&error, text)])?;
    value.ok_or_else(|| {
        let message = "the text holds no value, only comments or white space".to_owned();
        vec![Finding::new(FindingCode::NoValue, message, text, 0..0)]
    })
}

/// What else is wrong with a text whose first fault is one of syntax, as far as it can be read all the same: with commas left
/// out, names without quotes, quotes of another kind.
#[cfg(feature = "check")]
pub(crate) fn faults_behind<T: FromJson>(text: &SourceText) -> Vec<Finding> {
    let forgiving =
        ParseOptions { allow_extended_string_escapes: false, ..ParseOptions::default() };
    let parsed = parse_to_ast(text.as_str(), &CollectOptions::default(), &forgiving);
    let value = parsed.ok().and_then(|parsed| parsed.value);
    value
        .and_then(|value| read_node::<T>(&value, text, UnknownKeys::Refuse).err())
        .unwrap_or_default()
}

/// JSON with comments and trailing commas, and nothing else that the parser could take.
fn grammar() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn follow<'b, 'a>(
    root: &'b Value<'a>,
    pointer: &str,
    text: &SourceText,
) -> Result<Option<&'b Value<'a>>, Vec<Finding>> {
    let mut node = root;
    for token in pointer.split('/').skip(1) {
        let key = token.replace("~1", "/").replace("~0", "~");
        let next = match node {
            Value::Object(object) => member(object, &key, text)?,
            Value::Array(array) => index(&key).and_then(|i| array.elements.get(i)),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// RFC 6901 has no leading zeros.
fn index(token: &str) -> Option<usize> {
    token.parse().ok().filter(|index: &usize| index.to_string() == token)
}

fn member<'b, 'a>(
    object: &'b Object<'a>,
    key: &str,
    text: &SourceText,
) -> Result<Option<&'b Value<'a>>, Vec<Finding>> {
    let mut twins = object.properties.iter().filter(|property| property.name.as_str() == key);
    match (twins.next(), twins.next()) {
        (Some(first), Some(again)) => Err(vec![Finding::repeated_key(first, again, text)]),
        (first, _) => Ok(first.map(|property| &property.value)),
    }
}

/// Two readers could see two values under one key; RFC 8259 leaves open which one wins.
fn refuse_repeated_keys(node: &Value<'_>, text: &SourceText, findings: &mut Vec<Finding>) {
    match node {
        Value::Object(object) => {
            if may_repeat_a_key(&object.properties) {
                repeated_keys(&object.properties, text, findings);
            }
            for property in &object.properties {
                refuse_repeated_keys(&property.value, text, findings);
            }
        }
        Value::Array(array) => {
            for element in &array.elements {
                refuse_repeated_keys(element, text, findings);
            }
        }
        _ => {}
    }
}

/// Whether it is worth sorting them. Few keys are compared sooner with each other.
fn may_repeat_a_key(properties: &[ObjectProp<'_>]) -> bool {
    const FEW: usize = 16;
    let stands_before = |(index, property): (usize, &ObjectProp<'_>)| {
        properties[..index].iter().any(|other| other.name.as_str() == property.name.as_str())
    };
    properties.len() > FEW || properties.iter().enumerate().any(stands_before)
}

fn repeated_keys(properties: &[ObjectProp<'_>], text: &SourceText, findings: &mut Vec<Finding>) {
    let mut by_name: Vec<_> = properties.iter().collect();
    // The sort is stable, so the first of two twins is the one that stands first.
    by_name.sort_by_key(|property| property.name.as_str());
    for twins in by_name.chunk_by(|a, b| a.name.as_str() == b.name.as_str()) {
        for again in &twins[1..] {
            findings.push(Finding::repeated_key(twins[0], again, text));
        }
    }
}

fn span(node: &impl Ranged) -> std::ops::Range<usize> {
    node.start()..node.end()
}
