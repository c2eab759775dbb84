//! The judge at every door: policies as they are now, on what is about to be used.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_credential_types::Credentials;
use jiff::Timestamp;

use super::failure::cause_of;
use crate::auth::AccessKeyId;
use crate::load::{Environment, Machine};
use crate::policy::{Delivered, Denial, Policy, Verdict};
use crate::resolve::Allowed;
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
pub(super) struct Guard(Arc<Inner>);

struct Inner {
    allowed: Allowed,
    machine: Machine,
    is_current: Option<IsCurrent>,
}

/// Refuses what was allowed once and is not the answer any more.
type IsCurrent = Box<dyn Fn(&Allowed) -> Result<(), Refused> + Send + Sync>;

impl Guard {
    pub(super) fn new(allowed: Allowed, machine: Machine) -> Self {
        Guard(Arc::new(Inner { allowed, machine, is_current: None }))
    }

    /// A guard that admits nothing either once another answer is in force.
    pub(super) fn while_current(
        allowed: Allowed,
        machine: Machine,
        is_current: impl Fn(&Allowed) -> Result<(), Refused> + Send + Sync + 'static,
    ) -> Self {
        let is_current: Option<IsCurrent> = Some(Box::new(is_current));
        Guard(Arc::new(Inner { allowed, machine, is_current }))
    }

    pub(super) fn allowed(&self) -> &Allowed {
        &self.0.allowed
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
        self.admit_delivered(delivered(credentials)).await
    }

    /// The same, of what is known of them.
    pub(super) async fn admit_delivered(&self, delivered: Delivered) -> Result<(), Refused> {
        self.ask(move |allowed, policy, now| allowed.judge_delivery(policy, &delivered, now)).await
    }

    /// Judges credentials that are about to assume a role.
    pub(super) async fn admit_base(&self, credentials: &Credentials) -> Result<(), Refused> {
        let delivered = delivered(credentials);
        self.ask(move |allowed, policy, now| allowed.judge_base_delivery(policy, &delivered, now))
            .await
    }

    /// Reads the policies anew, off the threads that drive requests: a file system can hang.
    async fn ask(
        &self,
        judge: impl FnOnce(&Allowed, &Policy, Timestamp) -> Verdict + Send + 'static,
    ) -> Result<(), Refused> {
        if let Some(is_current) = &self.0.is_current {
            is_current(self.allowed())?;
        }
        let inner = Arc::clone(&self.0);
        let asked = tokio::task::spawn_blocking(move || {
            let Inner { allowed, machine, .. } = &*inner;
            // One moment for both: a policy must not end between its reading and its verdict.
            let now = machine.now();
            judge(allowed, &machine.policy_of_use(now), now)
        });
        match asked.await {
            Ok(verdict) if verdict.denials.is_empty() => Ok(()),
            Ok(verdict) => Err(Refused { denials: verdict.denials, superseded_by: None }),
            // A judge that fell over has allowed nothing.
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
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
