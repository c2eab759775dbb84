//! Policies that one machine has in force at once: what their meet leaves, and where they contradict each other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;

use super::code::Lint;
use super::drafts::{Drafts, Spot};
use super::finding::Finding;
use super::locks;
use super::meet::{Nothing, is_shut, nothing_left};
use super::{Checked, Rules};
use crate::policy::Document;

/// A policy of the set, by its place in it.
pub(super) type Member<'p> = (usize, &'p Document);

/// What several policies say that one machine has in force at once. What each says alone is not repeated.
pub fn together(policies: &[&Checked], rules: &Rules) -> Vec<Finding> {
    let texts: Vec<_> = policies.iter().map(|policy| &policy.text).collect();
    let members: Vec<Member<'_>> = policies
        .iter()
        .enumerate()
        .filter_map(|(index, policy)| Some((index, policy.document.as_deref()?)))
        .collect();
    let mut drafts = Drafts::default();
    repeated_ids(&members, &mut drafts);
    let mut is_told = false;
    for moment in moments(&members, rules.now) {
        let in_force = members.iter().filter(|(_, document)| counts(document, moment));
        is_told = at_once(in_force.copied().collect(), is_told, &mut drafts);
    }
    each_once(drafts.place(&texts))
}

/// What is found of several sets of policies, or against several, is told once.
fn each_once(all: Vec<Finding>) -> Vec<Finding> {
    let mut known: HashMap<_, usize> = HashMap::new();
    let mut findings: Vec<Finding> = Vec::new();
    for finding in all {
        let Finding { code, at, message, .. } = &finding;
        match known.entry((*code, at.clone(), message.clone())) {
            Entry::Vacant(place) => {
                place.insert(findings.len());
                findings.push(finding);
            }
            Entry::Occupied(first) => findings[*first.get()].relate(finding.related),
        }
    }
    findings
}

/// When a policy begins: between these moments policies only end.
fn moments(members: &[Member<'_>], now: Timestamp) -> Vec<Timestamp> {
    /// More than a roll-out has steps.
    const MOST: usize = 10;
    let begins = members.iter().filter_map(|(_, document)| begin(document));
    let mut moments: Vec<_> = begins.filter(|begin| *begin > now).chain([now]).collect();
    moments.sort();
    moments.dedup();
    moments.truncate(MOST);
    moments
}

/// Policies that are all in force at one moment. Gives whether it was told that they allow nobody, now or before.
fn at_once(in_force: Vec<Member<'_>>, mut is_told: bool, drafts: &mut Drafts) -> bool {
    // Whether two policies that are for some people ever meet is not known here.
    let (for_some, for_all): (Vec<_>, Vec<_>) =
        in_force.into_iter().partition(|(_, document)| document.applies_to.is_some());
    locks::among(&for_all, drafts);
    is_told = is_told || meet(&for_all, drafts);
    let is_told_of_all = is_told;
    for newcomer in for_some {
        locks::beside(newcomer, &for_all, drafts);
        if !is_told_of_all {
            is_told |= meet(&[for_all.as_slice(), &[newcomer]].concat(), drafts);
        }
    }
    is_told
}

fn begin(document: &Document) -> Option<Timestamp> {
    Some(document.valid.as_ref()?.not_before.as_ref()?.value.0)
}

/// Whether it is in force then. One that has ended denies everything, which is told of it alone.
fn counts(document: &Document, then: Timestamp) -> bool {
    let expires = document.valid.as_ref().and_then(|valid| valid.expires.as_ref());
    begin(document).is_none_or(|begin| begin <= then)
        && expires.is_none_or(|end| end.value.0 > then)
}

fn repeated_ids(members: &[Member<'_>], drafts: &mut Drafts) {
    let mut seen = HashMap::with_capacity(members.len());
    for (index, document) in members {
        match seen.entry(document.id.value.as_str()) {
            Entry::Vacant(place) => {
                place.insert(*index);
            }
            Entry::Occupied(first) => {
                drafts
                    .add_in(
                        *index,
                        Lint::RepeatedId,
                        Spot::value("/id"),
                        "another policy of this machine has the same id",
                    )
                    .advise("audit records name policies by their id: give each its own")
                    .relate_in(*first.get(), Spot::value("/id"), "the other policy");
            }
        }
    }
}

/// Whether the meet leaves nothing; says so. A policy that only reports takes nothing away.
fn meet(set: &[Member<'_>], drafts: &mut Drafts) -> bool {
    let set: Vec<_> = set.iter().copied().filter(|(_, document)| document.enforces()).collect();
    let set = set.as_slice();
    if set.len() < 2 || set.iter().any(|(_, document)| is_shut(document)) {
        // Told of the policy alone.
        return false;
    }
    let documents: Vec<_> = set.iter().map(|(_, document)| *document).collect();
    let reasons = nothing_left(&documents);
    reasons.iter().for_each(|nothing| none_left(*nothing, set, drafts));
    !reasons.is_empty()
}

fn none_left(nothing: Nothing, set: &[Member<'_>], drafts: &mut Drafts) {
    let spot = || Spot::key(format!("/{}", nothing.key()));
    let mut writers = set.iter().filter(|(_, document)| nothing.is_stated_by(document));
    let Some((index, _)) = writers.next_back() else { return };
    let message =
        format!("together with the other policies nobody can authenticate: {}", nothing.what());
    let draft = drafts
        .add_in(*index, Lint::TogetherAllowNobody, spot(), message)
        .advise("all files of a machine are in force together, and each only narrows: let them overlap, or give each its own `applies_to`");
    for (index, _) in writers {
        draft.relate_in(*index, spot(), "what it meets");
    }
    for (index, document) in set {
        match nothing {
            Nothing::Endpoint if document.endpoints.is_none() => draft.relate_in(
                *index,
                Spot::value("/id"),
                "this policy names no `endpoints`, so it allows AWS's own alone",
            ),
            Nothing::EndpointOfRegion if document.regions.is_some() => {
                draft.relate_in(*index, Spot::key("/regions"), "the regions that it allows")
            }
            _ => draft,
        };
    }
}
