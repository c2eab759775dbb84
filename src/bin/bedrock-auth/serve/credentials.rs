//! The credentials of the current session, fetched once for all who ask, and judged for each.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bedrock_auth::audit::{Asked, UseOutcome};
use bedrock_auth::client::{
    Fetched, Follower, HandOutError, HandedOut, NotCarried, OpenError, Refused, Session,
};
use bedrock_auth::policy::Denial;
use bedrock_auth::resolve::{Allowed, Outcome};
use bedrock_auth::targets::SERVE;
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
    fetched: Result<Fetched, Withheld>,
    until: Instant,
}

/// Why there are none: a stable word, and what happened, with what to do about it.
#[derive(Debug, Clone)]
pub(super) struct Withheld {
    pub(super) code: Code,
    pub(super) message: String,
    /// The same for what is kept, without what another program wrote; none where nothing is to be left out.
    unquoted: Option<String>,
    /// The reasons of policies, where it is them.
    denials: Vec<Denial>,
}

impl Vault {
    /// Credentials of the current answer, judged by the policies as they are now, and on record.
    ///
    /// Runs to its end even if nobody waits any more: a client that gave up asks again, and finds what came meanwhile.
    pub(super) async fn ask(
        &self,
        follower: &Follower,
        asked: &Asked,
    ) -> Result<HandedOut, Withheld> {
        let (vault, follower, asked) = (self.clone(), follower.clone(), asked.clone());
        let asked = tokio::spawn(async move { vault.grant(follower, asked).await });
        asked.await.unwrap_or_else(|_| {
            Err(Withheld::of_failure("the credentials could not be fetched", None))
        })
    }

    async fn grant(&self, follower: Follower, asked: Asked) -> Result<HandedOut, Withheld> {
        let (session, fetched) = match self.fetched(&follower).await {
            Ok(fetched) => fetched,
            Err(withheld) => {
                withheld.record(follower, asked).await;
                return Err(withheld);
            }
        };
        // What becomes of it here is on record in any case.
        Ok(session.release(&fetched, &asked).await?)
    }

    async fn fetched(&self, follower: &Follower) -> Result<(Session, Fetched), Withheld> {
        // Opening a session reads certificates.
        let opening = follower.clone();
        let opened = tokio::task::spawn_blocking(move || opening.session())
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
        if let Some(why) = NotCarried::foreseen(&allowed) {
            return Err(why.into());
        }
        let fetched = self.credentials(&session, &allowed).await?;
        Ok((session, fetched))
    }

    /// One fetch at a time; who comes meanwhile waits for it.
    async fn credentials(&self, session: &Session, allowed: &Allowed) -> Result<Fetched, Withheld> {
        let mut kept = self.0.lock().await;
        let before = kept.take().filter(|kept| kept.allowed == *allowed);
        if let Some(fresh) = before.as_ref().filter(|kept| Instant::now() < kept.until) {
            let fetched = fresh.fetched.clone();
            *kept = before;
            return fetched;
        }
        let (fetched, until) = match (session.fetch().await, before.and_then(alive)) {
            (Ok(fetched), _) => {
                let lasts = lasts(&fetched);
                (Ok(fetched.kept()), lasts)
            }
            (Err(HandOutError::Failed(step)), Some(fetched)) => {
                let why = step.for_record();
                tracing::warn!(target: SERVE, why, "the credentials cannot be renewed yet");
                (Ok(fetched), TRY_AGAIN)
            }
            (Err(error), _) => (Err(error.into()), FAILURE),
        };
        *kept = Some(Kept {
            allowed: allowed.clone(),
            fetched: fetched.clone(),
            until: Instant::now() + until,
        });
        fetched
    }
}

/// How long a credential is kept.
fn lasts(fetched: &Fetched) -> Duration {
    let Some(end) = fetched.expires() else { return UNKNOWN_END };
    let left = end.duration_since(Timestamp::now()) - RENEW;
    // What lives for less is fetched for each who asks.
    Duration::try_from(left).unwrap_or_default()
}

/// A credential that has not ended.
fn alive(kept: Kept) -> Option<Fetched> {
    let lives = |fetched: &Fetched| fetched.expires().is_some_and(|end| end > Timestamp::now());
    kept.fetched.ok().filter(lives)
}

impl Withheld {
    pub(super) fn own(code: ProblemCode, message: impl Into<String>) -> Self {
        Withheld {
            code: Code::Own(code),
            message: message.into(),
            unquoted: None,
            denials: Vec::new(),
        }
    }

    /// Why, for records and for what is told of the agent's work.
    pub(super) fn for_record(&self) -> &str {
        self.unquoted.as_deref().unwrap_or(&self.message)
    }

    /// Has it on record that nothing was handed out.
    async fn record(&self, follower: Follower, asked: Asked) {
        let (denials, message) = (self.denials.clone(), self.for_record().to_owned());
        let record = move || {
            let (recorder, watch) = (follower.recorder(), follower.watch());
            let resolution = &watch.current().resolution;
            let made = recorder.made(resolution, &asked);
            let made = match (made.outcome, denials.as_slice()) {
                // It was to be had, and could not.
                (UseOutcome::Allowed, []) => made.failed(&message),
                (_, []) => made,
                (_, denials) => made.refused(denials, None),
            };
            recorder.withheld(watch.machine().now(), resolution.audit, made, None);
        };
        // A record that fell over keeps nothing back that would leave otherwise.
        let _ = tokio::task::spawn_blocking(record).await;
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
        let (code, message) = (Code::Denial(first.code), reasons.join("; "));
        Withheld { code, message, unquoted: None, denials: all.to_vec() }
    }

    fn unconfigured() -> Self {
        Withheld::own(ProblemCode::Unconfigured, "nothing is configured → `bedrock-auth explain`")
    }

    fn of_failure(message: &str, remedy: Option<&str>) -> Self {
        let remedy = remedy.map(|remedy| format!(" → {remedy}")).unwrap_or_default();
        Withheld::own(ProblemCode::StepFailed, format!("{message}{remedy}"))
    }
}

impl From<NotCarried> for Withheld {
    fn from(why: NotCarried) -> Self {
        let code = match why {
            NotCarried::SessionTokenMissing => ProblemCode::SessionTokenMissing,
            _ => ProblemCode::ApiKey,
        };
        Withheld::own(code, format!("{why} → run the program with `bedrock-auth exec`"))
    }
}

impl From<HandOutError> for Withheld {
    fn from(error: HandOutError) -> Self {
        match error {
            HandOutError::NotOpened(error) => error.into(),
            HandOutError::Refused(refused) => Withheld::by(&refused),
            HandOutError::Failed(step) => {
                let unquoted = Some(step.for_record().to_owned());
                let failure = Withheld::of_failure(&step.to_string(), step.remedy.as_deref());
                Withheld { unquoted, ..failure }
            }
            HandOutError::NotRecorded(error) => {
                let message = format!("{error} → {}", error.remedy());
                Withheld::own(ProblemCode::NotRecorded, message)
            }
            error => Withheld::of_failure(&error.to_string(), None),
        }
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
