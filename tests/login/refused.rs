//! What policy would deny, or what cannot work, is not stored.

use crate::support::session::Session;
use crate::{API_KEY, OWN, SECRET, run};

/// Made by AWS's own generator in January 2026, to last twelve hours, with an invented key.
const EXPIRED: &str = "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29tLz9BY3Rpb249Q2FsbFdpdGhCZWFyZXJUb2tlbiZYLUFtei1BbGdvcml0aG09QVdTNC1ITUFDLVNIQTI1NiZYLUFtei1DcmVkZW50aWFsPUFLSUFSWlBVWkRJS0VXUzJMSk5GJTJGMjAyNjAxMDIlMkZldS13ZXN0LTElMkZiZWRyb2NrJTJGYXdzNF9yZXF1ZXN0JlgtQW16LURhdGU9MjAyNjAxMDJUMDMwNDA1WiZYLUFtei1FeHBpcmVzPTQzMjAwJlgtQW16LVNpZ25lZEhlYWRlcnM9aG9zdCZYLUFtei1TaWduYXR1cmU9YzAwYjliMDVmN2UyMGI1NDNkYzYyOTg4YjFhOWM5NDJjMzI5YTdjZjhlY2U4MjVkMWU3N2Q0ZmY1NWZjY2Y1ZCZWZXJzaW9uPTE=";

#[test]
fn by_a_policy_that_denies_it() {
    let session = Session::unlocked();
    let words = ["login", "--managed", "policies/corp.json"];
    let answer = run(&session, &words, API_KEY);
    assert_eq!((answer.code, answer.stderr.as_str()), (3, ""), "{answer:?}");
    assert!(answer.stdout.starts_with("✗ not stored  "), "{}", answer.stdout);
    assert!(answer.stdout.contains("https://it.example/bedrock"), "{}", answer.stdout);
    let answer = run(&session, &[&words[..], &["--json"]].concat(), API_KEY);
    assert_eq!((answer.code, &answer.json()["stored"]), (3, &false.into()));
    assert_eq!(answer.json()["denials"][0]["code"], "method_not_allowed");
    assert_eq!(session.lookup(&OWN), None);
}

/// One part that is allowed does not carry in another that is not.
#[test]
fn by_a_policy_that_denies_a_part_of_it() {
    let session = Session::unlocked();
    let both = format!(
        r#"{{ "bearer_token": "{API_KEY}", "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "{SECRET}" }}"#
    );
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.json");
    std::fs::write(&policy, r#"{ "schema_version": 1, "id": "p", "methods": { "api_key": {} } }"#)
        .unwrap();
    let answer = run(&session, &["login", "--managed", policy.to_str().unwrap()], &both);
    assert_eq!(answer.code, 3, "{answer:?}");
    assert_eq!(session.lookup(&OWN), None);
}

#[test]
fn by_a_policy_that_is_broken() {
    let session = Session::unlocked();
    for policy in ["broken", "unknown-key", "expired", "missing"] {
        let managed = format!("policies/{policy}.json");
        let answer = run(&session, &["login", "--managed", &managed], API_KEY);
        assert_eq!(answer.code, 4, "{policy}: {answer:?}");
    }
    assert_eq!(session.lookup(&OWN), None);
}

#[test]
fn because_it_has_expired() {
    let session = Session::unlocked();
    let answer = run(&session, &["login"], EXPIRED);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{answer:?}");
    assert!(answer.stderr.contains("expired at 2026-01-02T15:04:05Z"), "{answer:?}");
    assert!(!answer.stderr.contains(&EXPIRED[20..60]), "{answer:?}");
    assert_eq!(session.lookup(&OWN), None);
}

#[test]
fn because_it_came_as_an_argument() {
    let session = Session::unlocked();
    for words in [&["login", API_KEY][..], &["login", "--", API_KEY], &["login", SECRET, "--json"]]
    {
        let answer = run(&session, words, "");
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(answer.stderr.contains("never taken as an argument"), "{answer:?}");
    }
    for option in ["--api-key", "--token", "--secret-access-key"] {
        for words in [
            vec!["login".to_owned(), format!("{option}={SECRET}")],
            vec!["login".to_owned(), option.to_owned(), SECRET.to_owned()],
        ] {
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            assert_eq!(run(&session, &words, "").code, 2, "{words:?}");
        }
    }
    assert_eq!(session.lookup(&OWN), None);
}
