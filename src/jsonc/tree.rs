//! A text taken apart: its values, and where each stands.

use std::borrow::Cow;
#[cfg(feature = "check")]
use std::collections::HashMap;
use std::ops::Range;

use super::{Finding, SourceText, faultless};
use crate::provenance::Position;

/// A text taken apart. What cannot be read has no parts.
///
/// The values stand one behind the other in the order of the text, each in front of what it holds: little is to be
/// allocated and moved, and strings stay where they are.
#[derive(Debug, Clone)]
pub struct Tree<'t> {
    text: &'t SourceText,
    entries: Vec<Entry>,
    /// Strings that are not as they stand in the text.
    meant: Vec<Cow<'t, str>>,
}

/// The key of a member, or a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many entries there are from this one to the next that it does not hold.
    pub(super) size: u32,
    pub(super) line: Line,
}

/// The line that something stands on: a pass over the text less, for who asks where many things stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Line {
    /// How many there are before it.
    pub(super) number: u32,
    /// Where it begins.
    pub(super) start: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Key(Spelling),
    String(Spelling),
    Number(Spelling),
    Boolean(bool),
    Null,
    List,
    Object,
    Unreadable,
}

/// How a part of a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it stands there; of strings and keys, what is between the quotes.
    AsWritten,
    /// As it stands elsewhere: it has escapes, or no quotes, or is not in the text.
    Meant(u32),
}

/// A value of a text, or the key of a member.
#[derive(Debug, Clone, Copy)]
pub struct Node<'n> {
    tree: &'n Tree<'n>,
    at: usize,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Value<'n> {
    /// A string, without its quotes and escapes.
    String(&'n str),
    /// A number as it is written.
    Number(&'n str),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// A list.
    List(Elements<'n>),
    /// An object.
    Object(Members<'n>),
    /// Something in the place of a value; a fault of syntax says what is wrong with it.
    Unreadable,
}

/// The elements of a list, in order.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'n>(Inside<'n>);

/// The members of an object, in order.
#[derive(Debug, Clone, Copy)]
pub struct Members<'n>(Inside<'n>);

/// Entries that are still to be gone through.
#[derive(Debug, Clone, Copy)]
struct Inside<'n> {
    tree: &'n Tree<'n>,
    at: usize,
    end: usize,
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub struct Member<'n> {
    /// Its name.
    pub name: &'n str,
    /// Its key.
    pub key: Node<'n>,
    /// Its value.
    pub value: Node<'n>,
}

impl SourceText {
    /// Takes the text apart; none where it is not JSON with comments.
    pub fn tree(&self) -> Option<Tree<'_>> {
        faultless(self).ok()
    }
}

impl<'t> Tree<'t> {
    /// The first entry is that of the root.
    pub(super) fn new(
        text: &'t SourceText,
        entries: Vec<Entry>,
        meant: Vec<Cow<'t, str>>,
    ) -> Option<Self> {
        (!entries.is_empty()).then_some(Tree { text, entries, meant })
    }

    /// The same text with other entries of this tree.
    #[cfg(feature = "check")]
    pub(super) fn with_entries(&self, entries: Vec<Entry>) -> Option<Self> {
        Tree::new(self.text, entries, self.meant.clone())
    }

    /// Adds a member to the root unless it has one of that name. It stands where a member that is missing is reported: at
    /// the opening brace.
    #[cfg(feature = "check")]
    pub(super) fn add_missing(
        &mut self,
        name: &'static str,
        of_kind: fn(Spelling) -> Kind,
        value: &'static str,
    ) {
        let Value::Object(members) = self.root().value() else { return };
        if members.first_of(name).is_some() {
            return;
        }
        let Entry { start, line, .. } = self.entries[0];
        for (of_kind, text) in [(Kind::Key as fn(Spelling) -> Kind, name), (of_kind, value)] {
            let kind = of_kind(meant(&mut self.meant, text.into()));
            self.entries.push(Entry { kind, start, end: start + 1, size: 1, line });
        }
        self.entries[0].size += 2;
    }

