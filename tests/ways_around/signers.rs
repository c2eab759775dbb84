//! What signs is not what the setting says: keys, chains, processes, profiles that are not there.

use crate::case::{Arrivals, Case, Expect, InCode, Pairs};
use crate::company::*;

const OWN_KEYS_IN_VARIABLES: Pairs =
    &[("AWS_ACCESS_KEY_ID", "AKIAWO645SY5AOWNKEY2"), ("AWS_SECRET_ACCESS_KEY", "own-secret")];
const OWN_VARIABLES_SIGN: Arrivals =
    &["bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5AOWNKEY2"];

/// A profile of the company's name that stands on something else.
const PROFILE: Case = Case {
    files: &[],
    settings: AS_PROFILE,
    policy: PROFILES_OVER_SSO,
    ours: Expect::NotAllowed("denied root_not_allowed"),
    ..SSO
};

/// The default chain.
const AUTOMATIC: Case = Case {
    files: &[],
    in_code: InCode::Nothing,
    settings: AS_AUTOMATIC,
    policy: WORKLOADS_ONLY,
    ours: Expect::NotAllowed("denied root_not_allowed"),
    ..SSO
};

#[test]
fn without_a_way_around_both_do_the_same() {
    SSO.run();
}

#[test]
fn environment_keys_beat_the_named_profile() {
    let plain = Expect::Answered(OWN_VARIABLES_SIGN);
    let neutralised = &["`AWS_ACCESS_KEY_ID`"];
    Case { variables: OWN_KEYS_IN_VARIABLES, plain, neutralised, ..SSO }.run();
}

#[test]
fn a_profile_holds_static_keys() {
    let files = &[(CREDENTIALS, "[corp]"), (CREDENTIALS, OWN_KEY)];
    Case { files, plain: Expect::Answered(OWN_KEY_SIGNS), ..PROFILE }.run();
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
    let files = &[
        (CONFIG, "[profile corp]"),
        (CONFIG, ROLE),
        (CONFIG, "[profile base]"),
        (CONFIG, OWN_KEY),
    ];
    Case { files, plain: ROLE_OVER_OWN_KEY, ..PROFILE }.run();
}

/// Prints a long-lived key as if it came from a vault.
const PROCESS: &str = r#"
credential_process = echo '{"Version": 1, "AccessKeyId": "AKIAWO645SY5APROCESS", "SecretAccessKey": "own-secret"}'
"#;

const ROLE_OVER_PROCESS: Expect = Expect::Answered(&[
    "sts.eu-west-1.amazonaws.com AssumeRole key AKIAWO645SY5APROCESS",
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQROLE777",
]);

#[test]
fn a_role_stands_on_a_process() {
    let files = &[
        (CONFIG, "[profile corp]"),
        (CONFIG, ROLE),
        (CONFIG, "[profile base]"),
        (CONFIG, PROCESS),
    ];
    Case { files, plain: ROLE_OVER_PROCESS, ..PROFILE }.run();
}

#[test]
fn an_sso_profile_has_a_role_besides() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CONFIG, ROLE),
        (CONFIG, "[profile base]"),
        (CONFIG, OWN_KEY),
        (SIGN_IN, SIGNED_IN),
    ];
    let ours = Expect::NotAllowed("denied sso_profile_not_sso");
    Case { files, plain: ROLE_OVER_OWN_KEY, ours, ..SSO }.run();
}

#[test]
fn an_sso_profile_gets_its_role_from_the_other_file() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CREDENTIALS, "[corp]"),
        (CREDENTIALS, ROLE),
        (CREDENTIALS, "[base]"),
        (CREDENTIALS, OWN_KEY),
        (SIGN_IN, SIGNED_IN),
    ];
    let ours = Expect::NotAllowed("denied sso_profile_not_sso");
    Case { files, plain: ROLE_OVER_OWN_KEY, ours, ..SSO }.run();
}

