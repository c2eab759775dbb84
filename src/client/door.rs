//! The door: a credential leaves when the policies of that moment allow it and the record of it is written.

use std::error::Error;

use aws_credential_types::Credentials;
use jiff::Timestamp;
use secrecy::SecretString;

use super::failure::{innermost, step_failed};
use super::guard::{Guard, Guarded, Refused, delivered, refusal};
use crate::audit::{Asked, CredentialUse, Door, PolicyInForce};
use crate::auth::{AccessKeyId, BedrockAuth};
use crate::journal::JournalError;
use crate::policy::{Delivered, Denial, Policy, Verdict};
use crate::targets::CLIENT as TARGET;

/// Why a credential does not leave.
#[derive(Debug, Clone)]
pub(super) enum NotReleased {
    Refused(Refused),
    /// A policy demands a record, and there is none.
    NotRecorded(JournalError),
}

impl From<NotReleased> for Box<dyn Error + Send + Sync> {
    fn from(why: NotReleased) -> Self {
        match why {
            NotReleased::Refused(refused) => Box::new(refused),
            NotReleased::NotRecorded(error) => Box::new(error),
        }
    }
}

impl Guard {
    /// Judges an access key that is about to leave, and records what becomes of it.
    pub(super) async fn release_credentials(
        &self,
        credentials: &Credentials,
        asked: &Asked,
    ) -> Result<(), NotReleased> {
        self.release(Some(delivered(credentials)), asked).await
    }

    /// The same, of what is known of an access key; none for an API key, which the answer holds.
    pub(super) async fn release(
        &self,
        leaving: Option<Delivered>,
        asked: &Asked,
    ) -> Result<(), NotReleased> {
        if let Err(refused) = self.is_current() {
            self.withhold(Withheld::Refused(refused.clone()), asked).await;
            return Err(NotReleased::Refused(refused));
        }
        let asked = asked.clone();
        self.at_this_moment(move |guarded, policy, now| {
            guarded.release(leaving.as_ref(), &asked, policy, now)
        })
        .await
    }

    /// Records that a credential does not leave.
    pub(super) async fn withhold(&self, withheld: Withheld, asked: &Asked) {
        let asked = asked.clone();
        self.at_this_moment(move |guarded, policy, now| {
            let made = guarded.made(&asked, policy);
            let made = match withheld {
                Withheld::Refused(Refused { denials, superseded_by }) => {
                    tell_of_refusal(asked.door, &denials);
                    made.refused(&denials, superseded_by.as_deref())
                }
                Withheld::Failed(reason) => {
                    tell_of_failure(asked.door);
                    made.failed(&reason)
                }
            };
            let demand = guarded.allowed().audit_demand(policy);
            guarded.recorder.withheld(now, demand, made, guarded.api_key());
        })
        .await;
    }
}

pub(super) fn tell_of_failure(door: Door) {
    tracing::warn!(target: TARGET, %door, "a credential cannot be had");
}

pub(super) fn tell_of_refusal(door: Door, denials: &[Denial]) {
    let codes: Vec<_> = denials.iter().map(|denial| denial.code.as_str()).collect();
    tracing::warn!(target: TARGET, %door, ?codes, "a credential is refused");
}

/// Why nothing leaves that was asked for.
pub(super) enum Withheld {
    Refused(Refused),
    Failed(String),
}

impl Withheld {
    /// What an error says that kept a credential from coming.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        match (refusal(error), step_failed(error)) {
            (Some(refused), _) => Withheld::Refused(refused.clone()),
            (None, Some(failed)) => Withheld::Failed(failed.for_record().to_owned()),
            (None, None) => Withheld::Failed(innermost(error)),
        }
    }
}

impl Guarded {
    fn release(
        &self,
        leaving: Option<&Delivered>,
        asked: &Asked,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(), NotReleased> {
        let allowed = self.allowed();
        let Verdict { denials, would_deny } = match leaving {
            Some(delivered) => allowed.judge_delivery(policy, delivered, now),
            None => allowed.judge(policy, now),
        };
        let mut made = self.made(asked, policy).reported(&would_deny);
        if let Some(Delivered { access_key_id, expires, .. }) = leaving {
            made.account = made.account.or_else(|| access_key_id.account());
            made.access_key_id = Some(access_key_id.clone()).filter(AccessKeyId::may_be_shown);
            made.expires = expires.or(made.expires);
        }
        let (demand, api_key) = (allowed.audit_demand(policy), self.api_key());
        if !denials.is_empty() {
            tell_of_refusal(asked.door, &denials);
            self.recorder.withheld(now, demand, made.refused(&denials, None), api_key);
            return Err(NotReleased::Refused(Refused { denials, superseded_by: None }));
        }
        let recorded = self.recorder.released(now, demand, made, api_key);
        recorded.map_err(NotReleased::NotRecorded)?;
        let (door, method) = (asked.door, allowed.auth().method());
        tracing::debug!(target: TARGET, %door, %method, "a credential leaves");
        Ok(())
    }

    /// What is known of the wish, under the policies of this moment.
    fn made(&self, asked: &Asked, policy: &Policy) -> CredentialUse {
        let made = self.recorder.made(&self.resolution, asked);
        CredentialUse { policy: PolicyInForce::of(policy), ..made }
    }

    fn api_key(&self) -> Option<&SecretString> {
        match self.allowed().auth() {
            BedrockAuth::ApiKey { api_key } => Some(api_key),
            _ => None,
        }
    }
}
