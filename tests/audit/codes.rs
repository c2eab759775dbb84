//! The record of a denial for each code that there is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bedrock_auth::audit::{Asked, CredentialUse, Door};
use bedrock_auth::journal::{Layout, Recorder};
use bedrock_auth::load::Machine;
use bedrock_auth::policy::{AuditDemand, DenialCode};
use bedrock_auth::scenario::Scenario;
use serde_json::Value;

fn scenarios(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(scenarios(&path));
        } else if path.to_str().unwrap().ends_with("scenario.json") {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_denial_of_each_code_is_on_record() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let state = tempfile::tempdir().unwrap();
    let machine = Machine::empty().with_state_directory(state.path());
    let recorder = Recorder::of(&machine);
    let asked = Asked::at(Door::Export);
    let mut expected = 0;
    for path in scenarios(&root.join("tests/scenarios")) {
        let scenario = Scenario::read(&path).unwrap();
        let (resolution, _) = scenario.run();
        // What has ended is refused without any policy, and then nothing is recorded.
        if !resolution.denials.is_empty() && resolution.audit != AuditDemand::Off {
            recorder.not_allowed(&resolution, &asked);
            expected += 1;
        }
        // What is refused only when it comes.
        if let Some(verdict) = scenario.judge_use(&resolution).filter(|v| !v.denials.is_empty()) {
            let made = CredentialUse::of_answer(asked.door, recorder.who(None), &resolution);
            let made = made.refused(&verdict.denials, None);
            recorder.withheld(machine.now(), AuditDemand::Recorded, made, None);
            expected += 1;
        }
    }
    assert_eq!(recorder.trouble(), None);
    let mut seen = BTreeSet::new();
    let mut denied = 0;
    for segment in Layout::of(state.path().join("audit")).segments().unwrap() {
        let text = std::fs::read_to_string(segment.path).unwrap();
        let records: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(crate::schema::faults(&records), Vec::<String>::new());
        for record in records.iter().filter(|record| record["outcome"] == "denied") {
            denied += 1;
            let denials = record["denials"].as_array().unwrap();
            seen.extend(denials.iter().map(|d| d["code"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(denied, expected);
    let missing: Vec<_> = DenialCode::ALL.iter().filter(|c| !seen.contains(c.as_str())).collect();
    assert!(missing.is_empty(), "no record holds {missing:?}");
}
