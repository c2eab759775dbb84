//! What the commands share that hand out a credential: getting it, and saying why there is none.

use std::io;
use std::path::Path;

use aws_sdk_bedrockruntime::config::BehaviorVersion;
use bedrock_auth::auth::{Method, Root};
use bedrock_auth::client::{
    ChildEnvironment, Credential, HandOutError, HandedOut, OpenError, Session,
};
use bedrock_auth::policy::Denial;
use bedrock_auth::resolve::{Outcome, Resolution};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::in_runtime;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, answer};
#[cfg(unix)]
use crate::serve::Agent;

/// The credential of the answer.
pub(super) fn hand_out(common: &Common) -> Result<HandedOut, Failure> {
    let session = Session::builder(common.machine(), BehaviorVersion::latest());
    in_runtime(session.hand_out())?.map_err(|error| match error {
        HandOutError::NotOpened(OpenError::NotAllowed(resolution)) => {
            not_allowed(common, &resolution)
        }
        HandOutError::NotOpened(OpenError::WhatIf) => Failure::of_error(&error)
            .with_advice("leave `--managed` out: the machine's own policy decides"),
        HandOutError::Refused(refused) => refusal(common, &refused.denials),
        HandOutError::Failed(failed) => {
            let advice = failed.remedy.clone();
            Failure { advice, ..Failure::new(failed.to_string()) }
        }
        error => Failure::of_error(&error),
    })
}

fn not_allowed(common: &Common, resolution: &Resolution) -> Failure {
    shown(
        Exit::of(resolution),
        match common.json {
            true => Page::of_json(resolution),
            false => Ok(answer::not_allowed(resolution)),
        },
    )
}

/// What was allowed beforehand and is not any more, or came otherwise than foreseen.
fn refusal(common: &Common, denials: &[Denial]) -> Failure {
    #[derive(Serialize)]
    struct Refusal<'a> {
        schema_version: u32,
        outcome: Outcome,
        denials: &'a [Denial],
    }
    shown(
        Exit::of_denials(denials),
        match common.json {
            true => {
                Page::of_json(&Refusal { schema_version: 1, outcome: Outcome::Denied, denials })
            }
            false => Ok(answer::refusal(Page::for_stderr(), "denied", denials)),
        },
    )
}

fn shown(exit: Exit, page: io::Result<Page>) -> Failure {
    page.map_or_else(Failure::from, |page| Failure::shown(exit, page))
}

/// The environment of a program that would inherit that of this process.
pub(super) fn child_environment(handed: &HandedOut) -> ChildEnvironment {
    let names = names_of_variables();
    handed.child_environment(names.iter().map(String::as_str))
}

/// The environment of a program that asks the agent for credentials, as long as it runs.
#[cfg(unix)]
pub(super) fn environment_with_agent(
    common: &Common,
    runtime_dir: Option<&Path>,
) -> Result<ChildEnvironment, Failure> {
    let resolution = common.machine().resolve();
    let Some(allowed) = resolution.allowed() else { return Err(not_allowed(common, &resolution)) };
    let advice = "leave `--agent` out";
    if allowed.auth().method() == Method::ApiKey {
        return Err(Failure::new("the agent hands out no Bedrock API key").with_advice(advice));
    }
    if resolution.root == Some(Root::LongLivedKeys) && allowed.signer().chain.len() <= 1 {
        let message = "the agent hands out no long-lived access key";
        return Err(Failure::new(message).with_advice(advice));
    }
    let agent = Agent::running(runtime_dir)?;
    let names = names_of_variables();
    let names = names.iter().map(String::as_str);
    Ok(ChildEnvironment::asking(allowed, &agent.credentials_url, &agent.token_file, names))
}

#[cfg(not(unix))]
pub(super) fn environment_with_agent(
    _: &Common,
    _: Option<&Path>,
) -> Result<ChildEnvironment, Failure> {
    Err(Failure::new("there is no agent on this system").with_advice("leave `--agent` out"))
}

pub(super) fn names_of_variables() -> Vec<String> {
    std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
}

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

/// As AWS writes instants; some of its programs read no fractions.
fn whole_seconds(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
