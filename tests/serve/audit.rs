//! What the agent hands out, and to whom, is on record.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::agent::{Agent, Home, KEY, policy};
use crate::support::program::bare;

const STATE: &str = ".local/state";

/// As an SDK asks: with the address and the token file of the environment.
const CLIENT: &str = r#"
import json, os, sys, urllib.request
token = open(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read()
url = os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
request = urllib.request.Request(url, headers={"Authorization": token})
try:
    answer = urllib.request.urlopen(request).read()
except urllib.error.HTTPError as error:
    answer = error.read()
sys.stdout.buffer.write(answer)
"#;

/// A home whose policy demands records, where a file stands in the way of the journal.
pub(crate) fn without_a_place_for_records() -> Home {
    let home = Home::new();
    let text = policy(&["iam_credentials"]);
    let text = text.strip_suffix('}').unwrap();
    home.write("managed/policy.json", &format!(r#"{text}, "audit": {{ "required": true }} }}"#));
    home.write(STATE, "in the way");
    home
}

fn records(home: &Home) -> Vec<Value> {
    let journal = home.path(STATE).join("bedrock-auth/audit/journal-000001.jsonl");
    let text = fs::read_to_string(journal).unwrap_or_default();
    for secret in [KEY[1].1, KEY[2].1] {
        assert!(!text.contains(secret), "{text}");
    }
    let records = text.lines().map(|line| serde_json::from_str(line).unwrap());
    records.filter(|record: &Value| record["event"] == "credential").collect()
}

/// What a program of its own gets, and its number.
fn asked_by_python(agent: &Agent<'_>) -> (u32, Value) {
    let mut python = bare("/usr/bin/python3");
    python.args(["-c", CLIENT]).envs(agent.container_variables()).stdout(Stdio::piped());
    let python = python.spawn().unwrap();
    let pid = python.id();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    (pid, serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn who_got_what_is_on_record() {
    let home = Home::new();
    let agent = home.serve();
    let (pid, answer) = asked_by_python(&agent);
    assert_eq!(answer["AccessKeyId"], KEY[0].1);
    let all = records(&home);
    assert_eq!(all.len(), 1, "{all:#?}");
    let record = &all[0];
    assert_eq!((&record["door"], &record["outcome"]), (&json!("serve"), &json!("allowed")));
    assert_eq!(record["access_key_id"], KEY[0].1);
    assert_eq!(record["process"]["pid"], agent.pid());
    let python: PathBuf = fs::canonicalize("/usr/bin/python3").unwrap();
    let caller = json!({
        "known_by": "socket",
        "pid": pid,
        "uid": rustix::process::geteuid().as_raw(),
        "executable": python,
    });
    assert_eq!(record["caller"], caller);
}

#[test]
fn who_got_nothing_is_on_record_with_the_reasons() {
    let home = Home::new();
    let agent = home.serve();
    home.allow(&["sso"]);
    agent.until_outcome("denied");
    let (pid, answer) = asked_by_python(&agent);
    assert_eq!(answer["code"], "method_not_allowed");
    let all = records(&home);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!((&all[0]["door"], &all[0]["outcome"]), (&json!("serve"), &json!("denied")));
    assert_eq!(all[0]["denials"][0]["code"], "method_not_allowed");
    assert_eq!(all[0]["caller"]["pid"], pid);
    // Who shows no token asks for nothing of anybody's.
    assert_eq!(agent.ask_container(&[]).status, 401);
    assert_eq!(records(&home).len(), 1);
}

/// What a process wrote when it failed is for the person who asks, and is kept nowhere.
#[test]
fn what_a_process_wrote_is_neither_on_record_nor_told() {
    let home = Home::new();
    home.allow(&["named_profile"]);
    let settings = r#"{ "authentication_method": "named_profile", "profile": "tool" }"#;
    home.write("settings.json", settings);
    let process = "sh -c 'echo secret-of-the-key >&2; exit 1'";
    home.write(".aws/config", &format!("[profile tool]\ncredential_process = {process}\n"));
    let agent = home.serve_with(&["--user-settings", &home.text("settings.json")], &[]);
    let failed = agent.credentials();
    assert_eq!((failed.status, failed.code().as_str()), (502, "step_failed"));
    assert!(failed.body.contains(KEY[1].1), "{failed:?}");
    let all = records(&home);
    assert_eq!((all.len(), &all[0]["outcome"]), (1, &json!("failed")));
    assert!(all[0]["reason"].as_str().unwrap().contains("failed (exit status: 1)"), "{all:?}");
    assert!(agent.log().contains("no credentials are handed out"), "{}", agent.log());
    assert!(!agent.log().contains(KEY[1].1), "{}", agent.log());
}

#[test]
fn without_the_record_that_is_demanded_nothing_is_handed_out() {
    let home = without_a_place_for_records();
    let agent = home.serve();
    let refused = agent.credentials();
    assert_eq!((refused.status, refused.code().as_str()), (503, "not_recorded"));
    assert!(!refused.body.contains(KEY[1].1), "{refused:?}");
    let counted = r#"bedrock_auth_credentials_refused_total{code="not_recorded"}"#;
    assert_eq!(agent.metric(counted), 1.0);
    assert!(agent.log().contains("no credential leaves without its record"), "{}", agent.log());
    // And once it can be written, all is well, without a new start.
    fs::remove_file(home.path(STATE)).unwrap();
    assert_eq!(agent.credentials().status, 200);
    assert_eq!(records(&home).len(), 1);
}
