//! Requests are led to somebody else's host.

use crate::case::{Case, Expect, InCode};
use crate::texts::*;

const CORP: InCode = InCode { profile: Some("corp"), access_key_id: None, endpoint: None };

/// A role over the company's sign-in.
const ROLE_OVER_SSO: [(&str, &str); 4] = [
    (CONFIG, SSO_SESSION),
    (CONFIG, "[profile base]\nsso_session = corp\n"),
    (CONFIG, "sso_account_id = 111122223333\nsso_role_name = BedrockUser\n"),
    (CONFIG, "[profile corp]\nrole_arn = arn:aws:iam::111122223333:role/BedrockUser\nsource_profile = base\n"),
];

const SOMEBODY_ELSES_ROLE: Expect = Expect::Answered(&[
    "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
    "127.0.0.1 AssumeRole session ASIARTX3GSDSQCORPSSO",
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIAWO645SY5AELSEWHR",
]);

/// Whoever gets the sign-in's token can be that person everywhere in the company.
const ACCESS_TOKEN_IS_STOLEN: Expect = Expect::Answered(&[
    "127.0.0.1 GetRoleCredentials sso corp-access-token",
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIAWO645SY5AELSEWHR",
]);

const PROMPT_IS_STOLEN: Expect = Expect::Answered(&[
    "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
    "127.0.0.1 Converse session ASIARTX3GSDSQCORPSSO",
]);

#[test]
fn a_variable_moves_sts() {
    let case = Case {
        files: &[ROLE_OVER_SSO[0], ROLE_OVER_SSO[1], ROLE_OVER_SSO[2], ROLE_OVER_SSO[3], (SIGN_IN, SIGNED_IN)],
        variables: &[("AWS_ENDPOINT_URL_STS", "%OTHER%")],
        in_code: CORP,
        plain: SOMEBODY_ELSES_ROLE,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_services_section_moves_sts() {
    let case = Case {
        files: &[
            ROLE_OVER_SSO[0], ROLE_OVER_SSO[1], ROLE_OVER_SSO[2], ROLE_OVER_SSO[3],
            (CONFIG, "services = moved\n[services moved]\nsts =\n  endpoint_url = %OTHER%\n"),
            (SIGN_IN, SIGNED_IN)],
        in_code: CORP,
        plain: SOMEBODY_ELSES_ROLE,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_profile_moves_sts_and_bedrock() {
    let case = Case {
        files: &[
            ROLE_OVER_SSO[0], ROLE_OVER_SSO[1], ROLE_OVER_SSO[2], ROLE_OVER_SSO[3],
            (CONFIG, "endpoint_url = %OTHER%\n"),
            (SIGN_IN, SIGNED_IN)],
        in_code: CORP,
        plain: SOMEBODY_ELSES_ROLE,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_variable_moves_the_portal() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        variables: &[("AWS_ENDPOINT_URL_SSO", "%OTHER%")],
        in_code: CORP,
        plain: ACCESS_TOKEN_IS_STOLEN,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_variable_that_should_stop_it_does_not() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        variables: &[("AWS_ENDPOINT_URL_SSO", "%OTHER%"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
        in_code: CORP,
        plain: ACCESS_TOKEN_IS_STOLEN,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_services_section_moves_the_portal() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), 
            (CONFIG, "services = moved\n[services moved]\nsso =\n  endpoint_url = %OTHER%\n"),
            (SIGN_IN, SIGNED_IN)],
        in_code: CORP,
        plain: ACCESS_TOKEN_IS_STOLEN,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_variable_moves_the_renewal_of_the_sign_in() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN_BEFORE)],
        variables: &[("AWS_ENDPOINT_URL_SSO_OIDC", "%OTHER%")],
        in_code: CORP,
        plain: Expect::Answered(&[
            "127.0.0.1 CreateToken nothing",
            "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
            "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQCORPSSO",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_variable_moves_everything() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        variables: &[("AWS_ENDPOINT_URL", "%OTHER%")],
        in_code: CORP,
        plain: Expect::Answered(&[
            "127.0.0.1 GetRoleCredentials sso corp-access-token",
            "127.0.0.1 Converse session ASIAWO645SY5AELSEWHR",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_variable_moves_bedrock() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        variables: &[("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "%OTHER%")],
        in_code: CORP,
        plain: PROMPT_IS_STOLEN,
        ..Case::default()
    };
    case.run();
}

#[test]
fn the_profile_moves_bedrock() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (CONFIG, "endpoint_url = %OTHER%\n"), (SIGN_IN, SIGNED_IN)],
        in_code: CORP,
        plain: PROMPT_IS_STOLEN,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_services_section_moves_bedrock() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), 
            (CONFIG, "services = moved\n[services moved]\nbedrock_runtime =\n  endpoint_url = %OTHER%\n"),
            (SIGN_IN, SIGNED_IN)],
        in_code: CORP,
        plain: PROMPT_IS_STOLEN,
        ..Case::default()
    };
    case.run();
}

#[test]
fn aws_profile_moves_bedrock_although_credentials_are_in_code() {
    let case = Case {
        files: &[(CONFIG, "[profile own]\nendpoint_url = %OTHER%\n")],
        variables: &[("AWS_PROFILE", "own")],
        in_code: InCode { access_key_id: Some("AKIARTX3GSDSQINCODE2"), ..InCode::default() },
        plain: Expect::Answered(&["127.0.0.1 Converse key AKIARTX3GSDSQINCODE2"]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_bearer_token_goes_to_any_host_in_the_clear() {
    let case = Case {
        variables: &[("AWS_BEARER_TOKEN_BEDROCK", "ABSKlong-term"), ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "%OTHER%")],
        plain: Expect::Answered(&["127.0.0.1 Converse bearer ABSKlong-term"]),
        ..Case::default()
    };
    case.run();
}

fn look_alike(url: &'static str, arrives: &'static [&'static str]) {
    let case = Case {
        variables: &[("AWS_BEARER_TOKEN_BEDROCK", "ABSKlong-term")],
        in_code: InCode { endpoint: Some(url), ..InCode::default() },
        plain: Expect::Answered(arrives),
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_host_looks_like_awss() {
    look_alike("https://bedrock-runtime.eu-west-1.amazonaws.com.example.net", &["bedrock-runtime.eu-west-1.amazonaws.com.example.net Converse bearer ABSKlong-term"]);
}
#[test]
fn a_user_info_looks_like_awss_host() {
    look_alike("https://bedrock-runtime.eu-west-1.amazonaws.com@example.net", &["example.net Converse bearer ABSKlong-term"]);
}
#[test]
fn a_host_in_upper_case() {
    look_alike("https://BEDROCK-RUNTIME.EU-WEST-1.AMAZONAWS.COM", &["BEDROCK-RUNTIME.EU-WEST-1.AMAZONAWS.COM Converse bearer ABSKlong-term"]);
}
#[test]
fn a_host_with_a_last_dot() {
    look_alike("https://bedrock-runtime.eu-west-1.amazonaws.com.", &["bedrock-runtime.eu-west-1.amazonaws.com. Converse bearer ABSKlong-term"]);
}
#[test]
fn a_host_idn() {
    look_alike("https://bedrock-runtime.eu-west-1.amazonaws.cоm", &["x"]);
}
#[test]
fn http_aws_own() {
    look_alike("http://localhost:%OTHER_PORT%", &["localhost Converse bearer ABSKlong-term"]);
}
