//! Tokens instead of signatures, and keys in fields that are not theirs.

use crate::case::{Arrivals, Case, Expect, InCode};
use crate::company::*;

/// The company's profile, and a bearer token that a plain SDK would rather send.
const BEARER: Case = Case {
    variables: &[("AWS_BEARER_TOKEN_BEDROCK", "ABSKlong-term")],
    plain: Expect::Answered(BEARER_IS_SENT),
    neutralised: &["`AWS_BEARER_TOKEN_BEDROCK`"],
    ..SSO
};
const BEARER_IS_SENT: Arrivals =
    &["bedrock-runtime.eu-west-1.amazonaws.com Converse bearer ABSKlong-term"];

/// The SSO access token is sent to Bedrock.
const ACCESS_TOKEN_IS_SENT: Expect = Expect::Answered(&[
    "bedrock-runtime.eu-west-1.amazonaws.com Converse bearer corp-access-token",
]);

#[test]
fn a_bearer_token_beats_the_named_profile() {
    BEARER.run();
}

#[test]
fn a_bearer_token_beats_keys_in_code() {
    Case { in_code: InCode::Key("ASIARTX3GSDSQINCODE2"), ..BEARER }.run();
}

#[test]
fn a_variable_sends_the_sso_access_token_to_bedrock() {
    let variables = &[("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth")];
    let neutralised = &["`AWS_AUTH_SCHEME_PREFERENCE`"];
    Case { variables, plain: ACCESS_TOKEN_IS_SENT, neutralised, ..SSO }.run();
}

#[test]
fn the_profile_sends_the_sso_access_token_to_bedrock() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CONFIG, "auth_scheme_preference = httpBearerAuth\n"),
        (SIGN_IN, SIGNED_IN),
    ];
    let neutralised = &["`auth_scheme_preference` of the AWS profile `corp`"];
    Case { files, plain: ACCESS_TOKEN_IS_SENT, neutralised, ..SSO }.run();
}

/// Whatever stands in the variables, where the company allows short-term keys alone.
const FOUND: Case = Case {
    files: &[],
    in_code: InCode::Nothing,
    settings: AS_FOUND,
    policy: r#"{
        "schema_version": 1,
        "id": "corp",
        "environment_families": ["AWS"],
        "methods": {
            "api_key": { "kinds": ["short_term"], "temporary_only": true },
            "iam_credentials": { "temporary_only": true }
        }
    }"#,
    ..SSO
};

#[test]
fn an_api_key_has_expired() {
    let variables = &[("AWS_BEARER_TOKEN_BEDROCK", "%EXPIRED_API_KEY%")];
    let plain = Expect::Answered(&[
        "bedrock-runtime.eu-west-1.amazonaws.com Converse bearer %EXPIRED_API_KEY%",
    ]);
    Case { variables, plain, ours: Expect::NotAllowed("unconfigured"), ..FOUND }.run();
}

#[test]
fn a_short_term_api_key_is_signed_by_a_long_lived_key() {
    let variables = &[("AWS_BEARER_TOKEN_BEDROCK", "%LONG_LIVED_API_KEY%")];
    let plain = Expect::Answered(&[
        "bedrock-runtime.eu-west-1.amazonaws.com Converse bearer %LONG_LIVED_API_KEY%",
    ]);
    let ours = Expect::NotAllowed("denied long_lived_credential");
    Case { variables, plain, ours, ..FOUND }.run();
}

#[test]
fn an_api_key_is_of_another_region() {
    let variables = &[("AWS_BEARER_TOKEN_BEDROCK", "%API_KEY%"), ("AWS_REGION", "us-east-1")];
    let plain =
        Expect::Answered(&["bedrock-runtime.us-east-1.amazonaws.com Converse bearer %API_KEY%"]);
    Case { variables, plain, ours: Expect::NotAllowed("unconfigured"), ..FOUND }.run();
}

#[test]
fn an_api_key_lasts_longer_than_the_company_allows() {
    let variables = &[("AWS_BEARER_TOKEN_BEDROCK", "%API_KEY%")];
    let policy = r#"{
        "schema_version": 1,
        "id": "corp",
        "environment_families": ["AWS"],
        "methods": { "api_key": { "max_lifetime": "1h" } }
    }"#;
    let plain =
        Expect::Answered(&["bedrock-runtime.eu-west-1.amazonaws.com Converse bearer %API_KEY%"]);
    let ours = Expect::NotAllowed("denied api_key_lifetime_too_long");
    Case { variables, policy, plain, ours, ..FOUND }.run();
}

#[test]
fn a_long_lived_key_calls_itself_a_session() {
    let variables = &[
        ("AWS_ACCESS_KEY_ID", "AKIAWO645SY5AOWNKEY2"),
        ("AWS_SECRET_ACCESS_KEY", "own-secret"),
        ("AWS_SESSION_TOKEN", "a-token-of-nobody"),
    ];
    let plain = Expect::Answered(&[
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session AKIAWO645SY5AOWNKEY2",
    ]);
    Case { variables, plain, ours: Expect::NotAllowed("unconfigured"), ..FOUND }.run();
}

#[test]
fn a_session_lacks_its_token() {
    let variables =
        &[("AWS_ACCESS_KEY_ID", "ASIAWO645SY5ASESSION"), ("AWS_SECRET_ACCESS_KEY", "own-secret")];
    let plain = Expect::Answered(&[
        "bedrock-runtime.eu-west-1.amazonaws.com Converse key ASIAWO645SY5ASESSION",
    ]);
    Case { variables, plain, ours: Expect::NotAllowed("unconfigured"), ..FOUND }.run();
}

#[test]
fn an_api_key_stands_where_an_access_key_belongs() {
    let variables =
        &[("AWS_ACCESS_KEY_ID", "ABSKlong-term"), ("AWS_SECRET_ACCESS_KEY", "own-secret")];
    let plain =
        Expect::Answered(&["bedrock-runtime.eu-west-1.amazonaws.com Converse key ABSKlong-term"]);
    Case { variables, plain, ours: Expect::NotAllowed("unconfigured"), ..FOUND }.run();
}

#[test]
fn an_access_key_stands_where_an_api_key_belongs() {
    let variables = &[("AWS_BEARER_TOKEN_BEDROCK", "AKIAWO645SY5AOWNKEY2")];
    let plain = Expect::Answered(&[
        "bedrock-runtime.eu-west-1.amazonaws.com Converse bearer AKIAWO645SY5AOWNKEY2",
    ]);
    Case { variables, plain, ours: Expect::NotAllowed("unconfigured"), ..FOUND }.run();
}
