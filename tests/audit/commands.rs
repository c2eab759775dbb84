//! The commands that hand out a credential.

use std::fs;

use serde_json::json;

use crate::home::{API_KEY, Home, KEY, SECRET};
use crate::support::program::PROGRAM;

/// What each prints when it hands out.
const DOORS: [(&str, &[&str]); 3] = [
    ("export", &["export"]),
    ("exec", &["exec", "--", "env"]),
    ("credential_process", &["credential-process"]),
];

const REQUIRED: &str = r#", "audit": { "required": true }"#;
const NOTHING: &str = r#", "methods": {}"#;

#[test]
fn what_leaves_is_on_record() {
    let home = Home::new("");
    for (door, words) in DOORS {
        let answer = home.run(words);
        assert_eq!(answer.code, 0, "{answer:?}");
        assert!(answer.stdout.contains(SECRET));
        let record = home.records_of("credential").pop().unwrap();
        assert_eq!(record["door"], door);
        assert_eq!(record["outcome"], "allowed");
        assert_eq!(record["method"], "iam_credentials");
        assert_eq!(record["root"], "temporary_keys");
        assert_eq!(record["access_key_id"], KEY);
        assert_eq!(record["account"], "111122223333");
        assert_eq!(record["region"], "us-east-1");
        let source = json!({ "layer": "environment", "variable": "ZED_ACCESS_KEY_ID" });
        assert_eq!(record["source"], source);
        assert_eq!(record["policy"]["sources"][0]["id"], "corp");
        assert_eq!(record["policy"]["sources"][0]["revision"], 7);
        assert!(record["policy"]["digest"].as_str().unwrap().starts_with("sha256:"));
        assert_eq!(record["what_if"], true);
        let uid = rustix::process::geteuid().as_raw();
        assert_eq!(record["user"]["uid"], uid);
        let host = rustix::system::uname().nodename().to_str().unwrap().to_owned();
        assert_eq!(record["host"], host);
        let program = fs::canonicalize(PROGRAM).unwrap();
        assert_eq!(record["process"]["executable"], program.to_str().unwrap());
        // This very test started it.
        assert_eq!(record["caller"]["known_by"], "parent");
        assert_eq!(record["caller"]["pid"], std::process::id());
        assert_eq!(record["caller"]["uid"], uid);
        let this_test = std::env::current_exe().unwrap();
        assert_eq!(record["caller"]["executable"], this_test.to_str().unwrap());
    }
    assert_eq!(home.records_of("credential").len(), DOORS.len());
}

#[test]
fn what_is_refused_is_on_record_with_the_reasons() {
    let home = Home::new(NOTHING);
    for (door, words) in DOORS {
        let answer = home.run(words);
        assert_eq!(answer.code, 3, "{answer:?}");
        let record = home.records_of("credential").pop().unwrap();
        assert_eq!((&record["door"], &record["outcome"]), (&json!(door), &json!("denied")));
        assert_eq!(record["denials"][0]["code"], "method_not_allowed");
        assert_eq!(record["denials"][0]["policy_id"], "corp");
        assert_eq!(record["denials"][0]["forbidden_by"]["line"], 1);
        assert_eq!(record["passed_over"][0]["method"], "iam_credentials");
        assert_eq!(record["access_key_id"], json!(null));
    }
}

