//! Faults of bytes that editors and Git would mend.

use std::path::Path;

use bedrock_auth::check::{self, Checked, Finding};
use bedrock_auth::jsonc::SourceText;
use bedrock_auth::load::read_text_file;

use crate::rules;

/// What is found, as `code line:column-line:column`.
fn found(bytes: &[u8]) -> Vec<String> {
    let findings = match SourceText::from_bytes(Path::new("policy.json"), bytes.to_vec()) {
        Ok(text) => check::policy(text, &rules()).findings,
        Err(fault) => vec![Finding::of_file(fault)],
    };
    findings.iter().map(told).collect()
}

fn told(finding: &Finding) -> String {
    let lines = finding.at.lines.map_or("nowhere".to_owned(), |at| {
        format!("{}:{}-{}:{}", at.line, at.column, at.end_line, at.end_column)
    });
    format!("{} {lines}", finding.code)
}

#[test]
fn bytes_that_are_no_policy() {
    assert_eq!(found(b"\xEF\xBB\xBF{}"), ["byte_order_mark 1:1-1:1"]);
    assert_eq!(found("{ \"id\": \"é".as_bytes().split_last().unwrap().1), ["not_utf8 1:10-1:10"]);
    assert_eq!(found("{\n \"ö\": \"\0\" }".as_bytes()), ["nul_character 2:8-2:9"]);
    let deep = "[".repeat(600);
    assert!(found(deep.as_bytes())[0].starts_with("too_deep 1:"), "{:?}", found(deep.as_bytes()));
}

#[test]
fn a_file_that_is_not_there() {
    let fault = read_text_file(Path::new("there-is-no-such-file.json")).unwrap_err();
    let finding = Finding::of_file(fault);
    assert_eq!(told(&finding), "unreadable nowhere");
    assert_eq!(finding.at.file.to_str(), Some("there-is-no-such-file.json"));
}

/// All faults of a text show at once, and what it hides, too.
#[test]
fn everything_at_once() {
    let text =
        "{ // AKIARZPUZDIKEWS2LJNF\n  \"id\": \"é\",\n  \"method\": 1,\n  \"regions\": [1] }";
    assert_eq!(
        found(text.as_bytes()),
        [
            "missing_key 1:1-1:2",
            "secret_in_policy 1:6-1:26",
            "invalid_value 2:9-2:12",
            "unknown_key 3:3-3:11",
            "wrong_type 4:15-4:16",
        ]
    );
}

/// A fault of syntax hides nothing of what stands behind it, be it another one, a wrong value or what no schema says.
#[test]
fn faults_behind_one_of_syntax() {
    let text = "{ \"schema_version\": 1,\n  \"id\": \"é\"\n  \"method\": 1,\n  'regions': [1] }";
    assert_eq!(
        found(text.as_bytes()),
        [
            "invalid_value 2:9-2:12",
            "syntax 2:12-2:12",
            "unknown_key 3:3-3:11",
            "syntax 4:3-4:12",
            "wrong_type 4:15-4:16"
        ]
    );
    let text = "{ \"schema_version\": 1, \"id\": 'p' \"revision\": 01,\n  \"regions\": [\"eu-wst-1\", yes] }";
    assert_eq!(
        found(text.as_bytes()),
        [
            "syntax 1:30-1:33",
            "syntax 1:33-1:33",
            "syntax 1:46-1:48",
            "unknown_region 2:15-2:25",
            "syntax 2:27-2:30"
        ]
    );
    // Nobody knows to which object the rest belongs.
    assert_eq!(found(b"{ \"schema_version\": 1, \"id\": \"p\", \"method\" 1 }").len(), 1);
}

/// What could be mended in more than one way is told, and nothing that only some of them make true.
#[test]
fn what_is_not_certain_is_not_told() {
    for rest in [
        "\"regions\": [,] }",
        "\"methods\": {,} }",
        "\"methods\": { \"sso\": { \"profiles\": [,], \"start_urls\": [\"https://corp.awsapps.com/start\"] } } }",
        "\"regions\": [\"eu-*\",,], \"settings\": { \"locked\": { \"region\": \"us-east-1\" } } }",
        "// note\r\"regions\": []\n}",
        "\"regions\": [ #eu-*\n ] }",
        "\"x-a\": { \"b\": \"corp },\n \"x-b\": [1, 2],\n \"x-c\": 3\n}",
        "\"x-a\": [\"corp ],\n \"x-b\": [1, 2],\n \"x-c\": 3\n}",
        "\"x-a\": \"b\n c\", \"regions\": [\"eu-*\"]\n}",
        "\"x-a\": \"b\rc\" }",
        "\"x-a\": \"\\ud83d\\ud83d\\ude00\" }",
        "\"x-a\": {}},\n \"x-b\": [1] }",
    ] {
        let text = format!("{{ \"schema_version\": 1, \"id\": \"a\",\n {rest}");
        let found = found(text.as_bytes());
        assert!(found.len() == 1 && found[0].starts_with("syntax"), "{text:?}: {found:?}");
    }
}

