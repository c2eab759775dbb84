//! What can be read of a text that has faults: the same value without the parts that are at fault.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops;

use jsonc_parser::ast::{NumberLit, Object, ObjectProp, ObjectPropName, StringLit, Value};
use jsonc_parser::common::{Range, Ranged};

use super::{Finding, FindingCode, FromJson, SourceText, Tree, UnknownKeys, parse, read_node};

/// A value that stands in for a member that must be there and is missing, or at fault.
pub(crate) type StandIn = (&'static str, StandInValue);

#[derive(Debug, Clone, Copy)]
pub(crate) enum StandInValue {
    Text(&'static str),
    Number(&'static str),
}

/// The sound part of a text.
pub(crate) struct SoundPart<'t, T> {
    /// What it says.
    pub(crate) value: T,
    tree: Tree<'t>,
    holes: Holes,
}

/// Where something was left out.
#[derive(Default)]
struct Holes {
    /// Where the members and elements began, sorted.
    begins: Vec<usize>,
    /// The bytes of the objects and lists that they stood in.
    around: HashSet<(usize, usize)>,
}

impl Holes {
    /// Whether there is one inside a value.
    fn any_inside(&self, value: &ops::Range<usize>) -> bool {
        let next = self.begins.partition_point(|begin| *begin < value.start);
        self.begins.get(next).is_some_and(|begin| *begin < value.end)
    }
}

/// Reads a text without what these faults are about; none where that leaves nothing to go by.
pub(crate) fn sound_part<'t, T: FromJson>(
    text: &'t SourceText,
    faults: &[Finding],
    stand_ins: &[StandIn],
) -> Option<SoundPart<'t, T>> {
    // What another version of the format means by the rest is not known.
    if faults.iter().any(|fault| fault.code == FindingCode::UnknownVersion) {
        return None;
    }
    let mut root = parse(text).ok()?;
    let mut mending = Mending::of(faults);
    if mending.leave_out(&mut root) == Left::Nothing {
        return None;
    }
    if let Value::Object(object) = &mut root {
        stand_ins.iter().for_each(|stand_in| add_missing(object, *stand_in));
    }
    let value = read_node(&root, text, UnknownKeys::Refuse).ok()?;
    mending.holes.begins.sort_unstable();
    Some(SoundPart { value, tree: Tree(root), holes: mending.holes })
}

impl<T> SoundPart<'_, T> {
    /// As [`Tree::find`].
    pub(crate) fn find(
        &self,
        pointer: &str,
    ) -> Option<(Option<ops::Range<usize>>, ops::Range<usize>)> {
        self.tree.find(pointer)
    }

    /// Whether what was left out could belong to the part that a JSON pointer (RFC 6901) leads to, or be the part.
    pub(crate) fn is_in_doubt(&self, pointer: &str) -> bool {
        if let Some((_, value)) = self.tree.find(pointer) {
            return self.holes.any_inside(&value);
        }
        // Nothing is there: the nearest object above may hold it under a name that is not known.
        let mut above = pointer;
        while let Some((next, _)) = above.rsplit_once('/') {
            above = next;
            if let Some((_, value)) = self.tree.find(above) {
                return self.holes.around.contains(&(value.start, value.end));
            }
        }
        false
    }
}

/// What became of a value.
#[derive(PartialEq, Eq)]
enum Left {
    Something,
    Nothing,
}

struct Mending {
    /// The bytes of values at fault.
    values: HashSet<(usize, usize)>,
    /// The bytes of keys at fault.
    keys: HashSet<(usize, usize)>,
    holes: Holes,
}

impl Mending {
    fn of(faults: &[Finding]) -> Self {
        let (mut values, mut keys) = (HashSet::new(), HashSet::new());
        for Finding { code, span, .. } in faults {
            let bytes = (span.start, span.end);
            match code {
                FindingCode::WrongType | FindingCode::InvalidValue => values.insert(bytes),
                FindingCode::UnknownKey | FindingCode::RepeatedKey => keys.insert(bytes),
                _ => continue,
            };
        }
        Mending { values, keys, holes: Holes::default() }
    }