#[test]
fn a_policy_that_only_reports_has_on_record_what_it_would_deny() {
    let home = Home::new(r#", "enforcement": "report_only", "methods": {}"#);
    assert_eq!(home.run(&["export"]).code, 0);
    let record = home.records_of("credential").pop().unwrap();
    assert_eq!(record["outcome"], "allowed");
    assert_eq!(record["would_deny"][0]["code"], "method_not_allowed");
}

#[test]
fn uses_of_one_api_key_are_linked_and_the_key_is_not_told() {
    let mut home = Home::new("");
    let mut fingerprint_of = |key| {
        home.variables = vec![("ZED_BEDROCK_BEARER_TOKEN", key)];
        assert_eq!(home.run(&["exec", "--", "true"]).code, 0);
        let record = home.records_of("credential").pop().unwrap();
        assert_eq!(record["method"], "api_key");
        record["fingerprint"].as_str().unwrap().to_owned()
    };
    let first = fingerprint_of(API_KEY);
    assert_eq!(fingerprint_of(API_KEY), first);
    assert_ne!(fingerprint_of("another-api-key"), first);
    // On another machine it is another one.
    let mut other = Home::new("");
    other.variables = vec![("ZED_BEDROCK_BEARER_TOKEN", API_KEY)];
    other.run(&["exec", "--", "true"]);
    assert_ne!(other.records_of("credential")[0]["fingerprint"], first.as_str());
}

#[test]
fn without_a_policy_only_where_the_settings_ask() {
    let home = Home::new("");
    assert_eq!(home.run_freely(&["export", "--no-keychain"]).code, 0);
    assert!(home.records().is_empty());
    fs::write(home.path("settings.json"), r#"{ "audit": true }"#).unwrap();
    let words = ["export", "--no-keychain", "--user-settings", "settings.json"];
    assert_eq!(home.run_freely(&words).code, 0);
    let records = home.records_of("credential");
    assert_eq!(records.len(), 1);
    assert_eq!(
        (&records[0]["what_if"], &records[0]["policy"]["digest"]),
        (&json!(false), &json!(null))
    );
}

#[test]
fn where_a_record_is_demanded_and_cannot_be_written_nothing_leaves() {
    let home = Home::new(REQUIRED);
    // A file stands where the directory has to be.
    fs::write(home.path("state"), "in the way").unwrap();
    for (_, words) in DOORS {
        let answer = home.run(words);
        assert_eq!(answer.code, 1, "{answer:?}");
        assert!(!answer.stdout.contains(SECRET) && !answer.stderr.contains(SECRET));
        let message = "the policy demands an audit record, and nothing is handed out";
        assert!(answer.stderr.contains(message), "{}", answer.stderr);
        assert!(answer.stderr.contains("help: "), "{}", answer.stderr);
    }
    // And once it can, all is well.
    fs::remove_file(home.path("state")).unwrap();
    assert_eq!(home.run(&["export"]).code, 0);
    assert_eq!(home.records_of("credential").len(), 1);
}

#[test]
fn where_no_record_is_demanded_a_failure_is_a_warning() {
    let home = Home::new("");
    fs::write(home.path("state"), "in the way").unwrap();
    for (_, words) in DOORS {
        let answer = home.run(words);
        assert_eq!(answer.code, 0, "{answer:?}");
        assert!(answer.stdout.contains(SECRET));
        assert!(answer.stderr.contains("warning: the audit journal"), "{}", answer.stderr);
    }
    home.policy(NOTHING);
    let answer = home.run(&["export"]);
    assert_eq!(answer.code, 3);
    assert!(answer.stderr.contains("warning: the audit journal"), "{}", answer.stderr);
}

#[test]
fn the_agent_is_announced() {
    let home = Home::new("");
    // There is none, but what was decided is on record.
    let answer = home.run(&["exec", "--agent", "--runtime-dir", "nowhere", "--", "true"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    home.policy(NOTHING);
    assert_eq!(home.run(&["exec", "--agent", "--", "true"]).code, 3);
    let record = home.records_of("credential").pop().unwrap();
    assert_eq!((&record["door"], &record["outcome"]), (&json!("exec_agent"), &json!("denied")));
}

#[test]
fn looking_leaves_no_trace() {
    let home = Home::new("");
    for words in ["status", "explain", "policy show", "doctor"] {
        let words = words.split(' ').chain(["--managed", "policy.json", "--no-keychain"]);
        home.run_freely(&words.collect::<Vec<_>>());
    }
    assert!(!home.layout().directory().exists());
}

/// Something else stands where the current file was.
#[test]
fn a_file_that_is_something_else_now_is_left_alone() {
    let home = Home::new(REQUIRED);
    assert_eq!(home.run(&["export"]).code, 0);
    let segment = home.layout().segment(1);
    fs::remove_file(&segment).unwrap();
    fs::create_dir(&segment).unwrap();
    assert_eq!(home.run(&["export"]).code, 0);
    let noted: Vec<_> = home.records_of("journal").iter().map(|r| r["noted"].clone()).collect();
    assert_eq!(noted, ["segment_replaced"]);
}
