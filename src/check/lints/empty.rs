//! Empty strings, which count as if their keys were absent: whoever writes one may mean the contrary.

use memchr::memmem;

use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::jsonc::{Node, SourceText, Value};

pub(super) fn empty(text: &SourceText, drafts: &mut Drafts) {
    // Few texts have one, and nothing is to be taken apart for the others.
    if memmem::find(text.as_str().as_bytes(), b"\"\"").is_none() {
        return;
    }
    if let Some(tree) = text.tree() {
        below(tree.root(), drafts);
    }
}

fn below(node: Node<'_>, drafts: &mut Drafts) {
    let Value::Object(members) = node.value() else { return };
    for member in members.filter(|member| !member.name.starts_with("x-")) {
        match member.value.value() {
            Value::String("") => {
                drafts
                    .add(
                        Lint::NoEffect,
                        Spot::Bytes(member.value.span()),
                        "this changes nothing: an empty string counts as if the key were absent",
                    )
                    .advise("write a value, or remove the key");
            }
            _ => below(member.value, drafts),
        }
    }
}
