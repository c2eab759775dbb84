//! The credential of an allowed answer, for another program to use.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::token::ProvideToken as _;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::chain::{JudgedApiKey, JudgedCredentials};
use super::child::ChildEnvironment;
use super::door::{NotReleased, Withheld};
use super::failure::{StepFailed, innermost, step_failed};
use super::ground::LazyGround;
use super::guard::{Guard, Refused, delivered, refusal};
use super::open_error::OpenError;
use crate::audit::Asked;
use crate::auth::{AccessKeyId, AccountId, Method};
use crate::journal::JournalError;
use crate::policy::Delivered;
use crate::resolve::Allowed;
use crate::signer::StepKind;

/// How long a caller goes on with a credential that is at hand here: asking again costs it a few milliseconds.
///
/// It is what bounds the time for which a caller does not notice that a policy was tightened. botocore asks at every request
/// once less than 10 minutes are left, and the default chain of the JavaScript SDK uses what it has until the very end.
const AT_HAND: SignedDuration = SignedDuration::from_secs(60);

/// The same for one that a service or a process has to be asked for.
///
/// botocore tries again once less than 15 minutes are left, and must once less than 10 are, the JavaScript SDK at 5:
/// less than this would ask the service at every request.
const FETCHED: SignedDuration = SignedDuration::from_mins(20);

/// The credential of an allowed answer, judged when it came.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HandedOut {
    /// The credential.
    pub credential: Credential,
    /// When it ends, where that is known.
    pub expires: Option<Timestamp>,
    /// The account that requests will count for, where that is known.
    pub account: Option<AccountId>,
    /// Whether it was at hand, so that no service and no process was asked.
    pub was_at_hand: bool,
    allowed: Allowed,
}

/// A credential that was fetched and judged, and has not left: what it is made of is for nobody to see.
#[derive(Debug, Clone)]
pub struct Fetched {
    held: HandedOut,
    /// What was judged; none for an API key, which the answer holds.
    delivered: Option<Delivered>,
}

impl Fetched {
    /// When it ends, where that is known.
    pub fn expires(&self) -> Option<Timestamp> {
        self.held.expires
    }

    /// The answer that it is the credential of.
    pub fn allowed(&self) -> &Allowed {
        &self.held.allowed
    }

    /// The same, for who keeps it: from now on nobody else has to be asked for it.
    #[must_use]
    pub fn kept(self) -> Self {
        Fetched { held: HandedOut { was_at_hand: true, ..self.held }, ..self }
    }
}

/// What signs, or is shown.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credential {
    /// An access key.
    AccessKey {
        /// Which one.
        id: AccessKeyId,
        /// Its secret half.
        secret: SecretString,
        /// The token of a temporary one.
        session_token: Option<SecretString>,
    },
    /// A Bedrock API key.
    ApiKey(SecretString),
}

impl HandedOut {
    /// The region to call.
    pub fn region(&self) -> &str {
        self.allowed.region()
    }

    /// The answer that it is the credential of.
    pub fn allowed(&self) -> &Allowed {
        &self.allowed
    }

    /// Until when a caller may go on with it. Then it has to ask again, so that a policy that was tightened takes effect.
    ///
    /// One minute where the credential was at hand, twenty where it had to be fetched, and never beyond its end.
    pub fn ask_again(&self, now: Timestamp) -> Timestamp {
        let longest = now + if self.was_at_hand { AT_HAND } else { FETCHED };
        self.expires.map_or(longest, |end| end.min(longest))
    }

    /// The environment of a program that is to use it and nothing else. `present` are the names of the variables
    /// that the program would inherit.
    pub fn child_environment<'a>(
        &self,
        present: impl IntoIterator<Item = &'a str>,
    ) -> ChildEnvironment {
        ChildEnvironment::of(self, present)
    }
}

/// Why nothing is handed out.
#[derive(Debug)]
#[non_exhaustive]
pub enum HandOutError {
    /// The answer is not an allowed one, or may not be used.
    NotOpened(OpenError),
    /// The policies in force refuse what came.
    Refused(Refused),
    /// A step on the way to the credential failed.
    Failed(StepFailed),
    /// A policy demands a record of it, and none can be written.
    NotRecorded(JournalError),
}

