//! The judge at every door: policies as they are now, on what is about to be used.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_credential_types::Credentials;
use jiff::Timestamp;

use super::failure::cause_of;
use crate::auth::AccessKeyId;
use crate::journal::Recorder;
use crate::load::{Environment, Machine};
use crate::policy::{Delivered, Denial, Policy, Verdict};
use crate::resolve::{Allowed, Resolution};
use crate::signer::ServiceCall;

/// Use is refused: what the policies in force say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Every reason of the policies; none where another way is allowed instead.
    pub denials: Vec<Denial>,
    /// The answer that is in force instead of the one that was used, in one line.
    pub superseded_by: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused before anything was signed: ")?;
        for (index, denial) in self.denials.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{} ({})", denial.message, denial.code)?;
        }
        match &self.superseded_by {
            Some(display) if self.denials.is_empty() => {
                write!(f, "it is not the answer any more, which is now: {display}")
            }
            _ => Ok(()),
        }
    }
}

impl Error for Refused {}

/// The refusal behind an error of the SDK, if that is what it is.
pub fn refusal<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Refused> {
    cause_of(error)
}

/// Judges each use of an allowed answer by the policies and the clock of the machine at that moment.
///
/// Shared: it goes along with every request, and a machine holds a whole environment.
#[derive(Clone)]
pub(super) struct Guard(Arc<Guarded>);

pub(super) struct Guarded {
    pub(super) resolution: Resolution,
    /// What it allows.
    allowed: Allowed,
    machine: Machine,
    pub(super) recorder: Recorder,
    is_current: Option<IsCurrent>,
}

/// What a guard guards, before anybody asks.
pub(super) struct Post {
    pub(super) resolution: Resolution,
    pub(super) allowed: Allowed,
    pub(super) machine: Machine,
    pub(super) recorder: Recorder,
}

/// Refuses what was allowed once and is not the answer any more.
type IsCurrent = Box<dyn Fn(&Allowed) -> Result<(), Refused> + Send + Sync>;

impl Guarded {
    pub(super) fn allowed(&self) -> &Allowed {
        &self.allowed
    }
}

impl Guard {
    pub(super) fn new(post: Post) -> Self {
        Guard::of(post, None)
    }

    /// A guard that admits nothing either once another answer is in force.
    pub(super) fn while_current(
        post: Post,
        is_current: impl Fn(&Allowed) -> Result<(), Refused> + Send + Sync + 'static,
    ) -> Self {
        Guard::of(post, Some(Box::new(is_current)))
    }

    fn of(post: Post, is_current: Option<IsCurrent>) -> Self {
        let Post { resolution, allowed, machine, recorder } = post;
        Guard(Arc::new(Guarded { resolution, allowed, machine, recorder, is_current }))
    }

    pub(super) fn allowed(&self) -> &Allowed {
        &self.0.allowed
    }

    pub(super) fn resolution(&self) -> &Resolution {
        &self.0.resolution
    }

    pub(super) fn environment(&self) -> &Environment {
        self.0.machine.environment()
    }

    /// Judges what is about to be used, or to be fetched, before anything is called.
    pub(super) async fn admit(&self) -> Result<(), Refused> {
        self.ask(Allowed::judge).await
    }

    /// Judges where somebody is asked about the credentials.
    pub(super) async fn admit_call(&self, call: &ServiceCall) -> Result<(), Refused> {
        let call = call.clone();
        self.ask(move |_, policy, _| policy.judge_service_call(&call)).await
    }

    /// Judges credentials that are about to sign.
    pub(super) async fn admit_credentials(&self, credentials: &Credentials) -> Result<(), Refused> {
        let delivered = delivered(credentials);
        self.ask(move |allowed, policy, now| allowed.judge_delivery(policy, &delivered, now)).await
    }

    /// Judges credentials that are about to assume a role.
    pub(super) async fn admit_base(&self, credentials: &Credentials) -> Result<(), Refused> {
        let delivered = delivered(credentials);
        self.ask(move |allowed, policy, now| allowed.judge_base_delivery(policy, &delivered, now))
            .await
    }

    async fn ask(
        &self,
        judge: impl FnOnce(&Allowed, &Policy, Timestamp) -> Verdict + Send + 'static,
    ) -> Result<(), Refused> {
        self.is_current()?;
        let judge = move |guarded: &Guarded, policy: &Policy, now| {
            judge(guarded.allowed(), policy, now).denials
        };
        match self.at_this_moment(judge).await {
            denials if denials.is_empty() => Ok(()),
            denials => Err(Refused { denials, superseded_by: None }),
        }
    }

    pub(super) fn is_current(&self) -> Result<(), Refused> {
        self.0.is_current.as_ref().map_or(Ok(()), |is_current| is_current(self.allowed()))
    }

    /// Reads the policies anew, off the threads that drive requests: a file system can hang.
    pub(super) async fn at_this_moment<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Guarded, &Policy, Timestamp) -> R + Send + 'static,
    ) -> R {
        let guarded = Arc::clone(&self.0);
        let asked = tokio::task::spawn_blocking(move || {
            // One moment for both: a policy must not end between its reading and its verdict.
            let now = guarded.machine.now();
            let policy = guarded.machine.policy_of_use(now);
            work(&guarded, &policy, now)
        });
        // A judge that fell over has allowed nothing.
        asked.await.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
    }
}

/// Without the credentials: the machine holds an environment.
impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("allowed", self.allowed()).finish_non_exhaustive()
    }
}

/// What policies look at of credentials.
pub(super) fn delivered(credentials: &Credentials) -> Delivered {
    Delivered {
        access_key_id: AccessKeyId::new(credentials.access_key_id()),
        has_session_token: credentials.session_token().is_some_and(|token| !token.is_empty()),
        expires: credentials.expiry().and_then(|end| Timestamp::try_from(end).ok()),
    }
}
