//! The environment of a program that is to use one credential and nothing else.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};

use super::hand_out::{Credential, HandedOut};
use crate::aws;
use crate::endpoint::Endpoint;
use crate::family::Family;

/// What to set and what to remove, so that any AWS SDK uses the credential, the region and the endpoint of the answer,
/// whatever else variables and the default profile say.
#[derive(Debug, Clone)]
pub struct ChildEnvironment {
    set: Vec<(&'static str, SecretString)>,
    remove: Vec<String>,
}

impl ChildEnvironment {
    /// What to set.
    pub fn set(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.set.iter().map(|(name, value)| (*name, value.expose_secret()))
    }

    /// What to remove: whatever is known to mislead an AWS SDK, be it there or not. In order, and none that is set.
    pub fn remove(&self) -> impl Iterator<Item = &str> {
        self.remove.iter().map(String::as_str)
    }

    pub(super) fn of<'a>(handed: &HandedOut, present: impl IntoIterator<Item = &'a str>) -> Self {
        let set = variables(handed);
        let mut remove: BTreeSet<String> = aws::misleading_variables().map(str::to_owned).collect();
        let of_services = |name: &&str| aws::is_misleading_for_a_service(name);
        remove.extend(present.into_iter().filter(of_services).map(str::to_owned));
        let zed = Family::zed();
        for family in handed.allowed().families().iter().chain([&zed]) {
            remove.extend(family.all_names());
        }
        for (name, _) in &set {
            remove.remove(*name);
        }
        ChildEnvironment { set, remove: remove.into_iter().collect() }
    }
}

fn variables(handed: &HandedOut) -> Vec<(&'static str, SecretString)> {
    let mut set = Vec::new();
    let mut give = |name, value: &str| set.push((name, SecretString::from(value)));
    let scheme = match &handed.credential {
        Credential::AccessKey { id, secret, session_token } => {
            give(aws::ACCESS_KEY_ID, id.as_str());
            give(aws::SECRET_ACCESS_KEY, secret.expose_secret());
            if let Some(token) = session_token {
                give(aws::SESSION_TOKEN, token.expose_secret());
            }
            if let Some(end) = handed.expires {
                give(aws::CREDENTIAL_EXPIRATION, &end.to_string());
            }
            "sigv4"
        }
        Credential::ApiKey(key) => {
            give(aws::BEARER_TOKEN, key.expose_secret());
            "httpBearerAuth"
        }
    };
    give(aws::REGION, handed.region());
    give(aws::DEFAULT_REGION, handed.region());
    // The rest are pins: without them, keys of the default profile would count.
    give(aws::AUTH_SCHEME_PREFERENCE, scheme);
    match handed.allowed().endpoint() {
        Some(chosen) => give(aws::ENDPOINT_URL_BEDROCK_RUNTIME, chosen.as_str()),
        None => {
            // SDKs that do not know how to ignore endpoints are told the right one.
            give(aws::IGNORE_ENDPOINT_URLS, "true");
            if let Some(own) = Endpoint::of_region(handed.region()) {
                give(aws::ENDPOINT_URL_BEDROCK_RUNTIME, own.as_str());
            }
        }
    }
    give(aws::USE_FIPS, "false");
    give(aws::USE_DUAL_STACK, "false");
    give(aws::IMDS_DISABLED, "true");
    set
}
