//! What several cases start from: files, settings, policies, and the company's profile as it is meant.

use crate::case::{Arrivals, Case, Expect, InCode};

/// The company's profile, used as its policy has it: nothing leads astray.
pub(crate) const SSO: Case = Case {
    files: &[(CONFIG, SSO_PROFILE), (SIGN_IN, SIGNED_IN)],
    variables: &[],
    in_code: CORP,
    settings: AS_SSO,
    policy: SSO_ONLY,
    plain: Expect::Answered(SSO_SIGNS),
    ours: Expect::Answered(SSO_SIGNS),
    neutralised: &[],
};

/// An API key that the company allows: nothing leads astray.
pub(crate) const API_KEY: Case = Case {
    files: &[],
    variables: &[("AWS_BEARER_TOKEN_BEDROCK", "%API_KEY%")],
    in_code: InCode::Nothing,
    settings: AS_FOUND,
    policy: r#"{
        "schema_version": 1,
        "id": "corp",
        "environment_families": ["AWS"],
        "methods": { "api_key": {} }
    }"#,
    plain: Expect::Answered(&[API_KEY_IS_SENT]),
    ours: Expect::Answered(&[API_KEY_IS_SENT]),
    neutralised: &[],
};
pub(crate) const API_KEY_IS_SENT: &str =
    "bedrock-runtime.eu-west-1.amazonaws.com Converse bearer %API_KEY%";

/// The company allows what one command prints, and the profile runs that command.
pub(crate) const PRINTED: Case = Case {
    files: &[PRINTING],
    settings: AS_PROFILE,
    policy: r#"{
        "schema_version": 1,
        "id": "corp",
        "methods": { "named_profile": { "commands": ["/bin/cat *"] } }
    }"#,
    ..SSO
};
pub(crate) const PRINTING: (&str, &str) =
    (CONFIG, "[profile corp]\ncredential_process = /bin/cat %HOME%/printed\n");
/// The long-lived key that it prints.
pub(crate) const PRINTED_KEY: (&str, &str) = (
    "printed",
    r#"{"Version": 1, "AccessKeyId": "AKIAWO645SY5APROCESS", "SecretAccessKey": "own-secret"}"#,
);
pub(crate) const PROCESS_SIGNS: Arrivals =
    &["bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5APROCESS"];

/// The policy after it was tightened.
pub(crate) const NOTHING_ALLOWED: &str = r#"{ "schema_version": 1, "id": "corp", "methods": {} }"#;

/// A plain program that names the profile which the company means.
pub(crate) const CORP: InCode = InCode::Profile("corp");

pub(crate) const CONFIG: &str = ".aws/config";
pub(crate) const CREDENTIALS: &str = ".aws/credentials";

/// Where the SDK keeps the sign-in of the `[sso-session corp]`: the SHA-1 of its name.
pub(crate) const SIGN_IN: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// The profile as the company means it; what follows in the same file still belongs to it.
pub(crate) const SSO_PROFILE: &str = "
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile corp]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = BedrockUser
";

/// The portal signs, and nothing stands in its way.
pub(crate) const SSO_SIGNS: Arrivals = &[
    "portal.sso.eu-west-1.amazonaws.com GetRoleCredentials sso corp-access-token",
    "bedrock-runtime.eu-west-1.amazonaws.com Converse session ASIARTX3GSDSQCORPSSO",
];

pub(crate) const SIGNED_IN: &str =
    r#"{"accessToken": "corp-access-token", "expiresAt": "2099-01-01T00:00:00Z"}"#;

/// A person's own long-lived key, and what arrives when it signs.
pub(crate) const OWN_KEY: &str = "
aws_access_key_id = AKIAWO645SY5APROFILE
aws_secret_access_key = own-secret
";
pub(crate) const OWN_KEY_SIGNS: Arrivals =
    &["bedrock-runtime.eu-west-1.amazonaws.com Converse key AKIAWO645SY5APROFILE"];

/// Settings.
pub(crate) const AS_SSO: &str =
    r#"{"authentication_method": "sso", "profile": "corp", "region": "eu-west-1"}"#;
pub(crate) const AS_PROFILE: &str =
    r#"{"authentication_method": "named_profile", "profile": "corp", "region": "eu-west-1"}"#;
pub(crate) const AS_AUTOMATIC: &str =
    r#"{"authentication_method": "automatic", "region": "eu-west-1"}"#;
pub(crate) const AS_FOUND: &str = r#"{"environment_families": ["AWS"]}"#;

/// The company allows its portal alone.
pub(crate) const SSO_ONLY: &str = r#"{
    "schema_version": 1,
    "id": "corp",
    "methods": {
        "sso": {
            "profiles": ["corp"],
            "start_urls": ["https://corp.awsapps.com/start"],
            "accounts": ["111122223333"],
            "roles": ["BedrockUser"]
        }
    }
}"#;

/// The company allows any profile.
pub(crate) const ANY_PROFILE: &str =
    r#"{ "schema_version": 1, "id": "corp", "methods": { "named_profile": {} } }"#;

/// The company allows profiles that stand on its portal.
pub(crate) const PROFILES_OVER_SSO: &str = r#"{
    "schema_version": 1,
    "id": "corp",
    "methods": { "named_profile": { "profiles": ["corp"], "roots": ["sso"] } }
}"#;

/// The company allows what workspaces in the cloud find.
pub(crate) const WORKLOADS_ONLY: &str = r#"{
    "schema_version": 1,
    "id": "corp",
    "methods": { "automatic": { "roots": ["web_identity", "container", "imds"] } }
}"#;
