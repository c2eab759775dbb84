//! A session: one allowed answer, and the SDK's configuration and client that use it.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::{SharedCredentialsProvider, token::SharedTokenProvider};
use aws_sdk_bedrockruntime::config::BehaviorVersion;
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use aws_smithy_runtime_api::client::auth::{AuthSchemeId, AuthSchemePreference};
use aws_smithy_runtime_api::client::identity::{SharedIdentityCache, SharedIdentityResolver};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;

use super::chain::{JudgedApiKey, JudgedCredentials};
use super::child::SIGV4;
use super::choices::SdkChoices;
use super::endpoints::Endpoints;
use super::ground::LazyGround;
use super::guard::{Guard, Post};
use super::hand_out::{Fetched, HandOutError, HandedOut, fetch, hand_out, release};
use super::identity::JudgedIdentities;
use super::open_error::OpenError;
use super::recorded::{RecordedApiKey, RecordedCredentials};
use super::steps::Ground;
use crate::audit::{Asked, Door};
use crate::auth::Method;
use crate::journal::Recorder;
use crate::load::Machine;
use crate::resolve::{Allowed, Resolution};
use crate::targets::CLIENT as TARGET;

/// What the caller chooses about a session.
#[derive(Clone)]
pub struct SessionBuilder {
    pub(super) machine: Machine,
    pub(super) choices: SdkChoices,
    pub(super) recorder: Recorder,
}

impl SessionBuilder {
    /// How often and when the SDK tries again. Default: the SDK's standard mode.
    #[must_use]
    pub fn retry_config(mut self, retry_config: RetryConfig) -> Self {
        self.choices.retry = Some(retry_config);
        self
    }

    /// How long the SDK waits. Default: as the behaviour version has it.
    #[must_use]
    pub fn timeout_config(mut self, timeout_config: TimeoutConfig) -> Self {
        self.choices.timeout = Some(timeout_config);
        self
    }

    /// What decisions are recorded with.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Resolves the machine and makes a session of the answer. Calls nobody yet. A refusal is on record.
    ///
    /// # Errors
    /// When the answer is not an allowed one, when credentials may not leave by these policies, or when no
    /// connection can be made as the machine wants it.
    pub fn open(self) -> Result<Session, OpenError> {
        let resolution = self.machine.resolve();
        let recorder = self.recorder.clone();
        self.open_with(resolution, Guard::new)
            .inspect_err(|error| error.record(&recorder, &Asked::at(Door::Client)))
    }

    /// Makes a session of an answer of this very machine.
    pub(super) fn open_with(
        self,
        resolution: Resolution,
        guard: impl FnOnce(Post) -> Guard,
    ) -> Result<Session, OpenError> {
        let outcome = resolution.outcome;
        let opened = self.judge(resolution, guard).and_then(|judged| {
            let ground = judged.ground.get()?;
            Ok(Session { judged, ground })
        });
        match &opened {
            Ok(session) => {
                let (method, region) = (session.method(), session.allowed().region());
                tracing::info!(target: TARGET, %method, region, "a session is open");
            }
            Err(error) => {
                tracing::info!(target: TARGET, %outcome, why = %error, "no session is opened")
            }
        }
        opened
    }

    /// Resolves the machine and hands out the credential of the answer. Where it is at hand, no connection is prepared.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`Session::hand_out`].
    pub async fn hand_out(self, asked: &Asked) -> Result<HandedOut, HandOutError> {
        let resolution = self.machine.resolve();
        let recorder = self.recorder.clone();
        let judged = self.judge(resolution, Guard::new).map_err(|error| {
            error.record(&recorder, asked);
            HandOutError::NotOpened(error)
        })?;
        hand_out(&judged.guard, &judged.ground, asked).await
    }

    fn judge(
        self,
        resolution: Resolution,
        guard: impl FnOnce(Post) -> Guard,
    ) -> Result<Judged, OpenError> {
        let Some(allowed) = resolution.allowed().cloned() else {
            return Err(OpenError::NotAllowed(Box::new(resolution)));
        };
        let SessionBuilder { machine, choices, recorder } = self;
        if !machine.may_hand_out() {
            return Err(OpenError::WhatIf);
        }
        let endpoints = Endpoints::of(&allowed).ok_or(OpenError::NoEndpoint)?;
        let region = allowed.region().to_owned();
        let guard = guard(Post { resolution, allowed, machine: machine.clone(), recorder });
        let ground = LazyGround::new(machine, choices, &region, endpoints);
        Ok(Judged { guard, ground: Arc::new(ground) })
    }

    /// The same choices about another machine.
    pub(super) fn on(self, machine: Machine) -> Self {
        SessionBuilder { machine, ..self }
    }
}

