//! The verdict on credentials as a provider delivers them, before anything is signed with them.
//!
//! Beforehand, files and variables say where credentials come from. A process, a container server or a forged
//! service may still hand out anything, so that what was promised is compared with what came.

use jiff::Timestamp;

use super::{Candidate, Judge, Verdict};
use crate::auth::{AccessKeyId, AccountId, JudgedKey, Method, Root, judge_key};
use crate::policy::denial::{Denial, DenialCode};
use crate::policy::document::Document;
use crate::policy::in_force::Policy;
use crate::prose::quoted;
use crate::provenance::Place;
use crate::signer::{Signer, StepKind};

/// Credentials that a provider delivered, as far as policies look at them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The access key id.
    pub access_key_id: AccessKeyId,
    /// Whether a session token came with it.
    pub has_session_token: bool,
    /// When the credentials end, if they do.
    pub expires: Option<Timestamp>,
}

impl Delivered {
    /// The account that the access key id names.
    pub fn account(&self) -> Option<AccountId> {
        self.access_key_id.account()
    }
}

impl Policy {
    /// Judges credentials that were delivered for a candidate, whose signer is the one that was foreseen.
    ///
    /// Everything that holds beforehand is judged again, as it was foreseen and with what is known now.
    pub fn judge_delivery(
        &self,
        candidate: &Candidate<'_>,
        delivered: &Delivered,
        now: Timestamp,
    ) -> Verdict {
        let Some(promised) = candidate.signer else { return self.judge(candidate) };
        let signer = Signer {
            account: delivered.account().or(promised.account),
            access_key_id: Some(delivered.access_key_id.clone()),
            expires: delivered.expires,
            ..promised.clone()
        };
        let really = Candidate { signer: Some(&signer), ..*candidate };
        let mut verdict = self.judge(candidate);
        verdict.absorb_new(self.judge(&really));
        let delivery = Delivery::new(candidate, promised, delivered, Purpose::Sign);
        verdict.absorb(self.ask_each(candidate.requested_at, |judge| {
            judge.account_as_foreseen(&delivery);
            judge.session_as_promised(&delivery);
        }));
        verdict.denials.extend(delivery.expired(now));
        verdict
    }

    /// Judges credentials that were delivered to assume a role with, at the root of a candidate's chain. Their
    /// account is their own; what signs in the end is judged by [`Policy::judge_delivery`]. Where the candidate
    /// itself is refused by now, nothing is signed on its behalf.
    pub fn judge_base_delivery(
        &self,
        candidate: &Candidate<'_>,
        delivered: &Delivered,
        now: Timestamp,
    ) -> Verdict {
        let Some(promised) = candidate.signer else { return self.judge(candidate) };
        let delivery = Delivery::new(candidate, promised, delivered, Purpose::AssumeRole);
        let mut verdict = self.judge(candidate);
        verdict.absorb(
            self.ask_each(candidate.requested_at, |judge| judge.session_as_promised(&delivery)),
        );
        verdict.denials.extend(delivery.expired(now));
        verdict
    }
}

/// What was foreseen beside what came.
struct Delivery<'a> {
    candidate: &'a Candidate<'a>,
    promised: &'a Signer,
    delivered: &'a Delivered,
    key: JudgedKey,
    purpose: Purpose,
}

/// What delivered credentials are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Sign,
    AssumeRole,
}

impl<'a> Delivery<'a> {
    fn new(
        candidate: &'a Candidate<'a>,
        promised: &'a Signer,
        delivered: &'a Delivered,
        purpose: Purpose,
    ) -> Self {
        let key = judge_key(delivered.access_key_id.as_str(), delivered.has_session_token);
        Delivery { candidate, promised, delivered, key, purpose }
    }

    fn expired(&self, now: Timestamp) -> Option<Denial> {
        let ended = self.delivered.expires.filter(|expires| *expires <= now)?;
        Some(Denial::credential_expired(ended, self.candidate.requested_at))
    }

    /// Static keys are used as they are; everything else hands out a session.
    fn promises_session(&self) -> bool {
        let is = |kind: fn(&StepKind) -> bool| self.promised.chain.iter().any(|s| kind(&s.kind));
        let assumes_role = is(|kind| matches!(kind, StepKind::AssumeRole { .. }));
        let has_static_keys =
            is(|kind| matches!(kind, StepKind::StaticKeys { .. } | StepKind::EnvironmentKeys));
        (assumes_role && self.purpose == Purpose::Sign) || !has_static_keys
    }

    fn promised_by(&self) -> String {
        let root = self.promised.root.map_or("an unknown source", Root::as_str);
        format!("credentials of a session were expected from `{root}`")
    }
}

impl Judge<'_> {
    /// A source may not hand on a key that the policy would refuse as a source of its own.
    fn session_as_promised(&mut self, delivery: &Delivery<'_>) {
        let document = self.document;
        let Some(demand) =
            demand_for_session(document, delivery).filter(|_| delivery.promises_session())
        else {
            return;
        };
        let id = quoted(delivery.delivered.access_key_id.shown());
        let (code, came, remedy) = match delivery.key.root {
            Some(Root::LongLivedKeys) => (
                DenialCode::LongLivedCredential,
                format!("the long-lived access key {id} came"),
                "use a source that hands out temporary credentials",
            ),
            None => (
                DenialCode::RootUnknown,
                format!("the access key {id} came, which is not known to be temporary"),
                "use a source that hands out temporary credentials",
            ),
            Some(_) if delivery.delivered.expires.is_none() => (
                DenialCode::ExpiryUnknown,
                format!("the access key {id} came without its end"),
                "let the source say when its credentials end (`Expiration`)",
            ),
            Some(_) => return,
        };
        let message = format!("{}, and {came}", delivery.promised_by());
        self.object(code, demand, message, remedy.to_owned());
    }

    /// A forged service can hand out credentials of its own.
    fn account_as_foreseen(&mut self, delivery: &Delivery<'_>) {
        let (Some(foreseen), Some(came)) =
            (delivery.promised.account, delivery.delivered.account())
        else {
            return;
        };
        if foreseen != came {
            let message = format!(
                "credentials of the account `{foreseen}` were expected, and those of `{came}` came"
            );
            let remedy = "find out who answered: an endpoint or a command is not what it should be";
            let document = self.document;
            let at = document.rule_of(delivery.candidate.method).unwrap_or(&document.id.at);
            self.object(DenialCode::AccountMismatch, at, message, remedy.to_owned());
        }
    }
}

/// The line that allows no long-lived key for the candidate: where roots or commands are limited, a source may not
/// hand on what the policy would refuse as its own root. IAM Identity Center never hands out such a key.
fn demand_for_session<'a>(document: &'a Document, delivery: &Delivery<'_>) -> Option<&'a Place> {
    let methods = document.methods.as_ref();
    let (roots, commands) = match delivery.candidate.method {
        Method::Sso => return Some(document.rule_of(Method::Sso).unwrap_or(&document.id.at)),
        Method::Automatic => {
            let rule = methods?.automatic.as_ref()?;
            (&rule.roots, &rule.commands)
        }
        Method::NamedProfile => {
            let rule = methods?.named_profile.as_ref()?;
            (&rule.roots, &rule.commands)
        }
        Method::IamCredentials | Method::ApiKey => return None,
    };
    match (roots, commands) {
        (Some(roots), _) => (!roots.contains(&Root::LongLivedKeys)).then_some(&roots.at),
        (None, commands) => commands.as_ref().map(|commands| &commands.at),
    }
}
