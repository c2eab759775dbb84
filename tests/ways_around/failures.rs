//! What cannot work fails with words for people, and never takes the program down.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use bedrock_auth::client::{Session, StepFailed, step_failed};

use crate::case::Case;
use crate::child::{Child, Outcome, POLICY, Program, converse};
use crate::company::*;
use crate::in_process::machine;
use crate::world::{CONTAINER_KEY, World};

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

/// `url` reads hosts that `http` does not.
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

/// How a session of another environment than that of this process fetches credentials.
async fn fetched(
    world: &World,
    settings: &str,
    variables: &[(&str, &str)],
) -> Result<String, StepFailed> {
    let machine = machine(world, POLICY, settings, variables);
    let session = Session::builder(machine, BehaviorVersion::latest()).open().unwrap();
    let credentials = session.credentials().provide_credentials().await;
    credentials
        .map(|credentials| credentials.access_key_id().to_owned())
        .map_err(|error| step_failed(&error).unwrap_or_else(|| panic!("{error:?}")).clone())
}

const AUTOMATIC_ALLOWED: &str =
    r#"{ "schema_version": 1, "id": "x", "methods": { "automatic": {} } }"#;
const URI: (&str, &str) = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "%OTHER%/container-credentials");
const ASKED: &str = "127.0.0.1 ContainerCredentials authorization container-authorization";

/// What was judged is the environment that was handed in, and not that of the process.
#[tokio::test]
async fn container_credentials_come_from_the_environment_that_was_judged() {
    let world = World::new();
    world.write(&[(POLICY, AUTOMATIC_ALLOWED), ("token", "container-authorization\n")]);
    let of_file = ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "%HOME%/token");
    let other = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "another");
    let fetched = fetched(&world, AS_AUTOMATIC, &[URI, of_file, other]).await;
    assert_eq!(fetched.unwrap(), CONTAINER_KEY);
    assert_eq!(world.arrived(), [ASKED]);
}

#[tokio::test]
async fn a_container_endpoint_that_gives_nothing() {
    const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    let nobody = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/x?hush");
    for (variables, message, remedy) in [
        (&[URI][..], "answers with 401", "set `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or"),
        (&[URI, (TOKEN, "hush")], "answers with 401", "`AWS_CONTAINER_AUTHORIZATION_TOKEN`"),
        (&[URI, (TOKEN, "hu\nsh")], "fits no header", "`AWS_CONTAINER_AUTHORIZATION_TOKEN`"),
        (&[URI, (TOKEN_FILE, "%HOME%/none")], "there is no authorization token", "_TOKEN_FILE`"),
        (&[nobody], "`http://127.0.0.1:1` does not answer", "mend AWS_CONTAINER_CREDENTIALS_FULL"),
    ] {
        let world = World::new();
        world.write(&[(POLICY, AUTOMATIC_ALLOWED)]);
        let failed = fetched(&world, AS_AUTOMATIC, variables).await.unwrap_err();
        assert!(failed.message.contains(message), "{failed}");
        assert!(failed.remedy.as_ref().unwrap().contains(remedy), "{failed:?}");
        assert!(!format!("{failed} {failed:?}").contains("hush"), "{failed:?}");
    }
}

/// `HOME` was judged to be another one than that below which AWS's provider looks.
#[tokio::test]
async fn the_sign_in_of_another_home_is_not_used() {
    let world = World::new();
    world.write(SSO.files);
    world.write(&[(POLICY, SSO_ONLY)]);
    let failed = fetched(&world, AS_SSO, &[]).await.unwrap_err();
    assert!(failed.message.contains("the home directory of this process is not"), "{failed}");
    assert_eq!(world.arrived(), [""; 0]);
}

