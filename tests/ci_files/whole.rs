//! The hook and the action with the program itself, on policies that are sound and on one that is not.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::action::Step;
use crate::hooks::Repositories;
use crate::page;
use crate::stand_in::search_path;
use crate::support::program::{PROGRAM, answer};

const SOUND: &str = r#"{
  "schema_version": 1,
  "id": "corp",
  "contact": "https://it.example/bedrock",
  "methods": {
    "sso": { "start_urls": ["https://corp.awsapps.com/start"], "accounts": ["111122223333"] }
  }
}
"#;

fn broken() -> String {
    SOUND.replace("\"methods\"", "\"metods\"")
}

fn program_path() -> std::ffi::OsString {
    search_path(Path::new(PROGRAM).parent().unwrap())
}

#[test]
fn a_hook_stops_a_policy_that_is_not_sound() {
    let repositories = Repositories::new(&page::pre_commit_configs()[0], &["policy.d/10 a.json"]);
    let file = repositories.policies().join("policy.d/10 a.json");
    let arguments = ["run", "--all-files", "bedrock-auth-policy-check-system"];
    for (text, code) in [(SOUND.to_owned(), 0), (broken(), 1)] {
        fs::write(&file, text).unwrap();
        let mut pre_commit = repositories.command(&arguments);
        let told = answer(pre_commit.env("PATH", program_path()));
        assert_eq!(told.code, code, "{told:?}");
        assert_eq!(told.stdout.contains("10 a.json:5:"), code == 1, "{told:?}");
    }
}

#[test]
fn the_action_annotates_and_writes_sarif() {
    let step = Step::new();
    let place = step.workspace.path().join("with space");
    fs::create_dir(&place).unwrap();
    let inputs = [("paths", "with space"), ("sarif-file", "out.sarif")];
    for (text, code, results) in [(SOUND.to_owned(), 0, 0), (broken(), 4, 1)] {
        fs::write(place.join("policy.json"), text).unwrap();
        let told = answer(step.bash(&inputs).env("PATH", program_path()));
        assert_eq!(told.code, code, "{told:?}");
        let annotates = told.stdout.contains("::error file=with space/policy.json,line=5,");
        assert_eq!(annotates, code == 4, "{told:?}");
        assert_eq!(step.outputs()["sarif-file"], "out.sarif");
        let sarif = fs::read_to_string(step.workspace.path().join("out.sarif")).unwrap();
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        let found = sarif["runs"][0]["results"].as_array().unwrap();
        assert!(found.len() >= results && found.is_empty() == (results == 0), "{sarif:#}");
        let schema = crate::files::text("tests/check/sarif-2.1.0.schema.json");
        let schema: Value = serde_json::from_str(&schema).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        assert!(validator.is_valid(&sarif), "{:?}", validator.validate(&sarif));
    }
}

/// A path that is not there must not be a pass.
#[test]
fn the_action_fails_where_there_is_nothing_to_check() {
    let step = Step::new();
    fs::create_dir(step.workspace.path().join("empty")).unwrap();
    for path in ["empty", "missing.json", "-x"] {
        let told = answer(step.bash(&[("paths", path)]).env("PATH", program_path()));
        assert_eq!(told.code, 4, "{path}: {told:?}");
        assert_eq!(step.outputs()["exit-code"], "4");
    }
}
