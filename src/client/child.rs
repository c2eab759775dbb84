//! The environment of a program that is to use one credential and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::hand_out::{Credential, HandedOut};
use crate::aws::{self, FileKind};
use crate::endpoint::Endpoint;
use crate::family::Family;
use crate::resolve::Allowed;

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

    /// The environment of a program that asks a container credentials endpoint for credentials of this answer, time and
    /// again, instead of holding some. It finds no AWS profiles: they would be heard before the endpoint.
    pub fn asking<'a>(
        allowed: &Allowed,
        endpoint_url: &str,
        token_file: &Path,
        present: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut set = pins(allowed, SIGV4);
        let mut give = |name, value: &str| set.push((name, SecretString::from(value)));
        give(aws::CONTAINER_FULL_URI, endpoint_url);
        give(aws::CONTAINER_TOKEN_FILE, &token_file.to_string_lossy());
        for kind in FileKind::BOTH {
            give(kind.variable(), if cfg!(windows) { "NUL" } else { "/dev/null" });
        }
        ChildEnvironment::with(set, allowed.families(), present)
    }

    /// The environment of a program that is to use no credentials at all.
    pub fn nothing<'a>(present: impl IntoIterator<Item = &'a str>) -> Self {
        ChildEnvironment::with(Vec::new(), &[], present)
    }

    pub(super) fn of<'a>(handed: &HandedOut, present: impl IntoIterator<Item = &'a str>) -> Self {
        ChildEnvironment::with(variables(handed), handed.allowed().families(), present)
    }

    fn with<'a>(
        set: Vec<(&'static str, SecretString)>,
        families: &[Family],
        present: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut remove: BTreeSet<String> = aws::misleading_variables().map(str::to_owned).collect();
        let of_services = |name: &&str| aws::is_misleading_for_a_service(name);
        remove.extend(present.into_iter().filter(of_services).map(str::to_owned));
        let zed = Family::zed();
        for family in families.iter().chain([&zed]) {
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
            SIGV4
        }
        Credential::ApiKey(key) => {
            give(aws::BEARER_TOKEN, key.expose_secret());
            "httpBearerAuth"
        }
    };
    set.extend(pins(handed.allowed(), scheme));
    set
}

/// The scheme of access keys.
pub(super) const SIGV4: &str = "sigv4";

/// Region, endpoint and scheme. Without them, keys of the default profile would count.
fn pins(allowed: &Allowed, scheme: &str) -> Vec<(&'static str, SecretString)> {
    let mut set = Vec::new();
    let mut give = |name, value: &str| set.push((name, SecretString::from(value)));
    give(aws::REGION, allowed.region());
    give(aws::DEFAULT_REGION, allowed.region());
    give(aws::AUTH_SCHEME_PREFERENCE, scheme);
    match allowed.endpoint() {
        Some(chosen) => {
            give(aws::ENDPOINT_URL_BEDROCK_RUNTIME, chosen.as_str());
            // To ignore what the default profile says would be to ignore this one; the services that take these
            // credentials for Bedrock's sake stay where AWS has them.
            for (name, url) in own_endpoints(allowed.region()) {
                give(name, &url);
            }
        }
        None => {
            // SDKs that do not know how to ignore endpoints are told the right one.
            give(aws::IGNORE_ENDPOINT_URLS, "true");
            if let Some(own) = Endpoint::of_region(allowed.region()) {
                give(aws::ENDPOINT_URL_BEDROCK_RUNTIME, own.as_str());
            }
        }
    }
    give(aws::USE_FIPS, "false");
    give(aws::USE_DUAL_STACK, "false");
    give(aws::IMDS_DISABLED, "true");
    set
}

