//! The candidates, heard in order until one decides.

use std::collections::BTreeSet;

use super::resolution::{
    Allowed, CandidateReport, Fate, Outcome, PolicySummary, Resolution, UnusableCode, Warning,
    WarningCode,
};
use super::statics::{Find, Finder, Unusable, Usable, expired, finds, of_other_region};
use super::values::{Values, locked_conflict, overridden};
use crate::auth::{BedrockAuth, Method, Root};
use crate::facts::{Asker, Facts, FamilyFacts, KeychainFacts, KeychainObstacle, Request};
use crate::family::{Family, Variable};
use crate::policy::{Candidate, Denial, SourceState, Verdict};
use crate::prose::quoted;
use crate::provenance::{Layer, Place, Source};
use crate::settings::{Key, RequestedMethod};
use crate::signer::{Signer, SignerFault, SignerFaultKind};

/// One hearing of all candidates.
pub(super) struct Contest<'a> {
    facts: &'a Facts,
    values: Values,
    /// A setting that asks for whatever static credential is found; only such are heard after it.
    search: Option<&'a Source>,
    decision: Option<Decision>,
    /// Reasons against credentials that were found and passed over.
    skipped: Vec<Denial>,
    locked_conflicts: Vec<Denial>,
    candidates: Vec<CandidateReport>,
    warnings: Vec<Warning>,
}

/// How the hearing ended.
enum Decision {
    Allowed { auth: BedrockAuth, signer: Signer, source: Source },
    Denied { source: Source, signer: Option<Signer>, denials: Vec<Denial> },
    Unusable,
}

