//! Files that several cases start from.

pub(crate) const CONFIG: &str = ".aws/config";
pub(crate) const CREDENTIALS: &str = ".aws/credentials";

/// Where the SDK keeps the sign-in of the `[sso-session corp]`: the SHA-1 of its name.
pub(crate) const SIGN_IN: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// The company's portal.
pub(crate) const SSO_SESSION: &str = "
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
";

/// The profile as IT means it; what follows in the same file still belongs to it.
pub(crate) const SSO_PROFILE: &str = "
[profile corp]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = BedrockUser
";

pub(crate) const SIGNED_IN: &str =
    r#"{"accessToken": "corp-access-token", "expiresAt": "2099-01-01T00:00:00Z"}"#;

/// An access token that has ended, and what renews it.
pub(crate) const SIGNED_IN_BEFORE: &str = r#"{
    "accessToken": "old-access-token",
    "expiresAt": "2020-01-01T00:00:00Z",
    "refreshToken": "corp-refresh-token",
    "clientId": "local-client",
    "clientSecret": "local-client-secret",
    "registrationExpiresAt": "2099-01-01T00:00:00Z"
}"#;

/// A person's own long-lived key.
pub(crate) const OWN_KEY: &str = "
aws_access_key_id = AKIAWO645SY5APROFILE
aws_secret_access_key = own-secret
";
