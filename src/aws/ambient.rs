//! The environment variables that decide what signs.

use std::collections::BTreeMap;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::credentials::StaticCredentials;

pub(crate) const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
pub(crate) const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
/// The SDK takes the secret from here where `AWS_SECRET_ACCESS_KEY` is blank.
pub(super) const OLD_SECRET_ACCESS_KEY: &str = "SECRET_ACCESS_KEY";
pub(crate) const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";
pub(crate) const BEARER_TOKEN: &str = "AWS_BEARER_TOKEN_BEDROCK";
pub(super) const PROFILE: &str = "AWS_PROFILE";
pub(super) const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
pub(super) const ROLE_ARN: &str = "AWS_ROLE_ARN";
pub(super) const ROLE_SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";
pub(super) const CONTAINER_RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
/// Where the container credentials endpoint is.
pub const CONTAINER_FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
/// The file that holds what that endpoint wants to see in `Authorization`.
pub const CONTAINER_TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
/// Where the sign-ins of `aws login` are kept instead of below the home directory.
pub(crate) const LOGIN_CACHE_DIRECTORY: &str = "AWS_LOGIN_CACHE_DIRECTORY";
pub(crate) const IMDS_DISABLED: &str = "AWS_EC2_METADATA_DISABLED";
pub(super) const IMDS_ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
pub(super) const IMDS_ENDPOINT_MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
pub(super) const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
pub(super) const ENDPOINT_URL_STS: &str = "AWS_ENDPOINT_URL_STS";
pub(super) const ENDPOINT_URL_SSO: &str = "AWS_ENDPOINT_URL_SSO";
pub(super) const ENDPOINT_URL_SSO_OIDC: &str = "AWS_ENDPOINT_URL_SSO_OIDC";
pub(super) const ENDPOINT_URL_SIGNIN: &str = "AWS_ENDPOINT_URL_SIGNIN";
pub(crate) const ENDPOINT_URL_BEDROCK_RUNTIME: &str = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME";
pub(crate) const IGNORE_ENDPOINT_URLS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
pub(crate) const REGION: &str = "AWS_REGION";
pub(crate) const DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
pub(crate) const AUTH_SCHEME_PREFERENCE: &str = "AWS_AUTH_SCHEME_PREFERENCE";
pub(crate) const USE_FIPS: &str = "AWS_USE_FIPS_ENDPOINT";
pub(crate) const USE_DUAL_STACK: &str = "AWS_USE_DUALSTACK_ENDPOINT";
pub(super) const SIGNING_REGIONS: &str = "AWS_SIGV4A_SIGNING_REGION_SET";

#[cfg(feature = "client")]
pub(crate) const CREDENTIAL_EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// What is kept of a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Its value, which is needed and no secret.
    Value,
    /// A part of an access key.
    Secret,
    /// That it says something.
    Presence,
}

/// What becomes of a variable in the environment of a program that is handed a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
enum InChild {
    /// It says where things are.
    Stays,
    /// It would have a say in what signs, or where that goes.
    Goes,
}

const KEPT: [(&str, Keep, InChild); 35] = [
    (ACCESS_KEY_ID, Keep::Value, InChild::Goes),
    (SECRET_ACCESS_KEY, Keep::Secret, InChild::Goes),
    (OLD_SECRET_ACCESS_KEY, Keep::Secret, InChild::Goes),
    (SESSION_TOKEN, Keep::Secret, InChild::Goes),
    (BEARER_TOKEN, Keep::Presence, InChild::Goes),
    (PROFILE, Keep::Value, InChild::Goes),
    ("AWS_CONFIG_FILE", Keep::Value, InChild::Stays),
    ("AWS_SHARED_CREDENTIALS_FILE", Keep::Value, InChild::Stays),
    (TOKEN_FILE, Keep::Value, InChild::Goes),
    (ROLE_ARN, Keep::Value, InChild::Goes),
    (ROLE_SESSION_NAME, Keep::Value, InChild::Goes),
    (CONTAINER_RELATIVE_URI, Keep::Value, InChild::Goes),
    (CONTAINER_FULL_URI, Keep::Value, InChild::Goes),
    (CONTAINER_TOKEN_FILE, Keep::Presence, InChild::Goes),
    (LOGIN_CACHE_DIRECTORY, Keep::Value, InChild::Stays),
    (IMDS_DISABLED, Keep::Value, InChild::Goes),
    (IMDS_ENDPOINT, Keep::Value, InChild::Goes),
    (IMDS_ENDPOINT_MODE, Keep::Value, InChild::Goes),
    (ENDPOINT_URL, Keep::Value, InChild::Goes),
    (ENDPOINT_URL_STS, Keep::Value, InChild::Goes),
    (ENDPOINT_URL_SSO, Keep::Value, InChild::Goes),
    (ENDPOINT_URL_SSO_OIDC, Keep::Value, InChild::Goes),
    (ENDPOINT_URL_SIGNIN, Keep::Value, InChild::Goes),
    (ENDPOINT_URL_BEDROCK_RUNTIME, Keep::Value, InChild::Goes),
    (IGNORE_ENDPOINT_URLS, Keep::Value, InChild::Goes),
    (REGION, Keep::Value, InChild::Goes),
    (DEFAULT_REGION, Keep::Value, InChild::Goes),
    (AUTH_SCHEME_PREFERENCE, Keep::Presence, InChild::Goes),
    (USE_FIPS, Keep::Value, InChild::Goes),
    (USE_DUAL_STACK, Keep::Value, InChild::Goes),
    (SIGNING_REGIONS, Keep::Presence, InChild::Goes),
    ("HOME", Keep::Presence, InChild::Stays),
    ("USERPROFILE", Keep::Presence, InChild::Stays),
    ("HOMEDRIVE", Keep::Presence, InChild::Stays),
    ("HOMEPATH", Keep::Presence, InChild::Stays),
];

