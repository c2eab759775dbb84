//! What signs is not what the setting says: keys, chains, processes, profiles that are not there.

use crate::case::{Case, Expect, InCode};
use crate::texts::*;

const CORP: InCode = InCode { profile: Some("corp"), access_key_id: None, endpoint: None };

/// The long-lived key in a profile signs.
const OWN_KEY_SIGNS: Expect =
    Expect::Answered(&["bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5APROFILE"]);

#[test]
fn environment_keys_beat_the_named_profile() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAWO645SY5AOWNKEY2"),
            ("AWS_SECRET_ACCESS_KEY", "own-secret"),
        ],
        in_code: CORP,
        plain: Expect::Answered(&[
            "bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5AOWNKEY2",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn without_a_way_around_the_portal_is_asked() {
    let case = Case {
        files: &[(CONFIG, SSO_SESSION), (CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
        in_code: CORP,
        plain: Expect::Answered(&[
            "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
            "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQCORPSSO",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_profile_holds_static_keys() {
    let case = Case {
        files: &[(CREDENTIALS, "[corp]"), (CREDENTIALS, OWN_KEY)],
        in_code: CORP,
        plain: OWN_KEY_SIGNS,
        ..Case::default()
    };
    case.run();
}

/// A role assumed with a person's own key.
const ROLE_OVER_OWN_KEY: Expect = Expect::Answered(&[
    "sts.eu-west-1.amazonaws.com AssumeRole key AKIAWO645SY5APROFILE",
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQROLE777",
]);

const ROLE: &str = "
role_arn = arn:aws:iam::111122223333:role/BedrockUser
source_profile = base
";

#[test]
fn a_role_stands_on_static_keys() {
    let case = Case {
        files: &[
            (CONFIG, "[profile corp]"),
            (CONFIG, ROLE),
            (CONFIG, "[profile base]"),
            (CONFIG, OWN_KEY),
        ],
        in_code: CORP,
        plain: ROLE_OVER_OWN_KEY,
        ..Case::default()
    };
    case.run();
}

/// Prints a long-lived key as if it came from a vault.
const PROCESS: &str = r#"
credential_process = echo '{"Version": 1, "AccessKeyId": "AKIAWO645SY5APROCESS", "SecretAccessKey": "own-secret"}'
"#;

#[test]
fn a_role_stands_on_a_process() {
    let case = Case {
        files: &[
            (CONFIG, "[profile corp]"),
            (CONFIG, ROLE),
            (CONFIG, "[profile base]"),
            (CONFIG, PROCESS),
        ],
        in_code: CORP,
        plain: Expect::Answered(&[
            "sts.eu-west-1.amazonaws.com AssumeRole key AKIAWO645SY5APROCESS",
            "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQROLE777",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn an_sso_profile_has_a_role_besides() {
    let case = Case {
        files: &[
            (CONFIG, SSO_SESSION),
            (CONFIG, SSO_PROFILE),
            (CONFIG, ROLE),
            (CONFIG, "[profile base]"),
            (CONFIG, OWN_KEY),
            (SIGN_IN, SIGNED_IN),
        ],
        in_code: CORP,
        plain: ROLE_OVER_OWN_KEY,
        ..Case::default()
    };
    case.run();
}

#[test]
fn an_sso_profile_gets_its_role_from_the_other_file() {
    let case = Case {
        files: &[
            (CONFIG, SSO_SESSION),
            (CONFIG, SSO_PROFILE),
            (CREDENTIALS, "[corp]"),
            (CREDENTIALS, ROLE),
            (CREDENTIALS, "[base]"),
            (CREDENTIALS, OWN_KEY),
            (SIGN_IN, SIGNED_IN),
        ],
        in_code: CORP,
        plain: ROLE_OVER_OWN_KEY,
        ..Case::default()
    };
    case.run();
}

#[test]
fn an_sso_profile_has_a_web_identity_besides() {
    let case = Case {
        files: &[
            (CONFIG, SSO_SESSION),
            (CONFIG, SSO_PROFILE),
            (CONFIG, "role_arn = arn:aws:iam::111122223333:role/BedrockUser\n"),
            (CONFIG, "web_identity_token_file = %HOME%/token\n"),
            ("token", "a-web-identity"),
            (SIGN_IN, SIGNED_IN),
        ],
        in_code: CORP,
        plain: Expect::Answered(&[
            "sts.eu-west-1.amazonaws.com AssumeRoleWithWebIdentity nothing",
            "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQROLE777",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn an_sso_profile_has_a_credential_source_besides() {
    let case = Case {
        files: &[
            (CONFIG, SSO_SESSION),
            (CONFIG, SSO_PROFILE),
            (CONFIG, "role_arn = arn:aws:iam::111122223333:role/BedrockUser\n"),
            (CONFIG, "credential_source = Environment\n"),
            (SIGN_IN, SIGNED_IN),
        ],
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAWO645SY5AOWNKEY2"),
            ("AWS_SECRET_ACCESS_KEY", "own-secret"),
        ],
        in_code: CORP,
        // The keys are taken before the profile is looked at.
        plain: Expect::Answered(&[
            "bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5AOWNKEY2",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_process_launders_a_long_lived_key() {
    let case = Case {
        files: &[(CONFIG, "[profile corp]"), (CONFIG, PROCESS)],
        in_code: CORP,
        plain: Expect::Answered(&[
            "bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5APROCESS",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn aws_profile_chooses_what_automatic_means() {
    let case = Case {
        files: &[(CONFIG, "[profile own]"), (CONFIG, OWN_KEY)],
        variables: &[("AWS_PROFILE", "own")],
        plain: OWN_KEY_SIGNS,
        ..Case::default()
    };
    case.run();
}

#[test]
fn automatic_takes_keys_from_the_environment() {
    let case = Case {
        variables: &[
            ("AWS_ACCESS_KEY_ID", "AKIAWO645SY5AOWNKEY2"),
            ("AWS_SECRET_ACCESS_KEY", "own-secret"),
        ],
        plain: Expect::Answered(&[
            "bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5AOWNKEY2",
        ]),
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_missing_profile_falls_through_to_the_metadata_service() {
    let case = Case {
        variables: &[
            ("AWS_EC2_METADATA_DISABLED", "false"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "%OTHER%"),
        ],
        in_code: CORP,
        plain: Expect::Answered(&[
            "127.0.0.1 MetadataToken nothing",
            "127.0.0.1 RoleName nothing",
            "127.0.0.1 RoleCredentials nothing",
            "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQIMDS777",
        ]),
        ..Case::default()
    };
    case.run();
}

/// The container endpoint, and what it hands out: a long-lived key as if it were a session's.
const CONTAINER: [(&str, &str); 2] = [
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "%OTHER%/container-credentials"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-authorization"),
];
const CONTAINER_KEY_SIGNS: Expect = Expect::Answered(&[
    "127.0.0.1 ContainerCredentials authorization container-authorization",
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session AKIAWO645SY5ALOCAL77",
]);

#[test]
fn an_empty_profile_falls_through_to_the_container() {
    let case = Case {
        files: &[(CONFIG, "[profile corp]\nregion = eu-west-1\n")],
        variables: &CONTAINER,
        in_code: CORP,
        plain: CONTAINER_KEY_SIGNS,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_container_server_on_loopback_launders_a_long_lived_key() {
    let case = Case { variables: &CONTAINER, plain: CONTAINER_KEY_SIGNS, ..Case::default() };
    case.run();
}

#[test]
fn aws_config_file_points_elsewhere() {
    let case = Case {
        files: &[
            (CONFIG, SSO_SESSION),
            (CONFIG, SSO_PROFILE),
            (SIGN_IN, SIGNED_IN),
            ("elsewhere", "[profile corp]"),
            ("elsewhere", OWN_KEY),
        ],
        variables: &[("AWS_CONFIG_FILE", "%HOME%/elsewhere")],
        in_code: CORP,
        plain: OWN_KEY_SIGNS,
        ..Case::default()
    };
    case.run();
}

#[test]
fn aws_shared_credentials_file_points_elsewhere() {
    let case = Case {
        files: &[("elsewhere", "[corp]"), ("elsewhere", OWN_KEY)],
        variables: &[("AWS_SHARED_CREDENTIALS_FILE", "%HOME%/elsewhere")],
        in_code: CORP,
        plain: OWN_KEY_SIGNS,
        ..Case::default()
    };
    case.run();
}

#[test]
fn home_points_elsewhere() {
    let case = Case {
        files: &[
            (CONFIG, SSO_SESSION),
            (CONFIG, SSO_PROFILE),
            (SIGN_IN, SIGNED_IN),
            ("elsewhere/.aws/config", "[profile corp]"),
            ("elsewhere/.aws/config", OWN_KEY),
        ],
        variables: &[("HOME", "%HOME%/elsewhere")],
        in_code: CORP,
        plain: OWN_KEY_SIGNS,
        ..Case::default()
    };
    case.run();
}

#[test]
fn a_profile_of_the_allowed_name_is_of_another_account() {
    let case = Case {
        files: &[
            (CONFIG, SSO_SESSION),
            (CONFIG, "[profile corp]\nsso_session = corp\n"),
            (CONFIG, "sso_account_id = 444455556666\nsso_role_name = Administrator\n"),
            (SIGN_IN, SIGNED_IN),
        ],
        in_code: CORP,
        plain: Expect::Answered(&[
            "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
            "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQCORPSSO",
        ]),
        ..Case::default()
    };
    case.run();
}
