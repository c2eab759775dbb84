//! The candidates, heard in order until one decides.

use super::phrases::{remedy_of, variables_of};
use super::resolution::{
    CandidateReport, Fate, Resolution, Turn, UnusableCode, Warning, WarningCode,
};
use super::statics::{Find, Finder, Unusable, Usable, finds, of_other_region, out_of_time};
use super::values::{Values, overridden};
use crate::auth::{ApiKey, BedrockAuth, Method};
use crate::facts::{Asker, Facts, KeychainFacts, KeychainObstacle, Request};
use crate::family::Family;
use crate::jsonc::{Finding, FindingCode};
use crate::policy::{Candidate, Denial, Verdict};
use crate::provenance::{Layer, Source};
use crate::settings::{Key, RequestedMethod};
use crate::signer::{Signer, SignerFault, SignerFaultKind};

/// One hearing of all candidates.
pub(super) struct Contest<'a> {
    pub(super) facts: &'a Facts,
    pub(super) values: Values,
    /// A setting that asks for whatever static credential is found; only such are heard after it.
    pub(super) search: Option<&'a Source>,
    /// The candidate that this setting is.
    pub(super) search_row: usize,
    pub(super) decision: Option<Decision>,
    /// Reasons against credentials that were found and passed over.
    pub(super) skipped: Vec<Denial>,
    pub(super) candidates: Vec<CandidateReport>,
    pub(super) warnings: Vec<Warning>,
}

/// How the hearing ended.
pub(super) enum Decision {
    Allowed(Box<Chosen>),
    Denied { source: Source, signer: Option<Signer>, denials: Vec<Denial> },
    Unusable,
}

/// What decides: a candidate that every policy allows.
pub(super) struct Chosen {
    pub(super) auth: BedrockAuth,
    pub(super) signer: Signer,
    pub(super) source: Source,
    pub(super) family: Option<Family>,
    pub(super) api_key: Option<ApiKey>,
}

