//! What policy allowed, with all it takes to use it and to judge its use.

use std::sync::Arc;

use jiff::Timestamp;

use crate::auth::{ApiKey, BedrockAuth};
use crate::credentials::StaticCredentials;
use crate::endpoint::Endpoint;
use crate::family::Family;
use crate::network::NetworkFacts;
use crate::policy::{AuditDemand, Candidate, Delivered, Denial, InUse, Policy, Verdict};
use crate::provenance::Source;
use crate::signer::{ServiceCall, Signer};

/// What policy allowed under the facts of one moment. Only [`resolve`](super::resolve) makes one; that the facts are
/// those of this machine is what [`Machine::this`](crate::load::Machine::this) stands for.
///
/// ```compile_fail
/// let forged = bedrock_auth::resolve::Allowed { region: "us-east-1".into() };
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Allowed {
    /// Shared, never copied: who holds one can read it, and not change it.
    pub(super) auth: Arc<BedrockAuth>,
    pub(super) signer: Signer,
    pub(super) source: Source,
    /// The family that supplied the credential.
    pub(super) family: Option<Family>,
    /// All that were read.
    pub(super) families: Vec<Family>,
    pub(super) api_key: Option<ApiKey>,
    /// The access key at the root, where the root is one.
    pub(super) access_key: Option<StaticCredentials>,
    pub(super) region: String,
    pub(super) region_source: Option<Source>,
    pub(super) endpoint: Option<Endpoint>,
    pub(super) endpoint_source: Option<Source>,
    /// None where it cannot be made.
    pub(super) identity_call: Option<ServiceCall>,
    pub(super) network: NetworkFacts,
    pub(super) what_if: bool,
    pub(super) audit_asked: bool,
}

impl Allowed {
    /// How to authenticate.
    pub fn auth(&self) -> &BedrockAuth {
        &self.auth
    }

    /// What will sign.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Where it was asked for, or where the credential was found.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The families of variables that were read for it.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The access key at the root of a profile or of the default chain, where the root is one.
    pub fn access_key(&self) -> Option<&StaticCredentials> {
        self.access_key.as_ref()
    }

    /// The region to call.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The endpoint to call; none for the SDK's own.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_ref()
    }

    /// The call that asks STS whose credentials these are; none where STS has no endpoint that could be judged.
    pub fn identity_call(&self) -> Option<&ServiceCall> {
        self.identity_call.as_ref()
    }

    /// The certificates and proxies of the connection.
    pub fn network(&self) -> &NetworkFacts {
        &self.network
    }

    /// Whether the policies that allowed it were those of a what-if question.
    pub fn is_what_if(&self) -> bool {
        self.what_if
    }

    /// What has to be on record under the policies of a later use.
    pub fn audit_demand(&self, policy: &Policy) -> AuditDemand {
        policy.audit_demand(self.audit_asked)
    }

    /// Judges anew, by the policies and the moment of a later use.
    pub fn judge(&self, policy: &Policy, now: Timestamp) -> Verdict {
        let mut verdict = policy.judge(&self.candidate());
        verdict.absorb(self.judge_around(policy));
        if let Some(ended) = self.signer.expires.filter(|expires| *expires <= now) {
            verdict.denials.push(Denial::credential_expired(ended, Some(&self.source)));
        }
        verdict
    }

    /// Judges credentials that a provider delivered for it, and everything else anew.
    pub fn judge_delivery(
        &self,
        policy: &Policy,
        delivered: &Delivered,
        now: Timestamp,
    ) -> Verdict {
        let mut verdict = policy.judge_delivery(&self.candidate(), delivered, now);
        verdict.absorb(self.judge_around(policy));
        verdict
    }

    /// Judges credentials that a provider delivered to assume a role with.
    pub fn judge_base_delivery(
        &self,
        policy: &Policy,
        delivered: &Delivered,
        now: Timestamp,
    ) -> Verdict {
        let mut verdict = policy.judge_base_delivery(&self.candidate(), delivered, now);
        verdict.absorb(self.judge_around(policy));
        verdict
    }

    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            method: self.auth.method(),
            layer: self.source.layer,
            requested_at: Some(&self.source),
            profile: self.auth.profile_name(),
            signer: Some(&self.signer),
            api_key: self.api_key.as_ref(),
        }
    }

    /// Locks, family, region, endpoint and connection.
    fn judge_around(&self, policy: &Policy) -> Verdict {
        let mut verdict = Verdict::default();
        verdict.denials.extend(policy.locked_conflicts());
        verdict.denials.extend(policy.locks_against(&InUse {
            method: self.auth.method(),
            profile: self.auth.profile_name(),
            region: &self.region,
            endpoint: self.endpoint.as_ref(),
        }));
        if let Some(family) = &self.family {
            verdict.absorb(policy.judge_family(family, Some(&self.source)));
        }
        verdict.absorb(policy.judge_region(&self.region, self.region_source.as_ref()));
        let (endpoint, source) = (self.endpoint.as_ref(), self.endpoint_source.as_ref());
        verdict.absorb(policy.judge_called(endpoint, source, &self.region));
        verdict.absorb(policy.judge_network(&self.network));
        verdict
    }
}
