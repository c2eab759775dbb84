//! The answer put together, with what a person should know besides.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::allowed::Allowed;
use super::contest::{Chosen, Contest, Decision};
use super::phrases::display;
use super::resolution::{Fate, Outcome, PolicySummary, Resolution, Warning, WarningCode};
use super::sign_in::SignInNeed;
use crate::auth::{ApiKey, BedrockAuth, Method, Root};
use crate::endpoint::Endpoint;
use crate::family::Family;
use crate::network::NetworkPart;
use crate::policy::{Denial, LastGoodReport, SourceReport, SourceState};
use crate::prose::quoted;
use crate::provenance::{Layer, Place, Source};
use crate::signer::{ServiceCall, Signer};

/// What the decision leaves to tell, whichever it is.
#[derive(Default)]
struct Decided {
    source: Option<Source>,
    signer: Signer,
    chosen: Option<(BedrockAuth, Option<ApiKey>)>,
    family: Option<Family>,
}

impl Decided {
    fn of(decision: Option<Decision>) -> Self {
        match decision {
            Some(Decision::Allowed(chosen)) => {
                let Chosen { auth, signer, source, family, api_key } = *chosen;
                Decided { source: Some(source), signer, chosen: Some((auth, api_key)), family }
            }
            Some(Decision::Denied { source, signer, .. }) => Decided {
                source: Some(source),
                signer: signer.unwrap_or_default(),
                ..Decided::default()
            },
            Some(Decision::Unusable) | None => Decided::default(),
        }
    }
}