impl<'a> Contest<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        Contest {
            facts,
            values: Values::settle(facts),
            search: None,
            decision: None,
            skipped: Vec::new(),
            locked_conflicts: Vec::new(),
            candidates: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn decide(mut self) -> Resolution {
        self.hear_locked();
        self.hear_user();
        self.hear_environment();
        self.hear_keychain();
        self.hear_recommended();
        self.conclude()
    }

    fn hear_locked(&mut self) {
        match self.requests_of(&Asker::Locked).split_first() {
            None => self.absent("locked", "no policy locks a method"),
            Some((first, others)) => {
                self.hear_request("locked", first);
                for other in others {
                    if first.value.method() != other.value.method() {
                        let conflict = locked_conflict(Key::AuthenticationMethod, first, other);
                        self.locked_conflicts.push(conflict);
                    }
                    self.shadowed("locked", other);
                }
            }
        }
    }

    fn hear_user(&mut self) {
        if let Some(fault) = self.facts.settings_faults.first() {
            return self.unusable_settings(&fault.place, &fault.message);
        }
        let Some(request) = self.requests_of(&Asker::User).first().copied() else {
            return self.absent("user", "the settings name no method");
        };
        let locked = self.requests_of(&Asker::Locked).first().copied();
        if let Some(locked) =
            locked.filter(|locked| locked.value.method() != request.value.method())
        {
            let warning = overridden(Key::AuthenticationMethod, &locked.source, &request.source);
            self.warnings.push(warning);
        }
        self.hear_request("user", request);
    }

    fn unusable_settings(&mut self, place: &Place, message: &str) {
        let source = Source::new(Layer::User, place.clone());
        let decides = self.decision.is_none() && self.search.is_none();
        self.candidates.push(CandidateReport {
            fate: Fate::Unusable,
            why: Some(format!("the settings file has faults: {message}")),
            code: Some(UnusableCode::SettingsFaulty),
            remedy: Some("mend the settings file; until then nothing in it counts".to_owned()),
            ..blank("user", Some(source))
        });
        if decides {
            self.decision = Some(Decision::Unusable);
        }
    }

    fn hear_environment(&mut self) {
        let mut found_any = false;
        for family in &self.facts.families {
            let finder = Finder::Environment(&family.family);
            for find in finds(&family.credentials, finder) {
                found_any = true;
                let of_family = self.facts.policy.judge_family(&family.family, Some(&find.source));
                self.hear_find("environment", find, finder.layer(), of_family);
            }
        }
        if !found_any {
            let why = format!("no credentials in {}", variables_of(&self.facts.families));
            self.absent("environment", &why);
        }
    }

    fn hear_keychain(&mut self) {
        let facts = self.facts;
        match &facts.keychain {
            KeychainFacts::Nothing { why } => self.absent("keychain", why),
            KeychainFacts::Unavailable { obstacle, why, advice } => {
                let absent = *obstacle == KeychainObstacle::Absent;
                let report = CandidateReport {
                    fate: if absent { Fate::Absent } else { Fate::Unusable },
                    why: Some(why.clone()),
                    code: (!absent).then_some(UnusableCode::KeychainUnavailable),
                    remedy: advice.clone(),
                    ..blank("keychain", None)
                };
                self.candidates.push(report);
                if !absent && self.decision.is_none() {
                    let code = WarningCode::KeychainUnavailable;
                    self.warn(code, why.clone(), None, advice.clone());
                }
            }
            KeychainFacts::Unusable { item, why, advice } => {
                let source = Source::new(Layer::Keychain, item.clone());
                let unusable = Unusable {
                    code: UnusableCode::KeychainItemMalformed,
                    why: format!("the keychain item is not usable: {why}"),
                    remedy: advice.clone().unwrap_or_default(),
                };
                self.unusable_find("keychain", None, source, unusable);
            }
            KeychainFacts::Found { item, credentials } => {
                for find in finds(credentials, Finder::Keychain(item)) {
                    self.hear_find("keychain", find, Layer::Keychain, Verdict::default());
                }
            }
        }
    }

    fn hear_recommended(&mut self) {
        let recommended = self.requests_of(&Asker::Recommended);
        let Some((first, others)) = recommended.split_first() else {
            return self.absent("recommended", "no policy recommends a method");
        };
        // Whatever static credential there is has been heard by now.
        let is_search = first.value.method().is_none();
        if is_search || self.search.is_some() || self.decision.is_some() {
            self.shadowed("recommended", first);
        } else {
            self.hear_request("recommended", first);
        }
        for other in others {
            self.shadowed("recommended", other);
        }
    }

    /// Someone names a method. Where it is denied or cannot work, nothing else is used instead.
    fn hear_request(&mut self, step: &'static str, request: &'a Request<RequestedMethod>) {
        if self.decision.is_some() || self.search.is_some() {
            return self.shadowed(step, request);
        }
        match request.value.method() {
            None => self.search = Some(&request.source),
            Some(Method::Automatic) => {
                let signer = self.facts.signers.automatic();
                self.hear_signer(step, request, BedrockAuth::Automatic, signer);
            }
            Some(method) => {
                let profile_name = self.values.profile.clone();
                let signer = self.facts.signers.profile(&profile_name);
                let auth = match method {
                    Method::Sso => BedrockAuth::SingleSignOn { profile_name },
                    _ => BedrockAuth::NamedProfile { profile_name },
                };
                self.hear_signer(step, request, auth, signer);
            }
        }
    }

    fn hear_signer(
        &mut self,
        step: &'static str,
        request: &Request<RequestedMethod>,
        auth: BedrockAuth,
        signer: Result<Signer, SignerFault>,
    ) {
        let candidate = Candidate {
            method: auth.method(),
            layer: request.source.layer,
            requested_at: Some(&request.source),
            profile: auth.profile_name(),
            signer: signer.as_ref().ok(),
            api_key: None,
        };
        let verdict = self.facts.policy.judge(&candidate);
        let report = CandidateReport {
            method: Some(auth.method()),
            ..blank(step, Some(request.source.clone()))
        };
        let source = request.source.clone();
        match signer {
            _ if !verdict.denials.is_empty() => {
                self.candidates.push(denied(report, &verdict.denials));
                let signer = signer.ok();
                self.decision = Some(Decision::Denied { source, signer, denials: verdict.denials });
            }
            Err(fault) => {
                self.candidates.push(CandidateReport {
                    fate: Fate::Unusable,
                    why: Some(fault.to_string()),
                    code: Some(match fault.kind {
                        SignerFaultKind::NothingFound => UnusableCode::ChainEmpty,
                        _ => UnusableCode::ProfileUnusable,
                    }),
                    remedy: Some(remedy_of(&fault)),
                    ..report
                });
                self.decision = Some(Decision::Unusable);
            }
            Ok(signer) => {
                self.warn_of_signer(&auth, &signer, &source);
                self.would_be_denied(verdict.would_deny);
                self.candidates.push(CandidateReport { fate: Fate::Chosen, ..report });
                self.decision = Some(Decision::Allowed { auth, signer, source });
            }
        }
    }

    /// A static credential was found. Where it is denied or cannot work, the next one is heard.
    fn hear_find(&mut self, step: &'static str, find: Find, layer: Layer, of_family: Verdict) {
        let Find { method, source, content } = find;
        let report = CandidateReport {
            method: Some(method),
            asked_by: self.search.cloned(),
            ..blank(step, Some(source.clone()))
        };
        if self.decision.is_some() {
            let why = Some("something that is heard before it decided".to_owned());
            self.candidates.push(CandidateReport {
                fate: Fate::Shadowed,
                why,
                asked_by: None,
                ..report
            });
            return;
        }
        let usable = match content.and_then(|usable| self.still_works(usable)) {
            Ok(usable) => usable,
            Err(unusable) => return self.unusable_find(step, Some(method), source, unusable),
        };
        let candidate = Candidate {
            method,
            layer,
            requested_at: Some(&source),
            profile: None,
            signer: Some(&usable.signer),
            api_key: usable.api_key.as_ref(),
        };
        let mut verdict = self.facts.policy.judge(&candidate);
        verdict.absorb(of_family);
        if let Some(crate::auth::ApiKey::ShortTerm(key)) = &usable.api_key {
            verdict.absorb(self.facts.policy.judge_region(&key.region, Some(&source)));
        }
        if verdict.denials.is_empty() {
            self.would_be_denied(verdict.would_deny);
            self.candidates.push(CandidateReport { fate: Fate::Chosen, ..report });
            let Usable { auth, signer, .. } = usable;
            self.decision = Some(Decision::Allowed { auth, signer, source });
        } else {
            self.candidates.push(denied(report, &verdict.denials));
            self.skipped.extend(verdict.denials);
        }
    }

    fn still_works(&self, usable: Usable) -> Result<Usable, Unusable> {
        let fault = expired(&usable, self.facts.now)
            .or_else(|| of_other_region(&usable, &self.values.region.value));
        fault.map_or(Ok(usable), Err)
    }

    fn unusable_find(
        &mut self,
        step: &'static str,
        method: Option<Method>,
        source: Source,
        unusable: Unusable,
    ) {
        let Unusable { code, why, remedy } = unusable;
        if self.decision.is_none() {
            self.warn(
                WarningCode::CredentialUnusable,
                why.clone(),
                Some(source.clone()),
                Some(remedy.clone()),
            );
        }
        self.candidates.push(CandidateReport {
            method,
            asked_by: self.search.cloned(),
            fate: Fate::Unusable,
            why: Some(why),
            code: Some(code),
            remedy: Some(remedy),
            ..blank(step, Some(source))
        });
    }

    fn conclude(mut self) -> Resolution {
        self.note_search_without_finds();
        self.warn_of_settings();
        self.warn_of_staged_policies();
        let mut warnings = std::mem::take(&mut self.values.warnings);
        warnings.append(&mut self.warnings);

        let mut denials: Vec<Denial> = self.facts.policy.faults().to_vec();
        denials.append(&mut self.locked_conflicts);
        denials.append(&mut self.values.locked_conflicts);
        let decided = self.decision.is_some();
        let nothing_left = matches!(self.decision, None | Some(Decision::Unusable));
        let (mut source, mut signer, mut auth) = (None, None, None);
        match self.decision {
            Some(Decision::Allowed { auth: a, signer: s, source: at }) => {
                (source, signer, auth) = (Some(at), Some(s), Some(a));
                denials.append(&mut self.values.verdict.denials);
            }
            Some(Decision::Denied { source: at, signer: s, denials: reasons }) => {
                (source, signer) = (Some(at), s);
                denials.extend(reasons);
                denials.append(&mut self.values.verdict.denials);
            }
            Some(Decision::Unusable) | None => {}
        }
        for reason in std::mem::take(&mut self.values.verdict.would_deny) {
            if decided {
                warnings.push(report_only(reason));
            }
        }
        // Credentials that were refused are the answer where nothing else was left to use.
        if nothing_left {
            denials.append(&mut self.skipped);
        }
        for denial in self.skipped {
            warnings.push(skipped(denial));
        }
        dedup(&mut denials);

        let allowed = auth.filter(|_| denials.is_empty()).map(|auth| Allowed {
            auth,
            signer: signer.clone().unwrap_or_default(),
            region: self.values.region.value.clone(),
            endpoint: self.values.endpoint.clone(),
        });
        let outcome = match (&allowed, denials.is_empty()) {
            (Some(_), _) => Outcome::Allowed,
            (None, false) => Outcome::Denied,
            (None, true) => Outcome::Unconfigured,
        };
        if outcome == Outcome::Denied {
            let first = denials.first().map(|denial| denial.message.clone());
            for chosen in self.candidates.iter_mut().filter(|c| c.fate == Fate::Chosen) {
                chosen.fate = Fate::Denied;
                chosen.why.clone_from(&first);
            }
        }
        let signer = signer.unwrap_or_default();
        Resolution {
            schema_version: 1,
            outcome,
            what_if: self.facts.what_if,
            display: display(outcome, allowed.as_ref(), source.as_ref(), &denials),
            allowed,
            root: signer.root,
            chain: signer.chain,
            account: signer.account,
            access_key_id: signer.access_key_id,
            source,
            region: self.values.region,
            endpoint: self.values.endpoint_report,
            expires: signer.expires,
            policy: PolicySummary {
                digest: self.facts.policy.digest(),
                sources: self.facts.policy.sources().to_vec(),
            },
            denials,
            warnings,
            candidates: self.candidates,
            values: self.values.reports,
        }
    }

    /// `api_key` in settings that found nothing leaves no other trace.
    fn note_search_without_finds(&mut self) {
        let Some(source) = self.search else { return };
        if self.candidates.iter().any(|candidate| candidate.asked_by.is_some()) {
            return;
        }
        let step = if source.layer == Layer::User { "user" } else { "locked" };
        let report = CandidateReport {
            method: Some(Method::ApiKey),
            why: Some(
                "there is no static credential in the environment or the keychain".to_owned(),
            ),
            remedy: Some(
                "store one with `bedrock-auth login`, or choose another method".to_owned(),
            ),
            ..blank(step, Some(source.clone()))
        };
        self.candidates.insert(usize::from(step == "user"), report);
    }

    fn warn_of_settings(&mut self) {
        for fault in &self.facts.settings_faults {
            let source = Source::new(Layer::User, fault.place.clone());
            let message = format!("the settings file has a fault: {}", fault.message);
            self.warn(WarningCode::SettingsFaulty, message, Some(source), fault.advice.clone());
        }
        for remark in &self.facts.settings_remarks {
            let source = Source::new(Layer::User, remark.place.clone());
            let (message, advice) = (remark.message.clone(), remark.advice.clone());
            self.warn(WarningCode::SettingUnknown, message, Some(source), advice);
        }
    }

    fn warn_of_staged_policies(&mut self) {
        for report in self.facts.policy.sources() {
            if report.state == SourceState::NotYetValid {
                let when = report.reason.as_deref().unwrap_or("does not count yet");
                let message = format!("the policy in {} {when}", report.file.display());
                self.warn(WarningCode::PolicyNotYetValid, message, None, None);
            }
        }
    }

    fn warn_of_signer(&mut self, auth: &BedrockAuth, signer: &Signer, source: &Source) {
        for note in &signer.notes {
            let layer = match &note.at {
                Some(Place::Variable(_)) => Layer::Environment,
                _ => Layer::User,
            };
            let at = note.at.clone().map(|place| Source::new(layer, place));
            self.warn(WarningCode::SignerNote, note.message.clone(), at, None);
        }
        if auth.method() == Method::Sso && signer.root != Some(Root::Sso) {
            let really = signer.root.map_or("an unknown source", Root::as_str);
            let message = format!(
                "the profile {} is used as `sso`, but its credentials come from `{really}`",
                quoted(auth.profile_name().unwrap_or_default()),
            );
            self.warn(WarningCode::SsoProfileNotSso, message, Some(source.clone()), None);
        }
    }

    fn would_be_denied(&mut self, reasons: Vec<Denial>) {
        self.warnings.extend(reasons.into_iter().map(report_only));
    }

    fn warn(
        &mut self,
        code: WarningCode,
        message: String,
        source: Option<Source>,
        remedy: Option<String>,
    ) {
        let remedy = remedy.filter(|remedy| !remedy.is_empty());
        self.warnings.push(Warning { code, message, source, denial: None, remedy });
    }

    fn requests_of(&self, asker: &Asker) -> Vec<&'a Request<RequestedMethod>> {
        self.facts.requests.method.iter().filter(|request| request.asker == *asker).collect()
    }

    fn absent(&mut self, step: &'static str, why: &str) {
        self.candidates.push(CandidateReport { why: Some(why.to_owned()), ..blank(step, None) });
    }

    fn shadowed(&mut self, step: &'static str, request: &Request<RequestedMethod>) {
        let why = match self.search {
            Some(search) if self.decision.is_none() => {
                format!("`api_key` at {} asks for static credentials alone", search.place)
            }
            _ => "something that is heard before it decided".to_owned(),
        };
        self.candidates.push(CandidateReport {
            method: request.value.method().or(Some(Method::ApiKey)),
            fate: Fate::Shadowed,
            why: Some(why),
            ..blank(step, Some(request.source.clone()))
        });
    }
}

