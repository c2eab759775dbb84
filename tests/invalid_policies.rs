//! Every fault of a policy file has its code and its place, and every file that has one denies everything.

mod catalogue;

use std::path::{Path, PathBuf};

use bedrock_auth::jsonc::{Finding, FindingCode};
use bedrock_auth::load::{Clock, Machine, Managed, read_text_file};
use bedrock_auth::policy::{DenialCode, Document};
use catalogue::{files, plain_json, root, shown};

/// Fixtures in `invalid-policies`, and where the one fault of each stands. A name begins with the code.
const FIXTURES: &[(&str, &str)] = &[
    ("invalid_value", "4:18"),
    ("invalid_value-account", "4:38"),
    ("invalid_value-endpoint", "4:17"),
    ("invalid_value-family", "4:28"),
    ("invalid_value-id", "3:9"),
    ("invalid_value-instant", "4:25"),
    ("invalid_value-lifetime", "4:45"),
    ("invalid_value-pattern", "4:48"),
    ("invalid_value-revision", "4:15"),
    ("invalid_value-start_url", "4:40"),
    ("missing_key", "1:1"),
    ("missing_key-version", "1:1"),
    ("no_value", "1:1"),
    ("repeated_key", "6:3"),
    ("syntax", "3:12"),
    ("syntax-second_value", "2:1"),
    ("syntax-single_quotes", "3:9"),
    ("unknown_key", "5:3"),
    ("unknown_key-constraint", "6:7"),
    ("unknown_key-method", "4:16"),
    ("unknown_version", "2:21"),
    ("wrong_type", "4:14"),
    ("wrong_type-account", "5:38"),
    ("wrong_type-null", "4:23"),
    ("wrong_type-root", "1:1"),
];

const POLICY: &[u8] = b"{ \"schema_version\": 1, \"id\": \"p\" }\n";
const DEEPER_THAN_ANY_POLICY: usize = 100_000;

/// Files that are made here, because editors and Git would mend them: name, bytes, place of the fault.
fn odd_bytes() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let nested = |open: &str, close: &str| {
        let (open, close) =
            (open.repeat(DEEPER_THAN_ANY_POLICY), close.repeat(DEEPER_THAN_ANY_POLICY));
        format!("{open}1{close}").into_bytes()
    };
    vec![
        ("byte_order_mark", [b"\xEF\xBB\xBF", POLICY].concat(), "1:1"),
        ("byte_order_mark-utf_16", b"\xFF\xFE{\0}\0".to_vec(), "1:1"),
        ("nul_character", b"{\n  \"id\": \"p\0\" }".to_vec(), "2:11"),
        ("not_utf8", b"{ \"schema_version\": 1,\n  \"id\": \"caf\xE9\" }".to_vec(), "2:13"),
        ("too_deep", nested("[", "]"), ""),
        ("too_deep-objects", nested("{\"a\":", "}"), ""),
        // opened and never closed: what a truncated download could look like
        ("too_deep-unclosed", nested("[", ""), ""),
    ]
}

struct Case {
    name: String,
    path: PathBuf,
    /// `line:column`, or nothing where the place tells a reader nothing.
    place: &'static str,
}

impl Case {
    fn code(&self) -> &str {
        self.name.split('-').next().unwrap_or_default()
    }

    fn findings(&self) -> Vec<Finding> {
        let document = read_text_file(&self.path)
            .map_err(|finding| vec![finding])
            .and_then(|text| Document::parse(&text));
        document.err().unwrap_or_default()
    }
}

fn cases(directory: &Path) -> Vec<Case> {
    let committed = FIXTURES.iter().map(|(name, place)| Case {
        name: (*name).to_owned(),
        path: root().join(format!("tests/invalid-policies/{name}.json")),
        place,
    });
    let made = odd_bytes().into_iter().map(|(name, bytes, place)| {
        let path = directory.join(format!("{name}.json"));
        std::fs::write(&path, bytes).unwrap();
        Case { name: name.to_owned(), path, place }
    });
    let absent = directory.join("there-is-no-such-file.json");
    let unreadable = Case { name: "unreadable".to_owned(), path: absent, place: "" };
    committed.chain(made).chain([unreadable]).collect()
}

#[test]
fn each_fault_has_its_code_and_place() {
    let directory = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for case in cases(directory.path()) {
        let found = case.findings();
        let told: Vec<_> = found.iter().map(|f| format!("{} at {}", f.code, f.place)).collect();
        let expected = match case.place {
            "" => None,
            place => Some(format!("{} at {}:{place}", case.code(), case.path.display())),
        };
        let is_right = match (&expected, found.as_slice()) {
            (Some(expected), _) => told == [expected.as_str()],
            (None, [only]) => only.code.as_str() == case.code(),
            (None, _) => false,
        };
        if !is_right {
            wrong.push(format!("{}: {expected:?}, but {told:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_fixture_and_every_fixture_is_tested() {
    let directory = tempfile::tempdir().unwrap();
    let cases = cases(directory.path());
    let missing: Vec<_> = FindingCode::ALL
        .iter()
        .filter(|code| !cases.iter().any(|case| case.name == code.as_str()))
        .collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
    let untested: Vec<_> = files("tests/invalid-policies", ".json")
        .into_iter()
        .filter(|path| !cases.iter().any(|case| case.path == *path))
        .map(|path| shown(&path))
        .collect();
    assert!(untested.is_empty(), "not in the table: {untested:?}");
}

/// A broken policy is no missing policy.
#[test]
fn each_fault_denies_everything() {
    let directory = tempfile::tempdir().unwrap();
    for case in cases(directory.path()) {
        let machine = Machine::empty().with_managed(Managed::WhatIf(case.path.clone()));
        let resolution = machine.with_clock(Clock::System).resolve();
        let is_malformed = case.findings().iter().any(|finding| finding.code.is_malformed());
        let expected = match (case.code(), is_malformed) {
            ("unreadable", _) => DenialCode::PolicyUnreadable,
            (_, true) => DenialCode::PolicyMalformed,
            (_, false) => DenialCode::PolicyInvalid,
        };
        assert_eq!(resolution.denial_codes(), [expected], "{}", case.name);
        assert!(resolution.allowed().is_none(), "{}", case.name);
    }
}

/// What stands in a file in the wrong place may be a secret.
#[test]
fn findings_do_not_repeat_values() {
    for path in files("tests/invalid-policies", ".json") {
        let Ok(text) = read_text_file(&path) else { continue };
        let Err(findings) = Document::parse(&text) else { continue };
        if !path.to_string_lossy().contains("invalid_value") {
            continue;
        }
        let value = plain_json(&path);
        let mut strings = Vec::new();
        collect_strings(&value, &mut strings);
        for finding in findings {
            let said = format!("{finding} {}", finding.advice.as_deref().unwrap_or_default());
            for string in strings.iter().filter(|string| string.len() > 3) {
                assert!(!said.contains(string.as_str()), "{said} repeats {string}");
            }
        }
    }
}

fn collect_strings(value: &serde_json::Value, strings: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => strings.push(text.clone()),
        serde_json::Value::Array(parts) => parts.iter().for_each(|p| collect_strings(p, strings)),
        serde_json::Value::Object(members) => {
            members.values().for_each(|p| collect_strings(p, strings));
        }
        _ => {}
    }
}