/// The environment variables that decide which credentials the SDK uses, and how: what a snapshot has to hold.
///
/// On Windows, where names have no case, the snapshot spells them like this.
pub const VARIABLES: &[&str] = &names();

const fn names() -> [&'static str; KEPT.len()] {
    let mut names = [""; KEPT.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = KEPT[index].0;
        index += 1;
    }
    names
}

/// What only other SDKs and older tools of AWS heed.
#[cfg(feature = "client")]
const OF_OTHER_SDKS: [&str; 9] = [
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    // To botocore the session token of this name comes first, and so does the profile.
    "AWS_SECURITY_TOKEN",
    "AWS_DEFAULT_PROFILE",
    CREDENTIAL_EXPIRATION,
    "AWS_CREDENTIAL_FILE",
    "AWS_CREDENTIAL_SCOPE",
    "AWS_ACCOUNT_ID",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
];

/// What variables begin with that are there for each service.
#[cfg(feature = "client")]
const FOR_EACH_SERVICE: [&str; 2] = ["AWS_ENDPOINT_URL_", "AWS_BEARER_TOKEN_"];

/// The variables that would have a say in what signs the requests of a program, or where they go, whichever SDK it
/// uses.
#[cfg(feature = "client")]
pub(crate) fn misleading_variables() -> impl Iterator<Item = &'static str> {
    let goes = KEPT.iter().filter(|(_, _, in_child)| *in_child == InChild::Goes);
    goes.map(|(name, ..)| *name).chain(OF_OTHER_SDKS)
}

/// Whether a variable is one of those that there are for each service.
#[cfg(feature = "client")]
pub(crate) fn is_misleading_for_a_service(name: &str) -> bool {
    let rest = FOR_EACH_SERVICE.iter().find_map(|prefix| name.strip_prefix(prefix));
    // No SDK makes another name, and a shell would take one for something else.
    rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// What the environment says about credentials; the secrets in it apart.
pub(super) struct Ambient {
    variables: BTreeMap<&'static str, Variable>,
}

struct Variable {
    /// For [`Keep::Value`] alone.
    value: String,
    /// For [`Keep::Secret`] alone.
    secret: Option<SecretString>,
    is_empty: bool,
    is_blank: bool,
}

impl Ambient {
    /// Keeps what is needed and wipes the rest.
    pub(super) fn of(environment: BTreeMap<String, String>) -> Self {
        let mut variables = BTreeMap::new();
        for (name, value) in environment {
            let value = Zeroizing::new(value);
            if let Some(&(name, keep, _)) = KEPT.iter().find(|(known, ..)| *known == name) {
                variables.insert(name, Variable::of(keep, &value));
            }
        }
        Ambient { variables }
    }

    /// The value of one of the variables whose values are no secrets.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let is_kept =
            |(known, keep, _): &(&str, Keep, InChild)| *known == name && *keep == Keep::Value;
        debug_assert!(KEPT.iter().any(is_kept), "the value of {name} was not kept");
        self.variables.get(name).map(|variable| variable.value.as_str())
    }

    /// The same, where it is not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    /// Whether the variable exists, be it empty.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// Whether the variable exists and holds nothing.
    pub(super) fn is_empty(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|variable| variable.is_empty)
    }

    /// Whether the variable holds more than white space.
    pub(super) fn is_filled(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|variable| !variable.is_blank)
    }

    /// The access key that `EnvironmentVariableCredentialsProvider` would find, or the first variable it misses.
    pub(super) fn access_key(&self) -> Result<EnvironmentKey<'_>, &'static str> {
        if !self.is_filled(ACCESS_KEY_ID) {
            return Err(ACCESS_KEY_ID);
        }
        let secret = [SECRET_ACCESS_KEY, OLD_SECRET_ACCESS_KEY]
            .into_iter()
            .find(|name| self.is_filled(name))
            .ok_or(SECRET_ACCESS_KEY)?;
        Ok(EnvironmentKey {
            id: self.value(ACCESS_KEY_ID).unwrap_or_default(),
            secret_in: secret,
            has_token: self.is_filled(SESSION_TOKEN),
        })
    }

    /// The same key with its secret parts.
    pub(super) fn whole_access_key(&self) -> Option<StaticCredentials> {
        let key = self.access_key().ok()?;
        let secret = |name: &str| self.variables.get(name)?.secret.clone();
        let token = key.has_token.then(|| secret(SESSION_TOKEN)).flatten();
        Some(StaticCredentials::access_key(key.id, secret(key.secret_in)?, token))
    }

    /// The variable that configures the container endpoint; the relative URI comes first.
    pub(super) fn container_variable(&self) -> Option<&'static str> {
        [CONTAINER_RELATIVE_URI, CONTAINER_FULL_URI].into_iter().find(|name| self.is_set(name))
    }

    /// `AWS_EC2_METADATA_DISABLED=true`, in any case, takes the metadata service out.
    pub(super) fn is_imds_disabled(&self) -> bool {
        self.value(IMDS_DISABLED).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// The access key in environment variables.
pub(super) struct EnvironmentKey<'a> {
    pub(super) id: &'a str,
    /// The variable that holds the secret half.
    pub(super) secret_in: &'static str,
    pub(super) has_token: bool,
}

impl Variable {
    fn of(keep: Keep, value: &str) -> Self {
        Variable {
            value: if keep == Keep::Value { value.to_owned() } else { String::new() },
            secret: (keep == Keep::Secret).then(|| SecretString::from(value)),
            is_empty: value.is_empty(),
            is_blank: value.trim().is_empty(),
        }
    }
}
