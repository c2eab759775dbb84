//! The forms in which `login` takes credentials on standard input.

use crate::support::session::Session;
use crate::{API_KEY, OWN, SECRET, SESSION_TOKEN, display, run};

fn temporary_key(id: &str, secret: &str, token: &str) -> String {
    format!(
        r#""{id}": "ASIAIOSFODNN7EXAMPLE", "{secret}": "{SECRET}", "{token}": "{SESSION_TOKEN}""#
    )
}

#[test]
fn an_api_key_alone() {
    let session = Session::unlocked();
    for input in [API_KEY.to_owned(), format!("{API_KEY}\n"), format!("  {API_KEY}\r\n")] {
        let answer = run(&session, &["login"], &input);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{answer:?}");
        assert_eq!(answer.stdout, "stored the credentials in the keychain\n");
        let item = session.lookup(&OWN).unwrap();
        assert_eq!(item, format!(r#"{{"bearer_token":"{API_KEY}"}}"#));
        assert_eq!(display(&session), "Using Bedrock API Key");
    }
}

#[test]
fn json_in_every_shape_that_tools_print() {
    let session = Session::unlocked();
    let item = temporary_key("access_key_id", "secret_access_key", "session_token");
    let exported = temporary_key("AccessKeyId", "SecretAccessKey", "SessionToken");
    let later = r#""Expiration": "2099-01-01T00:00:00+00:00""#;
    for (shape, input) in [
        ("keychain item", format!("{{ {item} }}")),
        ("aws configure export-credentials", format!(r#"{{ "Version": 1, {exported}, {later} }}"#)),
        (
            "aws sts assume-role",
            format!(
                r#"{{ "Credentials": {{ {exported}, {later} }}, "AssumedRoleUser": {{ "Arn": "a" }} }}"#
            ),
        ),
    ] {
        let answer = run(&session, &["login"], &input);
        assert_eq!(answer.code, 0, "{shape}: {answer:?}");
        let stored: serde_json::Value =
            serde_json::from_str(&session.lookup(&OWN).unwrap()).unwrap();
        assert_eq!(
            stored,
            serde_json::json!({
                "access_key_id": "ASIAIOSFODNN7EXAMPLE",
                "secret_access_key": SECRET,
                "session_token": SESSION_TOKEN,
            }),
            "{shape}"
        );
        assert_eq!(display(&session), "Using IAM credentials", "{shape}");
        run(&session, &["logout"], "");
    }
}

#[test]
fn a_bearer_token_in_json() {
    let session = Session::unlocked();
    let answer = run(&session, &["login", "--json"], &format!(r#"{{"bearer_token":"{API_KEY}"}}"#));
    let value = answer.json();
    assert_eq!((answer.code, &value["stored"]), (0, &true.into()), "{value}");
    assert_eq!(value["denials"], serde_json::json!([]));
    let status = run(&session, &["status"], "");
    assert!(status.stdout.starts_with("✓ allowed  Using Bedrock API Key\n"), "{}", status.stdout);
}

#[test]
fn what_is_stored_and_not_used_is_told() {
    let session = Session::unlocked();
    let dir = tempfile::tempdir().unwrap();
    let settings = dir.path().join("settings.json");
    for (method, told) in [
        ("automatic", "settings.json:1:3 is heard before the keychain: see `bedrock-auth explain`"),
        ("sso", "they are not in use: `bedrock-auth explain` says why"),
    ] {
        std::fs::write(&settings, format!(r#"{{ "authentication_method": "{method}" }}"#)).unwrap();
        let words = ["login", "--user-settings", settings.to_str().unwrap()];
        let answer = run(&session, &words, API_KEY);
        assert_eq!(answer.code, 0, "{answer:?}");
        assert!(answer.stdout.contains(told), "{}", answer.stdout);
    }
}

#[test]
fn what_is_no_credential_is_not_stored() {
    let session = Session::unlocked();
    for (input, message) in [
        ("", "standard input is empty"),
        (" \n", "standard input is empty"),
        ("{", "not a credential"),
        ("{}", "not a credential"),
        (r#"{ "access_key_id": "AKIAIOSFODNN7EXAMPLE" }"#, "secret_access_key"),
        (r#"{ "bearer_token": 12 }"#, "not a credential"),
        ("two words", "holds white space"),
        ("ABSK!", "is damaged"),
        ("AKIAIOSFODNN7EXAMPLE", "an access key id stands in"),
        (
            r#"{ "access_key_id": "ASIAIOSFODNN7EXAMPLE", "secret_access_key": "s" }"#,
            "without its session token",
        ),
        (&"x".repeat(70_000), "more than any credential takes"),
    ] {
        let answer = run(&session, &["login"], input);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{answer:?}");
        let told = answer.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.starts_with("error: ") && told.contains(message), "no `{message}` in {told}");
    }
    assert_eq!(session.lookup(&OWN), None);
}
