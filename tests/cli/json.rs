//! `--json`: the keys that programs rely on, checked by parsing; and no secret in any of it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::program::{answer, program};

const SECRET: &str = "wJalrXUtnFEMI-never-shown";
const TOKEN: &str = "a-token-never-shown";

fn has_keys(value: &Value, keys: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("not an object: {value}"));
    for key in keys {
        assert!(object.contains_key(*key), "`{key}` is missing in {value:#}");
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn asked(words: &[&str]) -> Value {
    answer(&mut program(&[words, &["--json"]].concat())).json()
}

#[test]
fn status_has_every_key_of_the_contract() {
    let sso = ["--user-settings", "settings/sso.json", "--managed", "policies/corp.json"];
    let value = asked(&[&["status"][..], &sso].concat());
    has_keys(
        &value,
        &[
            "schema_version",
            "outcome",
            "what_if",
            "auth",
            "display",
            "root",
            "chain",
            "account",
            "access_key_id",
            "source",
            "region",
            "endpoint",
            "expires",
            "sign_in",
            "policy",
            "denials",
            "warnings",
            "candidates",
        ],
    );
    assert_eq!(value["schema_version"], 1);
    assert_eq!(value["outcome"], "allowed");
    assert_eq!(value["what_if"], true);
    assert_eq!(value["auth"], serde_json::json!({ "method": "sso", "profile_name": "corp-dev" }));
    assert_eq!(value["display"], "Using AWS SSO profile: corp-dev");
    assert_eq!(value["root"], "sso");
    assert_eq!(value["account"], "111122223333");
    assert_eq!(
        value["source"],
        serde_json::json!({ "layer": "user", "file": "settings/sso.json", "line": 3, "column": 3 })
    );
    let sign_in = serde_json::json!({ "expires": "2099-12-31T23:59:59Z", "renewable": false });
    assert_eq!(value["sign_in"], sign_in);
    assert_eq!(value["region"]["value"], "eu-west-1");
    assert_eq!(keys(&value["region"]), BTreeSet::from(["source", "value"]));
    assert_eq!(value["endpoint"], serde_json::json!({ "value": null, "source": null }));
    has_keys(&value["chain"][0], &["kind", "profile", "start_url", "file", "line"]);
    let policy = &value["policy"];
    assert!(policy["digest"].as_str().unwrap().starts_with("sha256:"));
    has_keys(&policy["sources"][0], &["file", "state", "id", "revision"]);
    assert_eq!(policy["sources"][0]["state"], "loaded");
}

#[test]
fn explain_gives_the_same_as_status() {
    let options = ["--user-settings", "settings/profile.json", "--managed", "policies/corp.json"];
    let of = |command| asked(&[&[command][..], &options].concat());
    assert_eq!(of("status"), of("explain"));
}

#[test]
fn a_denial_says_what_where_and_what_to_do() {
    let value = asked(&[
        "status",
        "--user-settings",
        "settings/profile.json",
        "--managed",
        "policies/corp.json",
    ]);
    assert_eq!((value["outcome"].as_str(), &value["auth"]), (Some("denied"), &Value::Null));
    let denials = value["denials"].as_array().unwrap();
    let codes: Vec<_> = denials.iter().map(|denial| denial["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["method_not_allowed", "region_not_allowed"]);
    for denial in denials {
        has_keys(denial, &["code", "message", "requested_at", "forbidden_by", "remedy"]);
        has_keys(&denial["requested_at"], &["layer", "file", "line", "column"]);
        has_keys(&denial["forbidden_by"], &["file", "line", "column"]);
    }
    assert_eq!(
        value["display"],
        "Denied by policy: the policy does not allow the method `named_profile`"
    );
    let kinds: Vec<_> = value["chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["assume_role", "sso"]);
    has_keys(&value["chain"][0], &["profile", "role_arn", "file", "line"]);
}

#[test]
fn every_candidate_has_a_fate() {
    let mut command = program(&["status", "--json", "--managed", "policies/no-api-keys.json"]);
    command.env("ZED_BEDROCK_BEARER_TOKEN", TOKEN);
    command.env("ZED_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE").env("ZED_SECRET_ACCESS_KEY", SECRET);
    let answer = answer(&mut command);
    let value = answer.json();
    let fates: Vec<_> = value["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| {
            has_keys(candidate, &["method", "source", "fate"]);
            (candidate["step"].as_str().unwrap(), candidate["fate"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        fates,
        [
            ("locked", "absent"),
            ("user", "absent"),
            ("environment", "denied"),
            ("environment", "chosen"),
            ("keychain", "absent"),
            ("recommended", "absent"),
        ]
    );
    assert_eq!(value["source"]["variable"], "ZED_ACCESS_KEY_ID");
    assert_eq!(value["access_key_id"], "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(value["warnings"][0]["code"], "credential_skipped");
}

#[test]
fn no_secret_is_in_any_answer() {
    let credentials = [
        ("ZED_BEDROCK_BEARER_TOKEN", TOKEN),
        ("ZED_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("ZED_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_BEARER_TOKEN_BEDROCK", TOKEN),
        // A secret in the wrong place is still one.
        ("ZED_SESSION_TOKEN", TOKEN),
    ];
    for command in ["status", "explain"] {
        for managed in ["policies/corp.json", "policies/no-api-keys.json", "policies/empty.json"] {
            for form in [&[][..], &["--json"]] {
                for count in 1..=credentials.len() {
                    let words = [&[command, "--managed", managed][..], form].concat();
                    let mut run = program(&words);
                    run.envs(credentials[..count].iter().copied());
                    let answer = answer(&mut run);
                    let told = answer.stdout + &answer.stderr;
                    assert!(!told.contains(SECRET) && !told.contains(TOKEN), "{words:?}: {told}");
                }
            }
        }
    }
}

#[test]
fn policy_show_lists_sources_and_parts() {
    let value = asked(&["policy", "show", "--managed", "policies/two-locks"]);
    has_keys(&value, &["schema_version", "what_if", "digest", "sources", "parts", "denials"]);
    assert_eq!(value["sources"].as_array().unwrap().len(), 2);
    for part in value["parts"].as_array().unwrap() {
        has_keys(part, &["key", "value"]);
    }
}

#[test]
fn policy_test_lists_scenarios() {
    let value = asked(&["policy", "test", "scenarios"]);
    let results: BTreeSet<_> = value["scenarios"]
        .as_array()
        .unwrap()
        .iter()
        .map(|scenario| scenario["result"].as_str().unwrap())
        .collect();
    assert_eq!(results, BTreeSet::from(["failed", "invalid", "passed"]));
}
