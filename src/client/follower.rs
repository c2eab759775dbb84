//! A client that follows the answer: each call is made as the answer is when the call begins.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_credential_types::provider::{ProvideCredentials, future, token::ProvideToken};
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Intercept};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_types::SdkConfig;
use aws_types::endpoint_config::EndpointUrl;
use aws_types::region::{Region, SigningRegion};

use super::guard::{Guard, Refused};
use super::open_error::OpenError;
use super::session::{Session, SessionBuilder};
use crate::audit::{Asked, Door, PolicyInForce};
use crate::journal::Recorder;
use crate::load::Machine;
use crate::resolve::{Allowed, Outcome};
use crate::watch::{Answer, Watch, WatchBuilder};

/// What the caller chooses about a follower.
#[derive(Clone)]
pub struct FollowerBuilder {
    watch: WatchBuilder,
    session: SessionBuilder,
}

impl FollowerBuilder {
    /// Chooses how changes are noticed.
    #[must_use]
    pub fn watch(self, choose: impl FnOnce(WatchBuilder) -> WatchBuilder) -> Self {
        FollowerBuilder { watch: choose(self.watch), ..self }
    }

    /// Chooses how sessions are made.
    #[must_use]
    pub fn session(self, choose: impl FnOnce(SessionBuilder) -> SessionBuilder) -> Self {
        FollowerBuilder { session: choose(self.session), ..self }
    }

    /// Resolves the machine and begins to watch it.
    ///
    /// # Errors
    /// As [`WatchBuilder::start`]. An answer that is not an allowed one is none: it may change.
    pub fn start(self) -> io::Result<Follower> {
        let watch = self.watch.start()?;
        let recorder = self.session.recorder().clone();
        let sessions = Sessions { watch, builder: self.session, latest: Mutex::new(None) };
        record_policies(&sessions.watch, recorder)?;
        Ok(Follower(Arc::new(sessions)))
    }
}

/// A machine that is watched, and clients that are made of its current answer.
///
/// ```no_run
/// use aws_sdk_bedrockruntime::config::BehaviorVersion;
/// use bedrock_auth::client::Follower;
/// use bedrock_auth::load::Machine;
///
/// # fn example() -> std::io::Result<()> {
/// let follower = Follower::builder(Machine::this(), BehaviorVersion::latest()).start()?;
/// println!("{}", follower.watch().current().resolution.display);
/// // One client for good: each call is made as the answer is then, or refused before anything is signed.
/// let client: aws_sdk_bedrockruntime::Client = follower.bedrock_runtime();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Follower(Arc<Sessions>);

/// Has each change of policies on record, until nobody watches any more.
fn record_policies(watch: &Watch, recorder: Recorder) -> io::Result<()> {
    // The place in the row comes first, so that no answer falls between.
    let mut changes = watch.changes();
    let first = watch.current();
    let clock = watch.machine().clone();
    let record = move |answer: &Answer| {
        let resolution = &answer.resolution;
        if !resolution.what_if {
            let policy = PolicyInForce::of_answer(resolution);
            recorder.note_policy(clock.now(), resolution.audit, &policy);
        }
    };
    let follow = move || {
        record(&first);
        drop(first);
        while let Some(answer) = changes.next_blocking() {
            record(&answer);
        }
    };
    std::thread::Builder::new().name("bedrock-auth audit".to_owned()).spawn(follow).map(drop)
}

struct Sessions {
    watch: Watch,
    builder: SessionBuilder,
    latest: Mutex<Option<Followed>>,
}

/// A session, and what is kept with it from call to call.
#[derive(Clone)]
struct Followed {
    session: Session,
    identities: SharedIdentityCache,
    resolver: SharedIdentityResolver,
}

impl Follower {
    /// A follower of a machine. The behaviour version is the SDK's, for the caller to choose.
    pub fn builder(machine: Machine, behavior_version: BehaviorVersion) -> FollowerBuilder {
        let session = Session::builder(machine.clone(), behavior_version);
        FollowerBuilder { watch: Watch::builder(machine), session }
    }

    /// What decisions are recorded with.
    pub fn recorder(&self) -> &Recorder {
        self.0.recorder()
    }

    /// The watch: the current answer, and the stream of those that follow.
    pub fn watch(&self) -> &Watch {
        &self.0.watch
    }

    /// A session of the current answer. It ends with that answer: once another one is in force, each use is refused.
    ///
    /// # Errors
    /// As [`SessionBuilder::open`].
    pub fn session(&self) -> Result<Session, OpenError> {
        self.0.followed().map(|followed| followed.session)
    }

    /// The configuration of clients of the current answer, which ends with it as [`Follower::session`] does.
    ///
    /// # Errors
    /// As [`SessionBuilder::open`].
    pub fn sdk_config(&self) -> Result<SdkConfig, OpenError> {
        self.session().map(|session| session.sdk_config())
    }