    /// The value that holds all others.
    pub fn root(&self) -> Node<'_> {
        Node { tree: self, at: 0 }
    }

    /// Finds many parts.
    #[cfg(feature = "check")]
    pub(crate) fn finder(&self) -> Finder<'_> {
        Finder { tree: self, lists: HashMap::new() }
    }

    fn spelled(&self, entry: &Entry, spelling: Spelling) -> &str {
        match spelling {
            Spelling::AsWritten => &self.text.as_str()[entry.start + 1..entry.end - 1],
            Spelling::Meant(index) => &self.meant[index as usize],
        }
    }

    /// Every value, in the order of the text; keys are none.
    pub fn values(&self) -> impl Iterator<Item = Node<'_>> {
        let nodes = (0..self.entries.len()).map(|at| Node { tree: self, at });
        nodes.filter(|node| !matches!(node.entry().kind, Kind::Key(_)))
    }

    /// The bytes of the key and of the value that a JSON pointer (RFC 6901) leads to. Elements of lists have no key.
    pub fn find(&self, pointer: &str) -> Option<(Option<Range<usize>>, Range<usize>)> {
        let (key, node) = self.walk(pointer)?;
        Some((key, node.span()))
    }

    fn walk(&self, pointer: &str) -> Option<(Option<Range<usize>>, Node<'_>)> {
        let mut found = (None, self.root());
        for token in pointer.split('/').skip(1) {
            found = found.1.step(&pointer_token(token))?;
        }
        Some(found)
    }
}

/// Finds parts of a tree by their pointers. Of a list it goes through the elements once, whichever of them are asked for.
#[cfg(feature = "check")]
pub(crate) struct Finder<'n> {
    tree: &'n Tree<'n>,
    lists: HashMap<String, Vec<Range<usize>>>,
}

#[cfg(feature = "check")]
impl Finder<'_> {
    /// As [`Tree::find`].
    pub(crate) fn find(&mut self, pointer: &str) -> Option<(Option<Range<usize>>, Range<usize>)> {
        let Some((list, index)) =
            pointer.rsplit_once('/').and_then(|(list, last)| Some((list, index(last)?)))
        else {
            return self.tree.find(pointer);
        };
        if !self.lists.contains_key(list) {
            let Value::List(elements) = self.tree.walk(list)?.1.value() else {
                return self.tree.find(pointer);
            };
            self.lists.insert(list.to_owned(), elements.map(Node::span).collect());
        }
        Some((None, self.lists.get(list)?.get(index)?.clone()))
    }
}

/// Puts a string where an entry finds it.
pub(super) fn meant<'t>(all: &mut Vec<Cow<'t, str>>, text: Cow<'t, str>) -> Spelling {
    all.push(text);
    Spelling::Meant(count_of(all.len() - 1))
}

/// Of a text with more entries or lines, nobody has the memory.
pub(super) fn count_of(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

impl<'n> Node<'n> {
    /// What the value is; a key is a string.
    pub fn value(self) -> Value<'n> {
        let entry = self.entry();
        match entry.kind {
            Kind::Key(text) | Kind::String(text) => Value::String(self.tree.spelled(entry, text)),
            Kind::Number(Spelling::AsWritten) => {
                Value::Number(&self.tree.text.as_str()[entry.start..entry.end])
            }
            Kind::Number(spelling) => Value::Number(self.tree.spelled(entry, spelling)),
            Kind::Boolean(boolean) => Value::Boolean(boolean),
            Kind::Null => Value::Null,
            Kind::List => Value::List(Elements(self.inside())),
            Kind::Object => Value::Object(Members(self.inside())),
            Kind::Unreadable => Value::Unreadable,
        }
    }

    /// The bytes at which it stands.
    pub fn span(self) -> Range<usize> {
        self.entry().start..self.entry().end
    }

    /// Where it begins.
    pub fn position(self) -> Position {
        let Entry { start, line, .. } = self.entry();
        match self.tree.text.is_plain() {
            true => Position::after(line.number as usize, start - line.start),
            false => self.tree.text.position(*start),
        }
    }

    /// The text that it stands in.
    pub(super) fn text(self) -> &'n SourceText {
        self.tree.text
    }

    /// All objects in it, and the value itself if it is one.
    pub(super) fn objects(self) -> impl Iterator<Item = Members<'n>> {
        let Inside { tree, end, .. } = self.inside();
        let nodes = (self.at..end).map(move |at| Node { tree, at });
        let objects = nodes.filter(|node| node.entry().kind == Kind::Object);
        objects.map(|node| Members(node.inside()))
    }

    pub(super) fn entry(self) -> &'n Entry {
        &self.tree.entries[self.at]
    }

    fn inside(self) -> Inside<'n> {
        let end = self.at + self.entry().size as usize;
        Inside { tree: self.tree, at: self.at + 1, end }
    }

    /// The value that a JSON pointer (RFC 6901) leads to from here.
    ///
    /// # Errors
    /// When a key on the way stands there twice.
    pub(super) fn follow(self, pointer: &str) -> Result<Option<Self>, Finding> {
        let mut node = self;
        for token in pointer.split('/').skip(1) {
            let name = pointer_token(token);
            if let Value::Object(members) = node.value() {
                let mut twins = members.filter(|member| member.name == name);
                if let (Some(first), Some(again)) = (twins.next(), twins.next()) {
                    return Err(Finding::repeated_key(&first, &again));
                }
            }
            match node.step(&name) {
                Some((_, next)) => node = next,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The bytes of the key and the value that one token of a pointer leads to; of two members the first.
    fn step(self, token: &str) -> Option<(Option<Range<usize>>, Self)> {
        match self.value() {
            Value::Object(members) => {
                let Member { key, value, .. } = members.first_of(token)?;
                Some((Some(key.span()), value))
            }
            Value::List(mut elements) => Some((None, elements.nth(index(token)?)?)),
            _ => None,
        }
    }
}

impl<'n> Members<'n> {
    /// The first member of a name.
    pub fn first_of(mut self, name: &str) -> Option<Member<'n>> {
        self.find(|member| member.name == name)
    }

    /// Whether it is worth comparing the names: whether two have the same length and the same bytes at both ends, or nearly
    /// so.
    pub(super) fn may_repeat_a_name(self) -> bool {
        let Members(mut inside) = self;
        let bytes = inside.tree.text.as_str().as_bytes();
        let mut seen = [0_u64; 8];
        while let (Some(key), Some(_)) = (inside.next(), inside.next()) {
            let Entry { kind, start, end, .. } = *key.entry();
            match kind {
                Kind::Key(Spelling::AsWritten) => {}
                Kind::Key(Spelling::Meant(_)) => return true,
                _ => continue,
            }
            // Between its quotes; of an empty name, the quotes themselves.
            let [first, last] = [bytes[start + 1], bytes[end - 2]].map(usize::from);
            let mark =
                (end - start).wrapping_mul(61) ^ first.wrapping_mul(7) ^ last.wrapping_mul(29);
            let (word, bit) = (mark / 64 % seen.len(), 1 << (mark % 64));
            if seen[word] & bit != 0 {
                return true;
            }
            seen[word] |= bit;
        }
        false
    }
}

impl<'n> Iterator for Inside<'n> {
    type Item = Node<'n>;

    fn next(&mut self) -> Option<Node<'n>> {
        let Inside { tree, at, end } = *self;
        (at < end).then(|| {
            let node = Node { tree, at };
            self.at += node.entry().size as usize;
            node
        })
    }
}

