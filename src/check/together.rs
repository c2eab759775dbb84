//! Policies that one machine has in force at once: what their meet leaves, and where they contradict each other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;

use super::code::Lint;
use super::drafts::{Drafts, Spot};
use super::finding::Finding;
use super::lints::values::{Asked, Refused, refused};
use super::never::never;
use super::{Checked, Rules};
use crate::auth::{ApiKeyKind, Method};
use crate::jsonc::Located;
use crate::policy::{ApiKeyRule, Document, EndpointPattern, Methods, same_value};
use crate::regions;
use crate::settings::Key;

/// A policy of the set, by its place in it.
type Member<'p> = (usize, &'p Document);

/// What several policies say that one machine has in force at once. What each says alone is not repeated.
pub fn together(policies: &[&Checked], rules: &Rules) -> Vec<Finding> {
    let texts: Vec<_> = policies.iter().map(|policy| &policy.text).collect();
    let members: Vec<Member<'_>> = policies
        .iter()
        .enumerate()
        .filter_map(|(index, policy)| Some((index, policy.document.as_ref()?)))
        .collect();
    let mut drafts = Drafts::default();
    repeated_ids(&members, &mut drafts);
    let in_force: Vec<_> =
        members.into_iter().filter(|(_, document)| counts(document, rules.now)).collect();
    // Whether two policies that are for some people ever meet is not known here.
    let (for_some, for_all): (Vec<_>, Vec<_>) =
        in_force.into_iter().partition(|(_, document)| document.applies_to.is_some());
    let mut sets: Vec<Vec<Member<'_>>> = vec![for_all.clone()];
    sets.extend(for_some.iter().map(|one| [for_all.as_slice(), &[*one]].concat()));
    let mut is_told = false;
    for (round, set) in sets.iter().enumerate() {
        let newest = (round > 0).then(|| set.len() - 1);
        locks(set, newest, &mut drafts);
        if !is_told {
            is_told = meet(set, &mut drafts) && round == 0;
        }
    }
    let mut findings = drafts.place(&texts);
    findings.dedup();
    findings
}