impl HandOutError {
    fn of(error: &(dyn Error + 'static)) -> Self {
        match (refusal(error), step_failed(error)) {
            (Some(refused), _) => HandOutError::Refused(refused.clone()),
            (None, Some(failed)) => HandOutError::Failed(failed.clone()),
            (None, None) => HandOutError::Failed(StepFailed::new(innermost(error))),
        }
    }
}

impl fmt::Display for HandOutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandOutError::NotOpened(error) => error.fmt(f),
            HandOutError::Refused(refused) => refused.fmt(f),
            HandOutError::Failed(failed) => failed.fmt(f),
            HandOutError::NotRecorded(error) => error.fmt(f),
        }
    }
}

impl Error for HandOutError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            HandOutError::NotOpened(error) => error.source(),
            HandOutError::Refused(_) | HandOutError::NotRecorded(_) => None,
            HandOutError::Failed(failed) => failed.source(),
        }
    }
}

impl From<NotReleased> for HandOutError {
    fn from(why: NotReleased) -> Self {
        match why {
            NotReleased::Refused(refused) => HandOutError::Refused(refused),
            NotReleased::NotRecorded(error) => HandOutError::NotRecorded(error),
        }
    }
}

impl From<&HandOutError> for Withheld {
    fn from(error: &HandOutError) -> Self {
        match error {
            HandOutError::Refused(refused) => Withheld::Refused(refused.clone()),
            HandOutError::Failed(failed) => Withheld::Failed(failed.for_record().to_owned()),
            error => Withheld::Failed(innermost(error)),
        }
    }
}

/// Fetches the credential, and lets it go.
pub(super) async fn hand_out(
    guard: &Guard,
    ground: &Arc<LazyGround>,
    asked: &Asked,
) -> Result<HandedOut, HandOutError> {
    match fetch(guard, ground).await {
        Ok(fetched) => release(guard, &fetched, asked).await,
        Err(error) => {
            guard.withhold(Withheld::from(&error), asked).await;
            Err(error)
        }
    }
}

/// Lets a credential go that was fetched for the answer of this guard.
pub(super) async fn release(
    guard: &Guard,
    fetched: &Fetched,
    asked: &Asked,
) -> Result<HandedOut, HandOutError> {
    if fetched.allowed() != guard.allowed() {
        let superseded_by = Some(guard.resolution().display.clone());
        let refused = Refused { denials: Vec::new(), superseded_by };
        guard.withhold(Withheld::Refused(refused.clone()), asked).await;
        return Err(HandOutError::Refused(refused));
    }
    guard.release(fetched.delivered.clone(), asked).await?;
    Ok(fetched.held.clone())
}

/// Fetches and judges the credential as every client does.
pub(super) async fn fetch(
    guard: &Guard,
    ground: &Arc<LazyGround>,
) -> Result<Fetched, HandOutError> {
    if guard.allowed().auth().method() == Method::ApiKey {
        let token = JudgedApiKey { guard: guard.clone() }.provide_token().await;
        let token = token.map_err(|error| HandOutError::of(&error))?;
        let credential = Credential::ApiKey(SecretString::from(token.token()));
        let held = of(guard.allowed(), credential, token.expiration());
        return Ok(Fetched { held, delivered: None });
    }
    let judged = JudgedCredentials { guard: guard.clone(), ground: Arc::clone(ground) };
    let provided = judged.provide_credentials().await;
    let credentials = provided.map_err(|error| HandOutError::of(&error))?;
    let held = of(guard.allowed(), Credential::of(&credentials), credentials.expiry());
    Ok(Fetched { held, delivered: Some(delivered(&credentials)) })
}

fn of(allowed: &Allowed, credential: Credential, expires: Option<SystemTime>) -> HandedOut {
    let expires = expires.and_then(|end| Timestamp::try_from(end).ok());
    HandedOut {
        expires: expires.into_iter().chain(allowed.signer().expires).min(),
        account: allowed.signer().account.or_else(|| credential.account()),
        was_at_hand: is_at_hand(allowed),
        credential,
        allowed: allowed.clone(),
    }
}

