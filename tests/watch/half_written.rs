//! Files in the middle of being written do not count.

use std::fs::{self, File};
use std::io::Write;
use std::time::Duration;

use bedrock_auth::resolve::Outcome;

use crate::support::{Place, codes, policy, region_policy, until, until_region};

/// Settling takes longer than any scheduler keeps a writer waiting.
fn patient(place: &Place) -> bedrock_auth::watch::Watch {
    place.builder().settle(Duration::from_secs(10)).start().unwrap()
}

fn place() -> Place {
    let place = Place::new();
    place.write("etc/policy.json", &region_policy("eu-west-1"));
    place.write("settings.json", r#"{ "region": "eu-north-1" }"#);
    place.write("home/.aws/config", "[profile dev]\nregion = x\n");
    place
}

/// Writes a text in pieces, so that each of them could be seen.
fn write_slowly(file: &mut File, text: &str) {
    for piece in text.as_bytes().chunks(text.len().div_ceil(4)) {
        file.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn no_answer_is_made_of_a_piece() {
    let place = place();
    let watch = patient(&place);
    let mut changes = watch.changes();
    for region in ["eu-west-2", "eu-west-3"] {
        // Truncated, then written piece by piece.
        write_slowly(
            &mut File::create(place.path("settings.json")).unwrap(),
            &format!(r#"{{ "region": "{region}" }}"#),
        );
        until_region(&watch, region);
    }
    write_slowly(&mut File::create(place.path("etc/policy.json")).unwrap(), &policy("p", "sso"));
    until(&watch, "refused", |r| r.outcome == Outcome::Denied);
    drop(watch);
    let mut seen = Vec::new();
    while let Some(answer) = changes.next_blocking() {
        seen.push((answer.resolution.region.value.clone(), codes(&answer.resolution)));
    }
    let expected = [
        ("eu-west-2".to_owned(), vec![]),
        ("eu-west-3".to_owned(), vec![]),
        ("eu-west-3".to_owned(), vec!["method_not_allowed"]),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_new_file_that_begins_empty_does_not_count_before_its_end() {
    let place = place();
    let watch = patient(&place);
    let mut changes = watch.changes();
    write_slowly(
        &mut File::create(place.path("etc/policy.d/a.json")).unwrap(),
        &policy("d", "sso"),
    );
    until(&watch, "refused", |r| r.outcome == Outcome::Denied);
    drop(watch);
    while let Some(answer) = changes.next_blocking() {
        for code in codes(&answer.resolution) {
            assert_eq!(code, "method_not_allowed", "{answer:#?}");
        }
    }
}

#[test]
fn deleting_and_making_again_opens_no_door_in_between() {
    let place = Place::new();
    place.write("etc/policy.json", &policy("p", "sso"));
    place.write("settings.json", "{}");
    let watch = patient(&place);
    let mut changes = watch.changes();
    for round in 0..10 {
        fs::remove_file(place.path("etc/policy.json")).unwrap();
        std::thread::sleep(Duration::from_millis(5));
        place.write("etc/policy.json", &policy(&format!("p{round}"), "sso"));
    }
    until(&watch, "the last", |r| {
        r.policy.sources.iter().any(|s| s.id.as_ref().is_some_and(|id| id.to_string() == "p9"))
    });
    drop(watch);
    while let Some(answer) = changes.next_blocking() {
        assert_eq!(answer.resolution.outcome, Outcome::Denied, "{answer:#?}");
    }
}

#[test]
fn what_stays_bad_counts_in_the_end() {
    let place = place();
    let watch = place.watch();
    place.write("settings.json", r#"{ "region": "#);
    let answer =
        until(&watch, "faulty", |r| crate::support::warnings(r).contains(&"settings_faulty"));
    assert_ne!(answer.resolution.region.value, "eu-north-1");
}
