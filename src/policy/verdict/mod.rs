//! The verdict of all policies on one candidate, with every reason.
//!
//! [`Policy`] asks each document through a [`Judge`]; the files below hold what it objects to, by what is judged.

mod accounts;
mod chain;
mod delivery;
mod endpoints;
mod keys;
mod methods;
mod variables;

use super::denial::{Denial, DenialCode};
use super::document::Document;
use super::in_force::Policy;
use crate::auth::{ApiKey, Method, is_region_name};
use crate::endpoint::Endpoint;
use crate::family::Family;
use crate::jsonc::Located;
use crate::network::NetworkFacts;
use crate::provenance::{Layer, Place, Source};
use crate::signer::{ServiceCall, Signer};

pub use delivery::Delivered;

/// One way to authenticate, as far as policies look at it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// What really would be used: an `api_key` in settings that finds IAM keys is `iam_credentials`.
    pub method: Method,
    /// The layer that asks, or that holds the credential.
    pub layer: Layer,
    /// Where it is asked for.
    pub requested_at: Option<&'a Source>,
    /// The profile, for the methods that use one.
    pub profile: Option<&'a str>,
    /// What would sign; none where the profile can supply no credential, so that there is nothing to judge.
    pub signer: Option<&'a Signer>,
    /// What the API key says about itself, for that method.
    pub api_key: Option<&'a ApiKey>,
}

/// What all policies together say. Nothing in it: allowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Every reason of the policies that enforce.
    pub denials: Vec<Denial>,
    /// Every reason of the policies that only report.
    pub would_deny: Vec<Denial>,
}

impl Verdict {
    /// Whether no policy that enforces objects.
    pub fn is_allowed(&self) -> bool {
        self.denials.is_empty()
    }

    /// Adds the reasons of another verdict.
    pub fn absorb(&mut self, other: Verdict) {
        self.denials.extend(other.denials);
        self.would_deny.extend(other.would_deny);
    }

    /// Adds those reasons of another verdict that are not known yet.
    fn absorb_new(&mut self, mut other: Verdict) {
        other.denials.retain(|denial| !self.denials.contains(denial));
        other.would_deny.retain(|denial| !self.would_deny.contains(denial));
        self.absorb(other);
    }
}

impl Policy {
    /// Judges a way to authenticate. A broken policy stands against every candidate alike.
    pub fn judge(&self, candidate: &Candidate<'_>) -> Verdict {
        let mut verdict =
            self.ask_each(candidate.requested_at, |judge| judge.judge_candidate(candidate));
        // Bedrock accepts a short-term key in its own region alone, so using it means calling that region.
        if let Some(ApiKey::ShortTerm(key)) = candidate.api_key {
            verdict.absorb(self.judge_region(&key.region, candidate.requested_at));
        }
        verdict.denials.extend(self.faults().iter().cloned());
        verdict
    }

    /// Judges a region.
    pub fn judge_region(&self, region: &str, requested_at: Option<&Source>) -> Verdict {
        self.ask_each(requested_at, |judge| judge.judge_region(region))
    }

    /// Judges an endpoint.
    pub fn judge_endpoint(&self, endpoint: &Endpoint, requested_at: Option<&Source>) -> Verdict {
        self.ask_each(requested_at, |judge| judge.judge_endpoint(endpoint))
    }

    /// Judges the SDK's own endpoint, which is called where nobody asks for one.
    pub fn judge_own_endpoint(&self, own: &Endpoint) -> Verdict {
        self.ask_each(None, |judge| judge.judge_own_endpoint(own))
    }

    /// Judges the endpoint that would be called: the one that is asked for, or the SDK's own of the region.
    pub fn judge_called(
        &self,
        endpoint: Option<&Endpoint>,
        requested_at: Option<&Source>,
        region: &str,
    ) -> Verdict {
        let Some(endpoint) = endpoint else {
            let own = is_region_name(region).then(|| Endpoint::of_region(region)).flatten();
            return own.map(|own| self.judge_own_endpoint(&own)).unwrap_or_default();
        };
        let mut verdict = self.judge_endpoint(endpoint, requested_at);
        // An endpoint of another region would carry requests out of the allowed ones.
        if let Some(other) = endpoint.aws_region().filter(|other| *other != region) {
            verdict.absorb(self.judge_region(other, requested_at));
        }
        verdict
    }

    /// Judges what variables put between the client and AWS.
    pub fn judge_network(&self, network: &NetworkFacts) -> Verdict {
        let mut verdict = Verdict::default();
        for bundle in &network.ca_bundles {
            let source = bundle.source();
            verdict.absorb(self.ask_each(Some(&source), |judge| judge.judge_ca_bundle(bundle)));
        }
        for proxy in network.proxies.in_force() {
            let source = proxy.source();
            verdict.absorb(self.ask_each(Some(&source), |judge| judge.judge_proxy(proxy)));
        }
        verdict
    }

    /// Judges where a service is called that is asked on the way to a credential, or about one.
    pub fn judge_service_call(&self, call: &ServiceCall) -> Verdict {
        self.ask_each(None, |judge| judge.service_endpoint(call))
    }

    /// Judges whether the variables of a family may be read.
    pub fn judge_family(&self, family: &Family, requested_at: Option<&Source>) -> Verdict {
        self.ask_each(requested_at, |judge| judge.judge_family(family))
    }

    fn ask_each(&self, requested_at: Option<&Source>, ask: impl Fn(&mut Judge<'_>)) -> Verdict {
        let mut verdict = Verdict::default();
        for document in self.documents() {
            let reasons =
                if document.enforces() { &mut verdict.denials } else { &mut verdict.would_deny };
            ask(&mut Judge { document, requested_at, reasons });
        }
        verdict
    }
}

/// What a rule of a policy allows; none: everything.
type AllowList<T> = Option<Located<Vec<T>>>;

/// One policy at work: what it objects to is added to the reasons.
struct Judge<'a> {
    document: &'a Document,
    requested_at: Option<&'a Source>,
    reasons: &'a mut Vec<Denial>,
}

impl Judge<'_> {
    fn object(
        &mut self,
        code: DenialCode,
        forbidden_by: &Place,
        message: String,
        mut remedy: String,
    ) {
        if self.requested_at.is_some_and(|source| source.layer == Layer::Managed) {
            remedy.push_str("; IT supplies this value, so if it is locked, only they can mend it");
        }
        self.reasons.push(Denial {
            code,
            message,
            requested_at: self.requested_at.cloned(),
            forbidden_by: Some(forbidden_by.clone()),
            policy_id: Some(self.document.id.value.clone()),
            remedy,
            contact: self.document.contact.clone(),
        });
    }
}
