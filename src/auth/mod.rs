//! The ground floor: ways to authenticate, and what a credential's own text says about it.
//!
//! Nothing here reads a file, a clock, the environment or a keychain.

mod access_key;
mod account;
mod api_key;
mod caller;
mod key;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::words::words;

pub use access_key::{AccessKeyId, AccessKeyKind};
pub use account::{AccountId, NotAnAccountId};
pub use api_key::{ApiKey, ApiKeyError, ApiKeyKind, LongTermKey, ShortTermKey};
pub use caller::CallerIdentity;
pub(crate) use key::{JudgedKey, judge_key};

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
/// It cannot be copied either, because a copy could be changed:
/// ```compile_fail
/// # fn example(allowed: &bedrock_auth::resolve::Allowed) {
/// let mut copy: bedrock_auth::BedrockAuth = allowed.auth().clone();
/// # }
/// ```
///
/// Secrets are [`SecretString`]s: they do not show in `Debug` and are wiped when dropped.
#[derive(Debug)]
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

/// Equal with equal secrets: a key that was replaced is another way to authenticate.
impl PartialEq for BedrockAuth {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (BedrockAuth::Automatic, BedrockAuth::Automatic) => true,
            (
                BedrockAuth::NamedProfile { profile_name },
                BedrockAuth::NamedProfile { profile_name: other },
            )
            | (
                BedrockAuth::SingleSignOn { profile_name },
                BedrockAuth::SingleSignOn { profile_name: other },
            ) => profile_name == other,
            (
                BedrockAuth::IamCredentials { access_key_id, secret_access_key, session_token },
                BedrockAuth::IamCredentials {
                    access_key_id: other_id,
                    secret_access_key: other_secret,
                    session_token: other_token,
                },
            ) => {
                let texts = [session_token, other_token]
                    .map(|token| token.as_ref().map(ExposeSecret::expose_secret));
                access_key_id == other_id
                    && secret_access_key.expose_secret() == other_secret.expose_secret()
                    && texts[0] == texts[1]
            }
            (BedrockAuth::ApiKey { api_key }, BedrockAuth::ApiKey { api_key: other }) => {
                api_key.expose_secret() == other.expose_secret()
            }
            _ => false,
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

impl JsonSchema for BedrockAuth {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BedrockAuth".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let method = generator.subschema_for::<Method>();
        json_schema!({
            "description": "How to authenticate. Holds no secret.",
            "type": "object",
            "properties": {
                "method": { "description": "The method.", "allOf": [method] },
                "profile_name": { "description": "The profile, for the methods that use one.", "type": "string" },
                "access_key_id": { "description": "The access key, where the method is one.", "type": "string" },
                "has_session_token": {
                    "description": "Whether a session token belongs to the access key.",
                    "type": "boolean",
                },
            },
            "required": ["method"],
        })
    }
}

words! {
    /// The five ways to authenticate, as policies and answers name them.
    pub enum Method {
        /// [`BedrockAuth::Automatic`].
        Automatic = "automatic",
        /// [`BedrockAuth::NamedProfile`].
        NamedProfile = "named_profile",
        /// [`BedrockAuth::SingleSignOn`].
        Sso = "sso",
        /// [`BedrockAuth::IamCredentials`].
        IamCredentials = "iam_credentials",
        /// [`BedrockAuth::ApiKey`].
        ApiKey = "api_key",
    }
}

words! {
    /// Where a credential really comes from, at the end of all indirection.
    pub enum Root {
        /// An access key that lives until somebody deletes it.
        LongLivedKeys = "long_lived_keys",
        /// An access key with a session token.
        TemporaryKeys = "temporary_keys",
        /// IAM Identity Center.
        Sso = "sso",
        /// A web identity token exchanged at STS.
        WebIdentity = "web_identity",
        /// A program that prints credentials.
        CredentialProcess = "credential_process",
        /// The container credentials endpoint (ECS, EKS Pod Identity).
        Container = "container",
        /// The EC2 instance metadata service.
        Imds = "imds",
        /// `aws login`: a console sign-in session.
        Login = "login",
        /// A Bedrock API key that expires within twelve hours.
        ShortTermApiKey = "short_term_api_key",
        /// A Bedrock API key that lives until somebody deletes it.
        LongTermApiKey = "long_term_api_key",
    }
}

/// Whether a text can be the name of a region: one label of a host name. SDKs put regions into host names, so
/// anything else could lead to another host.
pub fn is_region_name(text: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
