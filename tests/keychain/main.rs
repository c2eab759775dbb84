//! The keychain adapter: its data without any keychain, and on Linux against GNOME Keyring.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]
#![allow(clippy::print_stdout, reason = "how the probe process answers")]

use std::time::Duration;

use bedrock_auth::credentials::{ItemError, StaticCredentials};
use bedrock_auth::load::keychain::{
    InMemoryKeychain, ItemName, Keychain, KeychainError, KeychainState, NoKeychain, Removed,
};
use secrecy::{ExposeSecret, SecretString};

const CANARY: &str = "canary-5e0f-never-shown";

fn iam() -> StaticCredentials {
    StaticCredentials::access_key("AKIAIOSFODNN7EXAMPLE", "wJalr/secret+key=", None)
}

fn shown(value: &Option<SecretString>) -> Option<&str> {
    value.as_ref().map(ExposeSecret::expose_secret)
}

mod item {
    use super::*;

    #[test]
    fn all_four_keys() {
        let text = br#"{"access_key_id":"a","secret_access_key":"b","session_token":"c","bearer_token":"d"}"#;
        let read = StaticCredentials::from_item(text).unwrap();
        assert_eq!(shown(&read.access_key_id), Some("a"));
        assert_eq!(shown(&read.secret_access_key), Some("b"));
        assert_eq!(shown(&read.session_token), Some("c"));
        assert_eq!(shown(&read.bearer_token), Some("d"));
        assert_eq!(read.to_item().as_slice(), text);
    }

    #[test]
    fn as_zed_writes_an_api_key() {
        let text = br#"{"access_key_id":"","secret_access_key":"","session_token":null,"bearer_token":"ABSK1"}"#;
        assert_eq!(StaticCredentials::from_item(text).unwrap(), StaticCredentials::bearer("ABSK1"));
    }

    #[test]
    fn old_region_and_unknown_keys_are_passed_over() {
        let text = br#" {"region":"eu-west-1","bearer_token":"t","new":{"deep":[1,null,"x"]}} "#;
        assert_eq!(StaticCredentials::from_item(text).unwrap(), StaticCredentials::bearer("t"));
    }

    #[test]
    fn escapes_survive_the_round_trip() {
        let odd = StaticCredentials::bearer("quote\" back\\slash \u{1f} \u{7f} ü 𝄞\n".repeat(40));
        assert_eq!(StaticCredentials::from_item(&odd.to_item()).unwrap(), odd);
    }

