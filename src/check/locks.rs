//! Values that policies of one machine lock against each other, or against each other's constraints.

use super::asked::{Asked, Refused, refused};
use super::code::Lint;
use super::drafts::{Drafts, Spot};
use super::lints::values::{ELSEWHERE, IN_ONE_REGION};
use super::together::Member;
use crate::policy::{Document, same_value};
use crate::settings::Key;

/// Of policies that are all in force at once.
pub(super) fn among(members: &[Member<'_>], drafts: &mut Drafts) {
    for key in Key::ALL {
        let mut holders = members.iter().filter(|(_, document)| enforces_lock(document, *key));
        let Some(first) = holders.next() else { continue };
        holders.for_each(|later| conflict(*key, *first, *later, drafts));
    }
    split(members, drafts);
    let asked = asked_of(members);
    for one in members {
        refusals(*one, &asked, members, drafts);
    }
}

/// Of one that is in force beside these on some machines.
pub(super) fn beside(newcomer: Member<'_>, members: &[Member<'_>], drafts: &mut Drafts) {
    for key in Key::ALL.iter().filter(|key| enforces_lock(newcomer.1, **key)) {
        let first = members.iter().find(|(_, document)| enforces_lock(document, *key));
        first.into_iter().for_each(|first| conflict(*key, *first, newcomer, drafts));
    }
    let all = [members, &[newcomer]].concat();
    split(&all, drafts);
    let asked = asked_of(&all);
    refusals(newcomer, &asked, &all, drafts);
    for one in members {
        refusals(*one, &asked, &[newcomer], drafts);
    }
}

/// What is asked for where nobody's own values count: also a policy that only reports supplies its values.
fn asked_of<'d>(members: &[Member<'d>]) -> Asked<'d> {
    Asked::default().under(members.iter().map(|(_, document)| *document)).0
}

/// Whether it locks the key, so that another lock contradicts it.
fn enforces_lock(document: &Document, key: Key) -> bool {
    document.enforces() && locks(document, key)
}

fn asked_by<'d>((index, document): &Member<'d>) -> Option<(usize, Asked<'d>)> {
    Some((*index, Asked::of_managed(document.locked()?)))
}

/// A region that one policy locks, and the endpoint of another region that another one locks.
fn split(members: &[Member<'_>], drafts: &mut Drafts) {
    // One that locks a region, too, is told of alone.
    let endpoint = members
        .iter()
        .find(|(_, document)| locks(document, Key::EndpointUrl) && !locks(document, Key::Region));
    let region = members.iter().find(|(_, document)| locks(document, Key::Region));
    let (Some((other, endpoint)), Some((one, region))) =
        (endpoint.and_then(asked_by), region.and_then(asked_by))
    else {
        return;
    };
    if endpoint.region_of_endpoint().as_deref().is_some_and(|of| region.region != Some(of)) {
        drafts
            .add_in(
                other,
                Lint::LockedConflict,
                Spot::value("/settings/locked/endpoint_url"),
                ELSEWHERE,
            )
            .advise(IN_ONE_REGION)
            .relate_in(one, Spot::value("/settings/locked/region"), "the locked region");
    }
}

fn locks(document: &Document, key: Key) -> bool {
    document.locked().is_some_and(|values| values.has(key))
}

fn conflict(key: Key, first: Member<'_>, later: Member<'_>, drafts: &mut Drafts) {
    let value = |(_, document): Member<'_>| document.locked().and_then(|values| values.get(key));
    let (Some(ours), Some(theirs)) = (value(later), value(first)) else { return };
    if same_value(key, &ours.value, &theirs.value) {
        return;
    }
    let spot = Spot::value(format!("/settings/locked/{key}"));
    let message =
        format!("another policy locks `{key}` to something else, so everything is denied");
    drafts
        .add_in(later.0, Lint::LockedConflict, spot.clone(), message)
        .advise("lock the value in one of the two files")
        .relate_in(first.0, spot, "the other lock");
}

/// What one policy locks and these do not allow, with what all lock: each value once for each reason, with those who stand
/// against it.
fn refusals(
    (index, document): Member<'_>,
    asked: &Asked<'_>,
    against: &[Member<'_>],
    drafts: &mut Drafts,
) {
    let Some(values) = document.locked() else { return };
    let own = Asked::of_managed(values);
    // Where two lock different values, each is judged for itself.
    let asked = own.or(asked);
    let mut told: Vec<Refusal<'_>> = Vec::new();
    for (other, document) in against.iter().filter(|(_, document)| document.enforces()) {
        // What a policy refuses of its own is told of it alone.
        let alone = if *other == index { refused(&own, document) } else { Vec::new() };
        let is_news =
            |new: &Refused| values.has(new.key) && !alone.iter().any(|known| known.key == new.key);
        for Refused { key, why, constraint: (spot, what) } in
            refused(&asked, document).into_iter().filter(is_news)
        {
            let against = (*other, spot, what);
            match told.iter_mut().find(|refusal| refusal.key == key && refusal.why == why) {
                Some(refusal) => refusal.against.push(against),
                None => told.push(Refusal { key, why, against: vec![against] }),
            }
        }
    }
    for Refusal { key, why, against } in told {
        let spot = Spot::value(format!("/settings/locked/{key}"));
        let message = format!("another policy does not allow this locked value: {why}");
        let draft = drafts
            .add_in(index, Lint::LockedNotAllowed, spot, message)
            .advise("lock a value that all policies allow, or allow this one");
        for (other, spot, what) in against {
            draft.relate_in(other, spot, what);
        }
    }
}

/// Why a locked value is not allowed, and by which policies: where in each, and what stands there.
struct Refusal<'w> {
    key: Key,
    why: &'w str,
    against: Vec<(usize, Spot, &'w str)>,
}
