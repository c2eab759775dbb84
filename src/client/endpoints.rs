//! Where calls go: each service's endpoint as it was judged, or its own.

use crate::policy::Endpoint;
use crate::resolve::Allowed;
use crate::signer::{Service, ServiceCall};

/// The endpoints of all services that a session may call.
#[derive(Debug, Clone)]
pub(super) struct Endpoints {
    pub(super) bedrock_runtime: String,
    region: String,
    /// Of the portal that an SSO step signs in at.
    portal_region: Option<String>,
    calls: Vec<ServiceCall>,
}

impl Endpoints {
    pub(super) fn of(allowed: &Allowed) -> Option<Self> {
        let region = allowed.region().to_owned();
        let own = || Endpoint::of_region(&region);
        let bedrock_runtime = allowed.endpoint().cloned().or_else(own)?.as_str().to_owned();
        let signer = allowed.signer();
        let portal_region = signer.portal().map(|portal| portal.region.to_owned());
        let mut calls = signer.calls.clone();
        calls.extend(allowed.identity_call().cloned());
        Some(Endpoints { bedrock_runtime, region, portal_region, calls })
    }

    /// The call of a service, as it was judged.
    pub(super) fn call(&self, service: Service) -> Option<&ServiceCall> {
        self.calls.iter().find(|call| call.service == service)
    }

    /// The endpoint of a service that hands out credentials.
    pub(super) fn of_service(&self, service: Service) -> Option<String> {
        if let Some(moved) = self.call(service).and_then(|call| call.moved_to.as_ref()) {
            return Some(moved.url.clone());
        }
        let region = match service {
            Service::Sso | Service::SsoOidc => self.portal_region.as_ref()?,
            Service::Sts | Service::SignIn | Service::Container | Service::Imds => &self.region,
        };
        Some(Endpoint::of_service(service, region)?.as_str().to_owned())
    }

    /// Every URL that a request may leave for, be it on the way to a credential, with it, or to ask whose it is.
    pub(super) fn all(&self) -> Vec<String> {
        let mut urls = vec![self.bedrock_runtime.clone()];
        urls.extend(self.calls.iter().filter_map(|call| self.of_service(call.service)));
        urls
    }
}