fn blank(step: &'static str, source: Option<Source>) -> CandidateReport {
    CandidateReport {
        step,
        method: None,
        source,
        asked_by: None,
        fate: Fate::Absent,
        why: None,
        code: None,
        remedy: None,
        denials: Vec::new(),
    }
}

fn denied(report: CandidateReport, denials: &[Denial]) -> CandidateReport {
    CandidateReport {
        fate: Fate::Denied,
        why: denials.first().map(|denial| denial.message.clone()),
        denials: denials.to_vec(),
        ..report
    }
}

fn report_only(denial: Denial) -> Warning {
    Warning {
        code: WarningCode::WouldBeDenied,
        message: format!("a policy that only reports would deny this: {}", denial.message),
        source: denial.requested_at.clone(),
        remedy: Some(denial.remedy.clone()),
        denial: Some(denial),
    }
}

fn skipped(denial: Denial) -> Warning {
    Warning {
        code: WarningCode::CredentialSkipped,
        message: format!("a credential was passed over: {}", denial.message),
        source: denial.requested_at.clone(),
        remedy: Some(denial.remedy.clone()),
        denial: Some(denial),
    }
}

/// Keeps the order: the first reason is the one that people read first.
fn dedup(denials: &mut Vec<Denial>) {
    let mut seen = BTreeSet::new();
    denials.retain(|denial| seen.insert(denial.clone()));
}

