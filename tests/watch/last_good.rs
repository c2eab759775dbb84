//! A managed file that turns bad leaves the last good policy in force, and says so.

use std::fs;

use bedrock_auth::policy::SourceState;
use bedrock_auth::resolve::{Outcome, Resolution};

use crate::support::{Place, codes, policy, region_policy, until, until_region, warnings};

fn place() -> Place {
    let place = Place::new();
    place.write("etc/policy.json", &region_policy("eu-west-1"));
    place.write("settings.json", "{}");
    place
}

fn is_last_good(resolution: &Resolution) -> bool {
    warnings(resolution).contains(&"last_good_policy")
}

#[test]
fn of_each_state_that_is_bad() {
    for (text, state) in [
        ("{ \"schema_version\": 1, ", SourceState::Malformed),
        (r#"{ "schema_version": 1, "id": "p", "method": {} }"#, SourceState::Invalid),
    ] {
        let place = place();
        let watch = place.watch();
        place.replace("etc/policy.json", text);
        let answer = until(&watch, state.as_str(), is_last_good);
        let resolution = &answer.resolution;
        assert_eq!(
            (resolution.outcome, resolution.region.value.as_str()),
            (Outcome::Allowed, "eu-west-1")
        );
        let source = &resolution.policy.sources[0];
        assert_eq!(
            (source.state, source.id.as_ref().unwrap().to_string()),
            (state, "p".to_owned())
        );
        let last_good = source.last_good.as_ref().unwrap();
        assert_eq!(source.digest, watch_digest(&region_policy("eu-west-1")));
        assert!(last_good.since <= answer.since && source.remedy.is_some());

        // What starts now finds it bad, and denies.
        assert_eq!(place.machine().resolve().outcome, Outcome::Denied);

        place.replace("etc/policy.json", &region_policy("eu-west-2"));
        let mended = until_region(&watch, "eu-west-2");
        assert!(!is_last_good(&mended.resolution), "{mended:#?}");
    }
}

fn watch_digest(text: &str) -> Option<bedrock_auth::policy::Digest> {
    Some(bedrock_auth::policy::Digest::of_bytes(text.as_bytes()))
}

#[test]
fn of_what_is_no_file_any_more() {
    let place = place();
    let watch = place.watch();
    fs::remove_file(place.path("etc/policy.json")).unwrap();
    fs::create_dir(place.path("etc/policy.json")).unwrap();
    let answer = until(&watch, "a directory", is_last_good);
    assert_eq!(answer.resolution.policy.sources[0].state, SourceState::Unreadable);
    assert_eq!(answer.resolution.outcome, Outcome::Allowed);
}

#[test]
fn a_last_good_policy_still_refuses() {
    let place = Place::new();
    place.write("settings.json", "{}");
    place.write("etc/policy.json", &policy("p", "sso"));
    let watch = place.watch();
    place.replace("etc/policy.json", "{");
    let answer = until(&watch, "last good", is_last_good);
    assert_eq!(codes(&answer.resolution), ["method_not_allowed"]);
}

#[test]
fn a_new_file_that_is_bad_denies() {
    let place = place();
    let watch = place.watch();
    place.write("etc/policy.d/50-new.json", "{");
    let answer = until(&watch, "denied", |r| r.outcome == Outcome::Denied);
    assert_eq!(codes(&answer.resolution), ["policy_malformed"]);
    fs::remove_file(place.path("etc/policy.d/50-new.json")).unwrap();
    until(&watch, "mended", |r| r.outcome == Outcome::Allowed);
}

/// A migration with a slip: the old file goes, and the new one is bad.
#[test]
fn a_bad_file_does_not_outlive_the_last_policy() {
    let place = Place::new();
    place.write("settings.json", "{}");
    place.write("etc/policy.json", &policy("p", "sso"));
    let watch = place.watch();
    let mut changes = watch.changes();
    place.write("etc/policy.d/10.json", r#"{ "schema_version": 1, "id": "p", "colour": 1 }"#);
    until(&watch, "noticed", |r| codes(r).contains(&"policy_invalid"));
    fs::remove_file(place.path("etc/policy.json")).unwrap();
    until(&watch, "gone", |r| codes(r) == ["policy_invalid"]);
    drop(watch);
    while let Some(answer) = changes.next_blocking() {
        assert_eq!(answer.resolution.outcome, Outcome::Denied, "{answer:#?}");
    }
}

/// What counts for nothing here, staged or for others, cannot stand in for what is bad.
#[test]
fn a_policy_that_is_not_in_force_does_not_stand_in() {
    let place = Place::new();
    place.write("settings.json", "{}");
    let staged =
        r#"{ "schema_version": 1, "id": "p", "valid": { "not_before": "2099-01-01T00:00:00Z" } }"#;
    place.write("etc/policy.json", staged);
    let watch = place.watch();
    assert_eq!(watch.current().resolution.outcome, Outcome::Allowed);
    place.replace("etc/policy.json", "{");
    let answer = until(&watch, "denied", |r| r.outcome == Outcome::Denied);
    assert_eq!(codes(&answer.resolution), ["policy_malformed"]);
}

/// A directory that cannot be listed hides files that are remembered.
#[test]
fn of_a_directory_that_turned_bad() {
    let place = place();
    place.write("etc/policy.d/10.json", &policy("drop-in", "api_key"));
    let watch = place.watch();
    fs::rename(place.path("etc/policy.d"), place.path("elsewhere")).unwrap();
    fs::write(place.path("etc/policy.d"), "no directory").unwrap();
    let answer = until(&watch, "hidden", is_last_good);
    assert_eq!(answer.resolution.outcome, Outcome::Allowed);
    let drop_in = answer.resolution.policy.sources.iter().find(|s| s.file.ends_with("10.json"));
    assert!(drop_in.unwrap().last_good.is_some(), "{answer:#?}");
    fs::remove_file(place.path("etc/policy.d")).unwrap();
    fs::rename(place.path("elsewhere"), place.path("etc/policy.d")).unwrap();
    until(&watch, "mended", |r| !is_last_good(r));
}

/// How people mend a file: it is gone or empty for a moment.
#[test]
fn mending_a_file_opens_no_door() {
    let place = Place::new();
    place.write("settings.json", "{}");
    place.write("etc/policy.json", &policy("p", "sso"));
    let settle = std::time::Duration::from_millis(500);
    let watch = place.builder().settle(settle).start().unwrap();
    let mut changes = watch.changes();
    for mended in ["q", "r"] {
        place.replace("etc/policy.json", "{");
        until(&watch, "last good", is_last_good);
        if mended == "q" {
            fs::remove_file(place.path("etc/policy.json")).unwrap();
        } else {
            place.write("etc/policy.json", "");
        }
        std::thread::sleep(settle / 20);
        place.write("etc/policy.json", &policy(mended, "sso"));
        until(&watch, mended, |r| {
            r.policy.sources[0].id.as_ref().is_some_and(|id| id.as_str() == mended)
        });
    }
    drop(watch);
    while let Some(answer) = changes.next_blocking() {
        assert_eq!(answer.resolution.outcome, Outcome::Denied, "{answer:#?}");
    }
}

#[test]
fn without_any_policy_in_force_a_bad_file_denies() {
    let place = Place::new();
    place.write("settings.json", "{}");
    let watch = place.watch();
    assert_eq!(watch.current().resolution.outcome, Outcome::Allowed);
    place.write("etc/policy.json", "{");
    let answer = until(&watch, "denied", |r| r.outcome == Outcome::Denied);
    assert_eq!(codes(&answer.resolution), ["policy_malformed"]);
}

#[test]
fn what_was_bad_from_the_start_denies_until_it_is_mended() {
    let place = place();
    place.write("etc/policy.d/bad.json", "{");
    let watch = place.watch();
    place.replace("etc/policy.json", &region_policy("eu-west-2"));
    let answer = until_region(&watch, "eu-west-2");
    assert_eq!(codes(&answer.resolution), ["policy_malformed"]);
    fs::remove_file(place.path("etc/policy.d/bad.json")).unwrap();
    until(&watch, "allowed", |r| r.outcome == Outcome::Allowed);
}

#[test]
fn a_bad_file_that_is_deleted_is_gone() {
    let place = Place::new();
    place.write("settings.json", "{}");
    place.write("etc/policy.json", &policy("p", "sso"));
    let watch = place.watch();
    place.replace("etc/policy.json", "{");
    until(&watch, "last good", is_last_good);
    fs::remove_file(place.path("etc/policy.json")).unwrap();
    until(&watch, "no policy", |r| r.outcome == Outcome::Allowed);
}
