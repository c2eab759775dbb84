//! Where the services are asked that hand out credentials: variables and the profile can move them.

use super::ambient::{self, Ambient};
use super::keys;
use super::profiles::{self, Entry, Profiles, Section};
use crate::endpoint::Endpoint;
use crate::provenance::Place;
use crate::signer::{
    MovedEndpoint, Service, ServiceCall, SignerFault, SignerFaultKind, Step, StepKind,
};

/// What can move endpoints: the variables, and the profile that was asked for.
///
/// The order is that of AWS's SDKs: the service's variable, the variable for all services, the profile's
/// `[services]` section, the profile's `endpoint_url`. Empty values count as absent. Other than there,
/// `ignore_configured_endpoint_urls` holds for IAM Identity Center too.
pub(super) struct Endpoints<'a> {
    pub(super) ambient: &'a Ambient,
    pub(super) profiles: Option<&'a Profiles>,
    pub(super) profile: Option<&'a Section>,
}

/// A value and where it is written.
enum Written<'a> {
    Variable { name: &'static str, value: &'a str },
    Key { profile: &'a Section, entry: &'a Entry },
}

/// Where AWS SDKs look for the metadata service over IPv6.
const IMDS_OVER_IPV6: &str = "http://[fd00:ec2::254]";
/// What a relative URI of container credentials is relative to.
const CONTAINER_HOST: &str = "http://169.254.170.2";

impl<'a> Endpoints<'a> {
    /// The services that the steps ask, each once.
    ///
    /// # Errors
    /// When an endpoint is none, or which one wins is chance.
    pub(super) fn calls(&self, chain: &[Step]) -> Result<Vec<ServiceCall>, SignerFault> {
        let mut calls: Vec<ServiceCall> = Vec::new();
        for service in chain.iter().flat_map(|step| services_of(&step.kind)).copied() {
            if calls.iter().all(|call| call.service != service) {
                let call = self.call(service);
                calls.push(call.map_err(|fault| SignerFault { chain: chain.to_vec(), ..fault })?);
            }
        }
        Ok(calls)
    }

    /// A call of one service.
    ///
    /// # Errors
    /// When its endpoint is none, or which one wins is chance.
    pub(super) fn call(&self, service: Service) -> Result<ServiceCall, SignerFault> {
        Ok(ServiceCall { service, moved_to: self.moved(service)? })
    }

    /// Whether variable or profile say that endpoints written there do not count.
    ///
    /// # Errors
    /// When which of two values wins is chance.
    fn is_ignored(&self) -> Result<bool, SignerFault> {
        let written = match self.variable(ambient::IGNORE_ENDPOINT_URLS) {
            Some(variable) => Some(variable),
            None => self.key(keys::IGNORE_ENDPOINT_URLS)?,
        };
        Ok(written.is_some_and(|written| written.value().eq_ignore_ascii_case("true")))
    }

    /// Whether endpoints that are written in variables or in the profile count at all.
    pub(super) fn count(&self) -> bool {
        !self.is_ignored().unwrap_or_default()
    }

    fn moved(&self, service: Service) -> Result<Option<MovedEndpoint>, SignerFault> {
        let written = match service {
            Service::Sts => self.configured(ambient::ENDPOINT_URL_STS, &["sts"]),
            Service::Sso => self.configured(ambient::ENDPOINT_URL_SSO, &["sso"]),
            Service::SsoOidc => {
                self.configured(ambient::ENDPOINT_URL_SSO_OIDC, &["sso_oidc", "sso-oidc"])
            }
            Service::SignIn => self.configured(ambient::ENDPOINT_URL_SIGNIN, &["signin"]),
            Service::Container => return self.container(),
            Service::Imds => return self.imds(),
        };
        written?.map(|written| written.endpoint()).transpose()
    }