impl<'a> Contest<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        Contest {
            facts,
            values: Values::settle(facts),
            search: None,
            search_row: 0,
            decision: None,
            skipped: Vec::new(),
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
            None => self.absent(Turn::Locked, "no policy locks a method"),
            Some((first, others)) => {
                self.hear_request(Turn::Locked, first);
                for other in others {
                    self.shadowed(Turn::Locked, other);
                }
            }
        }
    }

    fn hear_user(&mut self) {
        if let Some(fault) = self.facts.settings_faults.first() {
            return self.unusable_settings(fault);
        }
        let Some(request) = self.requests_of(&Asker::User).first().copied() else {
            return self.absent(Turn::User, "the settings name no method");
        };
        let locked = self.requests_of(&Asker::Locked).first().copied();
        if let Some(locked) =
            locked.filter(|locked| locked.value.method() != request.value.method())
        {
            let warning = overridden(Key::AuthenticationMethod, &locked.source, &request.source);
            self.warnings.push(warning);
        }
        self.hear_request(Turn::User, request);
    }

    fn unusable_settings(&mut self, fault: &Finding) {
        let decides = self.decision.is_none() && self.search.is_none();
        let source = Source::new(Layer::User, fault.place.clone());
        let (why, remedy) = match fault.code {
            FindingCode::Unreadable => (
                fault.message.clone(),
                fault.advice.clone().unwrap_or("name a settings file that is there".to_owned()),
            ),
            _ => (
                format!("the settings file has a fault: {}", fault.message),
                "mend the settings file; until then nothing in it counts".to_owned(),
            ),
        };
        self.candidates.push(CandidateReport {
            fate: Fate::Unusable,
            why: Some(why),
            code: Some(UnusableCode::SettingsFaulty),
            remedy: Some(remedy),
            ..blank(Turn::User, Some(source))
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
                self.hear_find(Turn::Environment, find, finder, of_family);
            }
        }
        if !found_any {
            let why = format!("no credentials in {}", variables_of(&self.facts.families));
            self.absent(Turn::Environment, &why);
        }
    }

    fn hear_keychain(&mut self) {
        let facts = self.facts;
        match &facts.keychain {
            KeychainFacts::Nothing { why } => self.absent(Turn::Keychain, why),
            KeychainFacts::Unavailable { obstacle, why, advice } => {
                let absent = *obstacle == KeychainObstacle::Absent;
                let report = CandidateReport {
                    fate: if absent { Fate::Absent } else { Fate::Unusable },
                    why: Some(why.clone()),
                    code: (!absent).then_some(UnusableCode::KeychainUnavailable),
                    remedy: advice.clone(),
                    ..blank(Turn::Keychain, None)
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
                self.unusable_find(Turn::Keychain, None, source, unusable);
            }
            KeychainFacts::Found { item, credentials } => {
                let finder = Finder::Keychain(item);
                for find in finds(credentials, finder) {
                    self.hear_find(Turn::Keychain, find, finder, Verdict::default());
                }
            }
        }
    }

    fn hear_recommended(&mut self) {
        let recommended = self.requests_of(&Asker::Recommended);
        let Some((first, others)) = recommended.split_first() else {
            return self.absent(Turn::Recommended, "no policy recommends a method");
        };
        let nothing_decided = self.search.is_none() && self.decision.is_none();
        match first.value.method() {
            // Whatever static credential there is has been heard by now.
            None if nothing_decided => {
                self.absent(Turn::Recommended, "there is no static credential to use")
            }
            Some(_) if nothing_decided => self.hear_request(Turn::Recommended, first),
            _ => self.shadowed(Turn::Recommended, first),
        }
        for other in others {
            self.shadowed(Turn::Recommended, other);
        }
    }

    /// Someone names a method. Where it is denied or cannot work, nothing else is used instead.
    fn hear_request(&mut self, step: Turn, request: &'a Request<RequestedMethod>) {
        if self.decision.is_some() || self.search.is_some() {
            return self.shadowed(step, request);
        }
        match request.value.method() {
            None => {
                self.search = Some(&request.source);
                self.search_row = self.candidates.len();
                let report = blank(step, Some(request.source.clone()));
                self.candidates.push(CandidateReport { method: Some(Method::ApiKey), ..report });
            }
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
        step: Turn,
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
                signer.iter().for_each(|signer| self.warn_of_notes(signer));
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
                let (family, api_key) = (None, None);
                let chosen = Chosen { auth, signer, source, family, api_key };
                self.decision = Some(Decision::Allowed(Box::new(chosen)));
            }
        }
    }

    /// A static credential was found. Where it is denied or cannot work, the next one is heard.
    fn hear_find(&mut self, step: Turn, find: Find, finder: Finder<'_>, of_family: Verdict) {
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
            layer: finder.layer(),
            requested_at: Some(&source),
            profile: None,
            signer: Some(&usable.signer),
            api_key: usable.api_key.as_ref(),
        };
        let mut verdict = self.facts.policy.judge(&candidate);
        verdict.absorb(of_family);
        if verdict.denials.is_empty() {
            self.would_be_denied(verdict.would_deny);
            self.candidates.push(CandidateReport { fate: Fate::Chosen, ..report });
            let Usable { auth, signer, api_key } = usable;
            let family = finder.family().cloned();
            let chosen = Chosen { auth, signer, source, family, api_key };
            self.decision = Some(Decision::Allowed(Box::new(chosen)));
        } else {
            self.candidates.push(denied(report, &verdict.denials));
            self.skipped.extend(verdict.denials);
        }
    }

    fn still_works(&self, usable: Usable) -> Result<Usable, Unusable> {
        let fault = out_of_time(&usable, self.facts.now)
            .or_else(|| of_other_region(&usable, &self.values.region.value));
        fault.map_or(Ok(usable), Err)
    }

    fn unusable_find(
        &mut self,
        step: Turn,
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

    fn requests_of(&self, asker: &Asker) -> Vec<&'a Request<RequestedMethod>> {
        self.facts.requests.method.iter().filter(|request| request.asker == *asker).collect()
    }

    fn absent(&mut self, step: Turn, why: &str) {
        self.candidates.push(CandidateReport { why: Some(why.to_owned()), ..blank(step, None) });
    }

    fn shadowed(&mut self, step: Turn, request: &Request<RequestedMethod>) {
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

fn blank(step: Turn, source: Option<Source>) -> CandidateReport {
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
