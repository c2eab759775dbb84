//! No secret is seen again, whatever is rendered.

use bedrock_auth::facts::Facts;
use bedrock_auth::resolve::{judge_static_credentials, resolve};
use proptest::prelude::*;

use crate::strategies::{cases, worlds};
use crate::world::pools::CANARY;
use crate::world::{Keychain, MadeCredentials, World};

/// Everything that the core makes into text.
fn rendered(facts: &Facts) -> Vec<String> {
    let resolution = resolve(facts);
    let mut texts = vec![
        serde_json::to_string(&resolution).unwrap(),
        format!("{resolution:?} {:?}", resolution.allowed()),
        format!("{:?}", facts.families),
        format!("{:?}", facts.keychain),
        format!("{:?}", facts.network),
        format!("{:?} {:?}", facts.policy.sources(), facts.policy.faults()),
        resolution.display.clone(),
    ];
    texts.extend(resolution.denials.iter().map(|d| format!("{} {}", d.message, d.remedy)));
    texts.extend(resolution.warnings.iter().map(|w| format!("{} {:?}", w.message, w.remedy)));
    texts.extend(resolution.candidates.iter().map(|c| format!("{:?} {:?}", c.why, c.remedy)));
    texts.extend(resolution.values.iter().map(|v| format!("{} {:?}", v.value, v.why)));
    texts
}

fn assert_hidden(world: &World, texts: &[String]) -> Result<(), TestCaseError> {
    let mut secrets = world.secrets();
    secrets.push(CANARY.to_owned());
    for text in texts {
        for secret in &secrets {
            prop_assert!(!text.contains(secret), "{} is seen in {}", secret, text);
        }
    }
    Ok(())
}

fn all_credentials(world: &World) -> Vec<&MadeCredentials> {
    let mut all: Vec<_> = world.environment.iter().map(|v| &v.credentials).collect();
    if let Keychain::Found(credentials) = &world.keychain {
        all.push(credentials);
    }
    all
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn in_the_answer_and_in_the_facts(world in worlds()) {
        assert_hidden(&world, &rendered(&world.to_facts()))?;
    }

    #[test]
    fn in_what_is_said_of_credentials_to_store(world in worlds()) {
        let policy = world.policy();
        for credentials in all_credentials(&world) {
            let credentials = credentials.to_static();
            let said = judge_static_credentials(&policy, &credentials, world.now);
            assert_hidden(&world, &[format!("{said:?}"), format!("{credentials:?}")])?;
        }
    }
}
