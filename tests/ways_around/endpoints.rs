//! Requests are led to somebody else's host.

use crate::case::{Case, Expect, InCode};
use crate::company::*;

/// A role over the company's sign-in.
const ROLE_OVER_SSO: &str = "
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile base]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = BedrockUser

[profile corp]
role_arn = arn:aws:iam::111122223333:role/BedrockUser
source_profile = base
";

const ROLE: Case = Case {
    files: &[(CONFIG, ROLE_OVER_SSO), (SIGN_IN, SIGNED_IN)],
    settings: AS_PROFILE,
    policy: PROFILES_OVER_SSO,
    plain: Expect::Answered(&[
        "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
        "127.0.0.1 AssumeRole session ASIARTX3GSDSQCORPSSO",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIAWO645SY5AELSEWHR",
    ]),
    ours: Expect::NotAllowed("denied service_endpoint_not_allowed"),
    ..SSO
};

#[test]
fn without_a_way_around_a_role_is_assumed_at_awss_own() {
    let assumed = Expect::Answered(&[
        "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
        "sts.eu-west-1.amazonaws.com AssumeRole session ASIARTX3GSDSQCORPSSO",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQROLE777",
    ]);
    Case { plain: assumed, ours: assumed, ..ROLE }.run();
}

#[test]
fn a_variable_moves_sts() {
    Case { variables: &[("AWS_ENDPOINT_URL_STS", "%OTHER%")], ..ROLE }.run();
}

#[test]
fn a_services_section_moves_sts() {
    let files = &[
        (CONFIG, ROLE_OVER_SSO),
        (CONFIG, "services = moved\n[services moved]\nsts =\n  endpoint_url = %OTHER%\n"),
        (SIGN_IN, SIGNED_IN),
    ];
    Case { files, ..ROLE }.run();
}

#[test]
fn the_profile_moves_everything() {
    let files =
        &[(CONFIG, ROLE_OVER_SSO), (CONFIG, "endpoint_url = %OTHER%\n"), (SIGN_IN, SIGNED_IN)];
    let plain = Expect::Answered(&[
        "127.0.0.1 GetRoleCredentials sso corp-access-token",
        "127.0.0.1 AssumeRole session ASIAWO645SY5AELSEWHR",
        "127.0.0.1 Converse session ASIAWO645SY5AELSEWHR",
    ]);
    Case { files, plain, ..ROLE }.run();
}

/// Whoever gets the sign-in's token can be that person everywhere in the company.
const PORTAL: Case = Case {
    plain: Expect::Answered(&[
        "127.0.0.1 GetRoleCredentials sso corp-access-token",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIAWO645SY5AELSEWHR",
    ]),
    ours: Expect::NotAllowed("denied service_endpoint_not_allowed"),
    ..SSO
};

#[test]
fn a_variable_moves_the_portal() {
    Case { variables: &[("AWS_ENDPOINT_URL_SSO", "%OTHER%")], ..PORTAL }.run();
}

/// Ours heeds the variable that forbids it.
#[test]
fn a_variable_moves_the_portal_although_another_forbids_it() {
    let variables =
        &[("AWS_ENDPOINT_URL_SSO", "%OTHER%"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
    Case { variables, ours: Expect::Answered(SSO_SIGNS), ..PORTAL }.run();
}

/// The company lists that host, and sees to the account.
const LISTED: &str = r#"{
    "schema_version": 1,
    "id": "corp",
    "endpoints": ["http://127.0.0.1:%OTHER_PORT%", "https://bedrock-runtime.*.amazonaws.com"],
    "methods": {
        "sso": { "accounts": ["111122223333"] },
        "named_profile": { "accounts": ["111122223333"] }
    }
}"#;

#[test]
fn a_listed_portal_hands_out_credentials_of_another_account() {
    let variables = &[("AWS_ENDPOINT_URL_SSO", "%OTHER%")];
    let ours = Expect::Refused(
        "account_not_allowed account_mismatch",
        &["127.0.0.1 GetRoleCredentials sso corp-access-token"],
    );
    Case { variables, policy: LISTED, ours, ..PORTAL }.run();
}

#[test]
fn a_listed_sts_hands_out_credentials_of_another_account() {
    let variables = &[("AWS_ENDPOINT_URL_STS", "%OTHER%")];
    let ours = Expect::Refused(
        "account_not_allowed account_mismatch",
        &[
            "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
            "127.0.0.1 AssumeRole session ASIARTX3GSDSQCORPSSO",
        ],
    );
    Case { variables, policy: LISTED, ours, ..ROLE }.run();
}

#[test]
fn a_services_section_moves_the_portal() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CONFIG, "services = moved\n[services moved]\nsso =\n  endpoint_url = %OTHER%\n"),
        (SIGN_IN, SIGNED_IN),
    ];
    Case { files, ..PORTAL }.run();
}

