//! What a person or IT may ask for: the keys of a settings file.

use std::fmt;

use jsonc_parser::ast::Value;

use crate::auth::Method;
use crate::jsonc::{FromJson, Located, Reader, object, string_schemas};
use crate::words::words;

words! {
    /// The ways to authenticate that settings can name.
    pub enum RequestedMethod {
        /// A profile of the AWS config and credentials files.
        NamedProfile = "named_profile",
        /// A profile that signs in through IAM Identity Center.
        Sso = "sso",
        /// Static credentials: the environment's API key, its IAM keys, the keychain's API key, its IAM keys.
        ApiKey = "api_key",
        /// The AWS SDK's default chain.
        Default = "default",
        /// The same as `default`.
        Automatic = "automatic",
    }
}

impl RequestedMethod {
    /// The method that is meant; none where whatever static credential is found decides.
    pub fn method(self) -> Option<Method> {
        match self {
            RequestedMethod::NamedProfile => Some(Method::NamedProfile),
            RequestedMethod::Sso => Some(Method::Sso),
            RequestedMethod::ApiKey => None,
            RequestedMethod::Default | RequestedMethod::Automatic => Some(Method::Automatic),
        }
    }
}

object! {
    /// The person's own settings. An empty string counts as absent.
    pub struct UserSettings {
        /// How to authenticate.
        authentication_method: Option<Located<RequestedMethod>>,
        /// The AWS profile to use with `named_profile` and `sso`.
        profile: Option<Located<String>>,
        /// The AWS region to call, such as `eu-west-1`.
        region: Option<Located<String>>,
        /// The URL of the Bedrock Runtime endpoint, where it is not AWS's own.
        endpoint_url: Option<Located<String>>,
        /// Prefixes of the environment variables to read, in order of preference. Default: `ZED` alone.
        environment_families: Option<Located<Vec<Located<Family>>>>,
        /// Whether to keep an audit journal on a machine without policy.
        audit: Option<bool>,
    }
}

object! {
    /// Values that IT supplies.
    pub struct ManagedValues {
        /// How to authenticate.
        authentication_method: Option<Located<RequestedMethod>>,
        /// The AWS profile to use with `named_profile` and `sso`.
        profile: Option<Located<String>>,
        /// The AWS region to call, such as `eu-west-1`.
        region: Option<Located<String>>,
        /// The URL of the Bedrock Runtime endpoint, where it is not AWS's own.
        endpoint_url: Option<Located<String>>,
    }
}

words! {
    /// The values that layers ask for, as settings name them.
    pub enum Key {
        /// How to authenticate.
        AuthenticationMethod = "authentication_method",
        /// The AWS profile.
        Profile = "profile",
        /// The AWS region.
        Region = "region",
        /// The Bedrock Runtime endpoint.
        EndpointUrl = "endpoint_url",
    }
}

/// The prefix of a family of environment variables, such as `ZED` or `AWS`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(String);

impl Family {
    /// The family of the tool that this contract grew out of, and the only one read by default.
    pub fn zed() -> Self {
        Family("ZED".to_owned())
    }

    /// The prefix, without the underscore that follows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A prefix of capitals, digits and inner underscores that begins with a capital.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && !text.ends_with('_')
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        fits.then(|| Family(text.to_owned()))
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromJson for Family {
    fn read(node: &Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::read(node, reader)?;
        match Family::parse(&text) {
            Some(family) => Some(family),
            None => reader.invalid(
                node,
                "a family is a prefix of capitals, digits and inner underscores, as in `ZED`",
            ),
        }
    }
}

string_schemas! {
    Family: { "type": "string", "pattern": "^[A-Z]([A-Z0-9_]*[A-Z0-9])?$", "maxLength": 64 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families() {
        for right in ["ZED", "AWS", "A", "MY_TOOL2"] {
            assert!(Family::parse(right).is_some(), "{right}");
        }
        for wrong in ["", "zed", "ZED_", "_ZED", "2ED", "ZÉD", "Z-D"] {
            assert!(Family::parse(wrong).is_none(), "{wrong}");
        }
    }
}