    /// The client of Bedrock Runtime that follows the answer: method, region, endpoint and connection of each call are
    /// those of the answer when it begins.
    pub fn bedrock_runtime(&self) -> aws_sdk_bedrockruntime::Client {
        let base = self
            .0
            .builder
            .choices
            .base_config(SharedHttpClient::new(FollowedHttp(Arc::clone(&self.0))));
        let config = aws_sdk_bedrockruntime::config::Builder::from(&base)
            // Neither is asked: which schemes a client knows is fixed when it is made.
            .credentials_provider(Unasked)
            .token_provider(Unasked)
            .identity_cache(Identities)
            .interceptor(Follow(Arc::clone(&self.0)))
            .build();
        aws_sdk_bedrockruntime::Client::from_conf(config)
    }
}

impl Sessions {
    fn recorder(&self) -> &Recorder {
        self.builder.recorder()
    }

    /// The session of the current answer.
    fn followed(&self) -> Result<Followed, OpenError> {
        let answer = self.watch.current();
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(followed) = &*latest
            && answer.resolution.allowed() == Some(followed.session.allowed())
        {
            return Ok(followed.clone());
        }
        *latest = None;
        let machine = self.watch.machine().clone();
        let watch = self.watch.clone();
        let guard = |post| Guard::while_current(post, move |a| is_current(&watch, a));
        let builder = self.builder.clone().on(machine);
        let session = builder.open_with(answer.resolution.clone(), guard)?;
        let followed = Followed {
            identities: session.identity_cache(),
            resolver: session.identity_resolver(),
            session,
        };
        Ok(latest.insert(followed).clone())
    }
}

/// Refuses what was allowed once and is not the answer any more.
fn is_current(watch: &Watch, allowed: &Allowed) -> Result<(), Refused> {
    let answer = watch.current();
    let resolution = &answer.resolution;
    match resolution.outcome {
        Outcome::Allowed if resolution.allowed() == Some(allowed) => Ok(()),
        _ => Err(Refused {
            denials: resolution.denials.clone(),
            superseded_by: Some(resolution.display.clone()),
        }),
    }
}

/// Puts into each call what it takes of the answer.
struct Follow(Arc<Sessions>);

/// The session of one call.
struct InCall(Followed);

impl Storable for InCall {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Follow {
    fn name(&self) -> &'static str {
        "bedrock-auth"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let followed = self.0.followed().map_err(|error| {
            // This cannot wait as everything else does; a refusal need not be durable before it is told.
            error.record(self.0.recorder(), &Asked::at(Door::Client));
            refused(error)
        })?;
        let session = &followed.session;
        let region = Region::new(session.allowed().region().to_owned());
        let state = cfg.interceptor_state();
        state.store_put(SigningRegion::from(region.clone()));
        state.store_put(region);
        state.store_put(EndpointUrl(session.endpoint().to_owned()));
        state.store_put(session.auth_scheme_preference());
        state.store_put(InCall(followed));
        Ok(())
    }
}

/// A denial is told as at every other door.
fn refused(error: OpenError) -> BoxError {
    match error {
        OpenError::NotAllowed(resolution) if !resolution.denials.is_empty() => {
            Box::new(Refused { denials: resolution.denials, superseded_by: None })
        }
        error => Box::new(error),
    }
}

/// The identities of the session of a call.
#[derive(Debug)]
struct Identities;

impl ResolveCachedIdentity for Identities {
    fn resolve_cached_identity<'a>(
        &'a self,
        _: SharedIdentityResolver,
        runtime_components: &'a RuntimeComponents,
        config_bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            let InCall(followed) = config_bag.load::<InCall>().ok_or(NoSession)?;
            let resolver = followed.resolver.clone();
            followed
                .identities
                .resolve_cached_identity(resolver, runtime_components, config_bag)
                .await
        })
    }
}

/// The connections of the latest session, which let nothing out to other origins than its own.
struct FollowedHttp(Arc<Sessions>);

impl HttpClient for FollowedHttp {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        match self.0.followed() {
            Ok(followed) => {
                followed.session.ground().http_client.http_connector(settings, components)
            }
            Err(_) => SharedHttpConnector::new(NoConnection),
        }
    }
}

/// The answer changed to none in the middle of a call.
#[derive(Debug)]
struct NoConnection;

impl HttpConnector for NoConnection {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(NoSession))))
    }
}

#[derive(Debug)]
struct Unasked;

impl ProvideCredentials for Unasked {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(NoSession)))
    }
}

impl ProvideToken for Unasked {
    fn provide_token<'a>(&'a self) -> future::ProvideToken<'a>
    where
        Self: 'a,
    {
        future::ProvideToken::ready(Err(TokenError::not_loaded(NoSession)))
    }
}

/// A part of the client was used without the rest of it.
#[derive(Debug)]
struct NoSession;

impl fmt::Display for NoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no session of the current answer")
    }
}

impl std::error::Error for NoSession {}

/// Without the sessions, which hold credentials.
macro_rules! shows_its_name {
    ($($name:ident)+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}

shows_its_name!(Follower Follow InCall FollowedHttp);
