//! Values that policies of one machine lock against each other, or against each other's constraints.

use super::asked::{Asked, Refused, refused};
use super::code::Lint;
use super::drafts::{Drafts, Spot};
use super::together::Member;
use crate::policy::{Document, same_value};
use crate::settings::Key;

/// Of policies that are all in force at once.
pub(super) fn among(members: &[Member<'_>], drafts: &mut Drafts) {
    for key in Key::ALL {
        let mut holders = members.iter().filter(|(_, document)| locks(document, *key));
        let Some(first) = holders.next() else { continue };
        holders.for_each(|later| conflict(*key, *first, *later, drafts));
    }
    for one in members {
        refusals(*one, members.iter().filter(|(index, _)| *index != one.0), drafts);
    }
}

/// Of one that is in force beside these on some machines.
pub(super) fn beside(newcomer: Member<'_>, members: &[Member<'_>], drafts: &mut Drafts) {
    for key in Key::ALL.iter().filter(|key| locks(newcomer.1, **key)) {
        let first = members.iter().find(|(_, document)| locks(document, *key));
        first.into_iter().for_each(|first| conflict(*key, *first, newcomer, drafts));
    }
    refusals(newcomer, members.iter(), drafts);
    for one in members {
        refusals(*one, [&newcomer].into_iter(), drafts);
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

/// What one policy locks and others do not allow: each value once for each reason, with those who stand against it.
fn refusals<'m, 'd: 'm>(
    (index, document): Member<'d>,
    others: impl Iterator<Item = &'m Member<'d>>,
    drafts: &mut Drafts,
) {
    let Some(values) = document.locked() else { return };
    let asked = Asked::of_managed(values);
    let mut told: Vec<Refusal<'_>> = Vec::new();
    for (other, document) in others {
        for Refused { key, why, constraint: (spot, what) } in refused(&asked, document) {
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