#[test]
fn an_sso_profile_has_a_web_identity_besides() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CONFIG, "role_arn = arn:aws:iam::111122223333:role/BedrockUser\n"),
        (CONFIG, "web_identity_token_file = %HOME%/token\n"),
        ("token", "a-web-identity"),
        (SIGN_IN, SIGNED_IN),
    ];
    let plain = Expect::Answered(&[
        "sts.eu-west-1.amazonaws.com AssumeRoleWithWebIdentity nothing",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQROLE777",
    ]);
    let ours = Expect::NotAllowed("denied sso_profile_not_sso");
    Case { files, plain, ours, ..SSO }.run();
}

#[test]
fn an_sso_profile_has_a_credential_source_besides() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CONFIG, "role_arn = arn:aws:iam::111122223333:role/BedrockUser\n"),
        (CONFIG, "credential_source = EcsContainer\n"),
        (SIGN_IN, SIGNED_IN),
    ];
    let plain = Expect::Answered(&[
        "127.0.0.1 ContainerCredentials authorization container-authorization",
        "sts.eu-west-1.amazonaws.com AssumeRole session AKIAWO645SY5ALOCAL77",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQROLE777",
    ]);
    let ours = Expect::NotAllowed("denied sso_profile_not_sso");
    Case { files, variables: CONTAINER, plain, ours, ..SSO }.run();
}

#[test]
fn a_process_launders_a_long_lived_key() {
    let files = &[(CONFIG, "[profile corp]"), (CONFIG, PROCESS)];
    Case { files, plain: Expect::Answered(PROCESS_SIGNS), ..PROFILE }.run();
}

#[test]
fn a_process_that_is_not_listed_runs() {
    let policy = r#"{
        "schema_version": 1,
        "id": "corp",
        "methods": { "named_profile": { "commands": ["/opt/corp/bin/creds *"] } }
    }"#;
    let files = &[(CONFIG, "[profile corp]"), (CONFIG, PROCESS)];
    let ours = Expect::NotAllowed("denied command_not_allowed");
    Case { files, policy, plain: Expect::Answered(PROCESS_SIGNS), ours, ..PROFILE }.run();
}

#[test]
fn a_listed_process_hands_out_a_long_lived_key() {
    const FILES: Pairs = &[PRINTING, PRINTED_KEY];
    let plain = Expect::Answered(PROCESS_SIGNS);
    Case { files: FILES, plain, ours: Expect::Refused("long_lived_credential", &[]), ..PRINTED }
        .run();
}

