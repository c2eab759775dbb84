//! Providers for whoever takes a credential out of a configuration: each time that is a door of its own.

use std::fmt;

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_credential_types::provider::token::{self, ProvideToken};
use aws_credential_types::provider::{ProvideCredentials, Result as Provided, future};

use super::chain::{JudgedApiKey, JudgedCredentials};
use super::door::Withheld;
use crate::audit::{Asked, Door};

/// Credentials whose every delivery is on record.
pub(super) struct RecordedCredentials(pub(super) JudgedCredentials);

/// An API key whose every delivery is on record.
#[derive(Debug)]
pub(super) struct RecordedApiKey(pub(super) JudgedApiKey);

impl RecordedCredentials {
    async fn credentials(&self) -> Provided {
        let (guard, asked) = (&self.0.guard, Asked::at(Door::Library));
        let credentials = match self.0.provide_credentials().await {
            Ok(credentials) => credentials,
            Err(error) => {
                guard.withhold(Withheld::of(&error), &asked).await;
                return Err(error);
            }
        };
        let released = guard.release_credentials(&credentials, &asked).await;
        released.map(|()| credentials).map_err(CredentialsError::provider_error)
    }
}

impl RecordedApiKey {
    async fn token(&self) -> token::Result {
        let (guard, asked) = (&self.0.guard, Asked::at(Door::Library));
        let token = match self.0.provide_token().await {
            Ok(token) => token,
            Err(error) => {
                guard.withhold(Withheld::of(&error), &asked).await;
                return Err(error);
            }
        };
        let released = guard.release(None, &asked).await;
        released.map(|()| token).map_err(TokenError::provider_error)
    }
}

impl ProvideCredentials for RecordedCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl ProvideToken for RecordedApiKey {
    fn provide_token<'a>(&'a self) -> future::ProvideToken<'a>
    where
        Self: 'a,
    {
        future::ProvideToken::new(self.token())
    }
}

impl fmt::Debug for RecordedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