impl Contest<'_> {
    /// Puts the answer together once everybody was heard.
    pub(super) fn conclude(mut self) -> Resolution {
        self.conclude_search();
        self.warn_of_lures();
        self.warn_of_settings();
        self.warn_of_policies();
        self.warn_of_network();
        let denials = self.gather_denials();
        let mut warnings = self.gather_warnings();
        let Decided { source, signer, chosen, family } = Decided::of(self.decision);

        let chosen = chosen.zip(source.as_ref()).filter(|_| denials.is_empty());
        let allowed = chosen.map(|((auth, api_key), source)| Allowed {
            identity_call: self.facts.signers.identity_call(auth.profile_name()).ok(),
            auth: Arc::new(auth),
            access_key: signer
                .chain
                .last()
                .and_then(|root| self.facts.signers.access_key(&root.kind)),
            signer: signer.clone(),
            source: source.clone(),
            family: family.clone(),
            families: self.facts.families.iter().map(|facts| facts.family.clone()).collect(),
            api_key,
            region: self.values.region.value.clone(),
            region_source: self.values.region.source.clone(),
            endpoint: self.values.endpoint.clone(),
            endpoint_source: self.values.endpoint_report.source.clone(),
            network: self.facts.network.clone(),
            what_if: self.facts.what_if,
            audit_asked: self.facts.audit_asked,
        });
        let sign_in = allowed.as_ref().and_then(|_| SignInNeed::of(self.facts, &signer));
        warnings.extend(sign_in.as_ref().and_then(SignInNeed::warning));
        let sign_in = sign_in.and_then(|need| need.report());
        let outcome = match (&allowed, denials.is_empty()) {
            (Some(_), _) => Outcome::Allowed,
            (None, false) => Outcome::Denied,
            (None, true) => Outcome::Unconfigured,
        };
        if let Some(first) = denials.first() {
            for chosen in self.candidates.iter_mut().filter(|c| c.fate == Fate::Chosen) {
                chosen.fate = Fate::Denied;
                chosen.why = Some(first.message.clone());
            }
        }
        Resolution {
            schema_version: 1,
            outcome,
            what_if: self.facts.what_if,
            display: display(outcome, allowed.as_ref(), family.as_ref(), &denials),
            allowed,
            root: signer.root,
            chain: signer.chain,
            account: signer.account,
            access_key_id: signer.access_key_id,
            source,
            region: self.values.region,
            endpoint: self.values.endpoint_report,
            expires: signer.expires,
            sign_in,
            policy: PolicySummary {
                digest: self.facts.policy.digest(),
                sources: self.facts.policy.sources().to_vec(),
            },
            audit: self.facts.policy.audit_demand(self.facts.audit_asked),
            denials,
            warnings,
            candidates: self.candidates,
            values: self.values.reports,
            network: self.values.network,
        }
    }

    /// Every reason why the answer is no, the policies' own faults first.
    fn gather_denials(&mut self) -> Vec<Denial> {
        let mut denials = self.facts.policy.faults().to_vec();
        denials.extend(self.facts.policy.locked_conflicts());
        if let Some(Decision::Denied { denials: reasons, .. }) = &self.decision {
            denials.extend(reasons.iter().cloned());
        }
        match self.decision {
            Some(Decision::Allowed(_) | Decision::Denied { .. }) => {
                denials.append(&mut self.values.verdict.denials);
            }
            // Credentials that were refused are the answer where nothing else was left to use.
            Some(Decision::Unusable) | None => denials.append(&mut self.skipped),
        }
        dedup(&mut denials);
        denials
    }

    /// What is left of the reasons is worth a warning.
    fn gather_warnings(&mut self) -> Vec<Warning> {
        let mut warnings = std::mem::take(&mut self.values.warnings);
        warnings.append(&mut self.warnings);
        if self.decision.is_some() {
            let would_deny = std::mem::take(&mut self.values.verdict.would_deny);
            warnings.extend(would_deny.into_iter().map(report_only));
        }
        warnings.extend(std::mem::take(&mut self.skipped).into_iter().map(skipped));
        warnings
    }

    /// A setting that asks for static credentials fares as those do that were found.
    fn conclude_search(&mut self) {
        let Some(_) = self.search else { return };
        let found = |fate| self.candidates.iter().any(|c| c.asked_by.is_some() && c.fate == fate);
        let fate =
            [Fate::Chosen, Fate::Denied, Fate::Unusable].into_iter().find(|fate| found(*fate));
        let row = &mut self.candidates[self.search_row];
        row.fate = fate.unwrap_or(Fate::Absent);
        row.why =
            Some("asks for a static credential of the environment or the keychain".to_owned());
        if fate.is_none() {
            row.why =
                Some("there is no static credential in the environment or the keychain".to_owned());
            row.remedy =
                Some("store one with `bedrock-auth login`, or choose another method".to_owned());
        }
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

    fn warn_of_policies(&mut self) {
        for report in self.facts.policy.sources() {
            if report.state == SourceState::NotYetValid {
                let when = report.reason.as_deref().unwrap_or("does not count yet");
                let message = format!("the policy in {} {when}", report.file.display());
                self.warn(WarningCode::PolicyNotYetValid, message, None, None);
            }
            if let Some(last_good) = &report.last_good {
                self.warn_of_last_good(report, last_good);
            }
        }
    }

    fn warn_of_last_good(&mut self, report: &SourceReport, last_good: &LastGoodReport) {
        let (file, state) = (report.file.display(), report.state);
        let why = report.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let stays = match report.digest {
            Some(_) => "its last good content stays in force",
            None => "the policies before it stay in force",
        };
        let message = format!(
            "{file} is `{state}` since {}{why}; {stays} in this program, and a new one is denied everything",
            last_good.since
        );
        let source = Source::new(Layer::Managed, Place::whole_file(&report.file));
        let remedy = report.remedy.clone();
        self.warn(WarningCode::LastGoodPolicy, message, Some(source), remedy);
    }

    /// What a client will fail over is better known beforehand.
    fn warn_of_network(&mut self) {
        let facts = self.facts;
        for fault in facts.network.faults() {
            let code = match fault.part {
                NetworkPart::CaBundle => WarningCode::CaBundleUnusable,
                NetworkPart::Proxy => WarningCode::ProxyUnusable,
            };
            let remedy = format!(
                "mend what `{}` names, or unset it; until then no connection can be made",
                fault.variable
            );
            self.warn(code, fault.to_string(), Some(fault.source()), Some(remedy));
        }
    }

    pub(super) fn warn_of_signer(&mut self, auth: &BedrockAuth, signer: &Signer, source: &Source) {
        self.warn_of_notes(signer);
        for call in &signer.calls {
            self.warn_of_moved_endpoint(call);
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

    /// What shaped the signer, which may be what a denial is about.
    pub(super) fn warn_of_notes(&mut self, signer: &Signer) {
        for note in &signer.notes {
            let layer = match &note.at {
                Some(Place::Variable(_)) => Layer::Environment,
                _ => Layer::User,
            };
            let at = note.at.clone().map(|place| Source::new(layer, place));
            self.warn(WarningCode::SignerNote, note.message.clone(), at, None);
        }
    }

    fn warn_of_moved_endpoint(&mut self, call: &ServiceCall) {
        let Some(moved) = &call.moved_to else { return };
        let Ok(endpoint) = Endpoint::of_moved(moved) else { return };
        if endpoint.is_own_of(call.service) {
            return;
        }
        let url = quoted(endpoint.as_str());
        let message =
            format!("{} is asked at {url} instead of an endpoint of AWS", call.service.noun());
        self.warn(WarningCode::SignerNote, message, Some(moved.source()), None);
    }

    pub(super) fn would_be_denied(&mut self, reasons: Vec<Denial>) {
        self.warnings.extend(reasons.into_iter().map(report_only));
    }

    pub(super) fn warn(
        &mut self,
        code: WarningCode,
        message: String,
        source: Option<Source>,
        remedy: Option<String>,
    ) {
        let remedy = remedy.filter(|remedy| !remedy.is_empty());
        self.warnings.push(Warning { code, message, source, denial: None, remedy });
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
