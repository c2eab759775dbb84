//! The contract's sections 3 and 4, sentence by sentence, without a thought for speed or for messages.

use std::collections::BTreeSet;

use bedrock_auth::jsonc::Located;
use bedrock_auth::policy::{Document, EndpointPattern, Enforcement};
use bedrock_auth::settings::ManagedValues;
use bedrock_auth::signer::Signers;

use super::rules::{self, Candidate};
use super::text;
use crate::world::{
    FileContent, Keychain, MadeCredentials, MadeDelivery, PolicyFile, Settings, Variables, World,
};

pub type Codes = BTreeSet<&'static str>;

/// The answer, as far as a second opinion goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub outcome: &'static str,
    pub method: Option<&'static str>,
    pub profile: Option<String>,
    pub region: String,
    pub region_is_allowed: bool,
    pub endpoint: Option<String>,
    pub endpoint_is_allowed: bool,
    pub denials: Codes,
    /// What policies that only report would have denied; looked at where the answer is "allowed".
    pub would_deny: Codes,
}

/// The answer to a use of what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseAnswer {
    pub denials: Codes,
    pub would_deny: Codes,
}

/// How the hearing of all candidates ended.
#[derive(Default)]
struct Hearing<'a> {
    chosen: Option<Candidate<'a>>,
    /// Objections to a method that was explicitly chosen: nothing else is used instead.
    refused: Option<Codes>,
    /// Objections to static credentials that were merely found.
    skipped: Codes,
}

/// A machine with its policies sorted by what they do.
pub struct Case<'a> {
    world: &'a World,
    in_force: Vec<&'a Document>,
    enforcing: Vec<&'a Document>,
    reporting: Vec<&'a Document>,
    faults: Codes,
}

impl<'a> Case<'a> {
    pub fn new(world: &'a World, parsed: &'a [Option<Document>]) -> Self {
        let (mut in_force, mut faults) = (Vec::new(), Codes::new());
        for (file, document) in world.policies.iter().zip(parsed) {
            match state(world, file, document.as_ref()) {
                "loaded" => in_force.extend(document),
                "absent" | "empty" | "not_applicable" | "not_yet_valid" => {}
                "unreadable" => drop(faults.insert("policy_unreadable")),
                "malformed" => drop(faults.insert("policy_malformed")),
                "invalid" => drop(faults.insert("policy_invalid")),
                "untrusted" => drop(faults.insert("policy_untrusted")),
                "expired" => drop(faults.insert("policy_expired")),
                state => panic!("no such state: {state}"),
            }
        }
        let reports = |document: &&Document| match &document.enforcement {
            Some(word) => word.value == Enforcement::ReportOnly,
            None => false,
        };
        let (reporting, enforcing) = in_force.iter().copied().partition(reports);
        Case { world, in_force, enforcing, reporting, faults }
    }

    /// The answer, and what is in force where it is "allowed".
    pub fn answer(&self) -> (Answer, Option<Candidate<'a>>) {
        let hearing = self.hear();

        let region = self.region();
        let endpoint = self.endpoint();
        let of_region = self.object_to_region(&self.enforcing, &region);
        let of_endpoint = self.object_to_endpoint(&self.enforcing, endpoint.as_deref(), &region);

        let mut denials = &self.faults | &self.conflicts();
        if hearing.chosen.is_some() || hearing.refused.is_some() {
            denials.extend(hearing.refused.iter().flatten());
            denials.extend(&of_region);
            denials.extend(&of_endpoint);
            denials.extend(self.object_to_network(&self.enforcing));
        } else {
            // Nothing is left to use: what was found and refused is the answer.
            denials.extend(&hearing.skipped);
        }

        let allowed = hearing.chosen.filter(|_| denials.is_empty());
        let mut would_deny = self.families_that_would_be_closed();
        if let Some(candidate) = &allowed {
            would_deny.extend(self.object(&self.reporting, candidate));
            would_deny.extend(self.object_to_region(&self.reporting, &region));
            would_deny.extend(self.object_to_endpoint(
                &self.reporting,
                endpoint.as_deref(),
                &region,
            ));
            would_deny.extend(self.object_to_network(&self.reporting));
        }
        let answer = Answer {
            outcome: match (&allowed, denials.is_empty()) {
                (Some(_), _) => "allowed",
                (None, false) => "denied",
                (None, true) => "unconfigured",
            },
            method: allowed.as_ref().map(|candidate| candidate.method),
            profile: allowed.as_ref().and_then(|candidate| candidate.profile.clone()),
            region_is_allowed: self.object_to_region(&self.enforcing, &region).is_empty(),
            endpoint_is_allowed: of_endpoint.is_empty(),
            region,
            endpoint,
            denials,
            would_deny,
        };
        (answer, allowed)
    }

