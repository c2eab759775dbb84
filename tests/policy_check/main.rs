//! `policy check` as CI runs it: its exit codes, its reports as the programs read them that they are for, and text that
//! would fool them.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../catalogue/mod.rs"]
mod catalogue;
#[path = "../support/mod.rs"]
mod support;

mod broken;
mod exits;
mod formats;
mod harmless;
mod places;
mod rules;
mod tracked;

use std::path::{Path, PathBuf};

use crate::support::program::{Answer, answer, program};

/// Every format of a report.
const FORMATS: [&str; 6] = ["human", "json", "sarif", "github", "gitlab", "junit"];

/// A policy that nothing is wrong with.
const SOUND: &str = r#"{ "schema_version": 1, "id": "corp",
  "methods": { "sso": { "start_urls": ["https://corp.awsapps.com/start"] } } }"#;

/// A run of `policy check` in a directory.
fn check(directory: &Path, words: &[&str]) -> Answer {
    answer(program(&[&["policy", "check"], words].concat()).current_dir(directory))
}

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    directory
}

/// All fixtures with findings, beside each other in a directory of its own.
fn faulty() -> (tempfile::TempDir, Vec<PathBuf>) {
    let directory = tempfile::tempdir().unwrap();
    let mut copied = Vec::new();
    for folder in ["tests/invalid-policies", "tests/check/fixtures"] {
        for path in catalogue::files(folder, ".json") {
            let inside = path.strip_prefix(catalogue::root()).unwrap_or(&path).to_owned();
            let copy = directory.path().join(&inside);
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(&path, &copy).unwrap();
            copied.push(inside);
        }
    }
    assert!(copied.len() > 20, "only {} fixtures were found", copied.len());
    (directory, copied)
}

/// The codes of a report in JSON, in its order.
fn codes(answer: &Answer) -> Vec<String> {
    let report = answer.json();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}
