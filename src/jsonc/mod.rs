//! JSON with comments, read with positions: every fault is reported, and each says where it stands.
//!
//! The reader is our own because others stop at the first fault, and a law holds it against one of them. It is strict: no
//! repeated keys, no NUL, no byte order mark, nothing that two programs could read in two ways.

#[cfg(feature = "cli")]
mod content;
mod faults;
mod finding;
#[cfg(feature = "cli")]
mod format;
mod object;
mod parse;
mod read;
mod scan;
mod schema;
#[cfg(feature = "cli")]
mod settle;
#[cfg(feature = "check")]
mod sound;
mod source_text;
mod tokens;
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
#[cfg(feature = "check")]
pub(crate) use tokens::code_unit;
#[cfg(feature = "check")]
pub(crate) use tree::Finder;
pub use tree::{Elements, Member, Members, Node, Tree, Value};

use self::parse::{Parsed, parse};

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
    let Parsed { tree, faults } = parse(text);
    match &tree {
        Some(tree) => read_node(tree.root(), unknown, faults),
        None => Err(in_order(faults)),
    }
}

/// Reads the part of a text that a JSON pointer (RFC 6901) names; none where it leads nowhere.
///
/// # Errors
/// With every fault that was found there, and every fault of syntax anywhere, in the order of the text.
pub fn read_at<T: FromJson>(
    text: &SourceText,
    pointer: &str,
    unknown: UnknownKeys,
) -> Result<Option<T>, Vec<Finding>> {
    let Parsed { tree, mut faults } = parse(text);
    match tree.as_ref().map(|tree| tree.root().follow(pointer)) {
        Some(Ok(Some(node))) => return read_node(node, unknown, faults).map(Some),
        Some(Err(finding)) => faults.push(finding),
        Some(Ok(None)) | None => {}
    }
    if faults.is_empty() { Ok(None) } else { Err(in_order(faults)) }
}

/// Takes a text apart if there is but one way to read it, whatever its faults.
#[cfg(feature = "check")]
pub(crate) fn readable(text: &SourceText) -> Option<Tree<'_>> {
    parse(text).tree
}

/// Takes a text apart that has no fault of syntax.
fn faultless(text: &SourceText) -> Result<Tree<'_>, Vec<Finding>> {
    let Parsed { tree, faults } = parse(text);
    tree.filter(|_| faults.is_empty()).ok_or_else(|| in_order(faults))
}

fn read_node<T: FromJson>(
    node: Node<'_>,
    unknown: UnknownKeys,
    mut findings: Vec<Finding>,
) -> Result<T, Vec<Finding>> {
    refuse_repeated_keys(node, &mut findings);
    let mut reader = Reader::new(node.text(), unknown, findings);
    let value = T::read(node, &mut reader);
    let findings = in_order(reader.into_findings());
    match value {
        Some(value) if findings.is_empty() => Ok(value),
        None if findings.is_empty() => {
            // A reader that fails without saying why is a bug; it must not pass for a text without faults.
            let message = "this value cannot be read".to_owned();
            Err(vec![Finding::new(FindingCode::InvalidValue, message, node.text(), node.span())])
        }
        _ => Err(findings),
    }
}

fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| finding.span.start);
    findings
}

/// Two readers could see two values under one key; RFC 8259 leaves open which one wins.
fn refuse_repeated_keys(node: Node<'_>, findings: &mut Vec<Finding>) {
    for members in node.objects() {
        if members.may_repeat_a_name() {
            repeated_keys(members, findings);
        }
    }
}

fn repeated_keys(members: Members<'_>, findings: &mut Vec<Finding>) {
    let mut by_name: Vec<_> = members.collect();
    // The sort is stable, so the first of two twins is the one that stands first.
    by_name.sort_by_key(|member| member.name);
    for twins in by_name.chunk_by(|a, b| a.name == b.name) {
        for again in &twins[1..] {
            findings.push(Finding::repeated_key(&twins[0], again));
        }
    }
}