    /// The answer when what is in force is used, and this came of it.
    pub fn answer_to_use(&self, candidate: &Candidate<'_>, came: &MadeDelivery) -> UseAnswer {
        let mut denials = self.object_to_use(&self.enforcing, candidate, came);
        denials.extend(&self.faults);
        // What has ended is refused without any policy.
        if came.expires.is_some_and(|end| end <= self.world.now) {
            denials.insert("credential_expired");
        }
        UseAnswer { denials, would_deny: self.object_to_use(&self.reporting, candidate, came) }
    }

    fn object_to_use(
        &self,
        documents: &[&Document],
        candidate: &Candidate<'_>,
        came: &MadeDelivery,
    ) -> Codes {
        let mut codes = self.object(documents, candidate);
        for document in documents {
            rules::judge_delivery(document, candidate, came, &mut codes);
        }
        let (region, endpoint) = (self.region(), self.endpoint());
        codes.extend(self.object_to_region(documents, &region));
        codes.extend(self.object_to_endpoint(documents, endpoint.as_deref(), &region));
        codes.extend(self.object_to_network(documents));
        codes
    }

    /// Section 3, the row of methods.
    fn hear(&self) -> Hearing<'a> {
        let mut hearing = Hearing::default();
        let locked = self.all_locked(method_of);
        if let Some(method) = locked.first() {
            self.hear_named(method, &mut hearing);
        } else if self.world.settings.is_faulty {
            // Nobody can tell what the person chose.
        } else if let Some(method) = self.world.settings.method {
            self.hear_named(same_method(method), &mut hearing);
        } else {
            self.hear_static(&mut hearing);
            if let (None, Some(method)) = (&hearing.chosen, self.recommended(method_of))
                && method != "api_key"
            {
                self.hear_named(&method, &mut hearing);
            }
        }
        hearing
    }

    fn hear_named(&self, method: &str, hearing: &mut Hearing<'a>) {
        if method == "api_key" {
            return self.hear_static(hearing);
        }
        let profile = self.profile();
        let (method, profile, signer) = match method {
            "automatic" => ("automatic", None, self.world.profiles.automatic()),
            "sso" => ("sso", Some(profile.clone()), self.world.profiles.profile(&profile)),
            _ => ("named_profile", Some(profile.clone()), self.world.profiles.profile(&profile)),
        };
        let signer = signer.ok();
        let is_usable = signer.is_some();
        let candidate = Candidate { profile, signer, ..Candidate::of(method) };
        let objections = self.object(&self.enforcing, &candidate);
        if !objections.is_empty() || !self.faults.is_empty() {
            hearing.refused = Some(objections);
        } else if is_usable {
            hearing.chosen = Some(candidate);
        }
    }

    /// Environment before keychain, API key before access key; what is denied is skipped.
    fn hear_static(&self, hearing: &mut Hearing<'a>) {
        let mut found = Vec::new();
        for variables in &self.world.environment {
            push_found(&mut found, &variables.credentials, "environment", Some(variables.family));
        }
        if let Keychain::Found(credentials) = &self.world.keychain {
            push_found(&mut found, credentials, "keychain", None);
        }
        let region = self.region();
        for candidate in found {
            if !candidate.works(&region, self.world.now) {
                continue;
            }
            let objections = self.object(&self.enforcing, &candidate);
            if objections.is_empty() && self.faults.is_empty() {
                hearing.chosen = Some(candidate);
                return;
            }
            hearing.skipped.extend(objections);
        }
    }

    fn object(&self, documents: &[&Document], candidate: &Candidate<'_>) -> Codes {
        let mut codes = Codes::new();
        for document in documents {
            rules::judge(document, candidate, &mut codes);
            if let Some(region) = candidate.region_of_key() {
                codes.extend(region_code(document, region));
            }
        }
        codes
    }

    fn object_to_region(&self, documents: &[&Document], region: &str) -> Codes {
        if !text::is_host_label(region) {
            return Codes::from(["region_invalid"]);
        }
        documents.iter().filter_map(|document| region_code(document, region)).collect()
    }

    fn object_to_endpoint(
        &self,
        documents: &[&Document],
        endpoint: Option<&str>,
        region: &str,
    ) -> Codes {
        let Some(written) = endpoint else { return self.object_to_own_endpoint(documents, region) };
        let Some(url) = text::read_url(written) else {
            return Codes::from(["endpoint_invalid"]);
        };
        let mut codes = Codes::new();
        for document in documents {
            let is_allowed = match &document.endpoints {
                Some(patterns) => patterns.iter().any(|p| text::same_url(p.as_str(), &url)),
                None => url.is_aws_own(),
            };
            if !is_allowed {
                codes.insert("endpoint_not_allowed");
            }
            // Requests go to the region that stands in the host.
            if let Some((other, _)) = url.aws_region().filter(|(other, _)| other != region) {
                codes.extend(region_code(document, &other));
            }
        }
        codes
    }

    /// Where nobody asks for an endpoint, the SDK calls AWS's own, which a list of endpoints must hold.
    fn object_to_own_endpoint(&self, documents: &[&Document], region: &str) -> Codes {
        let Some(own) =
            text::read_url(&text::own_url(region)).filter(|_| text::is_host_label(region))
        else {
            return Codes::new();
        };
        let lists = documents.iter().filter_map(|document| document.endpoints.as_ref());
        let refuses = |list: &&Located<Vec<EndpointPattern>>| {
            !list.iter().any(|pattern| text::same_url(pattern.as_str(), &own))
        };
        lists.filter(refuses).map(|_| "endpoint_not_allowed").collect()
    }

    /// What variables put between the client and AWS; an empty variable counts as absent.
    fn object_to_network(&self, documents: &[&Document]) -> Codes {
        let value = |name: &str| {
            let of_name = |(known, value): &&(_, &str)| *known == name && !value.is_empty();
            self.world.network.iter().find(of_name).map(|(_, value)| *value)
        };
        let is_set = |name: &&str| value(name).is_some();
        let has_bundle = ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(is_set);
        let always = ["HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"];
        // A web server hands a visitor's header on under the name `HTTP_PROXY`.
        let in_capitals = value("HTTP_PROXY").is_some() && value("REQUEST_METHOD").is_none();
        let spared = value("NO_PROXY").or(value("no_proxy")).unwrap_or("");
        let spares_all = spared.split(',').any(|host| host.trim() == "*");
        let has_proxy = (always.iter().any(is_set) || in_capitals) && !spares_all;

        let mut codes = Codes::new();
        for network in documents.iter().filter_map(|document| document.network.as_ref()) {
            let forbids = |may: &Option<Located<bool>>| may.as_ref().is_some_and(|may| !may.value);
            if has_bundle && forbids(&network.ca_bundle) {
                codes.insert("ca_bundle_not_allowed");
            }
            if has_proxy && forbids(&network.proxy) {
                codes.insert("proxy_not_allowed");
            }
        }
        codes
    }

    /// Values in force that a policy which only reports would pass over.
    fn families_that_would_be_closed(&self) -> Codes {
        let supplies = |nobody_locks: bool, of: fn(&Variables) -> Option<&'static str>| {
            let asks = |v: &&Variables| self.may_be_read(v.family) && of(v).is_some();
            let first = self.world.environment.iter().find(asks);
            first.map(|variables| variables.family).filter(|_| nobody_locks)
        };
        let unlocked = |of: fn(&ManagedValues) -> Option<String>| self.all_locked(of).is_empty();
        let suppliers = [
            supplies(unlocked(profile_of), |variables| variables.profile),
            supplies(unlocked(region_of), |variables| variables.region),
            supplies(unlocked(endpoint_of), |variables| variables.endpoint_url),
        ];
        let is_closed = |family: &&str| {
            self.reporting.iter().any(|document| !rules::may_read(document, family))
        };
        let any = suppliers.iter().flatten().any(is_closed);
        any.then_some("family_not_allowed").into_iter().collect()
    }

    fn may_be_read(&self, family: &str) -> bool {
        self.enforcing.iter().all(|document| rules::may_read(document, family))
    }

    fn profile(&self) -> String {
        let from_settings = self.settings(|settings| settings.profile);
        let from_environment = self.environment(|variables| variables.profile);
        self.all_locked(profile_of)
            .into_iter()
            .next()
            .or(from_environment)
            .or(from_settings)
            .or_else(|| self.recommended(profile_of))
            .unwrap_or("default".to_owned())
    }

    fn region(&self) -> String {
        let from_settings = self.settings(|settings| settings.region);
        let from_environment = self.environment(|variables| variables.region);
        self.all_locked(region_of)
            .into_iter()
            .next()
            .or(from_environment)
            .or(from_settings)
            .or_else(|| self.recommended(region_of))
            .unwrap_or("us-east-1".to_owned())
    }

    fn endpoint(&self) -> Option<String> {
        let from_settings = self.settings(|settings| settings.endpoint_url);
        let from_environment = self.environment(|variables| variables.endpoint_url);
        self.all_locked(endpoint_of)
            .into_iter()
            .next()
            .or(from_environment)
            .or(from_settings)
            .or_else(|| self.recommended(endpoint_of))
    }

    fn environment(&self, of: impl Fn(&Variables) -> Option<&'static str>) -> Option<String> {
        let readable = self.world.environment.iter().filter(|v| self.may_be_read(v.family));
        readable.filter_map(of).next().map(str::to_owned)
    }

    fn settings(&self, of: impl Fn(&Settings) -> Option<&'static str>) -> Option<String> {
        if self.world.settings.is_faulty {
            return None;
        }
        of(&self.world.settings).map(str::to_owned)
    }

    /// A policy that only reports denies nothing, so nobody is bound by what it locks.
    fn all_locked(&self, of: impl Fn(&ManagedValues) -> Option<String>) -> Vec<String> {
        let locked = |document: &&Document| of(document.settings.as_ref()?.locked.as_ref()?);
        self.enforcing.iter().filter_map(locked).collect()
    }

    /// The later file wins.
    fn recommended(&self, of: impl Fn(&ManagedValues) -> Option<String>) -> Option<String> {
        let recommended =
            |document: &&Document| of(document.settings.as_ref()?.recommended.as_ref()?);
        self.in_force.iter().rev().find_map(recommended)
    }

    /// Two `locked` values that differ are a denial.
    fn conflicts(&self) -> Codes {
        let differ = |values: Vec<String>| values.iter().any(|value| *value != values[0]);
        let any = differ(self.all_locked(method_of))
            || differ(self.all_locked(profile_of))
            || differ(self.all_locked(region_of))
            || differ(self.all_locked(endpoint_of));
        any.then_some("locked_conflict").into_iter().collect()
    }
}

