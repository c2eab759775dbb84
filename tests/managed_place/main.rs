//! The real managed place, `/etc/bedrock-auth`, with real owners: who is bound by what stands there.
//!
//! Everything happens in mount namespaces of their own; the machine's `/etc` stays as it is.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod content;
mod drop_ins;
mod ownership;
mod people;
mod relocation;

use serde_json::Value;
use support::place::Place;

/// Something to be allowed or denied: without a policy, everybody may use it.
const TOKEN: &str = "ZED_BEDROCK_BEARER_TOKEN=a-token";
const EVERYBODY: [&str; 2] = ["root", "ann"];

/// The answer of `status` for that person, and its exit code.
fn status(place: &Place, person: &str) -> (i32, Value) {
    let answer = place.run(person, &[TOKEN, "status", "--json"]);
    assert_eq!(answer.stderr, "");
    (answer.code, answer.json())
}

/// Everything is denied to everybody, for one stated reason, by a source in that state.
fn denies_everything(place: &Place, state: &str, reason: &str) {
    for person in EVERYBODY {
        let (code, answer) = status(place, person);
        assert_eq!((code, &answer["outcome"]), (4, &Value::from("denied")), "{person}: {answer:#}");
        assert_eq!(answer["auth"], Value::Null);
        let denial = &answer["denials"][0];
        assert_eq!(denial["code"], format!("policy_{state}"), "{person}: {answer:#}");
        let message = denial["message"].as_str().unwrap();
        assert!(message.contains(reason), "{person}: no `{reason}` in `{message}`");
        assert!(denial["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{denial}");
        let states = states(&answer);
        assert!(states.iter().any(|(_, of)| of == state), "{person}: {states:?}");
    }
}

/// File names and states of all sources, in order.
fn states(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    answer["policy"]["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| {
            let file = text(&source["file"]);
            let name = file.strip_prefix("/etc/bedrock-auth/").unwrap_or(&file);
            (name.to_owned(), text(&source["state"]))
        })
        .collect()
}

/// One source, in one state.
fn alone(state: &str) -> Vec<(String, String)> {
    vec![("policy.json".to_owned(), state.to_owned())]
}