#[test]
fn nobody_is_signed_in() {
    const EXPIRED: (&str, &str) =
        (SIGN_IN, r#"{"accessToken": "hush", "expiresAt": "2020-01-01T00:00:00Z"}"#);
    const REVOKED: (&str, &str) =
        (SIGN_IN, r#"{"accessToken": "hush", "expiresAt": "2099-01-01T00:00:00Z"}"#);
    for (files, why) in [
        (&[(CONFIG, SSO_PROFILE)][..], "failed to load the cached SSO token"),
        (&[(CONFIG, SSO_PROFILE), EXPIRED], "the SSO token has expired and cannot be refreshed"),
    ] {
        assert_eq!(
            failure(&Case { files, ..SSO }),
            format!(
                "nobody is signed in for the AWS profile `corp`: {why} → `aws sso login --profile corp`"
            )
        );
    }
    let told = failure(&Case { files: &[(CONFIG, SSO_PROFILE), REVOKED], ..SSO });
    assert!(told.starts_with("the portal of IAM Identity Center refuses"), "{told}");
    assert!(told.ends_with(" → `aws sso login --profile corp`"), "{told}");
}

#[test]
fn nobody_has_logged_in() {
    let files = &[(CONFIG, "[profile corp]\nlogin_session = arn:aws:iam::111122223333:user/ada\n")];
    let case = Case { files, settings: AS_PROFILE, policy: ANY_PROFILE, ..SSO };
    let told = failure(&case);
    assert!(told.starts_with("nobody is signed in for the AWS profile `corp`"), "{told}");
    assert!(told.ends_with(" → `aws login --profile corp`"), "{told}");
}

/// AWS's provider reads two variables and no file.
#[test]
fn a_profile_moves_the_sign_in_where_no_provider_follows() {
    let files = &[(
        CONFIG,
        "[profile corp]\nlogin_session = arn:aws:iam::111122223333:user/ada\nservices = moved\n\
         [services moved]\nsignin =\n  endpoint_url = https://eu-west-1.signin.aws.amazon.com\n",
    )];
    let case = Case { files, settings: AS_PROFILE, policy: ANY_PROFILE, ..SSO };
    let told = failure(&case);
    assert!(told.starts_with("AWS Sign-In is moved to another endpoint by /"), "{told}");
    assert!(told.contains("/.aws/config:") && told.contains("`AWS_ENDPOINT_URL_SIGNIN`"), "{told}");
}

#[test]
fn a_process_fails() {
    const CONFIG_TEXT: &str =
        "[profile corp]\ncredential_process = /nonexistent/creds --password hush\n";
    let told = failure(&Case { files: &[(CONFIG, CONFIG_TEXT)], policy: ANY_PROFILE, ..PRINTED });
    let begins = "the credential process `/nonexistent/creds` of the AWS profile `corp` failed (exit status: 127)";
    assert!(told.starts_with(begins) && !told.contains("hush"), "{told}");
}

/// The SDK would give up by itself after twice the time that a connection may take.
#[tokio::test]
async fn a_client_waits_for_a_slow_process() {
    const PRINTED: &str = r#"{"Version": 1, "AccessKeyId": "ASIARTX3GSDSQROLE777",
        "SecretAccessKey": "x", "SessionToken": "y", "Expiration": "2099-01-01T00:00:00Z"}"#;
    let world = World::new();
    let slow = (CONFIG, "[profile corp]\ncredential_process = sleep 2; cat %HOME%/printed\n");
    world.write(&[slow, ("printed", PRINTED), (POLICY, ANY_PROFILE)]);
    let machine = machine(&world, POLICY, AS_PROFILE, &[]);
    let connect = TimeoutConfig::builder().connect_timeout(Duration::from_millis(500)).build();
    let session = Session::builder(machine, BehaviorVersion::latest())
        .retry_config(RetryConfig::disabled())
        .timeout_config(connect)
        .open()
        .unwrap();
    assert_eq!(converse(&session.bedrock_runtime()).await, Outcome::Answered);
}

#[test]
fn the_token_of_a_web_identity_is_not_there() {
    const CONFIG_TEXT: &str = "[profile corp]\nrole_arn = arn:aws:iam::111122223333:role/x\nweb_identity_token_file = /nonexistent\n";
    let case =
        Case { files: &[(CONFIG, CONFIG_TEXT)], settings: AS_PROFILE, policy: ANY_PROFILE, ..SSO };
    let told = failure(&case);
    assert!(told.starts_with("there is no web identity token `/nonexistent` → "), "{told}");
}

#[test]
fn the_metadata_service_is_not_there() {
    let variables = &[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"),
    ];
    let policy = r#"{ "schema_version": 1, "id": "x", "methods": { "automatic": {} },
        "endpoints": ["http://127.0.0.1:1", "https://bedrock-runtime.eu-west-1.amazonaws.com"] }"#;
    let case = Case { files: &[], variables, settings: AS_AUTOMATIC, policy, ..SSO };
    let told = failure(&case);
    assert!(told.starts_with("the instance metadata service gives no credentials"), "{told}");
    assert!(told.contains("`AWS_EC2_METADATA_DISABLED=true`"), "{told}");
}