impl<'n> Iterator for Elements<'n> {
    type Item = Node<'n>;

    fn next(&mut self) -> Option<Node<'n>> {
        self.0.next()
    }
}

impl<'n> Iterator for Members<'n> {
    type Item = Member<'n>;

    fn next(&mut self) -> Option<Member<'n>> {
        loop {
            let (key, value) = (self.0.next()?, self.0.next()?);
            // A name that cannot be read is told as a fault of syntax.
            if let Kind::Key(name) = key.entry().kind {
                let name = key.tree.spelled(key.entry(), name);
                return Some(Member { name, key, value });
            }
        }
    }
}

fn pointer_token(token: &str) -> Cow<'_, str> {
    match token.contains('~') {
        true => Cow::Owned(token.replace("~1", "/").replace("~0", "~")),
        false => Cow::Borrowed(token),
    }
}

/// RFC 6901 has no leading zeros.
fn index(token: &str) -> Option<usize> {
    token.parse().ok().filter(|index: &usize| index.to_string() == token)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    #[cfg(feature = "check")]
    #[test]
    fn many_parts_are_found_as_each_is() {
        let json = r#"{ "a": [1, [2, 3], { "b": 4 }], "0": 5, "c": { "1": [] } }"#;
        let text = SourceText::new(Path::new("f"), json);
        let tree = text.tree().unwrap();
        let mut finder = tree.finder();
        for pointer in [
            "", "/a", "/a/0", "/a/1/1", "/a/1/2", "/a/2/b", "/a/3", "/a/01", "/a/2/0", "/0",
            "/c/1", "/c/1/0", "/x/0", "/x",
        ] {
            for _ in 0..2 {
                assert_eq!(finder.find(pointer), tree.find(pointer), "{pointer}");
            }
        }
        assert_eq!(&json[tree.find("/a/2/b").unwrap().1], "4");
    }

    proptest! {
        #[test]
        // The other way round, names are compared in vain.
        fn a_name_that_stands_twice_is_never_missed(names in prop::collection::vec(r"([ab]|\\u0061){0,2}[a-d]{0,2}", 0..6)) {
            let members: Vec<_> = names.iter().map(|name| format!("\"{name}\": 1")).collect();
            let text = SourceText::new(Path::new("f"), format!("{{ {} }}", members.join(", ")));
            let tree = text.tree().unwrap();
            let Value::Object(members) = tree.root().value() else { panic!("it is one") };
            let mut seen = HashSet::new();
            let repeats = members.into_iter().any(|member| !seen.insert(member.name));
            prop_assert!(!repeats || members.may_repeat_a_name(), "{:?}", names);
        }
    }
}
