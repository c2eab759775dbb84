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

/// However it is named, and whatever its policies link to.
#[cfg(unix)]
#[test]
fn a_managed_place_is_one_by_any_name() {
    use std::os::unix::fs::symlink;
    let [one, other] = LOCKS;
    let dir = directory(&[
        ("laptops/policy.json", one),
        ("laptops/policy.d/10.json", other),
        ("linked/policy.d/10.json", one),
        ("shared.json", other),
    ]);
    symlink("../../shared.json", dir.path().join("linked/policy.d/20.json")).unwrap();
    symlink("laptops", dir.path().join("alias")).unwrap();
    let inside = |below: &str| dir.path().join(below);
    for (here, words) in [
        ("laptops", &["."][..]),
        ("laptops", &["policy.json", "policy.d/10.json"]),
        ("laptops/policy.d", &["../policy.json", "10.json"]),
        (".", &["alias/policy.json", "laptops/policy.d"]),
        (".", &["linked"]),
        ("linked/policy.d", &["20.json", "10.json"]),
    ] {
        let told = check(&inside(here), &[words, &["--json"]].concat());
        assert_eq!(codes(&told), ["locked_conflict"], "{here}: {words:?}");
    }
    assert_eq!(codes(&check(dir.path(), &[".", "--json"])), ["locked_conflict"; 2]);
}

/// A machine denies everything for each of these, or has policies in force that nobody looked at.
#[cfg(unix)]
#[test]
fn what_is_no_file_in_a_managed_place_is_told() {
    use std::os::unix::fs::symlink;
    let dir = directory(&[("a/policy.json", SOUND), ("a/elsewhere/10.json", "{}")]);
    let place = dir.path().join("a");
    symlink("elsewhere", place.join("policy.d")).unwrap();
    let told = check(dir.path(), &["a", "--json"]);
    assert!(codes(&told).contains(&"missing_key".to_owned()), "{told:?}");

    let dir = directory(&[("a/policy.json", SOUND), ("a/policy.d", "")]);
    assert_eq!(codes(&check(dir.path(), &["a", "--json"])), ["unreadable"]);
    let dir = directory(&[("a/b.json", SOUND), ("a/policy.json/c.json", SOUND)]);
    assert_eq!(codes(&check(dir.path(), &["a", "--json"])), ["unreadable"]);
    let dir = directory(&[("a/b.json", SOUND)]);
    symlink("/dev/zero", dir.path().join("a/policy.json")).unwrap();
    assert_eq!(codes(&check(dir.path(), &["a", "--json"])), ["unreadable"]);
}

#[test]
fn more_drop_ins_than_a_machine_takes_are_told() {
    let names: Vec<_> = (0..1_001).map(|number| format!("policy.d/{number}.json")).collect();
    let texts: Vec<_> =
        (0..1_001).map(|number| SOUND.replace("corp\"", &format!("p{number}\""))).collect();
    let files = names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_str()));
    let dir = directory(&files.collect::<Vec<_>>());
    let told = check(dir.path(), &[".", "--json"]);
    assert_eq!(codes(&told), ["unreadable"]);
    assert!(told.stdout.contains("more than 1000 entries"), "{told:?}");
}
