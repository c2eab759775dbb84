//! Time: until the instant that `next_change` names, the same machine gives the same answer.

use std::collections::BTreeSet;

use bedrock_auth::resolve::{next_change, resolve};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

use crate::strategies::{cases, worlds};
use crate::world::{MadeApiKey, World};

/// The whole answer; nothing in it tells what time it is.
fn answer_at(world: &World, now: Timestamp) -> String {
    let world = World { now, ..world.clone() };
    serde_json::to_string_pretty(&resolve(&world.to_facts())).unwrap()
}

fn change_of(world: &World) -> Option<Timestamp> {
    let facts = world.to_facts();
    next_change(&facts, &resolve(&facts))
}

/// Long after everything that is generated.
fn end_of_time() -> Timestamp {
    "2090-01-01T00:00:00Z".parse().unwrap()
}

/// Every instant that a file or a key of this machine names, and how far AWS lets a clock be wrong.
fn instants(world: &World) -> BTreeSet<Timestamp> {
    const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
    let mut instants = BTreeSet::new();
    for source in world.sources() {
        let valid = source.document().and_then(|document| document.valid.clone());
        let ends = valid.iter().flat_map(|valid| [&valid.value.not_before, &valid.value.expires]);
        instants.extend(ends.flatten().map(|end| end.value.0));
    }
    for made in world.credentials() {
        if let Some(MadeApiKey::ShortTerm { expires, lifetime, .. }) = made.api_key {
            let lifetime = SignedDuration::from_secs(lifetime.try_into().unwrap());
            instants.extend([expires, expires - lifetime - TOLERANCE]);
        }
    }
    instants.extend(world.profiles.sign_in.iter().flat_map(|sign_in| sign_in.ends()));
    instants
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn until_the_next_change_the_answer_stays(world in worlds(), parts in prop::array::uniform4(0.0..1.0f64)) {
        let before = answer_at(&world, world.now);
        let last = change_of(&world).map_or_else(end_of_time, |change| change - 1.nanosecond());
        let span = last.duration_since(world.now);
        let inside = parts.map(|part| world.now + span.mul_f64(part));
        for moment in inside.into_iter().chain([last]) {
            prop_assert_eq!(&before, &answer_at(&world, moment), "at {}", moment);
        }
    }

    /// Nobody is woken but for an instant that stands somewhere.
    #[test]
    fn the_next_change_is_one_that_somebody_wrote_down(world in worlds()) {
        let Some(change) = change_of(&world) else { return Ok(()) };
        prop_assert!(change > world.now);
        prop_assert!(instants(&world).contains(&change), "{} of {:?}", change, instants(&world));
    }

    /// From one change to the next, nothing is missed on the way to the last of all instants.
    #[test]
    fn changes_lead_through_all_answers(world in worlds()) {
        let mut moment = world.now;
        let mut answer = answer_at(&world, moment);
        let mut changes = BTreeSet::new();
        while let Some(change) = change_of(&World { now: moment, ..world.clone() }) {
            prop_assert!(changes.insert(change) && changes.len() < 50, "{:?}", changes);
            moment = change;
        }
        for instant in instants(&world).into_iter().filter(|instant| *instant > world.now) {
            let next = answer_at(&world, instant);
            prop_assert!(next == answer || changes.contains(&instant), "{} is missing", instant);
            answer = next;
        }
    }
}
