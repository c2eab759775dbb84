//! What git tracks is checked in spite of its ignore rules: a pull request could hide a policy behind them.

use std::fs;
use std::path::Path;

use crate::support::program::{answer, bare};
use crate::{SOUND, check, codes, directory};

fn git(directory: &Path, arguments: &[&str]) {
    let mut git = bare("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let told = answer(git.args(arguments).current_dir(directory));
    assert_eq!(told.code, 0, "{told:?}");
}

/// A repository in which a bad policy is ignored by a rule.
fn hidden() -> tempfile::TempDir {
    let files = [("policy.json", SOUND), ("old/policy.json", "{}"), (".gitignore", "old/\n")];
    let dir = directory(&files);
    git(dir.path(), &["init", "--quiet"]);
    git(dir.path(), &["add", "policy.json", ".gitignore"]);
    dir
}

#[test]
fn a_policy_that_is_tracked_cannot_be_hidden_by_a_rule() {
    let dir = hidden();
    assert_eq!(check(dir.path(), &["."]).code, 0);
    git(dir.path(), &["add", "--force", "old/policy.json"]);
    let report = check(dir.path(), &[".", "--json"]);
    assert_eq!((report.code, codes(&report)), (4, vec!["missing_key".to_owned(); 2]));
    assert_eq!(report.json()["findings"][0]["file"], "./old/policy.json");
    fs::remove_file(dir.path().join("old/policy.json")).unwrap();
    assert_eq!(check(dir.path(), &["."]).code, 0, "what is not there has no fault");
}

#[test]
fn an_index_that_cannot_be_read_is_no_pass() {
    let dir = hidden();
    fs::write(dir.path().join(".git/index"), "broken").unwrap();
    let report = check(dir.path(), &[".", "--json"]);
    assert_eq!((report.code, codes(&report)), (4, vec!["unreadable".to_owned()]));
    let finding = &report.json()["findings"][0];
    assert_eq!(finding["file"], ".");
    assert!(
        finding["message"].as_str().unwrap().contains(".git/index` cannot be read"),
        "{finding}"
    );
    assert_eq!(check(dir.path(), &["policy.json"]).code, 0, "what is named needs no index");
}
