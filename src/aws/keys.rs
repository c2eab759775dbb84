//! The keys of AWS's profile files that count, and what each decides.

pub(super) const ROLE_ARN: &str = "role_arn";
pub(super) const SOURCE_PROFILE: &str = "source_profile";
pub(super) const CREDENTIAL_SOURCE: &str = "credential_source";
pub(super) const TOKEN_FILE: &str = "web_identity_token_file";
pub(super) const EXTERNAL_ID: &str = "external_id";
pub(super) const ROLE_SESSION_NAME: &str = "role_session_name";
pub(super) const SSO_SESSION: &str = "sso_session";
pub(super) const SSO_START_URL: &str = "sso_start_url";
pub(super) const SSO_REGION: &str = "sso_region";
pub(super) const SSO_ACCOUNT_ID: &str = "sso_account_id";
pub(super) const SSO_ROLE_NAME: &str = "sso_role_name";
pub(super) const LOGIN_SESSION: &str = "login_session";
pub(super) const CREDENTIAL_PROCESS: &str = "credential_process";
pub(super) const ACCESS_KEY_ID: &str = "aws_access_key_id";
pub(super) const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
pub(super) const SESSION_TOKEN: &str = "aws_session_token";

pub(super) const SERVICES: &str = "services";
pub(super) const ENDPOINT_URL: &str = "endpoint_url";
pub(super) const IGNORE_ENDPOINT_URLS: &str = "ignore_configured_endpoint_urls";
pub(super) const IMDS_ENDPOINT: &str = "ec2_metadata_service_endpoint";
pub(super) const IMDS_ENDPOINT_MODE: &str = "ec2_metadata_service_endpoint_mode";
pub(super) const REGION: &str = "region";
pub(super) const AUTH_SCHEME_PREFERENCE: &str = "auth_scheme_preference";
pub(super) const USE_FIPS: &str = "use_fips_endpoint";
pub(super) const USE_DUAL_STACK: &str = "use_dualstack_endpoint";
pub(super) const SIGNING_REGIONS: &str = "sigv4a_signing_region_set";

/// The keys of a profile that decide what signs.
pub(super) const SIGNER_KEYS: [&str; 16] = [
    ROLE_ARN,
    SOURCE_PROFILE,
    CREDENTIAL_SOURCE,
    TOKEN_FILE,
    EXTERNAL_ID,
    ROLE_SESSION_NAME,
    SSO_SESSION,
    SSO_START_URL,
    SSO_REGION,
    SSO_ACCOUNT_ID,
    SSO_ROLE_NAME,
    LOGIN_SESSION,
    CREDENTIAL_PROCESS,
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    SESSION_TOKEN,
];
/// The keys of which each makes a profile one of IAM Identity Center.
pub(super) const SSO_KEYS: [&str; 5] =
    [SSO_ACCOUNT_ID, SSO_REGION, SSO_ROLE_NAME, SSO_START_URL, SSO_SESSION];
/// The keys that each begin a way to get credentials.
pub(super) const WAYS_TO_CREDENTIALS: [&str; 9] = [
    ROLE_ARN,
    SOURCE_PROFILE,
    CREDENTIAL_SOURCE,
    TOKEN_FILE,
    SSO_SESSION,
    SSO_START_URL,
    LOGIN_SESSION,
    CREDENTIAL_PROCESS,
    ACCESS_KEY_ID,
];
/// The keys of an `[sso-session]`.
pub(super) const SESSION_KEYS: [&str; 2] = [SSO_START_URL, SSO_REGION];
/// The keys of the profile that was asked for which say how services are called.
pub(super) const SETTING_KEYS: [&str; 10] = [
    SERVICES,
    ENDPOINT_URL,
    IGNORE_ENDPOINT_URLS,
    IMDS_ENDPOINT,
    IMDS_ENDPOINT_MODE,
    REGION,
    AUTH_SCHEME_PREFERENCE,
    USE_FIPS,
    USE_DUAL_STACK,
    SIGNING_REGIONS,
];
/// The keys of a `[services]` section, each with its own `endpoint_url`. AWS documents names with an
/// underscore, and `aws-runtime` looks for them with a hyphen.
pub(super) const SERVICE_KEYS: [&str; 7] =
    ["sts", "sso", "sso_oidc", "sso-oidc", "signin", "bedrock_runtime", "bedrock-runtime"];
/// The keys whose values are secrets.
pub(super) const SECRET_KEYS: [&str; 2] = [SECRET_ACCESS_KEY, SESSION_TOKEN];
