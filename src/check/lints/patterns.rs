//! Lists that say something twice, or nothing.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::check::lists::{Element, Reach, Visitor, visit};
use crate::policy::Document;

pub(super) fn patterns(document: &Document, drafts: &mut Drafts) {
    visit(document, &mut Twins { drafts });
}

struct Twins<'d> {
    drafts: &'d mut Drafts,
}

/// So many are compared with each other; beyond, only twins are looked for.
const MOST_COMPARED: usize = 200;

impl Visitor for Twins<'_> {
    fn list<E: Element>(&mut self, pointer: &str, elements: &[E]) {
        let compared = &elements[..elements.len().min(MOST_COMPARED)];
        let mut seen = HashMap::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let spot = Spot::element(pointer, index);
            match seen.entry(element.written()) {
                Entry::Occupied(first) => {
                    self.drafts
                        .add(Lint::Duplicate, spot, "this stands in the list already")
                        .advise("remove one of the two")
                        .relate(Spot::element(pointer, *first.get()), "it stands here first");
                    continue;
                }
                Entry::Vacant(place) => place.insert(index),
            };
            match element.reach() {
                Reach::Everything => {
                    self.drafts
                        .add(
                            Lint::MatchesEverything,
                            spot,
                            "this pattern matches everything, so the list limits nothing",
                        )
                        .advise("remove the list, which says the same, or name what is meant");
                    continue;
                }
                Reach::AnyRole => {
                    self.drafts
                        .add(
                            Lint::MatchesEverything,
                            spot,
                            "this pattern matches any role of any account",
                        )
                        .advise("name the account, or how the names of the roles begin");
                    continue;
                }
                Reach::Some => {}
            }
            if index >= compared.len() {
                continue;
            }
            let covers = |(other, pattern): &(usize, &E)| {
                // Of two that cover each other the first one stays.
                *other != index
                    && pattern.covers(element)
                    && (*other < index || !element.covers(pattern))
            };
            let wider = compared.iter().enumerate().find(|pair| covers(pair));
            if let Some((other, _)) = wider.filter(|(_, pattern)| pattern.reach() == Reach::Some) {
                self.drafts
                    .add(Lint::Shadowed, spot, "another pattern of the list covers this one")
                    .advise("remove it, or narrow the other one")
                    .relate(Spot::element(pointer, other), "the wider pattern");
            }
        }
    }
}