fn variables_of(families: &[FamilyFacts]) -> String {
    let names: Vec<_> = families.iter().map(|f| format!("`{}_*`", f.family)).collect();
    match names.as_slice() {
        [] => "the environment".to_owned(),
        names => names.join(" or "),
    }
}

fn remedy_of(fault: &SignerFault) -> String {
    match &fault.kind {
        SignerFaultKind::ProfileNotFound { similar: Some(similar), .. } => {
            format!("did you mean {}?", quoted(similar))
        }
        SignerFaultKind::ProfileNotFound { .. } => {
            "set `profile` to a profile of the AWS config file, or add it there".to_owned()
        }
        SignerFaultKind::NoCredentials { .. } => {
            "add `sso_session`, `role_arn`, `credential_process` or keys to the profile".to_owned()
        }
        SignerFaultKind::Incomplete { missing, .. } => format!("add `{missing}` to the profile"),
        SignerFaultKind::Loop { .. } => {
            "let `source_profile` lead to a profile with credentials of its own".to_owned()
        }
        SignerFaultKind::Invalid { key, .. } => format!("mend `{key}` of the profile"),
        SignerFaultKind::FileUnusable { .. } => "mend the AWS config file".to_owned(),
        SignerFaultKind::NothingFound => {
            "sign in, choose a profile, or run where a role is attached".to_owned()
        }
    }
}

