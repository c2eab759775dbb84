//! What was judged changes before it is used.

use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials as _;
use bedrock_auth::client::{Session, refusal};

use crate::case::{Arrivals, Case, Expect};
use crate::child::{Child, Outcome, POLICY, Program, codes};
use crate::company::*;
use crate::in_process::machine;
use crate::world::World;

const OPENED: Outcome = Outcome::Opened { neutralised: Vec::new() };

/// A program of a case that is open, on a machine that can change.
struct Open {
    world: World,
    program: Program,
    child: Child,
}

impl Open {
    fn new(case: &Case, program: fn(&Case, &World) -> Program) -> Self {
        let world = World::new();
        world.write(case.files);
        let program = program(case, &world);
        let (child, opened) = Child::open(case.environment(&world), &program);
        assert_eq!(opened, OPENED, "{program:?}");
        Open { world, program, child }
    }

    #[track_caller]
    fn calls(&mut self, expect: Expect) {
        let outcome = self.child.call();
        expect.check(&self.world, &self.program, &outcome);
    }
}

const OWN_PROFILE: [(&str, &str); 2] = [(CONFIG, "[profile corp]"), (CONFIG, OWN_KEY)];

/// Whoever judges a file and then lets the SDK read it has judged something else.
#[test]
fn the_profile_changes_between_a_check_and_the_plain_sdk() {
    let world = World::new();
    world.write(SSO.files);
    let text = std::fs::read_to_string(world.path(CONFIG)).unwrap();
    assert!(text.contains("sso_session") && !text.contains("aws_access_key_id"), "the check");
    world.write(&OWN_PROFILE);
    let program = Program::plain(&SSO, &world);
    let (mut child, opened) = Child::open(SSO.environment(&world), &program);
    assert_eq!(opened, OPENED);
    Expect::Answered(OWN_KEY_SIGNS).check(&world, &program, &child.call());
}

/// The plain SDK, too, reads profiles once, when its configuration is loaded.
#[test]
fn the_profile_changes_after_a_client_was_made() {
    for program in [Program::plain, Program::ours] {
        let mut open = Open::new(&SSO, program);
        open.world.write(&OWN_PROFILE);
        open.calls(Expect::Answered(SSO_SIGNS));
    }
}

/// What a process prints is not read before it is needed.
#[test]
fn what_a_process_prints_changes_after_a_client_was_made() {
    let mut plain = Open::new(&PRINTED, Program::plain);
    plain.world.write(&[PRINTED_KEY]);
    plain.calls(Expect::Answered(PROCESS_SIGNS));
    let mut ours = Open::new(&PRINTED, Program::ours);
    ours.world.write(&[PRINTED_KEY]);
    ours.calls(Expect::Refused("long_lived_credential", &[]));
}

/// The policy of a case tightens after a first call.
fn tightens(case: &Case, first: Arrivals, both: Arrivals) {
    let tightened = (POLICY, NOTHING_ALLOWED);
    let mut plain = Open::new(case, Program::plain);
    plain.calls(Expect::Answered(first));
    plain.world.write(&[tightened]);
    plain.calls(Expect::Answered(both));
    let mut ours = Open::new(case, Program::ours);
    ours.calls(Expect::Answered(first));
    ours.world.write(&[tightened]);
    ours.calls(Expect::Refused("method_not_allowed", first));
    // Back as it was: nothing has to be opened again.
    ours.world.write(&[(POLICY, case.policy)]);
    ours.calls(Expect::Answered(both));
}

#[test]
fn a_client_that_signs_outlives_the_policy_that_allowed_it() {
    const BOTH: Arrivals = &[SSO_SIGNS[0], SSO_SIGNS[1], SSO_SIGNS[1]];
    tightens(&SSO, SSO_SIGNS, BOTH);
}

#[test]
fn a_client_with_an_api_key_outlives_the_policy_that_allowed_it() {
    tightens(&API_KEY, &[API_KEY_IS_SENT], &[API_KEY_IS_SENT, API_KEY_IS_SENT]);
}

#[test]
fn the_policy_that_allowed_a_client_is_gone() {
    let mut ours = Open::new(&SSO, Program::ours);
    ours.calls(SSO.ours);
    std::fs::remove_file(ours.world.path(POLICY)).unwrap();
    ours.calls(Expect::Refused("policy_unreadable", SSO_SIGNS));
}

/// The policy tightens after a session was opened, and before anything was fetched.
#[track_caller]
fn nothing_leaves(case: &Case, tightened: &str, code: &'static str) -> World {
    const NOTHING: Arrivals = &[];
    let mut ours = Open::new(case, Program::ours);
    ours.world.write(&[(POLICY, tightened)]);
    ours.calls(Expect::Refused(code, NOTHING));
    ours.world
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
