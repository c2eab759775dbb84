//! Policies that one machine has in force at once: what their meet leaves, and where they contradict each other.

use jiff::Timestamp;

use super::code::Lint;
use super::drafts::{Drafts, Spot};
use super::finding::Finding;
use super::lints::never;
use super::lints::values::{Asked, refused};
use super::{Checked, Rules};
use crate::auth::Method;
use crate::jsonc::Located;
use crate::policy::{Document, Methods, same_value};
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
    for (place, (index, document)) in members.iter().enumerate() {
        let twin = members[..place].iter().find(|(_, other)| other.id.value == document.id.value);
        if let Some((first, _)) = twin {
            drafts
                .add_in(
                    *index,
                    Lint::RepeatedId,
                    Spot::value("/id"),
                    "another policy of this machine has the same id",
                )
                .advise("audit records name policies by their id: give each its own")
                .relate_in(*first, Spot::value("/id"), "the other policy");
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
            for refused in refused(&Asked::of_managed(locked), other) {
                let spot = Spot::value(format!("/settings/locked/{}", refused.key));
                drafts
                    .add_in(
                        *index,
                        Lint::LockedNotAllowed,
                        spot,
                        format!("another policy does not allow this locked value: {}", refused.why),
                    )
                    .advise("lock a value that all policies allow, or allow this one")
                    .relate_in(*other_index, refused.constraint, "the constraint");
            }
        }
    }
}

/// Whether the meet leaves nothing; says so.
fn meet(set: &[Member<'_>], drafts: &mut Drafts) -> bool {
    let Some(((last, _), others)) = set.split_last() else { return false };
    if others.is_empty() || set.iter().any(|(_, document)| is_shut(document)) {
        // Told of the policy alone.
        return false;
    }
    let mut tell = |spot: Spot, key: &'static str, message: &str| {
        let draft = drafts
            .add_in(*last, Lint::TogetherAllowNobody, spot, message)
            .advise("all files of a machine are in force together, and each only narrows: let them overlap, or give each its own `applies_to`");
        for (index, document) in others {
            if has(document, key) {
                draft.relate_in(*index, Spot::key(format!("/{key}")), "what it meets");
            }
        }
    };
    let methods: Vec<_> = Method::ALL.iter().filter(|method| is_open(set, **method)).collect();
    if methods.is_empty() {
        tell(
            Spot::key("/methods"),
            "methods",
            "together with the other policies nobody can authenticate: no method is left that all of them allow",
        );
        return true;
    }
    let regions: Vec<_> =
        set.iter().filter_map(|(_, document)| document.regions.as_ref()).collect();
    let is_allowed = |region: &str| {
        regions.iter().all(|list| list.iter().any(|pattern| pattern.matches(region)))
    };
    let mut literal = regions.iter().flat_map(|list| list.iter()).map(|pattern| pattern.as_str());
    let is_one_left = regions::regions_like(is_allowed).next().is_some() || literal.any(is_allowed);
    if regions.len() > 1 && !is_one_left {
        tell(
            Spot::key("/regions"),
            "regions",
            "together with the other policies nobody can authenticate: no region is left that all of them allow",
        );
        return true;
    }
    false
}

fn has(document: &Document, key: &str) -> bool {
    match key {
        "methods" => document.methods.is_some(),
        _ => document.regions.is_some(),
    }
}

/// Whether it allows nobody by itself.
fn is_shut(document: &Document) -> bool {
    Method::ALL.iter().all(|method| !document.lists(*method) || never(document, *method).is_some())
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
            overlap(rules.iter().map(|rule| &rule.layers))
                && overlap(rules.iter().map(|rule| &rule.kinds))
                && overlap(rules.iter().map(|rule| &rule.accounts))
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
