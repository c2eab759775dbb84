//! The ground floor: ways to authenticate, and what a credential's own text says about it.
//!
//! Nothing here reads a file, a clock, the environment or a keychain.

mod access_key;
mod account;
mod api_key;

use std::fmt;

use secrecy::SecretString;
use serde::{Serialize, Serializer, ser::SerializeMap};

pub use access_key::{AccessKeyId, AccessKeyKind};
pub use account::{AccountId, NotAnAccountId};
pub use api_key::{ApiKey, ApiKeyError, ApiKeyKind, LongTermKey, ShortTermKey};

/// How a tool authenticates to Amazon Bedrock: the one answer that everything else leads to.
///
/// Variants and fields are those of Zed's type of the same name, so that an editor can adopt ours.
/// A program outside this crate can read them and cannot build them; one that policy allowed comes
/// from [`Resolution::allowed`](crate::resolve::Resolution::allowed).
///
/// ```compile_fail
/// let forged = bedrock_auth::BedrockAuth::Automatic;
/// ```
/// ```compile_fail
/// let forged = bedrock_auth::BedrockAuth::NamedProfile { profile_name: "admin".into() };
/// ```
///
/// Secrets are [`SecretString`]s: they do not show in `Debug` and are wiped when dropped.
#[derive(Debug, Clone)]
pub enum BedrockAuth {
    /// The AWS SDK's default chain of credential providers.
    #[non_exhaustive]
    Automatic,
    /// A profile of the AWS config and credentials files.
    #[non_exhaustive]
    NamedProfile {
        /// The profile's name as the files write it.
        profile_name: String,
    },
    /// A profile that signs in through IAM Identity Center.
    #[non_exhaustive]
    SingleSignOn {
        /// The profile's name as the files write it.
        profile_name: String,
    },
    /// An access key.
    #[non_exhaustive]
    IamCredentials {
        /// The access key id. No secret.
        access_key_id: AccessKeyId,
        /// The secret half.
        secret_access_key: SecretString,
        /// The token of a temporary key.
        session_token: Option<SecretString>,
    },
    /// A Bedrock API key, sent as a bearer token.
    #[non_exhaustive]
    ApiKey {
        /// The key.
        api_key: SecretString,
    },
}

impl BedrockAuth {
    /// Which of the five methods this is.
    pub fn method(&self) -> Method {
        match self {
            BedrockAuth::Automatic => Method::Automatic,
            BedrockAuth::NamedProfile { .. } => Method::NamedProfile,
            BedrockAuth::SingleSignOn { .. } => Method::Sso,
            BedrockAuth::IamCredentials { .. } => Method::IamCredentials,
            BedrockAuth::ApiKey { .. } => Method::ApiKey,
        }
    }

    /// The profile, for the methods that use one.
    pub fn profile_name(&self) -> Option<&str> {
        match self {
            BedrockAuth::NamedProfile { profile_name }
            | BedrockAuth::SingleSignOn { profile_name } => Some(profile_name),
            _ => None,
        }
    }
}

/// The method, and the profile where there is one; never a secret.
impl Serialize for BedrockAuth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("method", &self.method())?;
        match self {
            BedrockAuth::NamedProfile { profile_name }
            | BedrockAuth::SingleSignOn { profile_name } => {
                map.serialize_entry("profile_name", profile_name)?;
            }
            BedrockAuth::IamCredentials { access_key_id, session_token, .. } => {
                map.serialize_entry("access_key_id", access_key_id)?;
                map.serialize_entry("has_session_token", &session_token.is_some())?;
            }
            BedrockAuth::Automatic | BedrockAuth::ApiKey { .. } => {}
        }
        map.end()
    }
}

/// The five ways to authenticate, as policies and answers name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// [`BedrockAuth::Automatic`].
    Automatic,
    /// [`BedrockAuth::NamedProfile`].
    NamedProfile,
    /// [`BedrockAuth::SingleSignOn`].
    Sso,
    /// [`BedrockAuth::IamCredentials`].
    IamCredentials,
    /// [`BedrockAuth::ApiKey`].
    ApiKey,
}

impl Method {
    /// Every method.
    pub const ALL: [Method; 5] = [
        Method::Automatic,
        Method::NamedProfile,
        Method::Sso,
        Method::IamCredentials,
        Method::ApiKey,
    ];

    /// The name as policies and answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Automatic => "automatic",
            Method::NamedProfile => "named_profile",
            Method::Sso => "sso",
            Method::IamCredentials => "iam_credentials",
            Method::ApiKey => "api_key",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a credential really comes from, at the end of all indirection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// An access key that lives until somebody deletes it.
    LongLivedKeys,
    /// An access key with a session token.
    TemporaryKeys,
    /// IAM Identity Center.
    Sso,
    /// A web identity token exchanged at STS.
    WebIdentity,
    /// A program that prints credentials.
    CredentialProcess,
    /// The container credentials endpoint (ECS, EKS Pod Identity).
    Container,
    /// The EC2 instance metadata service.
    Imds,
    /// `aws login`: a console sign-in session.
    Login,
    /// A Bedrock API key that expires within twelve hours.
    ShortTermApiKey,
    /// A Bedrock API key that lives until somebody deletes it.
    LongTermApiKey,
}

impl Root {
    /// Every root.
    pub const ALL: [Root; 10] = [
        Root::LongLivedKeys,
        Root::TemporaryKeys,
        Root::Sso,
        Root::WebIdentity,
        Root::CredentialProcess,
        Root::Container,
        Root::Imds,
        Root::Login,
        Root::ShortTermApiKey,
        Root::LongTermApiKey,
    ];

    /// The name as policies and answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Root::LongLivedKeys => "long_lived_keys",
            Root::TemporaryKeys => "temporary_keys",
            Root::Sso => "sso",
            Root::WebIdentity => "web_identity",
            Root::CredentialProcess => "credential_process",
            Root::Container => "container",
            Root::Imds => "imds",
            Root::Login => "login",
            Root::ShortTermApiKey => "short_term_api_key",
            Root::LongTermApiKey => "long_term_api_key",
        }
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
