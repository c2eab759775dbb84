//! What a person or IT may ask for: the keys of a settings file.

use crate::auth::Method;
use crate::family::Family;
use crate::jsonc::{self, Finding, FindingCode, Located, SourceText, UnknownKeys, object};
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

    /// Whether this method may come of it.
    pub fn admits(self, method: Method) -> bool {
        match self.method() {
            Some(meant) => method == meant,
            // Whatever static credential is found.
            None => matches!(method, Method::ApiKey | Method::IamCredentials),
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
        /// Whether to keep an audit journal on a machine without policy. Where a policy is in force, one is kept in any case.
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

/// What a settings file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SettingsRead {
    /// The settings; none where the file asks for nothing.
    pub(crate) settings: Option<UserSettings>,
    /// Why nothing in it counts.
    pub(crate) faults: Vec<Finding>,
    /// What means nothing in it.
    pub(crate) remarks: Vec<Finding>,
}

impl SettingsRead {
    /// In a file of our own, a key that means nothing is most likely a slip of the pen, and the rest counts.
    pub(crate) fn of_own(text: &SourceText) -> Self {
        let findings = match jsonc::read(text, UnknownKeys::Refuse) {
            Ok(settings) => return SettingsRead { settings: Some(settings), ..Self::default() },
            Err(findings) => findings,
        };
        let is_unknown_key = |finding: &Finding| finding.code == FindingCode::UnknownKey;
        let (remarks, faults): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_unknown_key);
        let settings = jsonc::read(text, UnknownKeys::Ignore).ok().filter(|_| faults.is_empty());
        SettingsRead { settings, faults, remarks }
    }

    /// Nothing in it counts.
    pub(crate) fn faulty(finding: Finding) -> Self {
        SettingsRead { faults: vec![finding], ..SettingsRead::default() }
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

impl UserSettings {
    /// What the person asks for under a key.
    pub fn get(&self, key: Key) -> Option<Located<String>> {
        match key {
            Key::AuthenticationMethod => self.authentication_method.as_ref().map(method_as_text),
            Key::Profile => self.profile.clone(),
            Key::Region => self.region.clone(),
            Key::EndpointUrl => self.endpoint_url.clone(),
        }
    }
}

impl ManagedValues {
    /// Whether IT supplies something under a key.
    pub fn has(&self, key: Key) -> bool {
        match key {
            Key::AuthenticationMethod => self.authentication_method.is_some(),
            Key::Profile => self.profile.is_some(),
            Key::Region => self.region.is_some(),
            Key::EndpointUrl => self.endpoint_url.is_some(),
        }
    }

    /// What IT supplies under a key.
    pub fn get(&self, key: Key) -> Option<Located<String>> {
        match key {
            Key::AuthenticationMethod => self.authentication_method.as_ref().map(method_as_text),
            Key::Profile => self.profile.clone(),
            Key::Region => self.region.clone(),
            Key::EndpointUrl => self.endpoint_url.clone(),
        }
    }
}

fn method_as_text(method: &Located<RequestedMethod>) -> Located<String> {
    Located { value: method.value.as_str().to_owned(), at: method.at.clone() }
}