#[test]
fn a_listed_process_calls_a_long_lived_key_a_session() {
    const FILES: Pairs = &[
        PRINTING,
        ("printed", r#"{"Version": 1, "AccessKeyId": "AKIAWO645SY5APROCESS", "#),
        (
            "printed",
            r#""SecretAccessKey": "own-secret", "SessionToken": "none", "Expiration": "2099-01-01T00:00:00Z"}"#,
        ),
    ];
    let plain = Expect::Answered(&[
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session AKIAWO645SY5APROCESS",
    ]);
    Case { files: FILES, plain, ours: Expect::Refused("long_lived_credential", &[]), ..PRINTED }
        .run();
}

/// What AWS would do with such a key is not known.
#[test]
fn a_listed_process_hands_out_a_key_of_no_known_kind() {
    const FILES: Pairs = &[
        PRINTING,
        ("printed", r#"{"Version": 1, "AccessKeyId": "ZZZZWO645SY5APROCESS", "#),
        (
            "printed",
            r#""SecretAccessKey": "own-secret", "SessionToken": "own-token", "Expiration": "2099-01-01T00:00:00Z"}"#,
        ),
    ];
    let plain = Expect::Answered(&[
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ZZZZWO645SY5APROCESS",
    ]);
    Case { files: FILES, plain, ours: Expect::Refused("root_unknown", &[]), ..PRINTED }.run();
}

const SESSION_SIGNS: Expect = Expect::Answered(&[
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIAWO645SY5ASESSION",
]);

#[test]
fn a_listed_process_hands_out_a_session() {
    const FILES: Pairs = &[
        PRINTING,
        ("printed", r#"{"Version": 1, "AccessKeyId": "ASIAWO645SY5ASESSION", "#),
        (
            "printed",
            r#""SecretAccessKey": "own-secret", "SessionToken": "own-token", "Expiration": "2099-01-01T00:00:00Z"}"#,
        ),
    ];
    Case { files: FILES, plain: SESSION_SIGNS, ours: SESSION_SIGNS, ..PRINTED }.run();
}

#[test]
fn a_listed_process_hands_out_a_session_without_an_end() {
    const FILES: Pairs = &[
        PRINTING,
        ("printed", r#"{"Version": 1, "AccessKeyId": "ASIAWO645SY5ASESSION", "#),
        ("printed", r#""SecretAccessKey": "own-secret", "SessionToken": "own-token"}"#),
    ];
    let ours = Expect::Refused("expiry_unknown", &[]);
    Case { files: FILES, plain: SESSION_SIGNS, ours, ..PRINTED }.run();
}

#[test]
fn a_listed_process_hands_out_a_session_that_has_ended() {
    const FILES: Pairs = &[
        PRINTING,
        ("printed", r#"{"Version": 1, "AccessKeyId": "ASIAWO645SY5ASESSION", "#),
        (
            "printed",
            r#""SecretAccessKey": "own-secret", "SessionToken": "own-token", "Expiration": "2020-01-01T00:00:00Z"}"#,
        ),
    ];
    let ours = Expect::Refused("credential_expired", &[]);
    Case { files: FILES, plain: SESSION_SIGNS, ours, ..PRINTED }.run();
}

/// What a role is assumed with is judged before STS sees it.
#[test]
fn a_role_stands_on_a_listed_process_that_hands_out_a_long_lived_key() {
    const FILES: Pairs = &[
        (CONFIG, "[profile corp]"),
        (CONFIG, ROLE),
        (CONFIG, "[profile base]\ncredential_process = /bin/cat %HOME%/printed\n"),
        PRINTED_KEY,
    ];
    let plain = ROLE_OVER_PROCESS;
    Case { files: FILES, plain, ours: Expect::Refused("long_lived_credential", &[]), ..PRINTED }
        .run();
}

/// The SDK lets a shell run the command.
#[test]
fn a_listed_process_is_followed_by_another() {
    const FILES: Pairs = &[
        (CONFIG, "[profile corp]"),
        (CONFIG, "\ncredential_process = /bin/cat /dev/null; cat %HOME%/printed\n"),
        ("printed", r#"{"Version": 1, "AccessKeyId": "ASIAWO645SY5ASESSION", "#),
        (
            "printed",
            r#""SecretAccessKey": "own-secret", "SessionToken": "own-token", "Expiration": "2099-01-01T00:00:00Z"}"#,
        ),
    ];
    let ours = Expect::NotAllowed("denied command_not_allowed");
    Case { files: FILES, plain: SESSION_SIGNS, ours, ..PRINTED }.run();
}

#[test]
fn without_a_way_around_a_pod_opens_its_role() {
    let files = &[("token", "a-web-identity")];
    let variables = &[
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "%HOME%/token"),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/BedrockUser"),
    ];
    let opened = Expect::Answered(&[
        "sts.eu-west-1.amazonaws.com AssumeRoleWithWebIdentity nothing",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQROLE777",
    ]);
    Case { files, variables, plain: opened, ours: opened, ..AUTOMATIC }.run();
}

#[test]
fn automatic_takes_keys_from_the_environment() {
    let variables = OWN_KEYS_IN_VARIABLES;
    Case { variables, plain: Expect::Answered(OWN_VARIABLES_SIGN), ..AUTOMATIC }.run();
}

#[test]
fn aws_profile_chooses_what_automatic_means() {
    let files = &[(CONFIG, "[profile own]"), (CONFIG, OWN_KEY)];
    let variables = &[("AWS_PROFILE", "own")];
    Case { files, variables, plain: Expect::Answered(OWN_KEY_SIGNS), ..AUTOMATIC }.run();
}

#[test]
fn a_missing_profile_in_aws_profile_is_passed_over() {
    const VARIABLES: Pairs = &[CONTAINER[0], CONTAINER[1], ("AWS_PROFILE", "corp")];
    let ours = Expect::NotAllowed("unconfigured");
    Case { variables: VARIABLES, plain: CONTAINER_SIGNS, ours, ..AUTOMATIC }.run();
}

#[test]
fn a_missing_profile_falls_through_to_the_metadata_service() {
    let variables =
        &[("AWS_EC2_METADATA_DISABLED", "false"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "%OTHER%")];
    let plain = Expect::Answered(&[
        "127.0.0.1 MetadataToken nothing",
        "127.0.0.1 RoleName nothing",
        "127.0.0.1 RoleCredentials nothing",
        "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQIMDS777",
    ]);
    Case { variables, plain, ours: Expect::NotAllowed("unconfigured"), ..PROFILE }.run();
}

/// The container endpoint hands out a long-lived key as if it were a session's.
const CONTAINER: Pairs = &[
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "%OTHER%/container-credentials"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-authorization"),
];
const CONTAINER_SIGNS: Expect = Expect::Answered(&[
    "127.0.0.1 ContainerCredentials authorization container-authorization",
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session AKIAWO645SY5ALOCAL77",
]);

#[test]
fn an_empty_profile_falls_through_to_the_container() {
    let files = &[(CONFIG, "[profile corp]\nregion = eu-west-1\n")];
    let ours = Expect::NotAllowed("unconfigured");
    Case { files, variables: CONTAINER, plain: CONTAINER_SIGNS, ours, ..PROFILE }.run();
}

#[test]
fn a_container_server_on_loopback_launders_a_long_lived_key() {
    let ours = Expect::Refused(
        "long_lived_credential",
        &["127.0.0.1 ContainerCredentials authorization container-authorization"],
    );
    Case { variables: CONTAINER, plain: CONTAINER_SIGNS, ours, ..AUTOMATIC }.run();
}

/// The person's own profile of the company's name, elsewhere.
const ELSEWHERE: Case = Case {
    plain: Expect::Answered(OWN_KEY_SIGNS),
    ours: Expect::NotAllowed("denied sso_profile_not_sso account_not_allowed"),
    ..SSO
};

#[test]
fn aws_config_file_points_elsewhere() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (SIGN_IN, SIGNED_IN),
        ("elsewhere", "[profile corp]"),
        ("elsewhere", OWN_KEY),
    ];
    let variables = &[("AWS_CONFIG_FILE", "%HOME%/elsewhere")];
    Case { files, variables, ..ELSEWHERE }.run();
}

#[test]
fn aws_shared_credentials_file_points_elsewhere() {
    let files = &[("elsewhere", "[corp]"), ("elsewhere", OWN_KEY)];
    let variables = &[("AWS_SHARED_CREDENTIALS_FILE", "%HOME%/elsewhere")];
    Case { files, variables, ..ELSEWHERE }.run();
}

#[test]
fn home_points_elsewhere() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (SIGN_IN, SIGNED_IN),
        ("elsewhere/.aws/config", "[profile corp]"),
        ("elsewhere/.aws/config", OWN_KEY),
    ];
    let variables = &[("HOME", "%HOME%/elsewhere")];
    Case { files, variables, ..ELSEWHERE }.run();
}

#[test]
fn a_profile_of_the_allowed_name_is_of_another_account() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CREDENTIALS, "[corp]\nsso_account_id = 444455556666\nsso_role_name = Administrator\n"),
        (SIGN_IN, SIGNED_IN),
    ];
    let ours = Expect::NotAllowed("denied role_not_allowed account_not_allowed");
    Case { files, ours, ..SSO }.run();
}

#[test]
fn a_profile_of_the_allowed_name_signs_in_elsewhere() {
    let files = &[
        (CONFIG, SSO_PROFILE),
        (CONFIG, "[sso-session corp]\nsso_start_url = https://other.awsapps.com/start\n"),
        (SIGN_IN, SIGNED_IN),
    ];
    let ours = Expect::NotAllowed("denied start_url_not_allowed");
    Case { files, ours, ..SSO }.run();
}
