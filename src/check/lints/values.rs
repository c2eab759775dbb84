//! Values that IT supplies, or a person asks for, under the constraints of policies.

use crate::check::asked::{Asked, Refused, refused};
use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::policy::{Document, ManagedSettings};
use crate::settings::{Key, RequestedMethod};

pub(in crate::check) const ELSEWHERE: &str =
    "this is AWS's endpoint of another region than the locked one, for which requests are signed";
pub(in crate::check) const IN_ONE_REGION: &str =
    "lock the endpoint of that region, or leave one of the two out";
pub(in crate::check) const FORM_OF_ENDPOINTS: &str =
    "write it as in `https://bedrock-runtime.eu-west-1.amazonaws.com`, or remove it";

pub(super) fn values(document: &Document, drafts: &mut Drafts) {
    let Some(settings) = &document.settings else { return };
    overruled(settings, drafts);
    let locked = settings.locked.as_ref().map(Asked::of_managed).unwrap_or_default();
    if let (Some(region), Some(other)) = (locked.region, locked.region_of_endpoint())
        && region != other
    {
        drafts
            .add(Lint::LockedConflict, Spot::value("/settings/locked/endpoint_url"), ELSEWHERE)
            .advise(IN_ONE_REGION)
            .relate(Spot::value("/settings/locked/region"), "the locked region");
    }
    let kinds = [
        ("locked", Lint::LockedNotAllowed, &settings.locked),
        ("recommended", Lint::RecommendedNotAllowed, &settings.recommended),
    ];
    for (kind, lint, values) in kinds {
        let Some(values) = values else { continue };
        let below = |key: Key| Spot::value(format!("/settings/{kind}/{key}"));
        let asked = Asked::of_managed(values);
        // What is locked is in force whatever is recommended.
        let in_force = locked.or(&asked);
        let is_overruled = |key| {
            lint == Lint::RecommendedNotAllowed
                && settings.locked.as_ref().is_some_and(|locked| locked.has(key))
        };
        // One that only reports keeps nobody out.
        let refused = if document.enforces() { refused(&in_force, document) } else { Vec::new() };
        let refused = refused.into_iter();
        for Refused { key, why, constraint: (spot, what) } in
            refused.filter(|refused| values.has(refused.key) && !is_overruled(refused.key))
        {
            let message = format!("this {kind} value is not allowed: {why}");
            let draft = drafts.add(lint, below(key), message);
            draft
                .advise("supply a value that is allowed, or allow this one")
                .relate(spot, what)
                .because_of(format!("/settings/{kind}"))
                .because_of("/settings/locked")
                .because_of("/enforcement");
            if key == Key::EndpointUrl {
                draft.because_of("/endpoints");
            }
        }
        if let Some(fault) = asked.fault_of_endpoint() {
            drafts
                .add(
                    lint,
                    below(Key::EndpointUrl),
                    format!("this {kind} value is no endpoint: {fault}"),
                )
                .advise(FORM_OF_ENDPOINTS);
        }
        if values.authentication_method.as_deref() == Some(&RequestedMethod::Automatic) {
            deprecated(Spot::value(format!("/settings/{kind}/authentication_method")), drafts);
        }
    }
}

/// What IT locks is in force whatever IT recommends.
fn overruled(settings: &ManagedSettings, drafts: &mut Drafts) {
    let ManagedSettings { locked: Some(locked), recommended: Some(recommended) } = settings else {
        return;
    };
    let both = |key: &&Key| locked.has(**key) && recommended.has(**key);
    for key in Key::ALL.iter().filter(both) {
        drafts
            .add(
                Lint::NoEffect,
                Spot::key(format!("/settings/recommended/{key}")),
                "this changes nothing: the policy locks the value",
            )
            .advise("remove it, or the lock")
            .relate(Spot::key(format!("/settings/locked/{key}")), "the lock");
    }
}

/// One spelling for one thing: the other one is read for files that hold it.
pub(in crate::check) fn deprecated(spot: Spot, drafts: &mut Drafts) {
    drafts
        .add(Lint::DeprecatedSpelling, spot, "this is the older spelling of `default`")
        .advise("write `default`");
}
