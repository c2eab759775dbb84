//! What may stand in the place of a policy, and what it comes to.

use crate::support::place::Place;
use crate::{EVERYBODY, alone, denies_everything, states, status};

#[test]
fn a_sound_policy_binds_everybody() {
    let allows =
        r#"echo '{ "schema_version": 1, "id": "p", "methods": { "api_key": {} } }' > policy.json"#;
    let denies =
        r#"echo '{ "schema_version": 1, "id": "p", "methods": { "sso": {} } }' > policy.json"#;
    for (script, code, outcome) in [(allows, 0, "allowed"), (denies, 3, "denied")] {
        let place = Place::made_by(script);
        for person in EVERYBODY {
            let (exit, answer) = status(&place, person);
            assert_eq!((exit, answer["outcome"].as_str()), (code, Some(outcome)), "{answer:#}");
            assert_eq!(states(&answer), alone("loaded"));
            assert_eq!(answer["what_if"], false);
        }
    }
}

#[test]
fn no_policy_binds_nobody() {
    for script in ["", "rmdir /etc/bedrock-auth", "mkdir policy.d"] {
        let (code, answer) = status(&Place::made_by(script), "ann");
        assert_eq!(code, 0, "`{script}`: {answer:#}");
        assert_eq!(states(&answer), alone("absent"), "`{script}`");
    }
}

#[test]
fn an_empty_file_is_harmless() {
    for script in ["touch policy.json", "printf '\\n \\t\\n' > policy.json"] {
        let (code, answer) = status(&Place::made_by(script), "ann");
        assert_eq!(code, 0, "`{script}`: {answer:#}");
        assert_eq!(states(&answer), alone("empty"), "`{script}`");
    }
}

#[test]
fn text_that_is_no_policy_denies_everything() {
    for (script, state, reason) in [
        (r#"printf '{ "schema_version": 1, "id": "p\000" }' > policy.json"#, "malformed", ""),
        (r#"printf '{ "schema_version": 1, "id": "\377" }' > policy.json"#, "malformed", "UTF-8"),
        (r#"printf '\377\376{\000}\000' > policy.json"#, "malformed", "byte order mark"),
        (
            r#"printf '\357\273\277{ "schema_version": 1, "id": "p" }' > policy.json"#,
            "malformed",
            "byte order mark",
        ),
        (r#"head -c 100000 /dev/zero | tr '\0' '[' > policy.json"#, "malformed", ""),
        (
            r#"echo '{ "schema_version": 1, "id": "a", "id": "b" }' > policy.json"#,
            "malformed",
            "second time",
        ),
        (
            r#"echo '{ "schema_version": 1, "id": "a", "method": {} }' > policy.json"#,
            "invalid",
            "method",
        ),
        (r#"echo '{ "schema_version": 2, "id": "a" }' > policy.json"#, "invalid", "version"),
        (r#"echo '{}' > policy.json"#, "invalid", ""),
        (r#"echo null > policy.json"#, "invalid", ""),
        (r#"echo '[]' > policy.json"#, "invalid", ""),
        (
            r#"echo '{ "schema_version": 1, "id": "p", "valid": { "expires": "2025-01-01T00:00:00Z" } }' > policy.json"#,
            "expired",
            "2025-01-01",
        ),
    ] {
        denies_everything(&Place::made_by(script), state, reason);
    }
}

#[test]
fn what_is_no_file_or_too_large_denies_everything_and_never_hangs() {
    for (script, reason) in [
        ("mkfifo policy.json", "named pipe"),
        ("mkdir policy.json", "directory"),
        ("mknod policy.json c 1 5", "device"),
        ("ln -s policy.json policy.json", "symbolic link"),
        ("ln -s nowhere.json policy.json", "does not exist"),
        ("truncate -s 1G policy.json", "larger than"),
        ("rmdir /etc/bedrock-auth; touch /etc/bedrock-auth", "regular file"),
        ("rmdir /etc/bedrock-auth; mkfifo /etc/bedrock-auth", "named pipe"),
    ] {
        denies_everything(&Place::made_by(script), "unreadable", reason);
    }
}

#[test]
fn what_one_person_cannot_read_denies_everything_to_that_person() {
    let policy = r#"echo '{ "schema_version": 1, "id": "p" }' > policy.json"#;
    for change in ["chmod 600 policy.json", "chmod 700 .", "chmod 711 .; mkdir -m 700 policy.d"] {
        let place = Place::made_by(format!("{policy}; {change}").leak());
        let (code, answer) = status(&place, "root");
        assert_eq!((code, states(&answer)), (0, alone("loaded")), "{change}: {answer:#}");
        let (code, answer) = status(&place, "ann");
        assert_eq!(code, 4, "{change}: {answer:#}");
        assert_eq!(answer["denials"][0]["code"], "policy_unreadable", "{change}");
        assert!(
            answer["denials"][0]["remedy"].as_str().unwrap().contains("chmod a+"),
            "{answer:#}"
        );
    }
}
