//! Streams of answers: none is missed unnoticed, and all end with the watch.

use std::thread;

use crate::support::{Place, region_policy, until_region};

fn place() -> Place {
    let place = Place::new();
    place.write("etc/policy.json", &region_policy("eu-west-0"));
    place.write("settings.json", "{}");
    place
}

#[test]
fn everybody_sees_every_answer_in_order() {
    let place = place();
    let watch = place.watch();
    let readers: Vec<_> = (0..100)
        .map(|_| {
            let mut changes = watch.changes();
            thread::spawn(move || {
                let mut numbers = Vec::new();
                while let Some(answer) = changes.next_blocking() {
                    numbers.push(answer.number);
                }
                numbers
            })
        })
        .collect();
    for n in 1..=20 {
        place.replace("etc/policy.json", &region_policy(&format!("eu-west-{n}")));
        until_region(&watch, &format!("eu-west-{n}"));
    }
    drop(watch);
    for reader in readers {
        assert_eq!(reader.join().unwrap(), (2..=21).collect::<Vec<_>>());
    }
}

#[test]
fn who_is_too_slow_gets_the_current_answer_and_can_tell() {
    let place = place();
    let watch = place.watch();
    let mut changes = watch.changes();
    for n in 1..=100 {
        place.replace("etc/policy.json", &region_policy(&format!("eu-west-{n}")));
        until_region(&watch, &format!("eu-west-{n}"));
    }
    let next = changes.next_blocking().unwrap();
    assert_eq!((next.number, next.resolution.region.value.as_str()), (101, "eu-west-100"));
    place.replace("etc/policy.json", &region_policy("eu-west-101"));
    assert_eq!(changes.next_blocking().unwrap().number, 102);
}

#[test]
fn a_handle_keeps_the_watch_alive() {
    let place = place();
    let watch = place.watch();
    let other = watch.clone();
    drop(watch);
    place.replace("etc/policy.json", &region_policy("eu-west-1"));
    until_region(&other, "eu-west-1");
}
