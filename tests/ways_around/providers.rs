//! Whoever takes credentials or tokens out of a session, instead of a client, is judged as well.

use std::error::Error;

use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::token::ProvideToken as _;
use bedrock_auth::client::{Session, refusal};
use bedrock_auth::load::Environment;

use crate::case::Case;
use crate::child::{POLICY, Program, codes, machine};
use crate::company::*;
use crate::in_process;
use crate::servers::converse_stream;
use crate::support::aws::bedrock::REPLY;
use crate::world::World;

/// A session in this process: for what asks neither the SDK's own environment nor a server.
fn session(case: &Case, world: &World) -> Session {
    world.write(case.files);
    let Program::Ours { settings, policy } = Program::ours(case, world) else {
        panic!("the program is not ours")
    };
    let machine = machine(&settings, policy)
        .with_environment(Environment::from_pairs(case.environment(world)));
    Session::builder(machine, BehaviorVersion::latest()).open().unwrap()
}

/// The answer in parts goes the same way as the answer at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_streams_as_it_answers() {
    let world = World::new();
    world.write(&[
        (CONFIG, "[profile corp]\n"),
        (CONFIG, OWN_KEY),
        (POLICY, r#"{ "schema_version": 1, "id": "x" }"#),
    ]);
    let machine = in_process::machine(&world, POLICY, AS_PROFILE, &[]);
    let session = Session::builder(machine, BehaviorVersion::latest()).open().unwrap();
    assert_eq!(converse_stream(&session.sdk_config()).await.unwrap(), REPLY);
    let arrived = world.arrived();
    assert_eq!(arrived.len(), 1, "{arrived:?}");
    assert!(
        arrived[0].starts_with("bedrock-runtime.eu-west-1.amazonaws.com ConverseStream key "),
        "{arrived:?}"
    );
}

fn refused(error: &(dyn Error + 'static)) -> String {
    refusal(error).map(|refused| codes(&refused.denials)).unwrap_or_else(|| panic!("{error:?}"))
}

#[tokio::test]
async fn a_provider_refuses_a_long_lived_key() {
    let case = Case { files: &[PRINTING, PRINTED_KEY], ..PRINTED };
    let world = World::new();
    let credentials = session(&case, &world).credentials();
    let error = credentials.provide_credentials().await.unwrap_err();
    assert_eq!(refused(&error), "long_lived_credential");
}

#[tokio::test]
async fn a_provider_of_tokens_does_not_outlive_the_policy_that_allowed_it() {
    let world = World::new();
    let tokens = session(&API_KEY, &world).sdk_config().token_provider().unwrap();
    assert_eq!(tokens.provide_token().await.unwrap().token(), world.fill("%API_KEY%"));
    world.write(&[(POLICY, NOTHING_ALLOWED)]);
    let error = tokens.provide_token().await.unwrap_err();
    assert_eq!(refused(&error), "method_not_allowed");
}
