//! The counterpart for STS that other tests rely on answers a plain client as STS does.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::{BehaviorVersion, Region};
use aws_smithy_http_client::Builder;

use support::moto::Moto;

/// moto's own account, unless somebody else is asked for.
const ACCOUNT: &str = "123456789012";
const ROLE: &str = "arn:aws:iam::111122223333:role/BedrockUser";

#[tokio::test]
async fn a_plain_client_learns_who_it_is() {
    let moto = Moto::start();
    let own = credentials("AKIARZPUZDIKEWS2LJNF", "secret", None);
    let caller = client(&moto, own.clone()).get_caller_identity().send().await;
    let caller = caller.unwrap_or_else(|error| panic!("{error:?}\n{}", moto.log()));
    assert_eq!(caller.account(), Some(ACCOUNT));
    let arn = caller.arn().unwrap();
    assert!(arn.starts_with(&format!("arn:aws:sts::{ACCOUNT}:")), "{arn}");

    let assumed = client(&moto, own).assume_role().role_arn(ROLE).role_session_name("me").send();
    let assumed = assumed.await.unwrap_or_else(|error| panic!("{error:?}\n{}", moto.log()));
    let session = assumed.credentials().unwrap();
    assert!(session.access_key_id().starts_with("ASIA"), "{}", session.access_key_id());
    let arn = "arn:aws:sts::111122223333:assumed-role/BedrockUser/me";
    assert_eq!(assumed.assumed_role_user().unwrap().arn(), arn);

    let session = credentials(
        session.access_key_id(),
        session.secret_access_key(),
        Some(session.session_token()),
    );
    let caller = client(&moto, session).get_caller_identity().send().await.unwrap();
    assert_eq!((caller.account(), caller.arn()), (Some("111122223333"), Some(arn)));
}

#[test]
fn nothing_is_left_when_it_is_dropped() {
    let moto = Moto::start();
    let address = moto.url().replace("http://", "");
    assert!(std::net::TcpStream::connect(&address).is_ok());
    drop(moto);
    assert!(std::net::TcpStream::connect(&address).is_err());
}

fn credentials(id: &str, secret: &str, token: Option<&str>) -> Credentials {
    Credentials::new(id, secret, token.map(str::to_owned), None, "test")
}

fn client(moto: &Moto, credentials: Credentials) -> Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .endpoint_url(moto.url())
        .credentials_provider(credentials)
        .http_client(Builder::new().build_http())
        .build();
    Client::from_conf(config)
}
