//! Whether the audit journal can be written, and who else gets at it.

use std::collections::BTreeMap;
use std::fs;
use std::time::SystemTime;

use serde_json::Value;

use crate::codes::{checks, in_place};
use crate::files::{SETTINGS, of_another, set_mode};
use crate::{KEY, Person, about};

const STATE: &str = ".local/state";
const JOURNAL: &str = ".local/state/bedrock-auth/audit";
const REQUIRED: &str = r#"{ "schema_version": 1, "id": "p", "audit": { "required": true } }"#;

fn person() -> Person {
    let key = [("ZED_ACCESS_KEY_ID", KEY), ("ZED_SECRET_ACCESS_KEY", "hush")];
    Person::with(&[(SETTINGS, r#"{ "audit": true }"#)], &key)
}

/// Somebody who has used a credential already, so that there is a journal.
fn with_a_journal() -> Person {
    let person = person();
    let mut command = crate::support::program::bare(crate::PROGRAM);
    command.args(["export", "--no-keychain"]);
    command.env("HOME", person.home.path()).envs(person.variables.iter().cloned());
    assert_eq!(crate::answer(&mut command).code, 0);
    assert!(person.path(JOURNAL).join("head").is_file());
    person
}

/// A file stands where a directory has to be.
pub(crate) fn without_a_place() -> Person {
    let person = person();
    fs::create_dir_all(person.path(".local")).unwrap();
    fs::write(person.path(STATE), "in the way").unwrap();
    person
}

pub(crate) fn with_a_broken_key() -> Person {
    let person = with_a_journal();
    fs::write(person.path(JOURNAL).join("signing-key.pem"), "no key").unwrap();
    person
}

/// What is found where a policy demands records.
pub(crate) fn demanded(person: &Person) -> Vec<Value> {
    let policy = person.policy(REQUIRED);
    checks(&person.asks_the_doctor(&["--json", "--managed", &policy]).json())
}

fn codes(checks: &[Value]) -> Vec<(String, String)> {
    let of_journal = checks.iter().filter(|check| check["subject"] == "audit");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    of_journal.map(|check| (word(&check["code"]), word(&check["state"]))).collect()
}

fn told(person: &Person) -> Vec<String> {
    about(&person.asks_the_doctor(&["--json"]), "audit")
}

fn found(code: &str, state: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), state.to_owned())]
}

#[test]
fn where_nothing_is_recorded_there_is_nothing_to_say() {
    let person = Person::with(&[], &[("ZED_BEDROCK_BEARER_TOKEN", "a-token")]);
    assert_eq!(told(&person), [""; 0]);
}

#[test]
fn where_decisions_are_recorded() {
    for person in [person(), with_a_journal()] {
        let place = person.path(JOURNAL).display().to_string();
        let expected = format!("audit fine decisions are recorded in `{place}`");
        assert_eq!(told(&person), [expected]);
        let policy = person.policy(REQUIRED);
        let answer = person.asks_the_doctor(&["--json", "--managed", &policy]);
        let expected = format!("audit fine no credential leaves before its record is in `{place}`");
        assert_eq!(about(&answer, "audit"), [expected]);
    }
}

#[test]
fn what_keeps_records_from_being_written_is_as_bad_as_they_are_needed() {
    type Situation = (fn() -> Person, &'static str);
    let situations: [Situation; 2] =
        [(without_a_place, "journal_unwritable"), (with_a_broken_key, "journal_key_unusable")];
    for (situation, code) in situations {
        let person = situation();
        let asked = checks(&person.asks_the_doctor(&["--json"]).json());
        assert_eq!(codes(&asked), found(code, "warning"));
        assert_eq!(codes(&demanded(&person)), found(code, "problem"));
    }
    let broken = with_a_journal();
    fs::write(broken.path(JOURNAL).join("fingerprint-key"), "short").unwrap();
    assert_eq!(codes(&demanded(&broken)), found("journal_key_unusable", "problem"));
}

#[test]
fn a_directory_that_may_not_be_written_and_a_disk_without_room() {
    const POLICY: &str = r#"echo '{ "schema_version": 1, "id": "p", "audit": { "required": true } }' > policy.json;"#;
    let key = ["ZED_BEDROCK_BEARER_TOKEN=a-token"];
    let locked = "install -d -o root -m 755 $scratch/ann/.local";
    let full = "install -d $scratch/ann/.local; mount -t tmpfs -o size=8k tmpfs $scratch/ann/.local; \
                chown 42001 $scratch/ann/.local";
    for (script, remedy) in [(locked, "make `"), (full, "free some space")] {
        let script: &'static str = format!("{POLICY} {script}").leak();
        let checks = in_place(script, "ann", &key);
        assert_eq!(codes(&checks), found("journal_unwritable", "problem"), "{checks:#?}");
        let check = checks.iter().find(|check| check["subject"] == "audit").unwrap();
        assert!(check["remedy"].as_str().unwrap().starts_with(remedy), "{check}");
    }
}

#[test]
fn who_else_gets_at_it() {
    let person = with_a_journal();
    set_mode(&person.path(JOURNAL), 0o777);
    // Nothing is written where others could put anything in its place.
    let both = ["journal_unwritable", "file_writable_by_others"];
    let both = both.map(|code| (code.to_owned(), "problem".to_owned()));
    assert_eq!(codes(&demanded(&person)), both);
    set_mode(&person.path(JOURNAL), 0o700);
    for (file, mode, code) in [
        ("journal-000001.jsonl", 0o622, "file_writable_by_others"),
        ("head", 0o606, "file_writable_by_others"),
        ("signing-key.pem", 0o644, "file_readable_by_others"),
        ("fingerprint-key", 0o604, "file_readable_by_others"),
    ] {
        let path = person.path(JOURNAL).join(file);
        set_mode(&path, mode);
        assert_eq!(codes(&demanded(&person)), found(code, "problem"), "{file}");
        set_mode(&path, 0o600);
    }
    assert_eq!(codes(&demanded(&person)), [(String::new(), "fine".to_owned())]);
}

#[test]
fn what_belongs_to_somebody_else() {
    let person = of_another(SETTINGS);
    fs::create_dir_all(person.path(JOURNAL)).unwrap();
    std::os::unix::fs::chown(person.path(JOURNAL), Some(42_099), None).unwrap();
    let codes = codes(&demanded(&person));
    assert_eq!(codes[0], ("journal_unwritable".to_owned(), "problem".to_owned()));
    assert_eq!(codes[1].0, "file_of_another");
}

#[test]
fn a_look_changes_nothing() {
    let person = with_a_journal();
    let listing = || -> BTreeMap<_, (u64, SystemTime)> {
        let entries = fs::read_dir(person.path(JOURNAL)).unwrap();
        let of = |entry: fs::DirEntry| {
            let metadata = entry.metadata().unwrap();
            (entry.file_name(), (metadata.len(), metadata.modified().unwrap()))
        };
        entries.map(|entry| of(entry.unwrap())).collect()
    };
    let before = listing();
    demanded(&person);
    assert_eq!(listing(), before);
}
