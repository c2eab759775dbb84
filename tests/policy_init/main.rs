//! `policy init`: by options, and by questions on a real terminal.

#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]

#[cfg(target_os = "linux")]
mod questions;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;

use bedrock_auth::jsonc::SourceText;
use bedrock_auth::policy::Document;
use support::program::{Answer, answer, program};

fn init(dir: &Path, arguments: &[&str]) -> Answer {
    let mut command = program(&["policy", "init"]);
    answer(command.args(arguments).current_dir(dir))
}

fn document(dir: &Path) -> Document {
    let text = fs::read_to_string(dir.join("policy.json")).unwrap();
    Document::parse(&SourceText::new(Path::new("policy.json"), text)).unwrap()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_policy_with_the_values_given() {
    let dir = tempfile::tempdir().unwrap();
    let written = init(
        dir.path(),
        &[
            "--preset=sso-one-portal-two-accounts",
            "--id=acme",
            "--contact=it@acme.test",
            "--start-url=https://acme.awsapps.com/start",
            "--account=9999-8888-7777",
            "--account=000000000012",
            "--region=eu-*",
        ],
    );
    assert_eq!((written.code, written.stdout.as_str()), (0, ""), "{written:#?}");
    assert!(written.stderr.starts_with("wrote policy.json\n"), "{written:#?}");
    assert!(!written.stderr.contains("invented"), "{written:#?}");
    let text = fs::read_to_string(dir.path().join("policy.json")).unwrap();
    assert!(text.contains("// Does NOT stop:"), "{text}");
    assert!(text.contains("\"accounts\": [\"999988887777\", \"000000000012\"]"), "{text}");
    let policy = document(dir.path());
    assert_eq!(policy.id.as_str(), "acme");
    let shown =
        answer(program(&["policy", "show", "--managed", "policy.json"]).current_dir(dir.path()));
    assert_eq!(shown.code, 0, "{shown:#?}");
}

#[test]
fn what_is_still_invented_is_told_by_line() {
    let dir = tempfile::tempdir().unwrap();
    let written = init(dir.path(), &["--preset", "sso-only", "--id", "acme", "--json"]);
    assert_eq!(written.code, 0, "{written:#?}");
    let text = fs::read_to_string(dir.path().join("policy.json")).unwrap();
    let replace = written.json()["replace"].clone();
    assert_eq!(replace.as_array().unwrap().len(), 2, "{replace}");
    for invented in replace.as_array().unwrap() {
        let line = text.lines().nth(invented["line"].as_u64().unwrap() as usize - 1).unwrap();
        assert!(line.contains(invented["value"].as_str().unwrap()), "{invented} {line}");
    }
}

/// With a company's own values, a policy is sound to the last warning, or says beforehand which one remains and why.
#[test]
fn what_a_check_will_warn_of_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let portal = "--start-url=https://acme.awsapps.com/start";
    for (preset, values, code) in [
        ("no-long-lived-keys", &[portal][..], None),
        ("no-long-lived-keys", &[], Some("sso_without_portal")),
        ("keychain-only", &[portal], Some("long_term_api_keys_allowed")),
        ("report-only-migration", &["--expires=90"], None),
        ("report-only-migration", &["--expires=20"], Some("expires_soon")),
        ("report-only-migration", &[], Some("report_only_without_expiry")),
    ] {
        let arguments = [&["--force", "--preset", preset], values].concat();
        let written = init(dir.path(), &arguments);
        assert_eq!(written.code, 0, "{written:#?}");
        let told = code.map(|code| format!(": {code}, "));
        let says = one_line(&written.stderr);
        assert!(told.iter().all(|told| says.contains(told)), "{told:?} {says}");
        assert_eq!(says.contains("will find"), code.is_some(), "{says}");
        let json = init(dir.path(), &[&arguments[..], &["--json"]].concat()).json();
        let codes: Vec<_> =
            json["warnings"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
        assert_eq!(codes, code.iter().collect::<Vec<_>>());
        let mut check = program(&["policy", "check", "--deny-warnings", "policy.json"]);
        let checked = answer(check.current_dir(dir.path()));
        assert_eq!(checked.code, if code.is_some() { 4 } else { 0 }, "{checked:#?}");
    }
}

#[test]
fn every_preset_that_is_listed_can_be_written_and_is_formatted() {
    let dir = tempfile::tempdir().unwrap();
    let listed = init(dir.path(), &["--list", "--json"]).json();
    assert!(listed.as_array().unwrap().len() > 10);
    for preset in listed.as_array().unwrap() {
        let name = preset["name"].as_str().unwrap();
        let file = format!("{name}.json");
        let written = init(dir.path(), &["--preset", name, "--output", &file]);
        assert_eq!(written.code, 0, "{written:#?}");
        let piped = init(dir.path(), &["--preset", name, "--output", "-"]);
        assert_eq!(piped.stdout, fs::read_to_string(dir.path().join(&file)).unwrap());
    }
    let checked = answer(program(&["policy", "fmt", "--check", "."]).current_dir(dir.path()));
    assert_eq!(checked.code, 0, "{checked:#?}");
}

#[test]
fn a_file_that_exists_is_replaced_only_by_force() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("policy.json"), "mine").unwrap();
    let refused = init(dir.path(), &["--preset", "sso-only"]);
    assert_eq!(refused.code, 1, "{refused:#?}");
    assert_eq!(fs::read_to_string(dir.path().join("policy.json")).unwrap(), "mine");
    assert_eq!(init(dir.path(), &["--preset", "sso-only", "--force"]).code, 0);
    assert_eq!(document(dir.path()).id.as_str(), "sso-only");
}

#[test]
fn bad_values_are_usage_errors_that_name_the_option_and_write_nothing() {
    let dir = tempfile::tempdir().unwrap();
    for (arguments, told) in [
        (&["--preset=sso-only", "--id=a b"][..], "--id"),
        (&["--preset=sso-only", "--id="], "--id"),
        (&["--preset=sso-only", "--contact=\u{1b}[31mx"], "--contact"),
        (&["--preset=sso-only", "--start-url=http://acme.test/start"], "--start-url"),
        (&["--preset=sso-one-portal-two-accounts", "--account=12345"], "--account"),
        (&["--preset=eu-regions-only", "--region=Frankfurt"], "--region"),
        (&["--preset=eu-regions-only", "--region=us-*"], "--region"),
        (&["--preset=keychain-only", "--account=111122223333"], "--account"),
        (&["--preset=sso-only", "--expires=0"], "--expires"),
        (&["--preset=sso-only", "--expires=70000"], "at most 65535 days"),
        (&["--preset=sso-only", "--expires=2020-01-31T08:00:00Z"], "ended already"),
        (&["--preset=sso-only", "--expires=tomorrow"], "or in days as in `90`"),
        (&["--preset=sso-onyl"], "did you mean `sso-only`?"),
        (&[], "the presets are sso-only,"),
    ] {
        let refused = init(dir.path(), arguments);
        assert_eq!(refused.code, 2, "{arguments:?} {refused:#?}");
        assert!(one_line(&refused.stderr).contains(told), "{arguments:?} {refused:#?}");
        assert!(!refused.stderr.contains('\u{1b}'), "{refused:#?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
