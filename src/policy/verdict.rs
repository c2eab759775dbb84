//! The verdict of all policies on one candidate, with every reason.

use super::denial::{Denial, DenialCode};
use super::document::{
    AccountsKnown, ApiKeyRule, AutomaticRule, CredentialLayer, Document, IamCredentialsRule,
    Methods, NamedProfileRule, Network, SsoRule,
};
use super::endpoint::StartUrlPattern;
use super::in_force::Policy;
use crate::auth::{AccessKeyKind, AccountId, ApiKey, Method, Root};
use crate::endpoint::Endpoint;
use crate::family::Family;
use crate::jsonc::Located;
use crate::network::{CaBundle, NetworkFacts, Proxy};
use crate::prose::{listed, quoted};
use crate::provenance::{Layer, Place, Source};
use crate::signer::{CommandLine, Service, ServiceCall, Signer, StepKind};

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
    pub(super) fn absorb_new(&mut self, mut other: Verdict) {
        other.denials.retain(|denial| !self.denials.contains(denial));
        other.would_deny.retain(|denial| !self.would_deny.contains(denial));
        self.absorb(other);
    }
}

impl Policy {
    /// Judges a way to authenticate. A broken policy stands against every candidate alike.
    pub fn judge(&self, candidate: &Candidate<'_>) -> Verdict {
        self.judge_at(candidate, Stage::Beforehand)
    }

    pub(super) fn judge_at(&self, candidate: &Candidate<'_>, stage: Stage) -> Verdict {
        let mut verdict =
            self.ask_each(candidate.requested_at, |judge| judge.judge_candidate(candidate, stage));
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

    pub(super) fn ask_each(
        &self,
        requested_at: Option<&Source>,
        ask: impl Fn(&mut Judge<'_>),
    ) -> Verdict {
        let mut verdict = Verdict::default();
        for document in self.documents() {
            let reasons =
                if document.enforces() { &mut verdict.denials } else { &mut verdict.would_deny };
            ask(&mut Judge { document, requested_at, reasons });
        }
        verdict
    }
}

/// How much is known of a credential when it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// What files and variables say.
    Beforehand,
    /// What came.
    OnDelivery,
}

/// One policy at work: what it objects to is added to the reasons.
pub(super) struct Judge<'a> {
    pub(super) document: &'a Document,
    requested_at: Option<&'a Source>,
    reasons: &'a mut Vec<Denial>,
}

