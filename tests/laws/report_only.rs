//! A policy that only reports denies nothing.

use bedrock_auth::facts::{Asker, Facts};
use bedrock_auth::policy::Policy;
use bedrock_auth::resolve::{Resolution, resolve};
use proptest::prelude::*;
use serde_json::json;

use crate::strategies::{cases, rolled, worlds};
use crate::world::{FileContent, PolicyFile, World};

/// The parts of an answer that a policy could deny or change.
fn essence(resolution: &Resolution) -> impl PartialEq + std::fmt::Debug + use<> {
    let allowed = resolution.allowed().map(|a| (a.auth().method(), a.region().to_owned()));
    (
        (resolution.outcome, allowed, resolution.source.clone()),
        (resolution.region.clone(), resolution.endpoint.clone(), resolution.expires),
        (resolution.denials.clone(), resolution.display.clone()),
        (resolution.candidates.clone(), resolution.values.clone()),
    )
}

/// As if no file of this kind were there, but for the defaults that it recommends.
fn without_policy(facts: &Facts) -> Facts {
    Facts { policy: Policy::default(), ..facts.clone() }
}

pub fn only_report(file: &mut PolicyFile) {
    if let Some(policy) = file.policy_mut() {
        policy.insert("enforcement".to_owned(), json!("report_only"));
        // A policy that is over is in a bad state, whatever its enforcement.
        policy.remove("valid");
    }
}

pub fn is_usable(file: &PolicyFile) -> bool {
    matches!(file.content, FileContent::Policy(_) | FileContent::Empty | FileContent::Absent)
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn the_answer_is_that_of_no_policy(mut world in worlds()) {
        world.policies.retain(is_usable);
        world.policies.iter_mut().for_each(only_report);
        let facts = world.to_facts();
        prop_assert!(facts.requests.method.iter().all(|request| request.asker != Asker::Locked));
        let judged = resolve(&facts);
        let free = resolve(&without_policy(&facts));
        prop_assert_eq!(essence(&judged), essence(&free));
    }

    #[test]
    fn beside_policies_that_enforce_it_changes_nothing(
        world in worlds(),
        mut file in rolled(|dice| PolicyFile::roll(dice, 9)),
    ) {
        only_report(&mut file);
        // What it recommends is a default like any other.
        if let Some(policy) = file.policy_mut() {
            policy.remove("settings");
        }
        if !is_usable(&file) {
            return Ok(());
        }
        let before = resolve(&world.to_facts());
        let mut world: World = world;
        world.policies.push(file);
        let after = resolve(&world.to_facts());
        prop_assert_eq!(essence(&before), essence(&after));
    }

    #[test]
    fn what_it_would_deny_is_said(mut world in worlds()) {
        world.policies.retain(is_usable);
        let enforced = {
            let mut world = world.clone();
            for file in &mut world.policies {
                only_report(file);
                file.policy_mut().map(|policy| policy.remove("enforcement"));
                strip_locked(file);
            }
            resolve(&world.to_facts())
        };
        world.policies.iter_mut().for_each(only_report);
        let reported = resolve(&world.to_facts());
        if reported.allowed().is_some() && enforced.allowed().is_none() {
            let said = reported.warnings.iter().any(|warning| warning.denial.is_some());
            prop_assert!(said, "{:?}", enforced.denials);
        }
    }
}

/// What is locked replaces what was asked for, which is no denial that could be reported.
fn strip_locked(file: &mut PolicyFile) {
    let settings = file.policy_mut().and_then(|policy| policy.get_mut("settings"));
    if let Some(settings) = settings.and_then(|settings| settings.as_object_mut()) {
        settings.remove("locked");
    }
}
