//! Tokens instead of signatures, and keys in fields that are not theirs.

use crate::case::{Case, Expect, InCode};
use crate::texts::*;

const CORP: InCode = InCode { profile: Some("corp"), access_key_id: None, endpoint: None };

/// An API key in the environment.
const BEARER: (&str, &str) = ("AWS_BEARER_TOKEN_BEDROCK", "ABSKlong-term");
const BEARER_IS_SENT: Expect = Expect::Answered(&[
    "bedrock-runtime.eu-west-1.amazonaws.com Converse bearer ABSKlong-term",
]);
/// The SSO access token is sent to Bedrock.
const ACCESS_TOKEN_IS_SENT: Expect = Expect::Answered(&[
    "bedrock-runtime.eu-west-1.amazonaws.com Converse bearer corp-access-token",
]);

#[test]
fn a_bearer_token_beats_the_named_profile() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        variables: &[BEARER],
        in_code: CORP,
        plain: BEARER_IS_SENT,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_bearer_token_beats_keys_in_code() {
    let in_code = InCode { access_key_id: Some("ASIARTX3GSDSQINCODE2"), ..InCode::default() };
    let case = Case { variables: &[BEARER], in_code, plain: BEARER_IS_SENT, ..Case::default() };
    case.run();
}

#[test]
fn a_preference_in_the_environment_sends_the_sso_access_token() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        variables: &[("AWS_AUTH_SCHEME_PREFERENCE", "httpBearerAuth")],
        in_code: CORP,
        plain: ACCESS_TOKEN_IS_SENT,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_preference_in_the_profile_sends_the_sso_access_token() {
    let case = Case {
        files: &[
            (CONFIG, SSO_SESSION),
            (CONFIG, SSO_PROFILE),
            (CONFIG, "auth_scheme_preference = httpBearerAuth\n"),
            (SIGN_IN, SIGNED_IN),
        ],
        in_code: CORP,
        plain: ACCESS_TOKEN_IS_SENT,
        ..Case::default()
    };
    case.run();
}