impl Judge<'_> {
    pub(super) fn object(
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

    fn judge_candidate(&mut self, candidate: &Candidate<'_>, stage: Stage) {
        let document = self.document;
        let rule_at = match (document.rule_of(candidate.method), &document.methods) {
            (Some(at), _) => at,
            (None, Some(methods)) => return self.method_not_listed(methods, candidate.method),
            (None, None) => &document.id.at,
        };
        if candidate.method == Method::Sso {
            self.sso_means_sso(rule_at, candidate);
        }
        if let Some(signer) = candidate.signer {
            self.service_endpoints(signer);
        }
        let Some(methods) = &document.methods else { return };
        match candidate.method {
            Method::Automatic => self.automatic(&methods.automatic, candidate, stage),
            Method::NamedProfile => self.named_profile(&methods.named_profile, candidate, stage),
            Method::Sso => self.sso(&methods.sso, candidate),
            Method::IamCredentials => self.iam_credentials(&methods.iam_credentials, candidate),
            Method::ApiKey => self.api_key(&methods.api_key, candidate),
        }
    }

    fn method_not_listed(&mut self, methods: &Located<Methods>, method: Method) {
        let allowed: Vec<_> = Method::ALL
            .iter()
            .filter(|m| methods.place_of(**m).is_some())
            .map(|m| m.as_str())
            .collect();
        let remedy = match allowed.as_slice() {
            [] => "the policy allows no method at all; ask whoever manages this machine".to_owned(),
            _ => format!("use {} instead", listed(&allowed)),
        };
        let message = format!("the policy does not allow the method `{method}`");
        self.object(DenialCode::MethodNotAllowed, &methods.at, message, remedy);
    }

    fn sso_means_sso(&mut self, rule_at: &Place, candidate: &Candidate<'_>) {
        let Some(signer) = candidate.signer.filter(|signer| signer.root != Some(Root::Sso)) else {
            return;
        };
        let really = signer.root.map_or("an unknown source", Root::as_str);
        let message = format!(
            "the profile {} is used as `sso`, but its credentials come from `{really}`",
            quoted(candidate.profile.unwrap_or_default()),
        );
        let remedy = "use a profile with `sso_session` or `sso_start_url`, without other sources of credentials";
        self.object(DenialCode::SsoProfileNotSso, rule_at, message, remedy.to_owned());
    }

    /// Who answers for one of these services decides which credential comes back.
    fn service_endpoints(&mut self, signer: &Signer) {
        signer.calls.iter().for_each(|call| self.service_endpoint(call));
    }

    fn service_endpoint(&mut self, call: &ServiceCall) {
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

    fn automatic(
        &mut self,
        rule: &Option<Located<AutomaticRule>>,
        candidate: &Candidate<'_>,
        stage: Stage,
    ) {
        let Some(rule) = rule else { return };
        let AutomaticRule { roots, role_arns, commands, accounts, accounts_known } = &rule.value;
        self.roots(roots, candidate);
        self.roles_on_the_way(role_arns, candidate);
        self.commands(commands, candidate);
        if !is_told_later(accounts_known, candidate, stage) {
            self.accounts(accounts, candidate);
        }
    }

    fn named_profile(
        &mut self,
        rule: &Option<Located<NamedProfileRule>>,
        candidate: &Candidate<'_>,
        stage: Stage,
    ) {
        let Some(rule) = rule else { return };
        let NamedProfileRule { profiles, roots, role_arns, commands, accounts, accounts_known } =
            &rule.value;
        let name = candidate.profile.unwrap_or_default();
        self.name(DenialCode::ProfileNotAllowed, "profile", profiles, name);
        self.roots(roots, candidate);
        self.role_arns(role_arns, candidate);
        self.commands(commands, candidate);
        if !is_told_later(accounts_known, candidate, stage) {
            self.accounts(accounts, candidate);
        }
    }

    fn sso(&mut self, rule: &Option<Located<SsoRule>>, candidate: &Candidate<'_>) {
        let Some(rule) = rule else { return };
        let SsoRule { profiles, start_urls, accounts, roles, role_arns } = &rule.value;
        let name = candidate.profile.unwrap_or_default();
        self.name(DenialCode::ProfileNotAllowed, "profile", profiles, name);
        let Some(signer) = candidate.signer else { return };
        // An SSO root without its portal matches no portal.
        let unknown = (signer.root == Some(Root::Sso)).then_some(("", ""));
        if let Some((start_url, role)) = signer.portal().or(unknown) {
            self.start_url(start_urls, start_url);
            self.name(DenialCode::RoleNotAllowed, "permission set", roles, role);
        }
        self.roles_on_the_way(role_arns, candidate);
        self.accounts(accounts, candidate);
        self.portal_account(accounts, signer);
    }

    fn iam_credentials(
        &mut self,
        rule: &Option<Located<IamCredentialsRule>>,
        candidate: &Candidate<'_>,
    ) {
        let Some(rule) = rule else { return };
        let IamCredentialsRule { layers, temporary_only, accounts } = &rule.value;
        self.layers(layers, candidate);
        if let Some(demand) = temporary_only.as_ref().filter(|demand| demand.value)
            && candidate.signer.is_some_and(|signer| signer.root != Some(Root::TemporaryKeys))
        {
            let message =
                "only temporary access keys are allowed, and this one is not known to be temporary";
            let remedy =
                "use keys of a session: an id that begins with `ASIA`, with its session token";
            self.object(
                DenialCode::LongLivedCredential,
                &demand.at,
                message.to_owned(),
                remedy.to_owned(),
            );
        }
        self.accounts(accounts, candidate);
    }

    fn api_key(&mut self, rule: &Option<Located<ApiKeyRule>>, candidate: &Candidate<'_>) {
        let Some(rule) = rule else { return };
        let ApiKeyRule { layers, kinds, max_lifetime, temporary_only, accounts } = &rule.value;
        self.layers(layers, candidate);
        let Some(key) = candidate.api_key else { return };
        if let Some(kinds) = kinds
            && !key.kind().is_some_and(|kind| kinds.contains(&kind))
        {
            let words: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
            let kind =
                key.kind().map_or("of no documented kind".to_owned(), |kind| format!("`{kind}`"));
            let message = format!("this API key is {kind}");
            let remedy = format!("use an API key that is {}", listed(&words));
            self.object(DenialCode::ApiKeyKindNotAllowed, &kinds.at, message, remedy);
        }
        if let Some(limit) = max_lifetime {
            let lifetime = match key {
                ApiKey::ShortTerm(key) => Some(u64::from(key.lifetime_seconds)),
                ApiKey::LongTerm(_) | ApiKey::Opaque => None,
            };
            if lifetime.is_none_or(|seconds| seconds > limit.value.seconds) {
                let lasts = lifetime
                    .map_or("without a known end".to_owned(), |s| format!("for {s} seconds"));
                let message =
                    format!("this API key lasts {lasts}, and `{}` is the limit", limit.value);
                let remedy = format!("make a short-term key that lasts at most `{}`", limit.value);
                self.object(DenialCode::ApiKeyLifetimeTooLong, &limit.at, message, remedy);
            }
        }
        if let Some(demand) = temporary_only.as_ref().filter(|demand| demand.value) {
            self.temporary_api_key(demand, key);
        }
        self.accounts(accounts, candidate);
    }

    fn temporary_api_key(&mut self, demand: &Located<bool>, key: &ApiKey) {
        let message = match key {
            ApiKey::ShortTerm(key) if key.is_signed_by_temporary_key() => return,
            ApiKey::ShortTerm(key) => match key.signer.kind() {
                AccessKeyKind::LongLived => {
                    format!("the long-lived access key `{}` stands behind this API key", key.signer)
                }
                _ => "this API key is not known to be signed by a temporary access key".to_owned(),
            },
            ApiKey::LongTerm(_) => "this API key lives until somebody deletes it".to_owned(),
            ApiKey::Opaque => "whether this API key is temporary cannot be known".to_owned(),
        };
        let remedy = "make a short-term key while signed in with temporary credentials, for example through SSO";
        self.object(DenialCode::LongLivedCredential, &demand.at, message, remedy.to_owned());
    }

    fn layers(&mut self, rule: &Option<Located<Vec<CredentialLayer>>>, candidate: &Candidate<'_>) {
        let Some(rule) = rule else { return };
        if rule.iter().any(|layer| layer.is(candidate.layer)) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(|layer| layer.as_str()).collect();
        let message =
            format!("the policy does not take `{}` from the {}", candidate.method, candidate.layer);
        let remedy = match allowed.as_slice() {
            [] => "the policy takes it from nowhere; use another method".to_owned(),
            ["keychain"] => "store it with `bedrock-auth login`, and unset the variable".to_owned(),
            _ => format!("supply it through the {}", allowed.join(" or the ")),
        };
        self.object(DenialCode::LayerNotAllowed, &rule.at, message, remedy);
    }

    fn roots(&mut self, rule: &Option<Located<Vec<Root>>>, candidate: &Candidate<'_>) {
        let (Some(rule), Some(signer)) = (rule, candidate.signer) else { return };
        let asked = what_was_asked(candidate);
        let (code, message) = match signer.root {
            Some(root) if rule.contains(&root) => return,
            Some(root) => {
                (DenialCode::RootNotAllowed, format!("{asked} gets its credentials from `{root}`"))
            }
            None => (
                DenialCode::RootUnknown,
                format!("where {asked} gets its credentials from cannot be known"),
            ),
        };
        let allowed: Vec<_> = rule.iter().map(|root| root.as_str()).collect();
        let remedy = match allowed.as_slice() {
            [] => "the policy allows no source of credentials here; use another method".to_owned(),
            _ => format!("get the credentials from {}", listed(&allowed)),
        };
        self.object(code, &rule.at, message, remedy);
    }

    fn role_arns(
        &mut self,
        rule: &Option<Located<Vec<super::pattern::ArnPattern>>>,
        candidate: &Candidate<'_>,
    ) {
        let (Some(rule), Some(signer)) = (rule, candidate.signer) else { return };
        let is_allowed = |role: &str| rule.iter().any(|pattern| pattern.matches(role));
        let mut roles = signer.roles().peekable();
        let messages: Vec<_> = match roles.peek() {
            None => vec![format!("{} assumes no role", what_was_asked(candidate))],
            Some(_) => roles
                .filter(|role| !is_allowed(role))
                .map(|role| format!("the role {} is not allowed", quoted(role)))
                .collect(),
        };
        for message in messages {
            let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
            let remedy = match allowed.as_slice() {
                [] => "use a profile that assumes no role".to_owned(),
                _ => format!("use a profile whose role is {}", listed(&allowed)),
            };
            self.object(DenialCode::RoleArnNotAllowed, &rule.at, message, remedy);
        }
    }

    /// Roles that are assumed, where none has to be.
    fn roles_on_the_way(
        &mut self,
        rule: &Option<Located<Vec<super::pattern::ArnPattern>>>,
        candidate: &Candidate<'_>,
    ) {
        if candidate.signer.is_some_and(|signer| signer.roles().next().is_some()) {
            self.role_arns(rule, candidate);
        }
    }

    /// A role on top counts for its own account; what it stands on must be of a listed one, too.
    fn portal_account(&mut self, rule: &Option<Located<Vec<AccountId>>>, signer: &Signer) {
        let portal = signer.chain.iter().find_map(|step| match &step.kind {
            StepKind::Sso { account, .. } => Some(*account),
            _ => None,
        });
        let (Some(rule), Some(portal)) = (rule, portal.filter(|_| signer.roles().next().is_some()))
        else {
            return;
        };
        self.account(rule, portal);
    }

    fn commands(
        &mut self,
        rule: &Option<Located<Vec<super::pattern::CommandPattern>>>,
        candidate: &Candidate<'_>,
    ) {
        let (Some(rule), Some(signer)) = (rule, candidate.signer) else { return };
        // A process without its command line matches no command.
        let unknown = CommandLine::new("");
        let is_unknown =
            signer.root == Some(Root::CredentialProcess) && signer.commands().next().is_none();
        for command in signer.commands().chain(is_unknown.then_some(&unknown)) {
            if !rule.iter().any(|pattern| pattern.matches(command.as_str())) {
                let message = format!(
                    "the `credential_process` {} is not allowed as it is written",
                    quoted(command.program()),
                );
                let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
                let remedy = format!("use a profile whose command is {}", listed(&allowed));
                self.object(DenialCode::CommandNotAllowed, &rule.at, message, remedy);
            }
        }
    }

    fn accounts(&mut self, rule: &Option<Located<Vec<AccountId>>>, candidate: &Candidate<'_>) {
        let (Some(rule), Some(signer)) = (rule, candidate.signer) else { return };
        self.account(rule, signer.account);
    }

    fn account(&mut self, rule: &Located<Vec<AccountId>>, account: Option<AccountId>) {
        let (code, message) = match account {
            Some(account) if rule.contains(&account) => return,
            Some(account) => {
                (DenialCode::AccountNotAllowed, format!("the account `{account}` is not allowed"))
            }
            None => (
                DenialCode::AccountUnknown,
                "the account cannot be known, and only listed ones are allowed".to_owned(),
            ),
        };
        let allowed: Vec<_> = rule.iter().map(ToString::to_string).collect();
        let remedy = format!("use credentials of the account {}", listed(&allowed));
        self.object(code, &rule.at, message, remedy);
    }

    fn start_url(&mut self, rule: &Option<Located<Vec<StartUrlPattern>>>, start_url: &str) {
        let Some(rule) = rule else { return };
        if StartUrlPattern::any_matches(rule, start_url) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
        let message = format!("the portal {} is not allowed", quoted(start_url));
        let remedy = format!("use a profile that signs in at {}", listed(&allowed));
        self.object(DenialCode::StartUrlNotAllowed, &rule.at, message, remedy);
    }

    fn name(
        &mut self,
        code: DenialCode,
        noun: &str,
        rule: &Option<Located<Vec<super::pattern::NamePattern>>>,
        name: &str,
    ) {
        let Some(rule) = rule else { return };
        if rule.iter().any(|pattern| pattern.matches(name)) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
        let message = format!("the {noun} {} is not allowed", quoted(name));
        let remedy = format!("use a {noun} that is {}", listed(&allowed));
        self.object(code, &rule.at, message, remedy);
    }

    fn judge_region(&mut self, region: &str) {
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

    fn judge_endpoint(&mut self, endpoint: &Endpoint) {
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

    fn judge_own_endpoint(&mut self, own: &Endpoint) {
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

    fn judge_ca_bundle(&mut self, bundle: &CaBundle) {
        let message =
            format!("`{}` may not replace the certificates that are trusted", bundle.variable);
        self.variable(DenialCode::CaBundleNotAllowed, |n| &n.ca_bundle, message, bundle.variable);
    }

    fn judge_proxy(&mut self, proxy: &Proxy) {
        let message = format!("requests may not go through the proxy of `{}`", proxy.variable);
        self.variable(DenialCode::ProxyNotAllowed, |n| &n.proxy, message, proxy.variable);
    }

    /// Objects to a variable that the policy forbids.
    fn variable(
        &mut self,
        code: DenialCode,
        permission: impl Fn(&Network) -> &Option<Located<bool>>,
        message: String,
        name: &str,
    ) {
        let document = self.document;
        let permission = document.network.as_ref().and_then(|n| permission(n).as_ref());
        if let Some(forbidden) = permission.filter(|may| !may.value) {
            let remedy = format!("unset `{name}` for this program");
            self.object(code, &forbidden.at, message, remedy);
        }
    }

    fn judge_family(&mut self, family: &Family) {
        let Some(rule) = &self.document.environment_families else { return };
        if rule.contains(family) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(Family::as_str).collect();
        let message = format!("variables of the family `{family}` may not be read");
        let remedy = match allowed.as_slice() {
            [] => "use the settings or the keychain instead of variables".to_owned(),
            _ => format!("use variables of the family {}", listed(&allowed)),
        };
        self.object(DenialCode::FamilyNotAllowed, &rule.at, message, remedy);
    }
}

/// Whether the account is one that the credential itself has to tell, and the rule waits for it.
fn is_told_later(
    accounts_known: &Option<Located<AccountsKnown>>,
    candidate: &Candidate<'_>,
    stage: Stage,
) -> bool {
    let rule_waits =
        accounts_known.as_ref().is_some_and(|when| when.value == AccountsKnown::OnDelivery);
    let is_known_beforehand = candidate
        .signer
        .is_some_and(|signer| signer.account.is_some() || signer.access_key_id.is_some());
    rule_waits && stage == Stage::Beforehand && !is_known_beforehand
}

fn what_was_asked(candidate: &Candidate<'_>) -> String {
    match candidate.profile {
        Some(profile) => format!("the profile {}", quoted(profile)),
        None => "the AWS default chain".to_owned(),
    }
}

impl Document {
    /// Where the rule of a method stands; none where the method is not listed or all methods are allowed.
    pub(super) fn rule_of(&self, method: Method) -> Option<&Place> {
        self.methods.as_ref()?.place_of(method)
    }
}

impl Methods {
    /// Where the rule of a method stands; none where the method is not listed.
    pub fn place_of(&self, method: Method) -> Option<&Place> {
        let Methods { automatic, named_profile, sso, iam_credentials, api_key } = self;
        match method {
            Method::Automatic => automatic.as_ref().map(|rule| &rule.at),
            Method::NamedProfile => named_profile.as_ref().map(|rule| &rule.at),
            Method::Sso => sso.as_ref().map(|rule| &rule.at),
            Method::IamCredentials => iam_credentials.as_ref().map(|rule| &rule.at),
            Method::ApiKey => api_key.as_ref().map(|rule| &rule.at),
        }
    }
}

impl CredentialLayer {
    fn is(self, layer: Layer) -> bool {
        match self {
            CredentialLayer::Environment => layer == Layer::Environment,
            CredentialLayer::Keychain => layer == Layer::Keychain,
        }
    }
}

impl Signer {
    fn roles(&self) -> impl Iterator<Item = &str> {
        self.chain.iter().filter_map(|step| match &step.kind {
            StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } => {
                Some(role_arn.as_str())
            }
            _ => None,
        })
    }

    fn commands(&self) -> impl Iterator<Item = &CommandLine> {
        self.chain.iter().filter_map(|step| match &step.kind {
            StepKind::CredentialProcess { command, .. } => Some(command),
            _ => None,
        })
    }

    /// The portal's start URL and the permission set.
    fn portal(&self) -> Option<(&str, &str)> {
        self.chain.iter().find_map(|step| match &step.kind {
            StepKind::Sso { start_url, role_name, .. } => {
                Some((start_url.as_str(), role_name.as_deref().unwrap_or_default()))
            }
            _ => None,
        })
    }
}
