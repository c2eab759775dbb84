//! The resolution is a function: the same machine gives the same answer, and every machine gives one.

use bedrock_auth::resolve::{CandidateReport, Fate, Outcome, resolve};
use proptest::prelude::*;

use crate::strategies::{cases, worlds};

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn the_same_facts_give_the_same_answer(world in worlds()) {
        let (first, second) = (resolve(&world.to_facts()), resolve(&world.to_facts()));
        let json = |resolution| serde_json::to_string(resolution).unwrap();
        prop_assert_eq!(json(&first), json(&second));
        prop_assert_eq!(format!("{first:?}"), format!("{second:?}"));
    }

    #[test]
    fn the_order_in_which_files_are_read_means_nothing(mut world in worlds()) {
        let first = resolve(&world.to_facts());
        world.policies.reverse();
        let second = resolve(&world.to_facts());
        prop_assert_eq!(serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());
    }

    #[test]
    fn the_parts_of_an_answer_agree(world in worlds()) {
        let resolution = resolve(&world.to_facts());
        // A setting that asks for static credentials fares as the one that was found.
        let is_search = |c: &CandidateReport| {
            c.source.is_some() && resolution.candidates.iter().any(|found| found.asked_by == c.source)
        };
        let chosen = resolution.candidates.iter().filter(|c| c.fate == Fate::Chosen);
        let chosen = chosen.filter(|c| !is_search(c)).count();
        match resolution.outcome {
            Outcome::Allowed => {
                prop_assert!(resolution.allowed().is_some() && resolution.denials.is_empty());
                prop_assert!(resolution.source.is_some());
                prop_assert_eq!(chosen, 1);
            }
            Outcome::Denied => {
                prop_assert!(resolution.allowed().is_none() && !resolution.denials.is_empty());
                prop_assert_eq!(chosen, 0);
            }
            Outcome::Unconfigured => {
                prop_assert!(resolution.allowed().is_none() && resolution.denials.is_empty());
                prop_assert_eq!(chosen, 0);
            }
        }
    }

    #[test]
    fn every_denial_says_what_to_do_and_who_forbids_it(world in worlds()) {
        for denial in resolve(&world.to_facts()).denials {
            prop_assert!(!denial.message.is_empty() && !denial.remedy.is_empty(), "{:?}", denial);
            let is_of_a_policy =
                !["endpoint_invalid", "region_invalid"].contains(&denial.code.as_str());
            prop_assert_eq!(denial.forbidden_by.is_some(), is_of_a_policy, "{:?}", denial);
        }
    }
}
