//! Whatever bytes stand in a file, a variable or a keychain item, they are read without a panic.

use std::path::Path;
use std::time::{Duration, Instant};

use bedrock_auth::auth::{AccessKeyId, ApiKey};
use bedrock_auth::credentials::StaticCredentials;
use bedrock_auth::endpoint::Endpoint;
use bedrock_auth::policy::{Identity, ManagedContent, ManagedSource, Policy};
use bedrock_auth::provenance::Place;
use bedrock_auth::resolve::resolve;
use proptest::prelude::*;

use crate::strategies::{cases, rolled};
use crate::world::pools::{NOW, instant};
use crate::world::{Dice, FileContent, PolicyFile, World};

fn assert_read(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let source = ManagedSource::of_bytes(0, Path::new("/etc/policy.json"), bytes);
    let policy = Policy::of(&source, &Identity::default(), instant(NOW[0]));
    let ManagedContent::Faulty(findings) = &source.content else { return Ok(()) };
    prop_assert!(!findings.is_empty());
    prop_assert!(!policy.faults().is_empty());
    for finding in findings {
        let Place::File { position: Some(at), .. } = &finding.place else {
            return Err(TestCaseError::fail("a finding stands somewhere"));
        };
        prop_assert!(at.line >= 1 && at.column >= 1 && at.line as usize <= lines, "{}", finding);
    }
    Ok(())
}

/// A policy with a few bytes replaced, cut out or doubled.
fn damaged_policies() -> impl Strategy<Value = Vec<u8>> {
    rolled(|dice| {
        let file = PolicyFile::roll_without_settings(dice, 0);
        let FileContent::Policy(policy) = file.content else { unreachable!("made just now") };
        let mut bytes = format!("{policy:#}").into_bytes();
        for _ in 0..=dice.below(3) {
            let at = dice.below(bytes.len() - 1);
            match dice.below(4) {
                0 => bytes[at] = dice.below(256) as u8,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, dice.pick(b"{}[]\",:/*\0\xff1")),
                _ => bytes.truncate(at + 2),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn any_bytes_for_a_policy(bytes in any::<Vec<u8>>()) {
        assert_read(bytes)?;
    }

    #[test]
    fn any_text_for_a_policy(text in any::<String>()) {
        assert_read(text.into_bytes())?;
    }

    #[test]
    fn a_damaged_policy(bytes in damaged_policies()) {
        assert_read(bytes)?;
    }

    #[test]
    fn any_text_for_an_api_key(text in any::<String>(), body in any::<Vec<u8>>()) {
        let encoded = data_encoding::BASE64.encode(&body);
        let texts = ["bedrock-api-key-", "ABSK"].map(|prefix| format!("{prefix}{encoded}"));
        for key in texts.iter().chain([&text]) {
            if let Ok(key) = ApiKey::decode(key) {
                let _ = (key.kind(), key.account());
            }
        }
    }

    #[test]
    fn any_query_for_a_short_term_key(query in "[A-Za-z0-9%&=+/-]{0,80}", date in "\\PC{0,20}") {
        let request = format!("bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Date={date}&{query}");
        let encoded = data_encoding::BASE64.encode(request.as_bytes());
        let _ = ApiKey::decode(&format!("bedrock-api-key-{encoded}"));
    }

    #[test]
    fn any_text_for_an_access_key_id(text in any::<String>(), body in "[A-Z2-7]{16}") {
        for id in [text.clone(), format!("ASIA{text}"), format!("ASIA{body}")] {
            let id = AccessKeyId::new(id);
            let account = id.account().map(|account| account.to_string());
            prop_assert!(account.is_none_or(|account| account.len() == 12), "{}", id);
            let _ = id.kind();
        }
    }

    #[test]
    fn any_text_for_an_endpoint(text in any::<String>(), rest in "[a-zA-Z0-9.:/@?#\\[\\]%_-]{0,40}") {
        for text in [text.clone(), format!("https://{text}"), format!("http://{rest}"), rest.clone()] {
            let Ok(endpoint) = Endpoint::parse(&text) else { continue };
            let again = Endpoint::parse(endpoint.as_str()).map_err(|fault| {
                TestCaseError::fail(format!("{text} becomes {endpoint}, which is refused: {fault}"))
            })?;
            prop_assert_eq!(&again, &Endpoint::parse(&again.to_string()).unwrap());
            prop_assert_eq!(again.as_str(), endpoint.as_str());
            prop_assert_eq!(again.aws_region(), endpoint.aws_region());
        }
    }

    #[test]
    fn any_bytes_for_a_keychain_item(bytes in any::<Vec<u8>>()) {
        let _ = StaticCredentials::from_item(&bytes);
    }
}

/// A file of faults alone must not hold up every tool on the machine. Far below what a quadratic walk takes.
#[test]
fn twenty_thousand_faults_are_told_in_time() {
    let list = "1,".repeat(20_000);
    let text = format!(r#"{{"schema_version": 1, "id": "a", "regions": [{list}1]}}"#);
    let begin = Instant::now();
    let source = ManagedSource::of_bytes(0, Path::new("/etc/policy.json"), text.into_bytes());
    let facts = World::roll(&mut Dice::tape(Vec::new())).to_facts_of(&[source]);
    let resolution = resolve(&facts);
    assert_eq!(resolution.denials.len(), 20_001);
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
}