/// The line for an editor's settings page, in Zed's words.
fn display(
    outcome: Outcome,
    allowed: Option<&Allowed>,
    source: Option<&Source>,
    denials: &[Denial],
) -> String {
    let Some(allowed) = allowed else {
        return match (outcome, denials.first()) {
            (Outcome::Denied, Some(denial)) => format!("Denied by policy: {}", denial.message),
            _ => "Not configured".to_owned(),
        };
    };
    let variable_of = |variable| match source.map(|source| &source.place) {
        Some(Place::Variable(name)) => family_of(name).map(|family| family.name(variable)),
        _ => None,
    };
    match allowed.auth() {
        BedrockAuth::Automatic => "Using automatic credentials (AWS default chain)".to_owned(),
        BedrockAuth::NamedProfile { profile_name } => format!("Using AWS profile: {profile_name}"),
        BedrockAuth::SingleSignOn { profile_name } => {
            format!("Using AWS SSO profile: {profile_name}")
        }
        BedrockAuth::IamCredentials { .. } => {
            match (variable_of(Variable::AccessKeyId), variable_of(Variable::SecretAccessKey)) {
                (Some(id), Some(secret)) => {
                    format!("Using IAM credentials from {id} and {secret} environment variables")
                }
                _ => "Using IAM credentials".to_owned(),
            }
        }
        BedrockAuth::ApiKey { .. } => match variable_of(Variable::BearerToken) {
            Some(name) => format!("Using Bedrock API Key from {name} environment variable"),
            None => "Using Bedrock API Key".to_owned(),
        },
    }
}

fn family_of(variable: &str) -> Option<Family> {
    let prefix = ["_ACCESS_KEY_ID", "_BEDROCK_BEARER_TOKEN", "_BEARER_TOKEN_BEDROCK"]
        .iter()
        .find_map(|suffix| variable.strip_suffix(suffix))?;
    Family::parse(prefix)
}
