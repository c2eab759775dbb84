//! Where requests go: the region, the endpoint, and the services that are asked on the way to a credential.

use super::Judge;
use crate::endpoint::Endpoint;
use crate::policy::denial::DenialCode;
use crate::prose::{listed, quoted};
use crate::provenance::Place;
use crate::signer::{Service, ServiceCall, Signer};

impl Judge<'_> {
    pub(super) fn judge_region(&mut self, region: &str) {
        let Some(rule) = &self.document.regions else { return };
        if rule.iter().any(|pattern| pattern.matches(region)) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
        let message = match self.requested_at {
            Some(_) => format!("the region {} is not allowed", quoted(region)),
            None => format!("no region is set, and the default {} is not allowed", quoted(region)),
        };
        let remedy = format!("set `region` in the settings to one that is {}", listed(&allowed));
        self.object(DenialCode::RegionNotAllowed, &rule.at, message, remedy);
    }

    pub(super) fn judge_endpoint(&mut self, endpoint: &Endpoint) {
        let message = format!("the endpoint {} is not allowed", quoted(endpoint.as_str()));
        match &self.document.endpoints {
            Some(rule) => {
                if rule.iter().any(|pattern| pattern.matches(endpoint)) {
                    return;
                }
                let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
                let remedy = format!("remove it, or use {}", listed(&allowed));
                self.object(DenialCode::EndpointNotAllowed, &rule.at, message, remedy);
            }
            None if endpoint.is_aws_bedrock_runtime() => {}
            None => {
                let at = &self.document.id.at;
                let remedy = "remove it: the policy names no `endpoints`, so AWS's own over https are allowed";
                self.object(DenialCode::EndpointNotAllowed, at, message, remedy.to_owned());
            }
        }
    }

    pub(super) fn judge_own_endpoint(&mut self, own: &Endpoint) {
        let Some(rule) = &self.document.endpoints else { return };
        if rule.iter().any(|pattern| pattern.matches(own)) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
        let message =
            format!("no endpoint is set, and AWS's own {} is not allowed", quoted(own.as_str()));
        let remedy = match allowed.as_slice() {
            [] => {
                "the policy allows no endpoint at all; ask whoever manages this machine".to_owned()
            }
            _ => format!("set `endpoint_url` in the settings to {}", listed(&allowed)),
        };
        self.object(DenialCode::EndpointNotAllowed, &rule.at, message, remedy);
    }

    /// Who answers for one of these services decides which credential comes back.
    pub(super) fn service_endpoints(&mut self, signer: &Signer) {
        signer.calls.iter().for_each(|call| self.service_endpoint(call));
    }

    pub(super) fn service_endpoint(&mut self, call: &ServiceCall) {
        let Some(moved) = &call.moved_to else { return };
        let endpoint = Endpoint::of_moved(moved).ok();
        if endpoint.as_ref().is_some_and(|endpoint| self.allows_for(call.service, endpoint)) {
            return;
        }
        let url = endpoint.as_ref().map_or("what is no URL", Endpoint::as_str);
        let (mover, remedy) = match &moved.at {
            Place::Variable(name) => (format!("`{name}`"), format!("unset `{name}`")),
            place => (place.to_string(), format!("remove the line {place}")),
        };
        let message = format!(
            "{mover} moves {} to {}, which is not AWS's own and not listed",
            call.service.noun(),
            quoted(url),
        );
        let document = self.document;
        let rule_at = document.endpoints.as_ref().map_or(&document.id.at, |rule| &rule.at);
        let source = moved.source();
        let mut judge =
            Judge { document, requested_at: Some(&source), reasons: &mut *self.reasons };
        judge.object(DenialCode::ServiceEndpointNotAllowed, rule_at, message, remedy);
    }

    fn allows_for(&self, service: Service, endpoint: &Endpoint) -> bool {
        let mut listed = self.document.endpoints.iter().flat_map(|rule| rule.iter());
        endpoint.is_own_of(service) || listed.any(|pattern| pattern.matches(endpoint))
    }
}
