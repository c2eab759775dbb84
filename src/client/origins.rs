//! Where calls go: each service's endpoint as it was judged, or its own.

use crate::policy::Endpoint;
use crate::resolve::Allowed;
use crate::signer::{Service, StepKind};

/// The endpoints of all services that a session may call.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    pub(super) bedrock_runtime: String,
    region: String,
    /// Of the portal that an SSO step signs in at.
    portal_region: Option<String>,
    moved: Vec<(Service, String)>,
}

impl Endpoints {
    pub(super) fn of(allowed: &Allowed) -> Option<Self> {
        let region = allowed.region().to_owned();
        let own = || Endpoint::of_region(&region);
        let bedrock_runtime = allowed.endpoint().cloned().or_else(own)?.as_str().to_owned();
        let signer = allowed.signer();
        let portal_region = signer.chain.iter().find_map(|step| match &step.kind {
            StepKind::Sso { region, .. } => Some(region.clone()),
            _ => None,
        });
        let moved = signer
            .calls
            .iter()
            .filter_map(|call| Some((call.service, call.moved_to.as_ref()?.url.clone())));
        Some(Endpoints { bedrock_runtime, portal_region, moved: moved.collect(), region })
    }

    /// The endpoint of a service that hands out credentials.
    pub(super) fn of_service(&self, service: Service) -> Option<String> {
        let moved = self.moved.iter().find(|(moved, _)| *moved == service);
        if let Some((_, url)) = moved {
            return Some(url.clone());
        }
        let region = match service {
            Service::Sso | Service::SsoOidc => self.portal_region.as_ref()?,
            Service::Sts | Service::SignIn | Service::Container | Service::Imds => &self.region,
        };
        Some(Endpoint::of_service(service, region)?.as_str().to_owned())
    }

    /// Every origin that a request may leave for, be it on the way to a credential or with it.
    pub(super) fn all(&self) -> Vec<String> {
        let services = Service::ALL.iter().filter_map(|service| self.of_service(*service));
        std::iter::once(self.bedrock_runtime.clone()).chain(services).collect()
    }
}
