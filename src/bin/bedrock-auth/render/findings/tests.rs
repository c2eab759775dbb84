//! Each code in every format, as it was last looked at: `UPDATE_SNAPSHOTS=1 cargo test --bin bedrock-auth` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bedrock_auth::check::{self, Checked, Code, Finding, Report, Rules};
use bedrock_auth::jsonc::SourceText;
use bedrock_auth::load::read_policy_file;
use clap::ValueEnum as _;
use serde_json::Value;

use super::{Format, Reported, human, nothing_below, text};

const WIDTH: usize = 100;

/// The moment of `tests/check`, whose fixtures these are.
fn rules() -> Rules {
    Rules::at("2026-06-01T00:00:00Z".parse().unwrap(), 30)
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// What provokes a code: policies, perhaps settings, each under a short name.
fn reported(code: Code) -> Reported {
    let name = code.as_str();
    let fixtures = tests().join("check/fixtures").join(name);
    let file = fixtures.with_extension("json");
    let invalid = tests().join("invalid-policies").join(format!("{name}.json"));
    let short = || PathBuf::from(format!("{name}.json"));
    let made: Option<Vec<u8>> = match name {
        "byte_order_mark" => Some(b"\xef\xbb\xbf{}".to_vec()),
        "not_utf8" => Some(b"{\n  \"id\": \"\xfc\"\n}".to_vec()),
        "nul_character" => Some(b"{ \"id\": \"a\0\" }".to_vec()),
        "too_deep" => Some("[".repeat(600).into_bytes()),
        _ => None,
    };
    let mut findings = Vec::new();
    let mut texts = Vec::new();
    let mut policies: Vec<Checked> = Vec::new();
    match (made, name) {
        (Some(bytes), _) => match SourceText::from_bytes(short(), bytes) {
            Ok(text) => policies.push(check::policy(text, &rules())),
            Err(fault) => findings.push(Finding::of_file(fault)),
        },
        (None, "unreadable") => {
            findings
                .extend(read_policy_file(Path::new("unreadable.json")).err().map(Finding::of_file));
        }
        (None, "nothing_to_check") => findings.push(nothing_below(Path::new("policies"))),
        (None, _) if fixtures.is_dir() => {
            let mut inside: Vec<_> =
                fs::read_dir(&fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
            inside.sort();
            for path in inside.iter().filter(|path| !path.ends_with("settings.json")) {
                policies.push(check::policy(named(path), &rules()));
            }
        }
        (None, _) => {
            let path = if file.exists() { file } else { invalid };
            policies.push(check::policy(named(&path), &rules()));
        }
    }
    let all: Vec<_> = policies.iter().collect();
    findings.extend(check::together(&all, &rules()));
    let settings = fixtures.join("settings.json");
    if settings.exists() {
        let text = named(&settings);
        findings.extend(check::settings(&text, None, &all));
        texts.push(text);
    }
    for policy in policies {
        findings.extend(policy.findings);
        texts.push(policy.text);
    }
    let files = texts.iter().map(|text| text.path().to_path_buf()).collect::<Vec<_>>();
    let texts: BTreeMap<_, _> =
        texts.iter().map(|text| (text.path().clone(), check::mask(text.as_str()))).collect();
    Reported { report: Report::of(files.len().max(1), findings), files, texts }
}

fn named(path: &Path) -> SourceText {
    let name = path.file_name().unwrap();
    SourceText::from_bytes(Path::new(name), fs::read(path).unwrap()).unwrap()
}

/// A page as it is, and what has one does not change with the page.
fn in_format(format: Format, reported: &Reported) -> String {
    match format {
        Format::Human => anstream::adapter::strip_str(&human::text(reported, WIDTH)).to_string(),
        Format::Sarif => {
            let mut sarif: Value =
                serde_json::from_str(&text(format, reported, false).unwrap()).unwrap();
            let driver = &mut sarif["runs"][0]["tool"]["driver"];
            driver["semanticVersion"] = "…".into();
            for rule in driver["rules"].as_array_mut().unwrap() {
                rule["help"] = "the page".into();
            }
            format!("{}\n", serde_json::to_string_pretty(&sarif).unwrap())
        }
        _ => text(format, reported, false).unwrap(),
    }
}

#[test]
fn each_code_in_every_format() {
    let folder = tests().join("check/snapshots");
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value == "1");
    let mut stale = Vec::new();
    for code in Code::all() {
        let reported = reported(code);
        assert!(
            reported.report.findings.iter().any(|finding| finding.code == code),
            "{code}: {:#?}",
            reported.report
        );
        let mut all = String::new();
        for format in Format::value_variants() {
            let shown = in_format(*format, &reported);
            assert!(shown.contains(code.as_str()), "{code} in {format:?}: {shown}");
            all += &format!("== {}\n{shown}\n", format.to_possible_value().unwrap().get_name());
        }
        let path = folder.join(format!("{code}.txt"));
        if update {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &all).unwrap();
        }
        if fs::read_to_string(&path).ok().as_ref() != Some(&all) {
            stale.push(code.as_str());
        }
    }
    assert!(stale.is_empty(), "differ: {stale:?}; look at them, and run with UPDATE_SNAPSHOTS=1");
}