    /// Leaves out what is at fault; a list of which nothing is left says something else than an empty one.
    fn leave_out(&mut self, value: &mut Value<'_>) -> Left {
        if self.values.contains(&bytes(value)) {
            return Left::Nothing;
        }
        let around = bytes(value);
        match value {
            Value::Object(object) => {
                let repeated = self.names_at_fault(object);
                object.properties.retain_mut(|member| {
                    let is_at_fault = repeated.contains(member.name.as_str())
                        || self.leave_out(&mut member.value) == Left::Nothing;
                    self.keep_unless(is_at_fault, member.start(), around)
                });
                Left::Something
            }
            Value::Array(array) => {
                let was_empty = array.elements.is_empty();
                array.elements.retain_mut(|element| {
                    let is_at_fault = self.leave_out(element) == Left::Nothing;
                    self.keep_unless(is_at_fault, element.start(), around)
                });
                match array.elements.is_empty() && !was_empty {
                    true => Left::Nothing,
                    false => Left::Something,
                }
            }
            _ => Left::Something,
        }
    }

    fn keep_unless(&mut self, is_at_fault: bool, begin: usize, around: (usize, usize)) -> bool {
        if is_at_fault {
            self.holes.begins.push(begin);
            self.holes.around.insert(around);
        }
        !is_at_fault
    }

    /// Of two members of one name nobody knows which is meant, so neither stays.
    fn names_at_fault(&self, object: &Object<'_>) -> HashSet<String> {
        let members = object.properties.iter();
        let at_fault = members.filter(|member| self.keys.contains(&bytes(&member.name)));
        at_fault.map(|member| member.name.as_str().to_owned()).collect()
    }
}

fn bytes(node: &impl Ranged) -> (usize, usize) {
    (node.start(), node.end())
}

/// It stands where a member that is missing is reported: at the opening brace.
fn add_missing(object: &mut Object<'_>, (key, value): StandIn) {
    if object.properties.iter().any(|member| member.name.as_str() == key) {
        return;
    }
    let range = Range { start: object.start(), end: object.start() + 1 };
    let literal = |value| StringLit { range, value: Cow::Borrowed(value) };
    let value = match value {
        StandInValue::Text(text) => Value::StringLit(literal(text)),
        StandInValue::Number(value) => Value::NumberLit(NumberLit { range, value }),
    };
    let name = ObjectPropName::String(literal(key));
    object.properties.push(ObjectProp { range, name, value });
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro declares what others see")]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::jsonc::{Located, object, read};

    object! {
        /// A sample.
        pub struct Sample {
            /// Must be there.
            id: Located<String>,
            /// A list.
            list: Option<Vec<u64>>,
            /// Another object.
            inner: Option<Located<Inner>>,
        }
    }

    object! {
        /// A sample in a sample.
        pub struct Inner {
            /// A flag.
            flag: Option<bool>,
            /// Another one.
            other: Option<bool>,
        }
    }

    const STAND_INS: &[StandIn] = &[("id", StandInValue::Text("unnamed"))];

    /// What is left, and which of these places are in doubt.
    fn left(json: &str, pointers: &[&'static str]) -> Option<(Sample, Vec<&'static str>)> {
        let text = SourceText::new(Path::new("f"), json);
        let faults = read::<Sample>(&text, UnknownKeys::Refuse).unwrap_err();
        let part = sound_part::<Sample>(&text, &faults, STAND_INS)?;
        let in_doubt = pointers.iter().copied().filter(|pointer| part.is_in_doubt(pointer));
        let in_doubt = in_doubt.collect();
        Some((part.value, in_doubt))
    }

    #[test]
    fn what_is_at_fault_is_left_out_and_the_rest_stays() {
        let all = ["/id", "/list", "/inner", "/inner/flag", "/inner/other"];
        let (sample, in_doubt) =
            left(r#"{ "id": 1, "list": [1, "2"], "inner": { "flag": true, "oter": 1 } }"#, &all)
                .unwrap();
        assert_eq!(sample.id.value, "unnamed");
        assert_eq!(sample.list, Some(vec![1]));
        assert_eq!(sample.inner.unwrap().flag, Some(true));
        assert_eq!(in_doubt, ["/list", "/inner", "/inner/other"]);
    }

    #[test]
    fn a_list_of_which_nothing_is_left_is_none() {
        let (sample, in_doubt) =
            left(r#"{ "id": "a", "list": ["x"] }"#, &["/list", "/inner/flag"]).unwrap();
        assert_eq!(sample.list, None);
        // The root lacks a member, and it could have been meant for any that is missing.
        assert_eq!(in_doubt, ["/list", "/inner/flag"]);
    }

    #[test]
    fn of_a_key_that_stands_twice_neither_counts() {
        let (sample, in_doubt) =
            left(r#"{ "id": "a", "list": [1], "list": [2] }"#, &["/id", "/list"]).unwrap();
        assert_eq!(sample.list, None);
        assert_eq!(in_doubt, ["/list"]);
    }

    #[test]
    fn a_root_at_fault_leaves_nothing() {
        assert!(left("[]", &[]).is_none());
    }
}
