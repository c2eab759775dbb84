//! What the commands share that hand out a credential: getting it, and saying why there is none.

use std::io;

use aws_sdk_bedrockruntime::config::BehaviorVersion;
use bedrock_auth::audit::{Asked, Door};
use bedrock_auth::client::{ChildEnvironment, HandOutError, HandedOut, OpenError, Session};
use bedrock_auth::journal::{self, JournalError, Recorder};
use bedrock_auth::policy::Denial;
use bedrock_auth::resolve::{Outcome, Resolution};
use serde::Serialize;

use super::in_runtime;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, answer};

/// The credential of the answer, on record.
pub(super) fn hand_out(common: &Common, door: Door) -> Result<HandedOut, Failure> {
    let session = Session::builder(common.machine(), BehaviorVersion::latest());
    let recorder = session.recorder().clone();
    let asked = Asked::at(door).by(journal::parent());
    let handed = in_runtime(session.hand_out(&asked))?;
    tell_of_trouble(&recorder);
    handed.map_err(|error| match error {
        HandOutError::NotOpened(OpenError::NotAllowed(resolution)) => {
            not_allowed(common, &resolution)
        }
        HandOutError::NotOpened(OpenError::WhatIf) => Failure::what_if(),
        HandOutError::Refused(refused) => refusal(common, &refused.denials),
        HandOutError::Failed(failed) => {
            let advice = failed.remedy.clone();
            Failure { advice, ..Failure::new(failed.to_string()) }
        }
        HandOutError::NotRecorded(error) => not_recorded(&error),
        error => Failure::of_error(&error),
    })
}

/// Says what is not on record, where that kept nothing from leaving.
pub(super) fn tell_of_trouble(recorder: &Recorder) {
    let Some(trouble) = recorder.trouble() else { return };
    let mut page = Page::for_stderr();
    page.warning(&trouble.to_string(), Some(&trouble.remedy()));
    // Nobody is left to tell when this fails.
    let _ = page.print_to_stderr();
}

/// No credential leaves without the record that a policy demands.
pub(super) fn not_recorded(error: &JournalError) -> Failure {
    Failure::new(format!("the policy demands an audit record, and nothing is handed out: {error}"))
        .with_advice(error.remedy())
}

pub(super) fn not_allowed(common: &Common, resolution: &Resolution) -> Failure {
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

pub(super) fn names_of_variables() -> Vec<String> {
    std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
}
