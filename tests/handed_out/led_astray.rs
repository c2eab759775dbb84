//! What stands in variables and in the default profile does not win in a program that `exec` runs.
//!
//! Each lure leads some client astray that is given the same key as people do it by hand: that is the counterpart.

use std::thread;

use crate::clients::{ALL, Client};
use crate::world::{Has, KEY, TOKEN, World, as_meant, is_signed_as_meant};

/// One thing that leads astray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lure {
    Variable(&'static str, &'static str),
    /// A line of the default profile.
    Key(&'static str),
}

/// Whatever credential is in hand.
const FOR_ALL: [Lure; 11] = [
    Lure::Variable("AWS_PROFILE", "own"),
    Lure::Variable("AWS_DEFAULT_PROFILE", "own"),
    Lure::Variable("AWS_SECURITY_TOKEN", "own-token"),
    Lure::Variable("AWS_ENDPOINT_URL", "https://elsewhere.example"),
    Lure::Variable("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://elsewhere.example"),
    Lure::Variable("AWS_USE_FIPS_ENDPOINT", "true"),
    Lure::Variable("AWS_USE_DUALSTACK_ENDPOINT", "true"),
    Lure::Key("endpoint_url = https://elsewhere.example"),
    Lure::Key("services = elsewhere"),
    Lure::Key("use_fips_endpoint = true"),
    Lure::Key("use_dualstack_endpoint = true"),
];

const FOR_ACCESS_KEYS: [Lure; 3] = [
    Lure::Variable("AWS_BEARER_TOKEN_BEDROCK", "own-api-key"),
    // The sign-in of the default profile is shown to Bedrock.
    Lure::Variable("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth"),
    Lure::Key("auth_scheme_preference = httpBearerAuth"),
];

/// What leads nobody astray by itself, because variables that are set by hand win.
const BESIDES: [Lure; 2] =
    [Lure::Key("role_arn = arn:aws:iam::444455556666:role/Own"), Lure::Key("source_profile = own")];
const FOR_API_KEYS: [Lure; 2] = [
    Lure::Variable("AWS_AUTH_SCHEME_PREFERENCE", "sigv4"),
    Lure::Key("auth_scheme_preference = sigv4"),
];
const OWN: &[(&str, &str)] = &[
    ("AWS_ACCESS_KEY_ID", "AKIAWO645SY5AVARIABL"),
    ("AWS_SECRET_ACCESS_KEY", "own-secret"),
    ("AWS_SESSION_TOKEN", "own-token"),
    ("AWS_REGION", "us-west-2"),
    ("AWS_DEFAULT_REGION", "us-west-2"),
    ("AWS_ROLE_ARN", "arn:aws:iam::444455556666:role/Own"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "https://elsewhere.example/credentials"),
    ("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z"),
];

/// Where the SDKs keep the sign-in of the `[sso-session own]`: the SHA-1 of its name.
const SIGN_IN: &str = ".aws/sso/cache/fbf63c6adba57ff2a18d83d55deff3db5e89b043.json";
const SIGNED_IN: &str =
    r#"{"accessToken": "own-access-token", "expiresAt": "2099-01-01T00:00:00Z"}"#;

const SECTIONS: &str = "
[sso-session own]
sso_start_url = https://own.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
[services elsewhere]
bedrock_runtime =
  endpoint_url = https://elsewhere.example
[profile own]
region = us-west-2
endpoint_url = https://elsewhere.example
";
const OWN_KEYS: &str = "
[default]
aws_access_key_id = AKIAWO645SY5ADEFAULT
aws_secret_access_key = own-secret
[own]
aws_access_key_id = AKIAWO645SY5APROFILE
aws_secret_access_key = own-secret
";

/// Files with these lures in the default profile, and the variables among them.
fn set(world: &World, lures: &[Lure]) -> Vec<(String, String)> {
    // Somebody is signed in: a scheme that is preferred means nothing without a token to show.
    world.write(SIGN_IN, SIGNED_IN);
    let mut config = "[default]\nsso_session = own\n".to_owned();
    let mut variables = Vec::new();
    for lure in lures {
        match lure {
            Lure::Key(line) => config += &format!("{line}\n"),
            Lure::Variable(name, value) => variables.push((*name, *value)),
        }
    }
    world.write(".aws/config", &(config + SECTIONS));
    world.write(".aws/credentials", OWN_KEYS);
    owned(&variables)
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The person's files with these lures, and the variables of a program that is run in them.
fn lured(world: &World, variables: &[(&str, &str)], lures: &[Lure]) -> Vec<(String, String)> {
    [world.surroundings(), owned(variables), set(world, lures)].concat()
}

fn is_as_meant(world: &World, has: Has) -> bool {
    world.arrived() == [as_meant(has)] && is_signed_as_meant(&world.requests()[0])
}

/// Whether the client does something else than meant when the credential is set by hand.
fn is_led_astray(client: Client, by_hand: &[(&str, &str)], has: Has, lure: Lure) -> bool {
    let world = World::new();
    // What it says does not matter: it may have got an answer from elsewhere.
    let _ = client.ask(&[], &lured(&world, by_hand, &[lure]));
    !is_as_meant(&world, has)
}

/// The lures that lead nobody astray who has this set by hand.
fn harmless(by_hand: &[(&str, &str)], has: Has, lures: &[Lure]) -> Vec<Lure> {
    let leads_nobody = |lure: &Lure| {
        thread::scope(|scope| {
            let asked =
                ALL.map(|client| scope.spawn(move || is_led_astray(client, by_hand, has, *lure)));
            !asked.into_iter().map(|asked| asked.join().unwrap()).fold(false, |any, led| any | led)
        })
    };
    lures.iter().copied().filter(leads_nobody).collect()
}

#[test]
fn each_lure_leads_somebody_astray_who_has_an_access_key() {
    let by_hand = [
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", "handed-secret"),
        ("AWS_SESSION_TOKEN", TOKEN),
        ("AWS_REGION", "eu-west-1"),
        // boto3 does not read the former.
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ];
    // That there are harmless ones at all is seen.
    let harmless_one = Lure::Key("retry_mode = standard");
    let lures = [&FOR_ALL[..], &FOR_ACCESS_KEYS, &[harmless_one]].concat();
    assert_eq!(harmless(&by_hand, Has::AccessKey, &lures), [harmless_one]);
}

/// All of them at once.
#[track_caller]
fn leads_nobody_astray(has: Has, lures: &[Lure]) {
    for client in ALL {
        let world = World::new();
        let variables = [world.person(has), lured(&world, OWN, lures)].concat();
        client.ask(&world.ours(&["exec", "--"]), &variables).must_be_answered();
        assert!(is_as_meant(&world, has), "{client:?}: {:?}", world.requests());
    }
}

#[test]
fn whoever_is_handed_an_access_key_is_not_led_astray() {
    leads_nobody_astray(Has::AccessKey, &[&FOR_ALL[..], &FOR_ACCESS_KEYS, &BESIDES].concat());
}

#[test]
fn whoever_is_handed_an_api_key_is_not_led_astray() {
    leads_nobody_astray(Has::ApiKey, &[&FOR_ALL[..], &FOR_API_KEYS, &BESIDES].concat());
}
