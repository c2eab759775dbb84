//! Where the parts of a text stand, by the keys that lead to them.

use std::ops::Range;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

use super::{SourceText, index, parse, span};

/// A text taken apart. What cannot be read has no parts.
pub struct Tree<'t>(pub(super) Value<'t>);

impl SourceText {
    /// Takes the text apart; none where it is not JSON with comments.
    pub fn tree(&self) -> Option<Tree<'_>> {
        parse(self).ok().map(Tree)
    }
}

impl Tree<'_> {
    /// The bytes of the key and of the value that a JSON pointer (RFC 6901) leads to. Elements of lists have no key.
    pub fn find(&self, pointer: &str) -> Option<(Option<Range<usize>>, Range<usize>)> {
        let mut node = &self.0;
        let mut key = None;
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            (key, node) = match node {
                Value::Object(object) => {
                    let mut members = object.properties.iter();
                    let member = members.find(|member| member.name.as_str() == name)?;
                    (Some(member.name.start()..member.name.end()), &member.value)
                }
                Value::Array(array) => (None, index(&name).and_then(|i| array.elements.get(i))?),
                _ => return None,
            };
        }
        Some((key, span(node)))
    }
}