fn method_of(values: &ManagedValues) -> Option<String> {
    Some(same_method(values.authentication_method.as_ref()?.value.as_str()).to_owned())
}

fn profile_of(values: &ManagedValues) -> Option<String> {
    Some(values.profile.as_ref()?.value.clone())
}

fn region_of(values: &ManagedValues) -> Option<String> {
    Some(values.region.as_ref()?.value.clone())
}

fn endpoint_of(values: &ManagedValues) -> Option<String> {
    Some(values.endpoint_url.as_ref()?.value.clone())
}

/// `automatic` = `default`.
fn same_method(method: &str) -> &str {
    if method == "default" { "automatic" } else { method }
}

fn push_found<'a>(
    found: &mut Vec<Candidate<'a>>,
    credentials: &'a MadeCredentials,
    layer: &'static str,
    family: Option<&'static str>,
) {
    let (layer, api_key, access_key) = (Some(layer), &credentials.api_key, &credentials.access_key);
    if api_key.is_some() {
        let api_key = api_key.as_ref();
        found.push(Candidate { layer, family, api_key, ..Candidate::of("api_key") });
    }
    if access_key.is_some() {
        let access_key = access_key.as_ref();
        found.push(Candidate { layer, family, access_key, ..Candidate::of("iam_credentials") });
    }
}