    #[test]
    fn empty_strings_are_not_written() {
        let mut credentials = StaticCredentials::bearer("t");
        credentials.session_token = Some(SecretString::from(""));
        assert_eq!(credentials.to_item().as_slice(), br#"{"bearer_token":"t"}"#);
    }

    #[test]
    fn faults_are_told_by_kind_and_place() {
        for (text, expected) in [
            ("", ItemError::Blank),
            ("  ", ItemError::Truncated),
            (r#"{"bearer_token":"#, ItemError::Truncated),
            ("ABSKplain", ItemError::NotJson { line: 1, column: 1 }),
            ("{}\n x", ItemError::NotJson { line: 2, column: 2 }),
            (r#""ABSKplain""#, ItemError::NotCredentials { line: 1, column: 11 }),
            (r#"["a","b"]"#, ItemError::NotCredentials { line: 1, column: 0 }),
            (r#"{"bearer_token":12}"#, ItemError::NotCredentials { line: 1, column: 18 }),
            (
                r#"{"bearer_token":"a","bearer_token":"b"}"#,
                ItemError::NotCredentials { line: 1, column: 34 },
            ),
            ("{}", ItemError::Nothing),
            (r#"{"session_token":"a"}"#, ItemError::Nothing),
            (r#"{"access_key_id":"a"}"#, ItemError::Half { missing: "secret_access_key" }),
            (
                r#"{"access_key_id":"","secret_access_key":"b"}"#,
                ItemError::Half { missing: "access_key_id" },
            ),
        ] {
            assert_eq!(StaticCredentials::from_item(text.as_bytes()), Err(expected), "{text}");
        }
        let not_text = StaticCredentials::from_item(b"{\"bearer_token\":\"\xff\"}");
        assert!(matches!(not_text, Err(ItemError::NotJson { .. })), "{not_text:?}");
    }

    #[test]
    fn faults_never_quote_the_item() {
        for text in [
            CANARY.to_owned(),
            format!("\"{CANARY}\""),
            format!("[\"{CANARY}\"]"),
            format!("{{\"{CANARY}\":1"),
            format!("{{\"bearer_token\":[\"{CANARY}\"]}}"),
            format!("{{\"access_key_id\":\"{CANARY}\"}}"),
            format!("{{\"bearer_token\":\"{CANARY}\",\"bearer_token\":\"{CANARY}\"}}"),
            format!("{{\"bearer_token\":\"{CANARY}\\q\"}}"),
        ] {
            let error = StaticCredentials::from_item(text.as_bytes()).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains(CANARY), "{told}");
        }
    }
}

#[test]
fn no_state_shows_a_secret() {
    let credentials = StaticCredentials {
        access_key_id: Some(CANARY.into()),
        secret_access_key: Some(CANARY.into()),
        session_token: Some(CANARY.into()),
        bearer_token: Some(CANARY.into()),
    };
    let broken = format!("{{\"bearer_token\":{CANARY}}}");
    let reason = StaticCredentials::from_item(broken.as_bytes()).unwrap_err().to_string();
    let after = Duration::from_secs(2);
    let states = [
        KeychainState::Disabled,
        KeychainState::Absent { reason: "no bus".into() },
        KeychainState::Empty,
        KeychainState::Locked,
        KeychainState::TimedOut { after },
        KeychainState::Failed { reason: "out of memory".into() },
        KeychainState::Found { item: ItemName::Zed, credentials: credentials.clone() },
        KeychainState::Unusable { item: ItemName::BedrockAuth, reason },
    ];
    let memory = InMemoryKeychain::holding(ItemName::Zed, credentials.clone());
    let told = format!("{states:?} {states:#?} {credentials:?} {memory:?} {:?}", memory.read());
    let told =
        states.iter().fold(told, |told, state| format!("{told} {state} {:?}", state.advice()));
    assert!(!told.contains(CANARY), "{told}");
    assert!(told.contains("REDACTED"), "the canaries were in there: {told}");
}

#[test]
fn messages_are_one_lower_case_line() {
    let after = Duration::from_millis(1500);
    let messages = [
        KeychainError::Disabled.to_string(),
        KeychainError::Absent { reason: "no bus".into() }.to_string(),
        KeychainError::Locked.to_string(),
        KeychainError::TimedOut { after }.to_string(),
        KeychainError::Incomplete(ItemError::Nothing).to_string(),
        KeychainError::TooLarge { limit: 2560 }.to_string(),
        KeychainError::NoCollection.to_string(),
        KeychainError::Failed { reason: "error 5".into() }.to_string(),
        KeychainState::Empty.to_string(),
        KeychainState::Unusable { item: ItemName::Zed, reason: "it is blank".into() }.to_string(),
    ];
    for message in messages {
        let first = message.chars().next().unwrap();
        assert!(
            first.is_lowercase() && !message.ends_with('.') && !message.contains('\n'),
            "{message}"
        );
    }
    assert_eq!(
        KeychainError::TimedOut { after }.to_string(),
        "the keychain did not answer within 1.5s"
    );
}

mod memory {
    use super::*;

    #[test]
    fn own_item_wins_and_removal_uncovers_zeds() {
        let keychain = InMemoryKeychain::holding(ItemName::Zed, StaticCredentials::bearer("zed"));
        keychain.store(&iam()).unwrap();
        assert_eq!(
            keychain.read(),
            KeychainState::Found { item: ItemName::BedrockAuth, credentials: iam() }
        );
        assert_eq!(keychain.remove(), Ok(Removed { existed: true, zed_remains: true }));
        assert_eq!(
            keychain.read(),
            KeychainState::Found {
                item: ItemName::Zed,
                credentials: StaticCredentials::bearer("zed")
            }
        );
        assert_eq!(keychain.remove(), Ok(Removed { existed: false, zed_remains: true }));
    }

    #[test]
    fn half_a_key_is_not_stored() {
        let keychain = InMemoryKeychain::default();
        let half = StaticCredentials { access_key_id: Some("AKIA".into()), ..Default::default() };
        let refused = keychain.store(&half);
        let missing = "secret_access_key";
        assert_eq!(refused, Err(KeychainError::Incomplete(ItemError::Half { missing })));
        assert_eq!(keychain.read(), KeychainState::Empty);
    }

    #[test]
    fn pretended_states_refuse_writes() {
        let keychain = InMemoryKeychain::pretending(KeychainState::Locked);
        assert_eq!(keychain.read(), KeychainState::Locked);
        assert_eq!(keychain.store(&iam()), Err(KeychainError::Locked));
        assert_eq!(keychain.remove(), Err(KeychainError::Locked));
    }

    #[test]
    fn no_keychain_is_disabled() {
        assert_eq!(NoKeychain.read(), KeychainState::Disabled);
        assert_eq!(NoKeychain.store(&iam()), Err(KeychainError::Disabled));
        assert_eq!(NoKeychain.remove(), Err(KeychainError::Disabled));
    }
}

#[cfg(target_os = "linux")]
#[path = "../support/mod.rs"]
mod support;

#[cfg(target_os = "linux")]
mod secret_service;