/// A place is found at once however long its line is, and whatever stands on it.
#[test]
fn long_lines() {
    let text = format!("{{ \"description\": \"é\", \"regions\": [{}1] }}", "1, ".repeat(200_000));
    assert_eq!(found(text.as_bytes()).len(), 200_003);
}

/// Lists of a length that only programs write are looked at in no time.
#[test]
fn long_lists() {
    let names: Vec<_> = (0..60_000).map(|i| format!("\"n{i}\"")).collect();
    let list = format!("{}, \"n59999\"", names.join(", "));
    let text = format!(
        "{{ \"schema_version\": 1, \"id\": \"p\", \"methods\": {{ \"named_profile\": {{ \"roots\": [\"sso\"], \"profiles\": [{list}] }} }} }}"
    );
    let findings = found(text.as_bytes());
    assert_eq!(findings.len(), 1);
    assert!(findings[0].starts_with("duplicate"), "{findings:?}");
}

/// To compare two patterns takes as many steps as the product of their lengths, and these would keep a computer busy for days.
#[test]
fn long_patterns() {
    let long = "a".repeat(5_000);
    let patterns: Vec<_> = (0..200).map(|i| format!("\"*{long}b{i:03}\"")).collect();
    let list = patterns.join(", ");
    let policy = |id: &str, patterns: &str| {
        format!(
            "{{ \"schema_version\": 1, \"id\": \"{id}\", \"regions\": [{patterns}], \"methods\": {{ \"named_profile\": {{ \"roots\": [\"sso\"], \"profiles\": [{patterns}] }} }} }}"
        )
    };
    let texts = [policy("a", &list), policy("b", &list.replace('b', "c"))];
    let checked = texts.map(|text| check::policy(SourceText::new(Path::new("f"), text), &rules()));
    let unknown =
        |policy: &Checked| policy.findings.iter().all(|f| f.code.as_str() == "unknown_region");
    assert!(checked.iter().all(|policy| policy.findings.len() == 200 && unknown(policy)));
    assert_eq!(check::together(&checked.each_ref(), &rules()), []);
}

/// One policy that begins when another one ends is never held against it.
#[test]
fn policies_that_follow_each_other() {
    let policy = |id: &str, valid: &str, region: &str| {
        let text = format!(
            "{{ \"schema_version\": 1, \"id\": \"{id}\", \"valid\": {{ {valid} }}, \"regions\": [\"{region}\"], \"settings\": {{ \"locked\": {{ \"region\": \"{region}\" }} }} }}"
        );
        check::policy(SourceText::new(Path::new(id), text), &rules())
    };
    let codes = |begin: &str, other: &str| -> Vec<_> {
        let all = [
            policy("old", "\"expires\": \"2027-06-01T00:00:00Z\"", "eu-west-1"),
            policy("new", &format!("\"not_before\": \"{begin}\""), other),
            policy("next", "\"not_before\": \"2028-01-01T00:00:00Z\"", "us-east-1"),
        ];
        let found = check::together(&all.each_ref(), &rules());
        found
            .iter()
            .map(|finding| format!("{} {}", finding.at.file.display(), finding.code))
            .collect()
    };
    assert!(codes("2027-06-01T00:00:00Z", "us-east-1").is_empty());
    let both = ["new locked_conflict", "new together_allow_nobody"];
    for found in
        [codes("2027-05-31T00:00:00Z", "us-east-1"), codes("2026-01-01T00:00:00Z", "us-east-1")]
    {
        assert!(both.iter().all(|told| found.contains(&(*told).to_owned())), "{found:?}");
    }
    let later = codes("2027-06-01T00:00:00Z", "eu-west-2");
    let is_of_old = |told: &String| told.starts_with("old");
    assert!(!later.iter().any(is_of_old) && !later.is_empty(), "{later:?}");
}

/// A last `*` stands for any arguments, also none, and words are told apart by any number of spaces.
#[test]
fn commands_of_several_policies() {
    let policy = |id: &str, command: &str| {
        let text = format!(
            "{{ \"schema_version\": 1, \"id\": \"{id}\", \"methods\": {{ \"named_profile\": {{ \"roots\": [\"credential_process\"], \"commands\": [\"{command}\"] }} }} }}"
        );
        check::policy(SourceText::new(Path::new(id), text), &rules())
    };
    for (one, other, meet) in [
        ("/opt/corp/creds *", "/opt/corp/creds", true),
        ("/opt/corp/creds  --bedrock *", "/opt/corp/creds --bedrock", true),
        ("/opt/*/creds", "/opt/corp/c*", true),
        ("/opt/corp/creds --to x", "/opt/corp/creds *", true),
        ("/opt/corp/creds", "/opt/corp/creds --to x", false),
        ("/opt/corp/creds *", "/opt/team/creds *", false),
    ] {
        for (one, other) in [(one, other), (other, one)] {
            let found = check::together(&[&policy("a", one), &policy("b", other)], &rules());
            assert_eq!(found.is_empty(), meet, "{one} and {other}: {found:?}");
        }
    }
}