fn region_code(document: &Document, region: &str) -> Option<&'static str> {
    let patterns = document.regions.as_ref()?;
    let listed = patterns.iter().any(|p| text::glob(p.as_str(), region, ""));
    (!listed).then_some("region_not_allowed")
}

/// Each source is in exactly one state.
fn state(world: &World, file: &PolicyFile, document: Option<&Document>) -> &'static str {
    match &file.content {
        FileContent::Absent => "absent",
        FileContent::Empty => "empty",
        FileContent::Unreadable => "unreadable",
        FileContent::Untrusted => "untrusted",
        FileContent::Malformed(_) => "malformed",
        FileContent::Invalid(_) => "invalid",
        FileContent::Policy(_) => {
            let document = document.expect("a generated policy is a policy");
            let valid = document.valid.as_ref();
            let not_before = valid.and_then(|valid| valid.not_before.as_ref());
            let expires = valid.and_then(|valid| valid.expires.as_ref());
            if !rules::applies_to(document, &world.identity) {
                "not_applicable"
            } else if expires.is_some_and(|instant| world.now >= instant.value.0) {
                "expired"
            } else if not_before.is_some_and(|instant| world.now < instant.value.0) {
                "not_yet_valid"
            } else {
                "loaded"
            }
        }
    }
}
