//! Lists that say something twice, or nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::check::code::Lint;
use crate::check::drafts::Drafts;
use crate::check::lists::{Breadth, Element, Keys, Visitor, compared, visit};
use crate::policy::Document;

pub(super) fn patterns(document: &Document, drafts: &mut Drafts) {
    visit(document, &mut Twins { drafts });
}

struct Twins<'d> {
    drafts: &'d mut Drafts,
}

impl Visitor for Twins<'_> {
    fn list<E: Element>(&mut self, keys: Keys, elements: &[E]) {
        let mut seen = Seen::of(elements);
        // Beyond, only twins are looked for.
        let compared = compared(elements);
        for (index, element) in elements.iter().enumerate() {
            if let Some(first) = seen.before(index) {
                self.drafts
                    .add(Lint::Duplicate, keys.to_element(index), "this stands in the list already")
                    .advise("remove one of the two")
                    .relate(keys.to_element(first), "it stands here first");
                continue;
            }
            let (message, advice) = match element.breadth() {
                Breadth::Some => {
                    if let Some(other) = wider(compared, index) {
                        self.shadowed(keys, index, other);
                    }
                    continue;
                }
                Breadth::Everything => (
                    "this pattern matches everything, so the list limits nothing",
                    "remove the list, which says the same, or name what is meant",
                ),
                Breadth::AnyRole => (
                    "this pattern matches any role of any account",
                    "name the account, or how the names of the roles begin",
                ),
            };
            self.drafts
                .add(Lint::MatchesEverything, keys.to_element(index), message)
                .advise(advice);
        }
    }
}

impl Twins<'_> {
    fn shadowed(&mut self, keys: Keys, index: usize, other: usize) {
        self.drafts
            .add(
                Lint::Shadowed,
                keys.to_element(index),
                "another pattern of the list covers this one",
            )
            .advise("remove it, or narrow the other one")
            .relate(keys.to_element(other), "the wider pattern");
    }
}

/// The pattern that covers this one. Of one that matches everything, that is told.
fn wider<E: Element>(compared: &[E], index: usize) -> Option<usize> {
    let element = compared.get(index)?;
    compared.iter().enumerate().position(|(other, pattern)| {
        // Of two that cover each other the first one stays.
        other != index
            && pattern.covers(element)
            && (other < index || !element.covers(pattern))
            && pattern.breadth() == Breadth::Some
    })
}

/// Where the same stood before. Few elements are compared sooner with each other than written down.
enum Seen<'e, E> {
    Few(&'e [E]),
    Many(&'e [E], HashMap<String, usize>),
}

impl<'e, E: Element> Seen<'e, E> {
    const FEW: usize = 16;

    fn of(elements: &'e [E]) -> Self {
        match elements.len() {
            0..=Self::FEW => Seen::Few(elements),
            many => Seen::Many(elements, HashMap::with_capacity(many)),
        }
    }

    fn before(&mut self, index: usize) -> Option<usize> {
        match self {
            Seen::Few(elements) => {
                elements[..index].iter().position(|element| *element == elements[index])
            }
            Seen::Many(elements, places) => match places.entry(elements[index].written()) {
                Entry::Occupied(first) => Some(*first.get()),
                Entry::Vacant(place) => {
                    place.insert(index);
                    None
                }
            },
        }
    }
}