/// Whether it is in force some day, and did not end yet.
fn counts(document: &Document, now: Timestamp) -> bool {
    let expires = document.valid.as_ref().and_then(|valid| valid.expires.as_ref());
    document.enforces() && expires.is_none_or(|end| end.value.0 > now)
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

/// Values that are locked against each other, or against the constraints of another policy. Of a set with one newcomer,
/// only what concerns it.
fn locks(set: &[Member<'_>], newcomer: Option<usize>, drafts: &mut Drafts) {
    for (place, (index, document)) in set.iter().enumerate() {
        let locked = document.settings.as_ref().and_then(|settings| settings.locked.as_ref());
        let Some(locked) = locked else { continue };
        for (other_place, (other_index, other)) in set.iter().enumerate() {
            let concerns = newcomer.is_none_or(|newcomer| [place, other_place].contains(&newcomer));
            if other_place == place || !concerns {
                continue;
            }
            let theirs = other.settings.as_ref().and_then(|settings| settings.locked.as_ref());
            for key in Key::ALL {
                let (Some(ours), Some(theirs)) =
                    (locked.get(*key), theirs.and_then(|theirs| theirs.get(*key)))
                else {
                    continue;
                };
                if other_place < place && !same_value(*key, &ours.value, &theirs.value) {
                    let spot = Spot::value(format!("/settings/locked/{key}"));
                    drafts
                        .add_in(*index, Lint::LockedConflict, spot.clone(), format!("another policy locks `{key}` to something else, so everything is denied"))
                        .advise("lock the value in one of the two files")
                        .relate_in(*other_index, spot, "the other lock");
                }
            }
            for Refused { key, why, constraint: (spot, what) } in
                refused(&Asked::of_managed(locked), other)
            {
                drafts
                    .add_in(
                        *index,
                        Lint::LockedNotAllowed,
                        Spot::value(format!("/settings/locked/{key}")),
                        format!("another policy does not allow this locked value: {why}"),
                    )
                    .advise("lock a value that all policies allow, or allow this one")
                    .relate_in(*other_index, spot, what);
            }
        }
    }
}

/// Whether the meet leaves nothing; says so.
fn meet(set: &[Member<'_>], drafts: &mut Drafts) -> bool {
    if set.len() < 2 || set.iter().any(|(_, document)| is_shut(document)) {
        // Told of the policy alone.
        return false;
    }
    let Some((key, what)) = left_by(set) else { return false };
    let mut writers = set.iter().filter(|(_, document)| has(document, key));
    let Some((index, _)) = writers.next_back() else { return false };
    let message = format!("together with the other policies nobody can authenticate: {what}");
    let draft = drafts
        .add_in(*index, Lint::TogetherAllowNobody, Spot::key(format!("/{key}")), message)
        .advise("all files of a machine are in force together, and each only narrows: let them overlap, or give each its own `applies_to`");
    for (index, _) in writers {
        draft.relate_in(*index, Spot::key(format!("/{key}")), "what it meets");
    }
    let without = set.iter().filter(|(_, document)| key == "endpoints" && !has(document, key));
    for (index, _) in without {
        draft.relate_in(
            *index,
            Spot::value("/id"),
            "this policy names no `endpoints`, so it allows AWS's own alone",
        );
    }
    true
}

/// The key that leaves nothing over, and what is missing.
fn left_by(set: &[Member<'_>]) -> Option<(&'static str, &'static str)> {
    if !Method::ALL.iter().any(|method| is_open(set, *method)) {
        return Some(("methods", "no method is left that all of them allow"));
    }
    if !is_region_left(set) {
        return Some(("regions", "no region is left that all of them allow"));
    }
    if !is_endpoint_left(set) {
        return Some(("endpoints", "no endpoint is left that all of them allow"));
    }
    None
}

fn is_region_left(set: &[Member<'_>]) -> bool {
    let regions: Vec<_> =
        set.iter().filter_map(|(_, document)| document.regions.as_deref()).collect();
    let is_allowed = |region: &str| {
        regions.iter().all(|list| list.iter().any(|pattern| pattern.matches(region)))
    };
    // A name that AWS does not have yet may be meant.
    let mut written = regions.iter().flat_map(|list| list.iter()).map(|pattern| pattern.as_str());
    regions.len() < 2
        || regions::regions_like(is_allowed).next().is_some()
        || written.any(is_allowed)
}

/// Whether some endpoint could pass all lists, and the rule of policies without one: AWS's own.
fn is_endpoint_left(set: &[Member<'_>]) -> bool {
    let lists: Vec<_> =
        set.iter().filter_map(|(_, document)| document.endpoints.as_deref()).collect();
    let Some((first, others)) = lists.split_first() else { return true };
    let is_aws_alone = lists.len() < set.len();
    let meets = |one: &EndpointPattern, other: &EndpointPattern| {
        let is_open = one.as_str().contains('*') && other.as_str().contains('*');
        is_open || one.covers(other) || other.covers(one)
    };
    first.iter().any(|pattern| {
        (!is_aws_alone || pattern.may_be_of_aws())
            && others.iter().all(|list| list.iter().any(|other| meets(pattern, other)))
    })
}

fn has(document: &Document, key: &str) -> bool {
    match key {
        "methods" => document.methods.is_some(),
        "regions" => document.regions.is_some(),
        _ => document.endpoints.is_some(),
    }
}

/// Whether it allows nobody by itself.
fn is_shut(document: &Document) -> bool {
    let is_empty = document.regions.as_ref().is_some_and(|list| list.is_empty())
        || document.endpoints.as_ref().is_some_and(|list| list.is_empty());
    is_empty
        || Method::ALL
            .iter()
            .all(|method| !document.lists(*method) || never(document, *method).is_some())
}

/// Whether something could pass the rules of all for this method, as far as lists of plain values tell.
fn is_open(set: &[Member<'_>], method: Method) -> bool {
    if set.iter().any(|(_, document)| !document.lists(method) || never(document, method).is_some())
    {
        return false;
    }
    let rules: Vec<&Methods> =
        set.iter().filter_map(|(_, document)| document.methods.as_deref()).collect();
    match method {
        Method::Automatic => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.automatic.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.roots))
                && overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::NamedProfile => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.named_profile.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.roots))
                && overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::Sso => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.sso.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::IamCredentials => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.iam_credentials.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.layers))
                && overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::ApiKey => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.api_key.as_deref()).collect();
            let has_end = |rule: &&ApiKeyRule| {
                rule.max_lifetime.is_some()
                    || rule.temporary_only.as_ref().is_some_and(|demand| demand.value)
            };
            let is_short_term = |rule: &ApiKeyRule| {
                rule.kinds.as_ref().is_none_or(|kinds| kinds.contains(&ApiKeyKind::ShortTerm))
            };
            overlap(rules.iter().map(|rule| &rule.layers))
                && overlap(rules.iter().map(|rule| &rule.kinds))
                && overlap(rules.iter().map(|rule| &rule.accounts))
                && (!rules.iter().any(has_end) || rules.iter().all(|rule| is_short_term(rule)))
        }
    }
}

/// Whether some value stands in all lists that are there.
fn overlap<'l, T: PartialEq + 'l>(
    lists: impl Iterator<Item = &'l Option<Located<Vec<T>>>>,
) -> bool {
    let lists: Vec<_> = lists.flatten().collect();
    let Some((first, others)) = lists.split_first() else { return true };
    first.iter().any(|value| others.iter().all(|list| list.contains(value)))
}
