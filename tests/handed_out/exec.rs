//! `exec`: a client finds exactly the allowed credential in its environment.

use crate::clients::{ALL, Client};
use crate::world::{Has, World, as_meant, is_signed_as_meant};

/// Runs the client by `exec`, as long as policy allows it, and once more after that.
#[track_caller]
fn runs_until_the_policy_tightens(client: Client, has: Has) {
    let world = World::new();
    let exec = world.ours(&["exec", "--"]);
    client.ask(&exec, &world.person(has)).must_be_answered();
    assert_eq!(world.arrived(), [as_meant(has)], "{client:?}");
    assert!(is_signed_as_meant(&world.requests()[0]), "{client:?}: {:?}", world.requests());
    world.tighten();
    let words = [exec, client.words()].concat();
    let mut refused = crate::clients::Conversation::start(&words, &world.person(has));
    let told = refused.ask("now");
    assert!(told.must_fail().contains("method_not_allowed"), "{client:?}: {told:?}");
    assert_eq!(refused.code(), Some(3), "{client:?}");
    assert_eq!(world.arrived().len(), 1, "{client:?}: nothing more arrives");
}

#[test]
fn access_keys() {
    for client in ALL {
        runs_until_the_policy_tightens(client, Has::AccessKey);
    }
}

#[test]
fn api_keys() {
    for client in ALL {
        runs_until_the_policy_tightens(client, Has::ApiKey);
    }
}
