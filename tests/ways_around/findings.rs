//! Findings of somebody with fresh eyes; each of these fails until it is mended.

use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials as _;
use bedrock_auth::client::{Session, refusal};
use bedrock_auth::load::keychain::NoKeychain;
use bedrock_auth::load::{Environment, Machine, Managed, SettingsPlace};

use crate::case::{Arrivals, Case, Expect};
use crate::child::{Child, Outcome, POLICY, Program, codes};
use crate::company::*;
use crate::world::World;

const ANY_PROFILE: &str =
    r#"{ "schema_version": 1, "id": "corp", "methods": { "named_profile": {} } }"#;

/// The policy tightens after a session was opened, and before anything was fetched.
#[track_caller]
fn nothing_leaves(case: &Case, tightened: &str, code: &'static str) -> World {
    const NOTHING: Arrivals = &[];
    let world = World::new();
    world.write(case.files);
    let program = Program::ours(case, &world);
    let (mut child, opened) = Child::open(case.environment(&world), &program);
    assert_eq!(opened, Outcome::Opened { neutralised: Vec::new() });
    world.write(&[(POLICY, tightened)]);
    Expect::Refused(code, NOTHING).check(&world, &program, &child.call());
    world
}

const ROLE: Case = Case {
    files: &[
        (CONFIG, "[profile corp]\nrole_arn = arn:aws:iam::111122223333:role/Bedrock\n"),
        (CONFIG, "source_profile = own\n[profile own]"),
        (CONFIG, OWN_KEY),
    ],
    settings: AS_PROFILE,
    policy: ANY_PROFILE,
    ..SSO
};

/// AssumeRole is signed with the long-lived key that the new policy forbids.
#[test]
fn a_role_is_assumed_although_the_policy_tightened() {
    nothing_leaves(&ROLE, NOTHING_ALLOWED, "method_not_allowed");
}

#[test]
fn a_role_is_assumed_although_the_root_is_forbidden_by_now() {
    nothing_leaves(&ROLE, PROFILES_OVER_SSO, "root_not_allowed");
}

#[test]
fn a_role_is_assumed_although_the_policy_is_broken_by_now() {
    nothing_leaves(&ROLE, "{", "policy_malformed");
}

#[test]
fn the_sign_in_is_shown_to_the_portal_although_the_policy_tightened() {
    nothing_leaves(&SSO, NOTHING_ALLOWED, "method_not_allowed");
}

#[test]
fn a_process_is_run_although_the_policy_tightened() {
    let case = Case {
        files: &[(CONFIG, "[profile corp]\ncredential_process = /usr/bin/touch %HOME%/ran\n")],
        policy: ANY_PROFILE,
        ..PRINTED
    };
    let world = nothing_leaves(&case, NOTHING_ALLOWED, "method_not_allowed");
    assert!(!world.path("ran").exists(), "the process was run");
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
    let world = World::new();
    world.write(case.files);
    let program = Program::ours(&case, &world);
    let (mut child, opened) = Child::open(case.environment(&world), &program);
    assert_eq!(opened, Outcome::Opened { neutralised: Vec::new() });
    assert_ne!(child.call(), Outcome::Answered);
}

/// A machine of this process, and not of a child.
fn machine(world: &World, managed: &str, settings: &str, variables: &[(&str, &str)]) -> Machine {
    world.write(&[("settings.json", settings)]);
    let own = variables.iter().map(|(name, value)| (*name, world.fill(value)));
    Machine::this()
        .with_managed(Managed::WhatIf(world.path(managed)))
        .with_settings(SettingsPlace::named(world.path("settings.json").to_str().unwrap()).unwrap())
        .with_keychain(NoKeychain)
        .with_environment(Environment::from_pairs(world.variables().into_iter().chain(own)))
}

/// The resolution is denied by then, and the open session goes on.
#[tokio::test]
async fn locks_that_contradict_each_other_are_a_denial_for_an_open_session_too() {
    const LOCKED: &str = r#"{ "schema_version": 1, "id": "x", "settings": { "locked": { "region": "eu-west-1" } } }"#;
    let world = World::new();
    world.write(&[("managed/a.json", LOCKED)]);
    let key =
        [("ZED_ACCESS_KEY_ID", "AKIAWO645SY5APROFILE"), ("ZED_SECRET_ACCESS_KEY", "own-secret")];
    let machine = machine(&world, "managed", "{}", &key);
    let session = Session::builder(machine.clone(), BehaviorVersion::latest()).open().unwrap();
    world.write(&[("managed/b.json", &LOCKED.replace("eu-west-1", "eu-central-1"))]);
    assert_eq!(codes(&machine.resolve().denials), "locked_conflict");
    let error = session.credentials().provide_credentials().await.unwrap_err();
    assert_eq!(codes(&refusal(&error).unwrap().denials), "locked_conflict locked_value_differs");
}

/// What was judged is the environment that was handed in; the provider reads that of the process.
#[tokio::test]
async fn container_credentials_come_from_the_environment_that_was_judged() {
    const CONTAINERS: &str =
        r#"{ "schema_version": 1, "id": "x", "methods": { "automatic": {} } }"#;
    let world = World::new();
    world.write(&[(POLICY, CONTAINERS)]);
    let uri = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "%OTHER%/container")];
    let machine = machine(&world, POLICY, AS_AUTOMATIC, &uri);
    let session = Session::builder(machine, BehaviorVersion::latest()).open().unwrap();
    // The server wants a token and answers 401; that it was asked at all is what counts.
    let _ = session.credentials().provide_credentials().await;
    assert_ne!(world.arrived(), Vec::<String>::new(), "nobody was asked");
}

/// `HOME` was judged to be another one.
#[tokio::test]
async fn the_sign_in_comes_from_the_home_that_was_judged() {
    let world = World::new();
    world.write(SSO.files);
    world.write(&[(POLICY, SSO_ONLY)]);
    let machine = machine(&world, POLICY, AS_SSO, &[]);
    let session = Session::builder(machine, BehaviorVersion::latest()).open().unwrap();
    let signed_in = session.credentials().provide_credentials().await;
    assert!(signed_in.is_ok(), "{signed_in:?}");
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
