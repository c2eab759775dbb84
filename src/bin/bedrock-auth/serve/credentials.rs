//! The credentials of the current session, fetched once for all who ask, and judged for each.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use bedrock_auth::auth::Method;
use bedrock_auth::client::{Follower, OpenError, Refused, Session, refusal, step_failed};
use bedrock_auth::policy::Denial;
use bedrock_auth::resolve::{Allowed, Outcome};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::problem::{Code, ProblemCode};

/// Credentials with less life than this are fetched anew.
const RENEW: SignedDuration = SignedDuration::from_mins(5);

/// How long credentials are kept that do not say when they end.
const UNKNOWN_END: Duration = Duration::from_mins(5);

/// How long a failure answers for those who ask next: SDKs ask three times within seconds.
const FAILURE: Duration = Duration::from_secs(1);

/// How long credentials that could not be renewed, and still live, are kept before that is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// What is kept of the last fetch.
#[derive(Clone, Default)]
pub(super) struct Vault(Arc<Mutex<Option<Kept>>>);

struct Kept {
    allowed: Allowed,
    fetched: Result<Credentials, Withheld>,
    until: Instant,
}

/// Credentials that may be used now.
pub(super) struct Granted {
    pub(super) allowed: Allowed,
    pub(super) credentials: Credentials,
}

/// Why there are none: a stable word, and what happened, with what to do about it.
#[derive(Debug, Clone)]
pub(super) struct Withheld {
    pub(super) code: Code,
    pub(super) message: String,
}

impl Vault {
    /// Credentials of the current answer, judged by the policies as they are now.
    ///
    /// Runs to its end even if nobody waits any more: a client that gave up asks again, and finds what came meanwhile.
    pub(super) async fn ask(&self, follower: &Follower) -> Result<Granted, Withheld> {
        let (vault, follower) = (self.clone(), follower.clone());
        let asked = tokio::spawn(async move { vault.grant(follower).await });
        asked.await.unwrap_or_else(|_| {
            Err(Withheld::of_failure("the credentials could not be fetched", None))
        })
    }

    async fn grant(&self, follower: Follower) -> Result<Granted, Withheld> {
        // Opening a session reads certificates.
        let opened = tokio::task::spawn_blocking(move || follower.session())
            .await
            .map_err(|_| Withheld::of_failure("no session can be opened", None))?;
        let session = match opened {
            Ok(session) => session,
            Err(error) => {
                // Nothing is kept of what may not be used.
                *self.0.lock().await = None;
                return Err(error.into());
            }
        };
        let allowed = session.resolution().allowed().cloned().ok_or_else(Withheld::unconfigured)?;
        if allowed.auth().method() == Method::ApiKey {
            return Err(Withheld::own(
                ProblemCode::ApiKey,
                "the answer is a Bedrock API key, which container credentials cannot carry → run the program with \
                 `bedrock-auth exec`",
            ));
        }
        let credentials = self.credentials(&session, &allowed).await?;
        session.admit(&credentials).await.map_err(|refused| Withheld::by(&refused))?;
        Ok(Granted { allowed, credentials })
    }

    /// One fetch at a time; who comes meanwhile waits for it.
    async fn credentials(
        &self,
        session: &Session,
        allowed: &Allowed,
    ) -> Result<Credentials, Withheld> {
        let mut kept = self.0.lock().await;
        let before = kept.take().filter(|kept| kept.allowed == *allowed);
        if let Some(fresh) = before.as_ref().filter(|kept| Instant::now() < kept.until) {
            let fetched = fresh.fetched.clone();
            *kept = before;
            return fetched;
        }
        let fetched = session.credentials().provide_credentials().await;
        let (fetched, until) = match fetched {
            Ok(credentials) => {
                let lasts = lasts(&credentials);
                (Ok(credentials), lasts)
            }
            Err(error) => match (refusal(&error), before.and_then(alive)) {
                (Some(refused), _) => (Err(Withheld::by(refused)), FAILURE),
                (None, Some(credentials)) => {
                    tracing::warn!(why = step(&error), "the credentials cannot be renewed yet");
                    (Ok(credentials), TRY_AGAIN)
                }
                (None, None) => (Err(Withheld::of_step(&error)), FAILURE),
            },
        };
        *kept = Some(Kept {
            allowed: allowed.clone(),
            fetched: fetched.clone(),
            until: Instant::now() + until,
        });
        fetched
    }
}

/// When credentials end, where they say so.
pub(super) fn end(credentials: &Credentials) -> Option<Timestamp> {
    Timestamp::try_from(credentials.expiry()?).ok()
}

/// How long credentials are kept.
fn lasts(credentials: &Credentials) -> Duration {
    let Some(end) = end(credentials) else { return UNKNOWN_END };
    let left = end.duration_since(Timestamp::now()) - RENEW;
    // What lives for less is fetched for each who asks.
    Duration::try_from(left).unwrap_or_default()
}

/// Credentials that have not ended.
fn alive(kept: Kept) -> Option<Credentials> {
    let credentials = kept.fetched.ok()?;
    (end(&credentials)? > Timestamp::now()).then_some(credentials)
}

fn step(error: &(dyn std::error::Error + 'static)) -> String {
    step_failed(error).map_or_else(|| error.to_string(), ToString::to_string)
}

impl Withheld {
    pub(super) fn own(code: ProblemCode, message: impl Into<String>) -> Self {
        Withheld { code: Code::Own(code), message: message.into() }
    }

    fn by(refused: &Refused) -> Self {
        match refused.denials.first() {
            Some(first) => Withheld::denied(first, &refused.denials),
            None => Withheld::own(ProblemCode::Superseded, refused.to_string()),
        }
    }

    fn denied(first: &Denial, all: &[Denial]) -> Self {
        let reasons: Vec<_> =
            all.iter().map(|denial| format!("{} → {}", denial.message, denial.remedy)).collect();
        Withheld { code: Code::Denial(first.code), message: reasons.join("; ") }
    }

    fn unconfigured() -> Self {
        Withheld::own(ProblemCode::Unconfigured, "nothing is configured → `bedrock-auth explain`")
    }

    fn of_step(error: &(dyn std::error::Error + 'static)) -> Self {
        Withheld::of_failure(
            &step(error),
            step_failed(error).and_then(|step| step.remedy.as_deref()),
        )
    }

    fn of_failure(message: &str, remedy: Option<&str>) -> Self {
        let remedy = remedy.map(|remedy| format!(" → {remedy}")).unwrap_or_default();
        Withheld::own(ProblemCode::StepFailed, format!("{message}{remedy}"))
    }
}

impl From<OpenError> for Withheld {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotAllowed(resolution) => match resolution.denials.first() {
                Some(first) if resolution.outcome == Outcome::Denied => {
                    Withheld::denied(first, &resolution.denials)
                }
                _ => Withheld::unconfigured(),
            },
            OpenError::WhatIf => Withheld::own(ProblemCode::WhatIf, error.to_string()),
            OpenError::NoEndpoint | OpenError::Transport(_) => {
                let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
                Withheld::of_failure(&format!("{error}{}", cause.unwrap_or_default()), None)
            }
            _ => Withheld::of_failure(&error.to_string(), None),
        }
    }
}
