//! The way from parsed values to typed ones: what can be read, and the reader that collects faults.

use std::ops::{Deref, Range};

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{Finding, FindingCode, Member, Node, SourceText, UnknownKeys, Value};
use crate::prose::{listed, quoted};
use crate::provenance::Place;
use crate::words::{Word, did_you_mean};

/// A value that can be read out of a parsed text.
pub trait FromJson: Sized {
    /// Whether an empty string counts as if the key were absent.
    const EMPTY_IS_ABSENT: bool = false;

    /// Reads the value; where that fails, the reader has been told why.
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self>;

    /// Reads the value of a member.
    fn read_member(key: Node<'_>, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let _ = key;
        Self::read(node, reader)
    }
}

/// What a key of an object becomes, also when it is absent.
pub trait Field: Sized {
    /// The key is there.
    fn present(key: Node<'_>, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self>;

    /// The key is not there.
    fn absent(name: &'static str, object: Range<usize>, reader: &mut Reader<'_>) -> Option<Self>;
}

/// A value and where it stands: the key of an object's member, or the element of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: Place,
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Collects the faults of one text while values are read out of it.
pub struct Reader<'t> {
    text: &'t SourceText,
    unknown: UnknownKeys,
    findings: Vec<Finding>,
    depth: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t SourceText, unknown: UnknownKeys, findings: Vec<Finding>) -> Self {
        Reader { text, unknown, findings, depth: 0 }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Where a key or a value stands.
    pub fn place(&self, node: Node<'_>) -> Place {
        Place::in_file(self.text.path(), node.position())
    }

    /// The text that is read.
    pub fn text(&self) -> &'t SourceText {
        self.text
    }

    /// What a string says; where it is none, that is reported.
    pub fn string<'n>(&mut self, node: Node<'n>) -> Option<&'n str> {
        match node.value() {
            Value::String(text) => Some(text),
            _ => self.wrong_type(node, "a string"),
        }
    }

    /// Reports a fault.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Reports a value that its key does not take.
    pub fn invalid<T>(&mut self, node: Node<'_>, message: impl Into<String>) -> Option<T> {
        let message = message.into();
        self.report(Finding::new(FindingCode::InvalidValue, message, self.text, node.span()));
        None
    }

    /// Reports a value of another type.
    pub fn wrong_type<T>(&mut self, node: Node<'_>, expected: &str) -> Option<T> {
        // Of what cannot be read that was told already.
        let found = type_of(node)?;
        let message = format!("{expected} is expected here, not {found}");
        self.report(Finding::new(FindingCode::WrongType, message, self.text, node.span()));
        None
    }

    /// Goes through the members of an object; `take` says whether it knows the key.
    pub(crate) fn members(
        &mut self,
        node: Node<'_>,
        known: &[&'static str],
        mut take: impl FnMut(&str, Node<'_>, Node<'_>, &mut Self) -> bool,
    ) -> Option<Range<usize>> {
        let Value::Object(members) = node.value() else {
            return self.wrong_type(node, "an object");
        };
        self.depth += 1;
        for Member { name, key, value } in members {
            if !take(name, key, value, self) && !self.passes_over(name) {
                self.unknown_key(name, key.span(), known);
            }
        }
        self.depth -= 1;
        Some(head(node))
    }

    /// `x-…` is free for other tools; editors write `$schema` at the top.
    fn passes_over(&self, name: &str) -> bool {
        self.unknown == UnknownKeys::Ignore
            || name.starts_with("x-")
            || (self.depth == 1 && name == "$schema")
    }

    fn unknown_key(&mut self, name: &str, key: Range<usize>, known: &[&'static str]) {
        let message = format!("{} is not a key that is known here", quoted(name));
        let all = || format!("the keys are {}", listed(known));
        let advice = did_you_mean(name, known.iter().copied(), all);
        self.report(
            Finding::new(FindingCode::UnknownKey, message, self.text, key).with_advice(advice),
        );
    }
}

/// The opening brace: a missing key is reported there, not over the whole object.
fn head(object: Node<'_>) -> Range<usize> {
    let start = object.span().start;
    start..start + 1
}

/// None of what cannot be read.
fn type_of(node: Node<'_>) -> Option<&'static str> {
    Some(match node.value() {
        Value::String(_) => "a string",
        Value::Number(_) => "a number",
        Value::Boolean(_) => "a boolean",
        Value::Object(_) => "an object",
        Value::List(_) => "a list",
        Value::Null => "null",
        Value::Unreadable => return None,
    })
}

impl FromJson for String {
    const EMPTY_IS_ABSENT: bool = true;

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        reader.string(node).map(str::to_owned)
    }
}

impl FromJson for bool {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value() {
            Value::Boolean(boolean) => Some(boolean),
            _ => reader.wrong_type(node, "`true` or `false`"),
        }
    }
}

impl FromJson for u64 {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value() {
            Value::Number(number) => match number.parse() {
                Ok(number) => Some(number),
                Err(_) => reader.invalid(node, "a whole number from 0 to 2^64-1 is expected here"),
            },
            _ => reader.wrong_type(node, "a whole number"),
        }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::List(elements) = node.value() else {
            return reader.wrong_type(node, "a list");
        };
        let count = elements.count();
        let mut values = Vec::with_capacity(count);
        // Every element is read even after a fault, so that all faults show at once.
        values.extend(elements.filter_map(|element| T::read(element, reader)));
        (values.len() == count).then_some(values)
    }
}

impl<T: FromJson> FromJson for Located<T> {
    const EMPTY_IS_ABSENT: bool = T::EMPTY_IS_ABSENT;

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let at = reader.place(node);
        T::read(node, reader).map(|value| Located { value, at })
    }

    /// A constraint is known by its key: that is the line a person looks for.
    fn read_member(key: Node<'_>, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let at = reader.place(key);
        T::read(node, reader).map(|value| Located { value, at })
    }
}

impl<W: Word> FromJson for W {
    const EMPTY_IS_ABSENT: bool = true;

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let word = reader.string(node)?;
        if let Some(member) = W::from_word(word) {
            return Some(member);
        }
        let words: Vec<_> = W::ALL.iter().map(|member| member.as_str()).collect();
        let all = || format!("write one of {}", listed(&words));
        let advice = did_you_mean(word, words.iter().copied(), all);
        let message = "this value is not one of those that are known here".to_owned();
        let finding = Finding::new(FindingCode::InvalidValue, message, reader.text, node.span());
        reader.report(finding.with_advice(advice));
        None
    }
}

impl<T: FromJson> Field for Option<T> {
    fn present(key: Node<'_>, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if T::EMPTY_IS_ABSENT && matches!(node.value(), Value::String("")) {
            return Some(None);
        }
        T::read_member(key, node, reader).map(Some)
    }

    fn absent(_: &'static str, _: Range<usize>, _: &mut Reader<'_>) -> Option<Self> {
        Some(None)
    }
}

/// A member that must be there.
impl<T: FromJson> Field for Located<T> {
    fn present(key: Node<'_>, node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        Self::read_member(key, node, reader)
    }

    fn absent(name: &'static str, object: Range<usize>, reader: &mut Reader<'_>) -> Option<Self> {
        let message = format!("`{name}` is missing");
        reader.report(Finding::new(FindingCode::MissingKey, message, reader.text, object));
        None
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
