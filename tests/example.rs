//! The example that authors of tools begin with, run as they would run it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use support::aws::bedrock::{Bedrock, REPLY};
use support::aws::server::{Log, Server};
use support::program::{Answer, answer, bare};
use tempfile::TempDir;

/// Cargo does not always build examples beside the tests, and knows best where it puts them.
fn example() -> Command {
    static PROGRAM: LazyLock<String> = LazyLock::new(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--locked", "--example", "converse", "--message-format", "json"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let messages = String::from_utf8(built.stdout).unwrap();
        let mut messages =
            messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let is_example = |message: &Value| message["target"]["name"] == "converse";
        let message = messages.find(is_example).unwrap();
        message["executable"].as_str().unwrap().to_owned()
    });
    bare(&PROGRAM)
}

fn converse(home: &TempDir, variables: &[(&str, &str)]) -> Answer {
    answer(example().env("HOME", home.path()).envs(variables.iter().copied()))
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_sends_one_prompt_and_shows_who_pays() {
    let log = Log::default();
    let server = Server::start(log.clone(), vec![Box::new(Bedrock)]);
    let url = server.url();
    let variables = [("ZED_AWS_ENDPOINT", url.as_str()), ("ZED_BEDROCK_BEARER_TOKEN", "a-token")];
    let answer = converse(&home(), &variables);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert_eq!(answer.stdout, format!("{REPLY}\n"));
    let display = "Using Bedrock API Key from ZED_BEDROCK_BEARER_TOKEN environment variable\n";
    assert!(answer.stderr.starts_with(display), "{}", answer.stderr);
    assert_eq!(log.lines(), ["127.0.0.1 Converse bearer a-token"]);
}

#[test]
fn it_shows_why_not() {
    let home = home();
    let answer = converse(&home, &[]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.stderr.starts_with("Not configured\n"), "{}", answer.stderr);
    assert!(answer.stderr.contains("user: the settings name no method\n"), "{}", answer.stderr);

    let settings: PathBuf = home.path().join(".config/bedrock-auth/settings.json");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    let missing = r#"{ "authentication_method": "named_profile", "profile": "corp" }"#;
    std::fs::write(&settings, missing).unwrap();
    let answer = converse(&home, &[]);
    let why = "user: named_profile: there is no AWS profile `corp`\n  what to do    ";
    assert!(answer.stderr.contains(why), "{}", answer.stderr);

    let config = home.path().join(".aws/config");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    std::fs::write(&config, "[profile corp]\ncredential_process = /nonexistent/creds\n").unwrap();
    let answer = converse(&home, &[]);
    let failed = "failed: the credential process `/nonexistent/creds` of the AWS profile `corp`";
    assert!(answer.stderr.contains(failed), "{}", answer.stderr);
    assert!(answer.stderr.contains("\n  what to do    mend the program"), "{}", answer.stderr);

    std::fs::write(&settings, r#"{ "region": "not.a.region" }"#).unwrap();
    let answer = converse(&home, &[("ZED_BEDROCK_BEARER_TOKEN", "a-token")]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.stderr.contains("(region_invalid)"), "{}", answer.stderr);
    assert!(answer.stderr.contains("settings.json:1:3"), "{}", answer.stderr);
    assert!(!answer.stderr.contains("a-token"), "{}", answer.stderr);
}