    fn configured(
        &self,
        variable: &'static str,
        keys: &[&str],
    ) -> Result<Option<Written<'a>>, SignerFault> {
        if self.is_ignored()? {
            return Ok(None);
        }
        let variable = self.variable(variable).or_else(|| self.variable(ambient::ENDPOINT_URL));
        if variable.is_some() {
            return Ok(variable);
        }
        match self.service_key(keys)? {
            None => self.key(keys::ENDPOINT_URL),
            own => Ok(own),
        }
    }

    fn imds(&self) -> Result<Option<MovedEndpoint>, SignerFault> {
        let endpoint = match self.variable(ambient::IMDS_ENDPOINT) {
            None => self.key(keys::IMDS_ENDPOINT)?,
            variable => variable,
        };
        if let Some(written) = endpoint {
            return written.endpoint().map(Some);
        }
        let mode = match self.variable(ambient::IMDS_ENDPOINT_MODE) {
            None => self.key(keys::IMDS_ENDPOINT_MODE)?,
            variable => variable,
        };
        match mode {
            None => Ok(None),
            Some(mode) if mode.value().eq_ignore_ascii_case("ipv4") => Ok(None),
            Some(mode) if mode.value().eq_ignore_ascii_case("ipv6") => {
                Ok(Some(MovedEndpoint { url: IMDS_OVER_IPV6.to_owned(), at: mode.place() }))
            }
            Some(mode) => Err(mode.fault("it is neither `IPv4` nor `IPv6`".to_owned())),
        }
    }

    /// The relative URI wins over the whole one.
    fn container(&self) -> Result<Option<MovedEndpoint>, SignerFault> {
        let Some(written) = self.ambient.container_variable().and_then(|name| self.variable(name))
        else {
            return Ok(None);
        };
        if written.is(ambient::CONTAINER_FULL_URI) {
            return self.full_uri(&written).map(Some);
        }
        if !written.value().starts_with('/') {
            return Err(written.fault("it does not begin with `/`".to_owned()));
        }
        let url = format!("{CONTAINER_HOST}{}", written.value());
        let (endpoint, query) = parse_with_query(&url, &written)?;
        Ok(Some(MovedEndpoint { url: with_query(&endpoint, query), at: written.place() }))
    }

    /// As in the SDK, what is not https must be an address of an agent, or of this machine.
    fn full_uri(&self, written: &Written<'_>) -> Result<MovedEndpoint, SignerFault> {
        let (endpoint, query) = parse_with_query(written.value(), written)?;
        if !endpoint.is_https() && !endpoint.is_container_agent() {
            let reason = "it is neither https nor an address of this machine or of ECS or EKS";
            return Err(written.fault(reason.to_owned()));
        }
        Ok(MovedEndpoint { url: with_query(&endpoint, query), at: written.place() })
    }

    fn variable(&self, name: &'static str) -> Option<Written<'a>> {
        self.ambient.filled(name).map(|value| Written::Variable { name, value })
    }

    fn key(&self, key: &str) -> Result<Option<Written<'a>>, SignerFault> {
        let Some(profile) = self.profile else { return Ok(None) };
        profile.setting(key).map(|entry| Written::of_key(profile, entry)).transpose()
    }

    fn service_key(&self, keys: &[&str]) -> Result<Option<Written<'a>>, SignerFault> {
        let (Some(profile), Some(profiles)) = (self.profile, self.profiles) else {
            return Ok(None);
        };
        let Some(services) = self.key(keys::SERVICES)? else { return Ok(None) };
        let mut entries =
            keys.iter().filter_map(|key| profiles.service_endpoint(services.value(), key));
        let entry = entries.find(|entry| !entry.is_empty);
        entry.map(|entry| Written::of_key(profile, entry)).transpose()
    }

    /// The endpoint of Bedrock Runtime in the profile's `[services]` section.
    pub(super) fn of_bedrock_runtime(&self) -> Option<&'a Entry> {
        let section = self.profile?.setting(keys::SERVICES)?;
        let mut entries = ["bedrock_runtime", "bedrock-runtime"]
            .into_iter()
            .filter_map(|key| self.profiles?.service_endpoint(&section.value, key));
        entries.find(|entry| !entry.is_empty)
    }
}

impl<'a> Written<'a> {
    fn of_key(profile: &'a Section, entry: &'a Entry) -> Result<Self, SignerFault> {
        let written = Written::Key { profile, entry };
        match entry.is_contested {
            true => Err(written.fault(profiles::CONTESTED.to_owned())),
            false => Ok(written),
        }
    }

    fn value(&self) -> &'a str {
        match self {
            Written::Variable { value, .. } => value,
            Written::Key { entry, .. } => &entry.value,
        }
    }

    fn is(&self, variable: &str) -> bool {
        matches!(self, Written::Variable { name, .. } if *name == variable)
    }

    fn at(&self) -> Option<Place> {
        match self {
            Written::Variable { name, .. } => Some(Place::variable(name)),
            Written::Key { profile, entry } => entry.at.clone().or_else(|| profile.at.clone()),
        }
    }

    fn place(&self) -> Place {
        self.at().unwrap_or_else(|| Place::whole_file("~/.aws/config"))
    }

    fn endpoint(&self) -> Result<MovedEndpoint, SignerFault> {
        let endpoint =
            Endpoint::parse(self.value()).map_err(|fault| self.fault(fault.to_string()))?;
        Ok(MovedEndpoint { url: endpoint.as_str().to_owned(), at: self.place() })
    }

    fn fault(&self, reason: String) -> SignerFault {
        let kind = match self {
            Written::Variable { name, .. } => SignerFaultKind::Variable { name, reason },
            Written::Key { profile, entry } => {
                SignerFaultKind::Invalid { profile: profile.name.clone(), key: entry.key, reason }
            }
        };
        SignerFault { kind, at: self.at(), chain: Vec::new() }
    }
}

fn parse_with_query<'a>(
    url: &'a str,
    written: &Written<'_>,
) -> Result<(Endpoint, Option<&'a str>), SignerFault> {
    Endpoint::parse_with_query(url).map_err(|fault| written.fault(fault.to_string()))
}

fn with_query(endpoint: &Endpoint, query: Option<&str>) -> String {
    match query {
        Some(query) => format!("{}?{query}", endpoint.as_url()),
        None => endpoint.as_url().to_owned(),
    }
}

fn services_of(step: &StepKind) -> &'static [Service] {
    match step {
        StepKind::AssumeRole { .. } | StepKind::WebIdentity { .. } => &[Service::Sts],
        StepKind::Sso { session: Some(_), .. } => &[Service::Sso, Service::SsoOidc],
        StepKind::Sso { session: None, .. } => &[Service::Sso],
        StepKind::Login { .. } => &[Service::SignIn],
        StepKind::Container => &[Service::Container],
        StepKind::Imds => &[Service::Imds],
        StepKind::CredentialProcess { .. }
        | StepKind::StaticKeys { .. }
        | StepKind::EnvironmentKeys => &[],
    }
}

#[cfg(test)]
mod tests;