/// AWS's own endpoints of the services beside Bedrock Runtime that a tool for Bedrock asks.
fn own_endpoints(region: &str) -> impl Iterator<Item = (&'static str, String)> {
    const SERVICES: [(&str, &str); 4] = [
        ("AWS_ENDPOINT_URL_BEDROCK", "bedrock"),
        ("AWS_ENDPOINT_URL_BEDROCK_AGENT", "bedrock-agent"),
        ("AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME", "bedrock-agent-runtime"),
        ("AWS_ENDPOINT_URL_STS", "sts"),
    ];
    let own = Endpoint::of_region(region);
    SERVICES.into_iter().filter_map(move |(name, host)| {
        let url = own.as_ref()?.as_str().replacen("bedrock-runtime", host, 1);
        Some((name, url))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_bedrockruntime::config::BehaviorVersion;

    use super::*;
    use crate::audit::{Asked, Door};
    use crate::client::Session;
    use crate::load::{Environment, Machine, SettingsPlace};

    const KEY: [(&str, &str); 2] =
        [("ZED_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("ZED_SECRET_ACCESS_KEY", "hush")];

    async fn child(machine: Machine, present: &[&str]) -> ChildEnvironment {
        let session = Session::builder(machine, BehaviorVersion::latest());
        session
            .hand_out(&Asked::at(Door::Library))
            .await
            .unwrap()
            .child_environment(present.iter().copied())
    }

    fn machine(more: &[(&str, &str)]) -> Machine {
        let variables = KEY.iter().chain(more).copied();
        Machine::empty().with_environment(Environment::from_pairs(variables))
    }

    #[tokio::test]
    async fn an_endpoint_of_the_answer_is_the_one_that_counts() {
        let chosen = child(machine(&[("ZED_AWS_ENDPOINT", "https://bedrock.example")]), &[]).await;
        let set: BTreeMap<_, _> = chosen.set().collect();
        assert_eq!(set["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"], "https://bedrock.example");
        assert_eq!(set["AWS_ENDPOINT_URL_STS"], "https://sts.us-east-1.amazonaws.com");
        // It would keep SDKs from looking at the former.
        assert!(chosen.remove().any(|name| name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"));

        let own = child(machine(&[("ZED_AWS_REGION", "eu-west-1")]), &[]).await;
        let set: BTreeMap<_, _> = own.set().collect();
        assert_eq!(set["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"], "true");
        let url = "https://bedrock-runtime.eu-west-1.amazonaws.com";
        assert_eq!(set["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"], url);
    }

    #[tokio::test]
    async fn every_variable_stays_goes_or_is_set() {
        let environment = child(machine(&[]), &[]).await;
        let set: Vec<_> = environment.set().map(|(name, _)| name).collect();
        let removed: Vec<_> = environment.remove().collect();
        assert!(!removed.iter().any(|name| set.contains(name)), "{set:?} {removed:?}");
        let stay: Vec<_> = aws::VARIABLES
            .iter()
            .filter(|name| !set.contains(name) && !removed.contains(name))
            .copied()
            .collect();
        let places = [
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
            "AWS_LOGIN_CACHE_DIRECTORY",
            "HOME",
            "USERPROFILE",
            "HOMEDRIVE",
            "HOMEPATH",
        ];
        assert_eq!(stay, places);
    }

    #[tokio::test]
    async fn families_and_variables_of_services_go() {
        let dir = tempfile::tempdir().unwrap();
        let settings = dir.path().join("settings.json");
        std::fs::write(&settings, r#"{ "environment_families": ["MINE", "AWS"] }"#).unwrap();
        let settings = SettingsPlace::named(settings.to_str().unwrap()).unwrap();
        let machine = machine(&[
            ("MINE_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("MINE_SECRET_ACCESS_KEY", "hush"),
        ])
        .with_settings(settings);
        let present = [
            "AWS_ENDPOINT_URL_S3",
            "AWS_BEARER_TOKEN_OTHER",
            "AWS_ENDPOINT_URL_;id",
            "AWS_CA_BUNDLE",
        ];
        let environment = child(machine, &present).await;
        let removed: Vec<_> = environment.remove().collect();
        for gone in [
            "MINE_ACCESS_KEY_ID",
            "ZED_SESSION_TOKEN",
            "AWS_ENDPOINT_URL_S3",
            "AWS_BEARER_TOKEN_OTHER",
        ] {
            assert!(removed.contains(&gone), "{gone}");
        }
        for stays in ["AWS_ENDPOINT_URL_;id", "AWS_CA_BUNDLE"] {
            assert!(!removed.contains(&stays), "{stays}");
        }
    }
}
