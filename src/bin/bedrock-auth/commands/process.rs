//! The form of `credential_process`.

use bedrock_auth::client::{Credential, HandedOut};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::exit::Failure;
use crate::render::whole_seconds;

/// What AWS's programs read of a credential process.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Process<'a> {
    version: u32,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
}

impl<'a> Process<'a> {
    /// Fails for an API key, which has no place in it.
    pub(super) fn of(handed: &'a HandedOut, expires: Option<Timestamp>) -> Result<Self, Failure> {
        match &handed.credential {
            Credential::AccessKey { id, secret, session_token } => Ok(Process {
                version: 1,
                access_key_id: id.as_str(),
                secret_access_key: secret.expose_secret(),
                session_token: session_token.as_ref().map(ExposeSecret::expose_secret),
                expiration: expires.map(whole_seconds),
                account_id: handed.account.map(|account| account.to_string()),
            }),
            _ => Err(Failure::new(
                "the answer is a Bedrock API key, and this form holds access keys alone",
            )
            .with_advice(
                "run the program by `bedrock-auth exec -- CMD`, which sets `AWS_BEARER_TOKEN_BEDROCK`",
            )),
        }
    }
}