/// An access token that has ended, and what renews it.
const SIGNED_IN_BEFORE: &str = r#"{
    "accessToken": "old-access-token",
    "expiresAt": "2020-01-01T00:00:00Z",
    "refreshToken": "corp-refresh-token",
    "clientId": "local-client",
    "clientSecret": "local-client-secret",
    "registrationExpiresAt": "2099-01-01T00:00:00Z"
}"#;

#[test]
fn a_variable_moves_the_renewal_of_the_sign_in() {
    let plain = Expect::Answered(&[
        "127.0.0.1 CreateToken nothing",
        "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQCORPSSO",
    ]);
    let files = &[(CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN_BEFORE)];
    let variables = &[("AWS_ENDPOINT_URL_SSO_OIDC", "%OTHER%")];
    Case { files, variables, plain, ..PORTAL }.run();
}

#[test]
fn without_a_way_around_the_sign_in_is_renewed_at_awss_own() {
    let renewed = Expect::Answered(&[
        "oidc.eu-west-1.amazonaws.com CreateToken nothing",
        "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQCORPSSO",
    ]);
    let files = &[(CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN_BEFORE)];
    Case { files, plain: renewed, ours: renewed, ..SSO }.run();
}

#[test]
fn a_variable_moves_everything() {
    let variables = &[("AWS_ENDPOINT_URL", "%OTHER%")];
    Case { variables, plain: ALL_IS_STOLEN, ..PORTAL }.run();
}

#[test]
fn the_profile_moves_the_portal_and_bedrock() {
    let files =
        &[(CONFIG, SSO_PROFILE), (CONFIG, "endpoint_url = %OTHER%\n"), (SIGN_IN, SIGNED_IN)];
    Case { files, plain: ALL_IS_STOLEN, ..PORTAL }.run();
}

const ALL_IS_STOLEN: Expect = Expect::Answered(&[
    "127.0.0.1 GetRoleCredentials sso corp-access-token",
    "127.0.0.1 Converse session ASIAWO645SY5AELSEWHR",
]);

/// Prompts go elsewhere, although the right credentials sign them. Ours has an endpoint of its own.
const BEDROCK: Case = Case {
    plain: Expect::Answered(&[
        "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
        "127.0.0.1 Converse session ASIARTX3GSDSQCORPSSO",
    ]),
    ..SSO
};

#[test]
fn a_variable_moves_bedrock() {
    let variables = &[("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "%OTHER%")];
    Case { variables, neutralised: &["`AWS_ENDPOINT_URL_BEDROCK_RUNTIME`"], ..BEDROCK }.run();
}

#[test]
fn a_variable_that_our_program_heeds_moves_bedrock() {
    let variables = &[("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "%OTHER%")];
    let settings = r#"{
        "authentication_method": "sso", "profile": "corp", "environment_families": ["AWS"]
    }"#;
    let ours = Expect::NotAllowed("denied endpoint_not_allowed");
    Case { variables, settings, ours, ..BEDROCK }.run();
}

/// The Rust SDK looks for `bedrock-runtime`.
#[test]
fn a_services_section_moves_bedrock() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (
            CONFIG,
            "services = moved\n[services moved]\nbedrock-runtime =\n  endpoint_url = %OTHER%\n",
        ),
        (SIGN_IN, SIGNED_IN),
    ];
    Case { files, neutralised: &["`endpoint_url` of the AWS profile `corp`"], ..BEDROCK }.run();
}

/// The Rust SDK passes over `bedrock_runtime`, which other SDKs look for.
#[test]
fn a_services_section_for_other_sdks_moves_nothing() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (
            CONFIG,
            "services = moved\n[services moved]\nbedrock_runtime =\n  endpoint_url = %OTHER%\n",
        ),
        (SIGN_IN, SIGNED_IN),
    ];
    Case { files, neutralised: &["`endpoint_url` of the AWS profile `corp`"], ..SSO }.run();
}

