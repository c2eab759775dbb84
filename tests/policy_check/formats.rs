//! Reports, held against what is published of their formats.

use std::collections::HashSet;
use std::process::Command;

use jsonschema::Validator;
use serde_json::Value;

use crate::catalogue::root;
use crate::support::program::Answer;
use crate::{check, directory, faulty};

fn validator(path: &str) -> Validator {
    let schema = std::fs::read_to_string(root().join(path)).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn assert_valid(validator: &Validator, report: &Value) {
    let faults: Vec<_> = validator
        .iter_errors(report)
        .map(|fault| format!("{fault} at {}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Everything that can be found, in a format.
fn report(format: &str) -> Answer {
    let (dir, _) = faulty();
    let answer = check(dir.path(), &[".", "--format", format]);
    assert_eq!(answer.code, 4);
    answer
}

#[test]
fn json_is_as_its_schema_says() {
    let report = report("json").json();
    assert_valid(&validator("schemas/check.schema.json"), &report);
    assert_eq!(
        report["findings"].as_array().unwrap().len() as u64,
        report["errors"].as_u64().unwrap() + report["warnings"].as_u64().unwrap()
    );
}

#[test]
fn sarif_is_valid_and_within_the_limits_of_github() {
    let (json, sarif) = (report("json").json(), report("sarif").json());
    assert_valid(&validator("tests/check/sarif-2.1.0.schema.json"), &sarif);
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), json["findings"].as_array().unwrap().len());
    assert!(results.len() <= 25_000);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let location = &result["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with(['/', '.']) || uri == "." || uri.is_empty(), "{uri}");
        // The errata of 2023: a region says where it begins.
        if let Some(region) = location.get("region") {
            assert!(region["startLine"].as_u64() >= Some(1), "{region}");
            assert!(region["endColumn"].as_u64() >= Some(1), "{region}");
        }
    }
    for rule in rules {
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 20);
        assert!(rule["shortDescription"]["text"].as_str().unwrap().len() <= 1024, "{rule}");
        assert!(!rule["help"]["text"].as_str().unwrap().is_empty(), "{rule}");
    }
}

#[test]
fn more_results_than_github_takes_are_left_out_and_that_is_told() {
    let repeated = vec!["\"eu-west-1\""; 2_000].join(",");
    let policy = format!(r#"{{ "schema_version": 1, "id": "a", "regions": [{repeated}] }}"#);
    let names: Vec<_> = (0..14).map(|index| format!("{index}.json")).collect();
    let mut files: Vec<_> = names.iter().map(|name| (name.as_str(), policy.as_str())).collect();
    files.push(("broken.json", "{"));
    let dir = directory(&files);
    let sarif = check(dir.path(), &[".", "--format", "sarif"]).json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["ruleId"], "syntax", "errors come first");
    let told =
        &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert_eq!(told, "2987 further findings are left out");
}

#[test]
fn gitlab_takes_every_entry() {
    let issues = report("gitlab").json();
    assert_valid(&validator("tests/check/codequality.schema.json"), &issues);
    let issues = issues.as_array().unwrap();
    let prints: HashSet<_> =
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), issues.len(), "of entries that share a fingerprint one is shown");
}

/// A line that moves is the same finding.
#[test]
fn fingerprints_do_not_depend_on_lines() {
    let policy = r#"{ "schema_version": 1, "id": "a", "methods": { "automatic": {} } }"#;
    let print = |text: &str| {
        let dir = directory(&[("policy.json", text)]);
        let issues = check(dir.path(), &["policy.json", "--format", "gitlab"]).json();
        issues[0]["fingerprint"].as_str().unwrap().to_owned()
    };
    assert_eq!(print(policy), print(&format!("// a line\n\n{policy}")));
}

#[test]
fn junit_is_valid_and_fails_as_the_check_does() {
    let (dir, files) = faulty();
    let path = dir.path().join("report.xml");
    let words = [".", "--format", "junit", "--output", path.to_str().unwrap()];
    assert_eq!(check(dir.path(), &words).code, 4);
    let xsd = root().join("tests/check/junit-10.xsd");
    let xmllint = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([xsd.as_path(), &path])
        .output()
        .expect("xmllint: `.ci/install` installs it");
    assert!(xmllint.status.success(), "{}", String::from_utf8_lossy(&xmllint.stderr));
    let xml = std::fs::read_to_string(&path).unwrap();
    assert!(xml.matches("<testcase").count() >= files.len(), "each file is a test");
    assert!(xml.contains("<failure"), "{xml}");
    let open = r#"{ "schema_version": 1, "id": "a", "methods": { "automatic": {} } }"#;
    let dir = directory(&[("open.json", open)]);
    let failures = |words: &[&str]| {
        let words = [&["open.json", "--format", "junit"], words].concat();
        check(dir.path(), &words).stdout.matches("<failure").count()
    };
    assert_eq!((failures(&[]), failures(&["--deny-warnings"])), (0, 1));
}

#[test]
fn github_has_a_command_for_each_finding() {
    let (json, github) = (report("json").json(), report("github").stdout);
    assert_eq!(github.lines().count(), json["findings"].as_array().unwrap().len());
}
