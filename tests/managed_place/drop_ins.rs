//! `policy.d`: files beside the main one, all of them in force together.

use crate::support::place::Place;
use crate::{denies_everything, states, status};

/// Three policies of which the first and the last recommend a region, and files that are none.
const SEVERAL: &str = r#"
mkdir policy.d
policy() { echo "{ \"schema_version\": 1, \"id\": \"$1\", $2 }"; }
policy main '"settings": { "recommended": { "region": "eu-west-1" } }' > policy.json
policy b '"settings": { "recommended": { "region": "eu-west-3" } }' > policy.d/20-b.json
policy a '"settings": { "recommended": { "region": "eu-west-2" } }' > policy.d/10-a.json
policy B '"revision": 1' > policy.d/20-B.json
echo garbled | tee policy.d/.hidden.json policy.d/notes.txt policy.d/10-a.json~ > policy.d/30.json.off
"#;

#[test]
fn they_follow_the_main_file_by_name_and_the_later_recommendation_wins() {
    let (code, answer) = status(&Place::made_by(SEVERAL), "ann");
    assert_eq!(code, 0, "{answer:#}");
    let names: Vec<_> = states(&answer).into_iter().map(|(name, _)| name).collect();
    let by_byte = ["policy.json", "policy.d/10-a.json", "policy.d/20-B.json", "policy.d/20-b.json"];
    assert_eq!(names, by_byte);
    assert_eq!(answer["region"]["value"], "eu-west-3");
    assert_eq!(answer["region"]["source"]["file"], "/etc/bedrock-auth/policy.d/20-b.json");
}

#[test]
fn they_count_without_a_main_file() {
    let place = Place::made_by(
        r#"mkdir policy.d; echo '{ "schema_version": 1, "id": "p", "methods": { "sso": {} } }' > policy.d/a.json"#,
    );
    let (code, answer) = status(&place, "ann");
    assert_eq!(code, 3, "{answer:#}");
    assert_eq!(answer["denials"][0]["forbidden_by"]["file"], "/etc/bedrock-auth/policy.d/a.json");
}

/// A later file never opens what an earlier one closed.
#[test]
fn they_only_narrow() {
    let place = Place::made_by(
        r#"mkdir policy.d
           echo '{ "schema_version": 1, "id": "narrow", "methods": { "sso": {} } }' > policy.json
           echo '{ "schema_version": 1, "id": "wide", "methods": { "api_key": {} } }' > policy.d/z.json"#,
    );
    let (code, answer) = status(&place, "ann");
    assert_eq!(
        (code, &answer["denials"][0]["code"]),
        (3, &"method_not_allowed".into()),
        "{answer:#}"
    );
}

#[test]
fn one_that_is_broken_or_out_of_reach_denies_everything() {
    for (script, state, reason) in [
        ("mkdir policy.d; echo '{' > policy.d/a.json", "malformed", ""),
        ("mkdir policy.d; mkfifo policy.d/a.json", "unreadable", "named pipe"),
        ("mkdir policy.d; ln -s nowhere policy.d/a.json", "unreadable", "does not exist"),
        ("mkdir policy.d; touch policy.d/a.json; chown ann policy.d/a.json", "untrusted", "ann"),
        ("mkdir -m 777 policy.d", "untrusted", "writable by everybody"),
        ("mkdir policy.d; chown ann policy.d", "untrusted", "belongs to"),
        ("touch policy.d", "unreadable", "regular file"),
        ("mkdir policy.d; cd policy.d; seq 2000 | xargs touch; cd ..", "unreadable", "1000"),
    ] {
        denies_everything(&Place::made_by(script), state, reason);
    }
}