#[test]
fn aws_profile_moves_bedrock_although_credentials_are_in_code() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CONFIG, "[profile own]\nendpoint_url = %OTHER%\n"),
        (SIGN_IN, SIGNED_IN),
    ];
    let variables = &[("AWS_PROFILE", "own")];
    let in_code = InCode::Key("AKIARTX3GSDSQINCODE2");
    let plain = Expect::Answered(&["127.0.0.1 Converse key AKIARTX3GSDSQINCODE2"]);
    Case { files, variables, in_code, plain, neutralised: &["`AWS_PROFILE`"], ..SSO }.run();
}

/// The metadata service of somebody else.
const IMDS: Case = Case {
    files: &[],
    variables: &[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "%OTHER%"),
    ],
    in_code: InCode::Nothing,
    settings: AS_AUTOMATIC,
    policy: WORKLOADS_ONLY,
    plain: IMDS_SIGNS,
    ours: Expect::NotAllowed("denied service_endpoint_not_allowed"),
    neutralised: &[],
};
const IMDS_SIGNS: Expect = Expect::Answered(&[
    "127.0.0.1 MetadataToken nothing",
    "127.0.0.1 RoleName nothing",
    "127.0.0.1 RoleCredentials nothing",
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQIMDS777",
]);

#[test]
fn a_variable_moves_the_metadata_service() {
    IMDS.run();
}

#[test]
fn a_listed_metadata_service_is_asked() {
    let policy = r#"{
        "schema_version": 1,
        "id": "corp",
        "endpoints": ["http://127.0.0.1:%OTHER_PORT%", "https://bedrock-runtime.*.amazonaws.com"],
        "methods": { "automatic": { "roots": ["imds"] } }
    }"#;
    Case { policy, ours: IMDS_SIGNS, ..IMDS }.run();
}

#[test]
fn without_a_way_around_an_api_key_goes_to_awss_own() {
    API_KEY.run();
}

/// Somebody else's host gets the prompts and the key.
const MOVED_API_KEY: Case =
    Case { ours: Expect::NotAllowed("denied endpoint_not_allowed"), ..API_KEY };

#[test]
fn an_api_key_goes_to_any_host_in_the_clear() {
    let variables = &[
        ("AWS_BEARER_TOKEN_BEDROCK", "%API_KEY%"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://localhost:%OTHER_PORT%"),
    ];
    let plain = Expect::Answered(&["localhost Converse bearer %API_KEY%"]);
    Case { variables, plain, ..MOVED_API_KEY }.run();
}

#[test]
fn a_host_begins_like_awss_own() {
    let variables = &[
        ("AWS_BEARER_TOKEN_BEDROCK", "%API_KEY%"),
        (
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
            "https://bedrock-runtime.eu-west-1.amazonaws.com.example.net",
        ),
    ];
    let plain = Expect::Answered(&[
        "bedrock-runtime.eu-west-1.amazonaws.com.example.net Converse bearer %API_KEY%",
    ]);
    Case { variables, plain, ..MOVED_API_KEY }.run();
}

#[test]
fn a_user_name_looks_like_awss_own_host() {
    let variables = &[
        ("AWS_BEARER_TOKEN_BEDROCK", "%API_KEY%"),
        (
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
            "https://bedrock-runtime.eu-west-1.amazonaws.com@example.net",
        ),
    ];
    let plain = Expect::Answered(&["example.net Converse bearer %API_KEY%"]);
    let ours = Expect::NotAllowed("denied endpoint_invalid");
    Case { variables, plain, ours, ..MOVED_API_KEY }.run();
}

#[test]
fn a_host_has_a_last_dot() {
    let variables = &[
        ("AWS_BEARER_TOKEN_BEDROCK", "%API_KEY%"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://bedrock-runtime.eu-west-1.amazonaws.com."),
    ];
    let plain =
        Expect::Answered(&["bedrock-runtime.eu-west-1.amazonaws.com. Converse bearer %API_KEY%"]);
    Case { variables, plain, ..MOVED_API_KEY }.run();
}
