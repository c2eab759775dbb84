//! Whom a policy is for: asked of the system, whatever the environment says.

use crate::support::place::Place;
use crate::{TOKEN, alone, states};

/// Whether a policy for `whom` counts for that person, in an environment of that person's making.
fn counts(whom: &str, person: &str, environment: &[&str]) -> bool {
    let script = format!(
        r#"echo '{{ "schema_version": 1, "id": "p", "applies_to": {{ {whom} }}, "methods": {{ "sso": {{}} }} }}' > policy.json"#
    );
    let words = [environment, &[TOKEN, "status", "--json"]].concat();
    let answer = Place::made_by(script.leak()).run(person, &words);
    let states = states(&answer.json());
    match answer.code {
        3 => assert_eq!(states, alone("loaded")),
        0 => assert_eq!(states, alone("not_applicable")),
        _ => panic!("{whom}, {person}: {answer:#?}"),
    }
    answer.code == 3
}

#[test]
fn users_by_their_login_name() {
    assert!(counts(r#""users": ["ann"]"#, "ann", &[]));
    assert!(counts(r#""users": ["a*"]"#, "ann", &[]));
    assert!(!counts(r#""users": ["ann"]"#, "bob", &[]));
    assert!(!counts(r#""users": ["ann"]"#, "root", &[]));
}

#[test]
fn groups_primary_and_supplementary() {
    assert!(counts(r#""groups": ["dev*"]"#, "ann", &[]), "supplementary");
    assert!(counts(r#""groups": ["bob"]"#, "bob", &[]), "primary");
    assert!(!counts(r#""groups": ["dev*"]"#, "bob", &[]));
    assert!(counts(r#""users": ["ann"], "groups": ["ann"]"#, "ann", &[]));
    assert!(!counts(r#""users": ["bob"], "groups": ["dev*"]"#, "ann", &[]), "both must match");
}

#[test]
fn hosts_by_the_name_of_this_one() {
    let output = crate::support::program::bare("hostname").output().unwrap();
    let host = String::from_utf8(output.stdout).unwrap();
    assert!(counts(&format!(r#""hosts": ["{}"]"#, host.trim()), "ann", &[]));
    assert!(!counts(r#""hosts": ["another-host"]"#, "ann", &["HOSTNAME=another-host"]));
}

#[test]
fn nobody_talks_themselves_out_of_it() {
    let pretended = ["USER=bob", "LOGNAME=bob", "USERNAME=bob", "SUDO_USER=bob", "HOSTNAME=bob"];
    assert!(counts(r#""users": ["ann"]"#, "ann", &pretended));
    assert!(!counts(r#""users": ["bob"]"#, "ann", &pretended));
}

/// An account that no list knows may be anybody's.
#[test]
fn a_person_without_a_name_is_bound() {
    let place = Place::made_by(
        r#"sed -i '/^ann:/d' /etc/passwd
           echo '{ "schema_version": 1, "id": "p", "applies_to": { "users": ["bob"] }, "methods": { "sso": {} } }' > policy.json"#,
    );
    let answer = place.run("42001", &[TOKEN, "status", "--json"]);
    assert_eq!((answer.code, states(&answer.json())), (3, alone("loaded")), "{answer:#?}");
}
