//! Files that are named after the finding that they provoke.
//!
//! `<code>.json` or `<code>-<variant>.json` is one policy; a directory holds policies that one machine has in force at once,
//! and perhaps `settings.json`. The head of each file says where its findings stand (`// at: 5:3-5:12`, or `nowhere`), what
//! else is found (`// also: code, code`) and which part of the settings is meant (`// pointer: /a/b`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bedrock_auth::check::{self, Checked, Code, Finding, Span};
use bedrock_auth::jsonc::{FindingCode, SourceText};

use crate::catalogue::{files, root, shown};
use crate::{NO_TEXT, rules};

const FOLDER: &str = "tests/check/fixtures";

struct Case {
    name: String,
    policies: Vec<PathBuf>,
    settings: Option<PathBuf>,
}

impl Case {
    fn code(&self) -> &str {
        self.name.split('-').next().unwrap_or_default()
    }

    fn findings(&self) -> Vec<Finding> {
        let policies = self.policies.iter().map(|path| check::policy(text_of(path), &rules()));
        let policies: Vec<_> = policies.collect();
        let all: Vec<&Checked> = policies.iter().collect();
        let mut findings: Vec<_> = all.iter().flat_map(|policy| policy.findings.clone()).collect();
        findings.extend(check::together(&all, &rules()));
        if let Some(path) = &self.settings {
            let text = text_of(path);
            let pointer = head(&text, "pointer").pop();
            findings.extend(check::settings(&text, pointer.as_deref(), &all));
        }
        findings
    }
}

fn text_of(path: &Path) -> SourceText {
    SourceText::from_bytes(path, std::fs::read(path).unwrap()).unwrap()
}

/// The words of a line at the head of a fixture.
fn head(text: &SourceText, key: &str) -> Vec<String> {
    let comments = text.as_str().lines().take_while(|line| line.starts_with("// "));
    let mut told = comments.filter_map(|line| line.strip_prefix("// ")?.split_once(": "));
    let words = told.find(|(found, _)| *found == key).map(|(_, words)| words);
    let words = words.into_iter().flat_map(|words| words.split(", "));
    words.filter(|word| *word != "nowhere").map(str::to_owned).collect()
}

fn cases() -> Vec<Case> {
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    for path in files(FOLDER, ".json") {
        let inside = path.strip_prefix(root().join(FOLDER)).unwrap();
        let first = Path::new(inside.components().next().unwrap().as_os_str());
        let name = first.with_extension("").to_string_lossy().into_owned();
        let empty = || Case { name: name.clone(), policies: Vec::new(), settings: None };
        let case = cases.entry(name.clone()).or_insert_with(empty);
        if inside != first && inside.ends_with("settings.json") {
            case.settings = Some(path);
        } else {
            case.policies.push(path);
        }
    }
    assert!(cases.len() > 100, "only {} fixtures were found", cases.len());
    cases.into_values().collect()
}

fn shown_span(span: &Span) -> String {
    span.lines.map_or("the whole file".to_owned(), |at| {
        format!("{}:{}-{}:{}", at.line, at.column, at.end_line, at.end_column)
    })
}

#[test]
fn each_fixture_yields_what_it_is_named_after_where_it_stands() {
    let mut wrong = Vec::new();
    for case in cases() {
        let findings = case.findings();
        if !findings.iter().any(|finding| finding.code.as_str() == case.code()) {
            wrong.push(format!("{}: it is not found", case.name));
        }
        for path in case.policies.iter().chain(&case.settings) {
            let text = text_of(path);
            let here: Vec<_> = findings.iter().filter(|found| *found.at.file == **path).collect();
            let (mut own, others): (Vec<_>, Vec<_>) =
                here.into_iter().partition(|found| found.code.as_str() == case.code());
            own.sort_by_key(|found| found.range.start);
            let told: Vec<_> = own.iter().map(|found| shown_span(&found.at)).collect();
            let mut others: Vec<_> = others.iter().map(|found| found.code.to_string()).collect();
            let (at, mut also) = (head(&text, "at"), head(&text, "also"));
            others.sort();
            also.sort();
            if told != at || others != also {
                let name = shown(path);
                wrong.push(format!("{name}: {at:?} and {also:?}, but {told:?} and {others:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_fixture_and_every_fixture_a_code() {
    let cases = cases();
    let texts = files("tests/invalid-policies", ".json");
    let texts: Vec<_> = texts.iter().map(|path| path.file_stem().unwrap()).collect();
    let has_fixture = |code: &Code| {
        cases.iter().any(|case| case.name == code.as_str())
            || texts.iter().any(|name| *name == code.as_str())
            || NO_TEXT.contains(&code.as_str())
    };
    let missing: Vec<_> = Code::all().filter(|code| !has_fixture(code)).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
    for case in &cases {
        assert!(Code::from_word(case.code()).is_some(), "`{}` begins with no code", case.name);
    }
}

/// The bytes and the lines of a finding are two ways to say one thing.
#[test]
fn bytes_and_columns_agree() {
    for case in cases() {
        for finding in case.findings() {
            let text = text_of(&finding.at.file);
            let mut spans = vec![(&finding.at, &finding.range)];
            spans.extend(finding.related.iter().map(|related| (&related.at, &related.range)));
            for (at, range) in spans {
                let text = if at.file == finding.at.file { &text } else { &text_of(&at.file) };
                assert!(text.as_str().get(range.clone()).is_some(), "{}: {range:?}", case.name);
                assert_eq!(Span::of(text, range), *at, "{}", case.name);
                // What is missing from a text has a place, and no length.
                let is_missing = finding.code == Code::Text(FindingCode::Syntax);
                assert!(is_missing || !range.is_empty(), "{}: nothing is marked", case.name);
            }
        }
    }
}

/// Error prose: lower case, no full stop, the advice apart, and no value of the file, which could be a secret.
#[test]
fn messages_are_prose_and_repeat_no_value() {
    for case in cases() {
        for finding in case.findings() {
            let related = finding.related.iter().map(|related| &related.message);
            for said in [&finding.message].into_iter().chain(&finding.advice).chain(related) {
                let begin = said.chars().next().unwrap();
                let is_name = ["AWS", "Bedrock", "API"].iter().any(|name| said.starts_with(name));
                assert!(!begin.is_uppercase() || is_name, "{}: {said}", case.name);
                assert!(!said.ends_with('.'), "{}: {said}", case.name);
                assert_eq!(check::mask(said), *said, "{}", case.name);
            }
            // Messages name keys, and never values.
            let text = text_of(&finding.at.file);
            let (marked, behind) =
                text.as_str()[finding.range.start..].split_at(finding.range.len());
            let is_key = behind.trim_start().starts_with(':');
            let value = marked.trim_matches('"');
            let is_told = value.len() > 4 && finding.message.contains(value);
            assert!(is_key || !is_told, "{}: {}", case.name, finding.message);
        }
    }
}
