//! Which files belong together, and where findings say that they stand.

use crate::{SOUND, check, codes, directory};

const LOCKS: [&str; 2] = [
    r#"{ "schema_version": 1, "id": "a", "settings": { "locked": { "region": "eu-west-1" } } }"#,
    r#"{ "schema_version": 1, "id": "b", "settings": { "locked": { "region": "eu-central-1" } } }"#,
];

#[test]
fn a_managed_place_is_judged_together() {
    let [one, other] = LOCKS;
    let place = directory(&[("etc/policy.json", one), ("etc/policy.d/10.json", other)]);
    assert_eq!(codes(&check(place.path(), &["etc", "--json"])), ["locked_conflict"]);
    let apart = directory(&[("a/policy.json", one), ("b/policy.json", other)]);
    assert_eq!(check(apart.path(), &["."]).code, 0, "two machines");
    let together = check(apart.path(), &[".", "--together", "--json"]);
    assert_eq!(codes(&together), ["locked_conflict"]);
    assert_eq!(together.json()["findings"][0]["related"][0]["file"], "./a/policy.json");
}

#[test]
fn settings_are_held_against_policies() {
    let zed = r#"{ "theme": "One Dark", "language_models": { "bedrock": { "authentication_method": "named_profile", "profile": "corp" } } }"#;
    let dir = directory(&[
        ("policy.json", SOUND),
        ("good.json", r#"{ "authentication_method": "sso", "profile": "corp" }"#),
        (
            "bad.json",
            "{\n  \"authentication_method\": \"api_key\",\n  \"endpoint_url\": \"https://gateway.example.com\"\n}",
        ),
        ("zed.json", zed),
    ]);
    assert_eq!(check(dir.path(), &["policy.json", "--settings", "good.json"]).code, 0);
    let bad = check(dir.path(), &["policy.json", "--settings", "bad.json", "--json"]);
    assert_eq!((bad.code, codes(&bad)), (4, vec!["setting_not_allowed".to_owned(); 2]));
    assert_eq!(bad.json()["findings"][0]["line"], 2);
    assert_eq!(bad.json()["findings"][0]["related"][0]["file"], "policy.json");
    assert_eq!(check(dir.path(), &["--settings", "bad.json"]).code, 0, "alone it is sound");
    let zed = "zed.json#/language_models/bedrock";
    assert_eq!(
        codes(&check(dir.path(), &["policy.json", "--settings", zed, "--json"])),
        ["setting_not_allowed"]
    );
}

/// As a machine takes them: a key that means nothing is passed over, and what is not there asks for nothing.
#[test]
fn settings_with_unknown_keys_are_judged_too() {
    let dir = directory(&[
        ("policy.json", SOUND),
        ("odd.json", r#"{ "authentication_method": "api_key", "regoin": "eu-west-1" }"#),
        ("zed.json", "{}"),
    ]);
    let odd = check(dir.path(), &["policy.json", "--settings", "odd.json", "--json"]);
    assert_eq!(codes(&odd), ["setting_not_allowed", "unknown_key"]);
    assert_eq!(odd.json()["findings"][1]["severity"], "warning");
    let allowed = ["--settings", "odd.json", "--deny-warnings", "--allow", "unknown_key"];
    assert_eq!(check(dir.path(), &allowed).code, 0);
    let nothing = check(dir.path(), &["--settings", "zed.json#/language_models/bedrock", "--json"]);
    assert_eq!((nothing.code, codes(&nothing)), (4, vec!["missing_key".to_owned()]));
}

#[test]
fn columns_count_characters_after_anything() {
    let text = "\u{fc}".repeat(3);
    let policy = format!(
        "{{ \"schema_version\": 1,\r\n\t\"description\": \"{text}\u{1f600}\", /* {text} */ \"id\": \"a b\" }}"
    );
    let dir = directory(&[("policy.json", &policy)]);
    let report = check(dir.path(), &["policy.json", "--json"]).json();
    let finding = &report["findings"][0];
    let line = policy.lines().nth(1).unwrap();
    let column = line.chars().collect::<String>().find("\"a b\"").unwrap();
    let column = line[..column].chars().count() + 1;
    assert_eq!(finding["line"], 2);
    assert_eq!(finding["column"], column);
    assert_eq!(finding["end_column"], column + 5);
}

/// A machine takes every `*.json` of `policy.d`, whatever it is, and nothing else.
#[test]
fn drop_ins_are_those_that_a_machine_takes() {
    let dir = directory(&[
        ("scenario/policy.d/x.scenario.json", "{"),
        ("directory/policy.d/10.json/readme.md", ""),
        ("ending/policy.json", SOUND),
        ("ending/policy.d/10.jsonc", LOCKS[0]),
        ("ending/policy.d/20.json", LOCKS[1]),
        ("ignored/policy.json", SOUND),
        ("ignored/.ignore", "policy.json"),
    ]);
    let found = |named: &str| codes(&check(dir.path(), &[named, "--json"]));
    assert_eq!(found("scenario"), ["syntax"]);
    assert_eq!(found("directory"), ["unreadable"]);
    assert_eq!(found("ending"), [""; 0], "another ending is not in force");
    assert_eq!(check(dir.path(), &["ignored"]).code, 0, "`.ignore` is none of git's");
    let pipe = dir.path().join("scenario/policy.d/10.json");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(found("scenario"), ["unreadable", "syntax"]);
}