/// What a session is made of before anything is connected.
#[derive(Clone)]
struct Judged {
    guard: Guard,
    ground: Arc<LazyGround>,
}

/// One allowed answer, made usable. It does not outlive the policies that allow it: each use asks anew.
#[derive(Clone)]
pub struct Session {
    judged: Judged,
    ground: Arc<Ground>,
}

impl Session {
    /// A session on a machine. The behaviour version is the SDK's, for the caller to choose.
    pub fn builder(machine: Machine, behavior_version: BehaviorVersion) -> SessionBuilder {
        let choices = SdkChoices { behavior_version, retry: None, timeout: None };
        let recorder = Recorder::of(&machine);
        SessionBuilder { machine, choices, recorder }
    }

    /// The answer that the session was made of.
    pub fn resolution(&self) -> &Resolution {
        self.guard().resolution()
    }

    /// The client of Bedrock Runtime.
    pub fn bedrock_runtime(&self) -> aws_sdk_bedrockruntime::Client {
        aws_sdk_bedrockruntime::Client::new(&self.sdk_config())
    }

    /// The configuration of clients of Bedrock Runtime. Its endpoint is that of Bedrock Runtime, and no request
    /// that is made with it leaves for another origin than those of the answer.
    pub fn sdk_config(&self) -> SdkConfig {
        let builder = self
            .ground
            .sdk_config
            .to_builder()
            .endpoint_url(self.endpoint())
            .auth_scheme_preference(self.auth_scheme_preference())
            .identity_cache(self.identity_cache());
        match self.method() {
            Method::ApiKey => {
                let recorded = RecordedApiKey(self.judged_api_key());
                builder.token_provider(SharedTokenProvider::new(recorded)).build()
            }
            _ => builder.credentials_provider(self.credentials()).build(),
        }
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.ground.endpoints.bedrock_runtime
    }

    /// The one scheme of the answer's method.
    pub(super) fn auth_scheme_preference(&self) -> AuthSchemePreference {
        match self.method() {
            Method::ApiKey => [HTTP_BEARER_AUTH_SCHEME_ID].into(),
            _ => [AuthSchemeId::from(SIGV4)].into(),
        }
    }

    pub(super) fn identity_cache(&self) -> SharedIdentityCache {
        let identities = JudgedIdentities::new(self.guard().clone(), self.identity_resolver());
        SharedIdentityCache::new(identities)
    }

    pub(super) fn identity_resolver(&self) -> SharedIdentityResolver {
        match self.method() {
            Method::ApiKey => {
                SharedIdentityResolver::new(SharedTokenProvider::new(self.judged_api_key()))
            }
            _ => {
                let judged = SharedCredentialsProvider::new(self.judged_credentials());
                SharedIdentityResolver::new(judged)
            }
        }
    }

    fn judged_api_key(&self) -> JudgedApiKey {
        JudgedApiKey { guard: self.guard().clone() }
    }

    /// The credentials, fetched, judged anew and recorded each time they are asked for. An API key is none.
    pub fn credentials(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(RecordedCredentials(self.judged_credentials()))
    }

    /// Fetches the credential and judges it. It leaves by [`release`](Self::release), as often as somebody asks.
    ///
    /// # Errors
    /// When the policies in force refuse it, or a step on the way to it fails. That is not on record.
    pub async fn fetch(&self) -> Result<Fetched, HandOutError> {
        fetch(self.guard(), &self.judged.ground).await
    }

    /// Hands out a credential that was fetched, judged by the policies as they are now, and recorded.
    ///
    /// # Errors
    /// When the policies in force refuse it, when it is of another answer than this session's, when that is not in
    /// force any more, or when a record is demanded and cannot be written.
    pub async fn release(
        &self,
        fetched: &Fetched,
        asked: &Asked,
    ) -> Result<HandedOut, HandOutError> {
        release(self.guard(), fetched, asked).await
    }

    /// The credential, fetched, judged anew and recorded, for another program to use.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch) and [`release`](Self::release).
    pub async fn hand_out(&self, asked: &Asked) -> Result<HandedOut, HandOutError> {
        hand_out(self.guard(), &self.judged.ground, asked).await
    }

    pub(super) fn judged_credentials(&self) -> JudgedCredentials {
        let Judged { guard, ground, .. } = self.judged.clone();
        JudgedCredentials { guard, ground }
    }

    pub(super) fn guard(&self) -> &Guard {
        &self.judged.guard
    }

    pub(super) fn ground(&self) -> &Ground {
        &self.ground
    }

    pub(super) fn allowed(&self) -> &Allowed {
        self.guard().allowed()
    }

    fn method(&self) -> Method {
        self.allowed().auth().method()
    }
}

/// The answer, which shows no secret.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("display", &self.resolution().display)
            .finish_non_exhaustive()
    }
}
