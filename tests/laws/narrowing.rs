//! Policies only narrow: what one refuses, no second one brings back.

use bedrock_auth::auth::{ApiKey, BedrockAuth, Method};
use bedrock_auth::endpoint::Endpoint;
use bedrock_auth::family::Family;
use bedrock_auth::policy::Candidate;
use bedrock_auth::resolve::{Allowed, Outcome, Resolution, resolve};
use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::strategies::{AnyCandidate, cases, rolled, three_policies, worlds};
use crate::world::pools::{ENDPOINTS, FAMILIES, REGIONS};
use crate::world::{FileContent, PolicyFile, World};

/// A policy that supplies no values, to add to others.
fn one_more() -> impl Strategy<Value = PolicyFile> {
    rolled(|dice| match dice.percent(15) {
        true => PolicyFile::roll_bad(dice, 9),
        false => PolicyFile::roll_without_settings(dice, 9),
    })
}

fn with(world: &World, file: PolicyFile) -> World {
    let mut world = world.clone();
    world.policies.push(file);
    world
}

/// What passed, put to a policy once more.
fn would_pass(world: &World, resolution: &Resolution, allowed: &Allowed) -> bool {
    let policy = world.policy();
    let api_key = match allowed.auth() {
        BedrockAuth::ApiKey { api_key, .. } => ApiKey::decode(api_key.expose_secret()).ok(),
        _ => None,
    };
    let source = resolution.source.as_ref().unwrap();
    let candidate = Candidate {
        method: allowed.auth().method(),
        layer: source.layer,
        requested_at: Some(source),
        profile: allowed.auth().profile_name(),
        signer: Some(allowed.signer()),
        api_key: api_key.as_ref(),
    };
    policy.judge(&candidate).is_allowed()
        && policy.judge_region(allowed.region(), None).is_allowed()
        && policy.judge_network(&world.network_facts()).is_allowed()
        && match allowed.endpoint() {
            Some(endpoint) => policy.judge_endpoint(endpoint, None).is_allowed(),
            None => {
                let own = Endpoint::of_region(allowed.region()).expect("a region makes a host");
                policy.judge_own_endpoint(&own).is_allowed()
            }
        }
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn a_refused_candidate_stays_refused(
        [a, b, _] in three_policies(),
        candidate in rolled(AnyCandidate::roll),
    ) {
        let both = a.clone().meet(b);
        if !a.judge(&candidate.as_candidate()).is_allowed() {
            prop_assert!(!both.judge(&candidate.as_candidate()).is_allowed());
        }
    }

    #[test]
    fn a_refused_value_stays_refused([a, b, _] in three_policies()) {
        let both = a.clone().meet(b);
        for region in REGIONS {
            let before = a.judge_region(region, None).is_allowed();
            prop_assert!(before || !both.judge_region(region, None).is_allowed(), "{}", region);
        }
        for url in ENDPOINTS {
            let endpoint = Endpoint::parse(url).unwrap();
            let before = a.judge_endpoint(&endpoint, None).is_allowed();
            prop_assert!(before || !both.judge_endpoint(&endpoint, None).is_allowed(), "{}", url);
        }
        for family in FAMILIES.iter().map(|family| Family::parse(family).unwrap()) {
            let before = a.judge_family(&family, None).is_allowed();
            prop_assert!(before || !both.judge_family(&family, None).is_allowed(), "{}", family);
        }
    }

    #[test]
    fn a_policy_allows_no_more_than_each_of_its_parts(
        [a, b, _] in three_policies(),
        candidate in rolled(AnyCandidate::roll),
    ) {
        let candidate = candidate.as_candidate();
        let both = a.clone().meet(b.clone()).judge(&candidate).is_allowed();
        prop_assert_eq!(both, a.judge(&candidate).is_allowed() && b.judge(&candidate).is_allowed());
    }

    #[test]
    fn what_passes_under_one_more_policy_would_have_passed_without(
        world in worlds(),
        file in one_more(),
    ) {
        let after = resolve(&with(&world, file).to_facts());
        if let Some(allowed) = after.allowed() {
            prop_assert!(would_pass(&world, &after, allowed));
        }
    }

    /// Unless the new policy closes a family: its region or profile is then no longer asked for, and another
    /// one, which nobody refused before, may be in its place.
    #[test]
    fn one_more_policy_never_turns_a_denial_into_an_allowance(
        world in worlds(),
        mut file in one_more(),
    ) {
        if let Some(policy) = file.policy_mut() {
            policy.remove("environment_families");
        }
        if resolve(&world.to_facts()).outcome == Outcome::Denied {
            prop_assert_ne!(resolve(&with(&world, file).to_facts()).outcome, Outcome::Allowed);
        }
    }

    #[test]
    fn fewer_methods_never_turn_a_denial_into_an_allowance(world in worlds()) {
        if resolve(&world.to_facts()).outcome != Outcome::Denied {
            return Ok(());
        }
        for method in Method::ALL {
            let mut narrower = world.clone();
            for file in &mut narrower.policies {
                let methods = file.policy_mut().and_then(|policy| policy.get_mut("methods"));
                if let Some(Value::Object(methods)) = methods {
                    methods.remove(method.as_str());
                }
            }
            let after = resolve(&narrower.to_facts());
            prop_assert_ne!(after.outcome, Outcome::Allowed, "without {}", method);
        }
    }

    #[test]
    fn a_policy_without_methods_allows_none(world in worlds()) {
        let nothing = serde_json::json!({ "schema_version": 1, "id": "none", "methods": {} });
        let mut file = PolicyFile { rank: 9, path: "/etc/none.json", content: FileContent::Empty };
        file.content = FileContent::Policy(nothing);
        prop_assert!(resolve(&with(&world, file).to_facts()).allowed().is_none());
    }
}