/// Whether nobody has to be asked.
fn is_at_hand(allowed: &Allowed) -> bool {
    use StepKind::{EnvironmentKeys, StaticKeys};
    match allowed.auth().method() {
        Method::ApiKey | Method::IamCredentials => true,
        _ => allowed
            .signer()
            .chain
            .iter()
            .all(|step| matches!(step.kind, StaticKeys { .. } | EnvironmentKeys)),
    }
}

impl Credential {
    fn of(credentials: &Credentials) -> Self {
        Credential::AccessKey {
            id: AccessKeyId::new(credentials.access_key_id()),
            secret: SecretString::from(credentials.secret_access_key()),
            session_token: credentials
                .session_token()
                .filter(|token| !token.is_empty())
                .map(SecretString::from),
        }
    }

    fn account(&self) -> Option<AccountId> {
        match self {
            Credential::AccessKey { id, .. } => id.account(),
            Credential::ApiKey(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_bedrockruntime::config::BehaviorVersion;

    use super::*;
    use crate::audit::Door;
    use crate::client::Session;
    use crate::load::{Environment, Machine};

    const ASKED: Asked = Asked { door: Door::Library, caller: None };

    async fn handed(variables: &[(&str, &str)]) -> HandedOut {
        let environment = Environment::from_pairs(variables.iter().copied());
        let machine = Machine::empty().with_environment(environment);
        Session::builder(machine, BehaviorVersion::latest()).hand_out(&ASKED).await.unwrap()
    }

    #[tokio::test]
    async fn whoever_asked_asks_again() {
        let mut handed = handed(&[
            ("ZED_ACCESS_KEY_ID", "AKIARZPUZDIKEWS2LJNF"),
            ("ZED_SECRET_ACCESS_KEY", "hush"),
        ])
        .await;
        assert_eq!(handed.account.map(|account| account.to_string()), Some("123456789012".into()));
        assert!(!format!("{handed:?}").contains("hush"));
        let now = Timestamp::now();
        let minutes = SignedDuration::from_mins;
        let mut until = |was_at_hand, expires: Option<i64>| {
            handed.was_at_hand = was_at_hand;
            handed.expires = expires.map(|in_minutes| now + minutes(in_minutes));
            handed.ask_again(now).duration_since(now)
        };
        assert_eq!(until(true, None), minutes(1));
        assert_eq!(until(true, Some(60)), minutes(1));
        assert_eq!(until(false, Some(60)), minutes(20));
        assert_eq!(until(false, Some(7)), minutes(7));
        assert_eq!(until(false, None), minutes(20));
    }

    #[tokio::test]
    async fn what_was_handed_out_is_judged_by_a_session_of_its_own_answer() {
        let session = |region| {
            let environment = Environment::from_pairs([
                ("ZED_ACCESS_KEY_ID", "AKIARZPUZDIKEWS2LJNF"),
                ("ZED_SECRET_ACCESS_KEY", "hush"),
                ("ZED_AWS_REGION", region),
            ]);
            let machine = Machine::empty().with_environment(environment);
            Session::builder(machine, BehaviorVersion::latest()).open().unwrap()
        };
        let fetched = session("eu-west-1").fetch().await.unwrap();
        session("eu-west-1").release(&fetched, &ASKED).await.unwrap();
        let refused = session("eu-north-1").release(&fetched, &ASKED).await.unwrap_err();
        let HandOutError::Refused(refused) = refused else { panic!("{refused}") };
        assert!(refused.superseded_by.is_some(), "{refused}");
    }

    #[tokio::test]
    async fn an_api_key_shows_nothing_of_itself() {
        let handed = handed(&[("ZED_BEDROCK_BEARER_TOKEN", "hush")]).await;
        assert!(handed.was_at_hand);
        let text = format!("{handed:?} {:?}", handed.child_environment([]));
        assert!(!text.contains("hush"), "{text}");
    }
}
