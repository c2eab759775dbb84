//! What can be read of a text that has faults: the same value without the parts that are at fault.

use std::collections::HashSet;
use std::ops::Range;

use super::tree::{Entry, Finder, Kind, count_of};
use super::{Finding, FindingCode, FromJson, Members, Node, Tree, UnknownKeys, Value, read_node};

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
    fn any_inside(&self, value: &Range<usize>) -> bool {
        let next = self.begins.partition_point(|begin| *begin < value.start);
        self.begins.get(next).is_some_and(|begin| *begin < value.end)
    }
}

/// Reads what a text says without what these faults are about; none where that leaves nothing to go by.
pub(crate) fn sound_part<'t, T: FromJson>(
    whole: &'t Tree<'_>,
    faults: &[Finding],
    stand_ins: &[StandIn],
) -> Option<SoundPart<'t, T>> {
    // What another version of the format means by the rest is not known.
    if faults.iter().any(|fault| fault.code == FindingCode::UnknownVersion) {
        return None;
    }
    let mut mending = Mending::of(faults);
    if mending.leave_out(whole.root()) == Left::Nothing {
        return None;
    }
    let Mending { mut holes, entries, .. } = mending;
    let mut tree = whole.with_entries(entries)?;
    for (name, value) in stand_ins {
        match value {
            StandInValue::Text(text) => tree.add_missing(name, Kind::String, text),
            StandInValue::Number(number) => tree.add_missing(name, Kind::Number, number),
        }
    }
    let value = read_node(tree.root(), UnknownKeys::Refuse, Vec::new()).ok()?;
    holes.begins.sort_unstable();
    Some(SoundPart { value, tree, holes })
}

impl<T> SoundPart<'_, T> {
    /// Finds its parts.
    pub(crate) fn finder(&self) -> Finder<'_> {
        self.tree.finder()
    }

    /// Whether what was left out could belong to the part that a JSON pointer (RFC 6901) leads to, or be the part.
    pub(crate) fn is_in_doubt(&self, pointer: &str, finder: &mut Finder<'_>) -> bool {
        if let Some((_, value)) = finder.find(pointer) {
            return self.holes.any_inside(&value);
        }
        // Nothing is there: the nearest object above may hold it under a name that is not known.
        let mut above = pointer;
        while let Some((next, _)) = above.rsplit_once('/') {
            above = next;
            if let Some((_, value)) = finder.find(above) {
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
    /// What is left.
    entries: Vec<Entry>,
}

impl Mending {
    fn of(faults: &[Finding]) -> Self {
        let (mut values, mut keys) = (HashSet::new(), HashSet::new());
        for Finding { code, span, .. } in faults {
            match code {
                FindingCode::WrongType | FindingCode::InvalidValue => values.insert(bytes(span)),
                FindingCode::UnknownKey | FindingCode::RepeatedKey => keys.insert(bytes(span)),
                // Of these the tree holds nothing that could be left out.
                FindingCode::Unreadable
                | FindingCode::NotUtf8
                | FindingCode::ByteOrderMark
                | FindingCode::NulCharacter
                | FindingCode::Syntax
                | FindingCode::TooDeep
                | FindingCode::NoValue
                | FindingCode::MissingKey
                | FindingCode::UnknownVersion => continue,
            };
        }
        Mending { values, keys, holes: Holes::default(), entries: Vec::new() }
    }

    /// Keeps what is not at fault; a list of which nothing is left says something else than an empty one.
    fn leave_out(&mut self, node: Node<'_>) -> Left {
        let around = bytes(&node.span());
        if self.values.contains(&around) {
            return Left::Nothing;
        }
        let begin = self.entries.len();
        let mut left = Left::Something;
        match node.value() {
            Value::Unreadable => return Left::Nothing,
            Value::Object(members) => {
                self.entries.push(*node.entry());
                let at_fault = self.names_at_fault(members);
                for member in members {
                    let key = self.entries.len();
                    self.entries.push(*member.key.entry());
                    let is_at_fault = at_fault.contains(member.name)
                        || self.leave_out(member.value) == Left::Nothing;
                    self.keep_unless(is_at_fault, key, member.key.span().start, around);
                }
            }
            Value::List(elements) => {
                self.entries.push(*node.entry());
                for element in elements {
                    let end = self.entries.len();
                    let is_at_fault = self.leave_out(element) == Left::Nothing;
                    self.keep_unless(is_at_fault, end, element.span().start, around);
                }
                if self.entries.len() == begin + 1 && elements.count() > 0 {
                    left = Left::Nothing;
                }
            }
            _ => self.entries.push(*node.entry()),
        }
        self.entries[begin].size = count_of(self.entries.len() - begin);
        left
    }

    /// `end` is where the entries end without the part.
    fn keep_unless(&mut self, is_at_fault: bool, end: usize, begin: usize, around: (usize, usize)) {
        if is_at_fault {
            self.entries.truncate(end);
            self.holes.begins.push(begin);
            self.holes.around.insert(around);
        }
    }

    /// Of two members of one name nobody knows which is meant, so neither stays.
    fn names_at_fault<'n>(&self, members: Members<'n>) -> HashSet<&'n str> {
        let at_fault = members.filter(|member| self.keys.contains(&bytes(&member.key.span())));
        at_fault.map(|member| member.name).collect()
    }
}

fn bytes(span: &Range<usize>) -> (usize, usize) {
    (span.start, span.end)
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro declares what others see")]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::jsonc::{Located, SourceText, object, read, readable};

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
        let whole = readable(&text)?;
        let part = sound_part::<Sample>(&whole, &faults, STAND_INS)?;
        let mut finder = part.finder();
        let in_doubt = pointers.iter().copied();
        let in_doubt = in_doubt.filter(|pointer| part.is_in_doubt(pointer, &mut finder));
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
