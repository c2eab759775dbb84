//! What cannot work fails with words for people, and never takes the program down.

use aws_config::BehaviorVersion;
use bedrock_auth::client::Session;

use crate::case::Case;
use crate::child::{Child, Outcome, POLICY, Program};
use crate::company::*;
use crate::in_process::machine;
use crate::world::World;

/// How the first call of our program fails: `message → remedy`.
#[track_caller]
fn failure(case: &Case) -> String {
    let world = World::new();
    world.write(case.files);
    let program = Program::ours(case, &world);
    let (mut child, opened) = Child::open(case.environment(&world), &program);
    assert_eq!(opened, Outcome::Opened { neutralised: Vec::new() });
    match child.call() {
        Outcome::Failed(told) => told,
        outcome => panic!("{outcome:?}"),
    }
}

/// What anybody hands out can hold a line break; aws-runtime unwraps a header value made of it.
#[test]
fn a_process_prints_a_key_id_that_is_no_header_value() {
    let case = Case {
        files: &[
            PRINTING,
            (
                "printed",
                r#"{"Version": 1, "AccessKeyId": "ASIARTX3\nGSDSQROLE777", "SecretAccessKey": "x",
                    "SessionToken": "y", "Expiration": "2099-01-01T00:00:00Z"}"#,
            ),
        ],
        policy: ANY_PROFILE,
        ..PRINTED
    };
    assert!(failure(&case).starts_with("the credentials hold an access key id that is not"));
}

/// `url` reads a host that `http` does not; opening a session panics over it.
#[test]
fn a_proxy_whose_host_is_no_host_is_a_fault_and_no_panic() {
    let world = World::new();
    world.write(&[(POLICY, ANY_PROFILE), (CONFIG, "[profile corp]"), (CONFIG, OWN_KEY)]);
    for proxy in ["\"proxy.corp\"", "http://pro{xy:3128", "http://pro`xy:3128"] {
        let machine = machine(&world, POLICY, AS_PROFILE, &[("HTTPS_PROXY", proxy)]);
        let opened = Session::builder(machine, BehaviorVersion::latest()).open();
        assert!(opened.is_err(), "{proxy}");
    }
}
