//! A session: one allowed answer, and the SDK's configuration and client that use it.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, token::SharedTokenProvider,
};
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
use super::guard::{Guard, Refused};
use super::hand_out::{HandOutError, HandedOut, hand_out};
use super::identity::JudgedIdentities;
use super::open_error::OpenError;
use super::steps::Ground;
use crate::auth::Method;
use crate::load::Machine;
use crate::resolve::{Allowed, Resolution};

/// What the caller chooses about a session.
#[derive(Clone)]
pub struct SessionBuilder {
    pub(super) machine: Machine,
    pub(super) choices: SdkChoices,
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

    /// Resolves the machine and makes a session of the answer. Calls nobody yet.
    ///
    /// # Errors
    /// When the answer is not an allowed one, when credentials may not leave by these policies, or when no
    /// connection can be made as the machine wants it.
    pub fn open(self) -> Result<Session, OpenError> {
        let resolution = self.machine.resolve();
        self.open_with(resolution, Guard::new)
    }

    /// Makes a session of an answer of this very machine.
    pub(super) fn open_with(
        self,
        resolution: Resolution,
        guard: impl FnOnce(Allowed, Machine) -> Guard,
    ) -> Result<Session, OpenError> {
        let judged = self.judge(resolution, guard)?;
        let ground = judged.ground.get()?;
        Ok(Session { judged, ground })
    }

    /// Resolves the machine and hands out the credential of the answer. Where it is at hand, no connection is prepared.
    ///
    /// # Errors
    /// As [`open`](Self::open) and [`Session::hand_out`].
    pub async fn hand_out(self) -> Result<HandedOut, HandOutError> {
        let resolution = self.machine.resolve();
        let judged = self.judge(resolution, Guard::new).map_err(HandOutError::NotOpened)?;
        hand_out(&judged.guard, &judged.ground).await
    }

    fn judge(
        self,
        resolution: Resolution,
        guard: impl FnOnce(Allowed, Machine) -> Guard,
    ) -> Result<Judged, OpenError> {
        let Some(allowed) = resolution.allowed().cloned() else {
            return Err(OpenError::NotAllowed(Box::new(resolution)));
        };
        if !self.machine.may_hand_out() {
            return Err(OpenError::WhatIf);
        }
        let endpoints = Endpoints::of(&allowed).ok_or(OpenError::NoEndpoint)?;
        let region = allowed.region().to_owned();
        let guard = guard(allowed, self.machine.clone());
        let ground = LazyGround::new(self.machine, self.choices, &region, endpoints);
        Ok(Judged { resolution, guard, ground: Arc::new(ground) })
    }

    /// The same choices about another machine.
    pub(super) fn on(self, machine: Machine) -> Self {
        SessionBuilder { machine, ..self }
    }
}

/// What a session is made of before anything is connected.
#[derive(Clone)]
struct Judged {
    resolution: Resolution,
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
        SessionBuilder { machine, choices }
    }

    /// The answer that the session was made of.
    pub fn resolution(&self) -> &Resolution {
        &self.judged.resolution
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
                builder.token_provider(SharedTokenProvider::new(self.judged_api_key())).build()
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
        SharedIdentityCache::new(JudgedIdentities::new(self.guard().clone()))
    }

    pub(super) fn identity_resolver(&self) -> SharedIdentityResolver {
        match self.method() {
            Method::ApiKey => {
                SharedIdentityResolver::new(SharedTokenProvider::new(self.judged_api_key()))
            }
            _ => SharedIdentityResolver::new(self.credentials()),
        }
    }

    fn judged_api_key(&self) -> JudgedApiKey {
        JudgedApiKey { guard: self.guard().clone() }
    }

    /// The credentials, fetched and judged anew each time they are asked for. An API key is none.
    pub fn credentials(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(self.judged_credentials())
    }

    /// Judges a credential that was handed out before, as each use of it has to be.
    ///
    /// # Errors
    /// When the policies in force refuse it, when it is of another answer than this session's, or when that is not in
    /// force any more.
    pub async fn admit(&self, handed: &HandedOut) -> Result<(), Refused> {
        if handed.allowed() != self.allowed() {
            let superseded_by = Some(self.resolution().display.clone());
            return Err(Refused { denials: Vec::new(), superseded_by });
        }
        match handed.delivered() {
            Some(delivered) => self.guard().admit_delivered(delivered.clone()).await,
            None => self.guard().admit().await,
        }
    }

    /// The credential, fetched and judged anew each time, for another program to use.
    ///
    /// # Errors
    /// When the policies in force refuse it, or a step on the way to it fails.
    pub async fn hand_out(&self) -> Result<HandedOut, HandOutError> {
        hand_out(self.guard(), &self.judged.ground).await
    }

    pub(super) fn judged_credentials(&self) -> impl ProvideCredentials + 'static {
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
