//! Fail closed: a managed source in a bad state denies everything.

use bedrock_auth::policy::SourceState;
use bedrock_auth::resolve::{Outcome, resolve};
use proptest::prelude::*;
use serde_json::json;

use crate::strategies::{AnyCandidate, cases, rolled, worlds};
use crate::world::{FileContent, PolicyFile, World};

fn assert_denies_everything(world: &World, candidate: &AnyCandidate) -> Result<(), TestCaseError> {
    let facts = world.to_facts();
    let resolution = resolve(&facts);
    prop_assert_eq!(resolution.outcome, Outcome::Denied);
    prop_assert!(resolution.allowed().is_none());
    prop_assert!(!facts.policy.judge(&candidate.as_candidate()).is_allowed());
    prop_assert!(facts.policy.is_in_force());
    let fault = &facts.policy.faults()[0];
    prop_assert!(fault.forbidden_by.is_some() && !fault.remedy.is_empty());
    Ok(())
}

fn has_state(world: &World, state: SourceState) -> bool {
    world.policy().sources().iter().any(|source| source.state == state)
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn a_source_that_is_not_usable(
        mut world in worlds(),
        file in rolled(|dice| PolicyFile::roll_bad(dice, 9)),
        candidate in rolled(AnyCandidate::roll),
    ) {
        let state = match &file.content {
            FileContent::Unreadable => SourceState::Unreadable,
            FileContent::Untrusted => SourceState::Untrusted,
            FileContent::Malformed(_) => SourceState::Malformed,
            _ => SourceState::Invalid,
        };
        world.policies.push(file);
        prop_assert!(has_state(&world, state));
        assert_denies_everything(&world, &candidate)?;
    }

    /// Also one that only reports: nobody renewed it, so nobody knows what IT wants by now.
    #[test]
    fn a_policy_that_is_over(
        mut world in worlds(),
        mut file in rolled(|dice| PolicyFile::roll_without_settings(dice, 9)),
        candidate in rolled(AnyCandidate::roll),
    ) {
        let policy = file.policy_mut().unwrap();
        policy.remove("applies_to");
        policy.insert("valid".to_owned(), json!({ "expires": world.now.to_string() }));
        world.policies.push(file);
        prop_assert!(has_state(&world, SourceState::Expired));
        assert_denies_everything(&world, &candidate)?;
    }

    #[test]
    fn a_policy_that_is_not_for_this_person_or_not_yet_valid_changes_nothing(
        world in worlds(),
        mut file in rolled(|dice| PolicyFile::roll(dice, 9)),
        staged in any::<bool>(),
    ) {
        let Some(policy) = file.policy_mut() else { return Ok(()) };
        let mut world = world;
        world.identity.user = Some("ada".to_owned());
        policy.remove("valid");
        if staged {
            let soon = world.now + jiff::SignedDuration::from_nanos(1);
            policy.remove("applies_to");
            policy.insert("valid".to_owned(), json!({ "not_before": soon.to_string() }));
        } else {
            policy.insert("applies_to".to_owned(), json!({ "users": ["somebody-else"] }));
        }
        let before = resolve(&world.to_facts());
        world.policies.push(file);
        let after = resolve(&world.to_facts());
        prop_assert_eq!(before.outcome, after.outcome);
        prop_assert_eq!(before.denials, after.denials);
        prop_assert_eq!(before.policy.digest, after.policy.digest);
        prop_assert_eq!(before.candidates, after.candidates);
    }
}
