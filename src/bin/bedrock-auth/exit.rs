//! How the program ends.

use std::error::Error;
use std::io;

use bedrock_auth::client::OpenError;
use bedrock_auth::journal::JournalError;
use bedrock_auth::jsonc::Finding;
use bedrock_auth::policy::Denial;
use bedrock_auth::resolve::{Outcome, Resolution};

use crate::render::Page;

/// Exit codes, as scripts rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Fine = 0,
    Failed = 1,
    Usage = 2,
    Denied = 3,
    PolicyUnusable = 4,
    Unconfigured = 5,
}

impl Exit {
    /// The code of an answer: a policy that cannot be used is told apart from one that denies.
    pub(crate) fn of(resolution: &Resolution) -> Self {
        match resolution.outcome {
            Outcome::Allowed => Exit::Fine,
            Outcome::Denied => Exit::of_denials(&resolution.denials),
            Outcome::Unconfigured => Exit::Unconfigured,
        }
    }

    pub(crate) fn of_denials(denials: &[Denial]) -> Self {
        if denials.iter().any(|denial| denial.code.is_about_a_source()) {
            Exit::PolicyUnusable
        } else {
            Exit::Denied
        }
    }
}

/// A command that could not do its work: what happened, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) advice: Option<String>,
    /// Where two sentences are not enough, what to show instead of them.
    pub(crate) page: Option<Page>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Failed, message: message.into(), advice: None, page: None }
    }

    /// A failure that a whole page tells of.
    pub(crate) fn shown(exit: Exit, page: Page) -> Self {
        Failure { exit, page: Some(page), ..Failure::new("") }
    }

    /// An error with all its causes, each once.
    pub(crate) fn of_error(error: &(dyn Error + 'static)) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for cause in std::iter::successors(Some(error), |error| (*error).source()) {
            let text = cause.to_string();
            if !texts.iter().any(|told| told.contains(&text)) {
                texts.push(text);
            }
        }
        Failure::new(texts.join(": "))
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Usage, ..Failure::new(message) }
    }

    /// Policies of a what-if question open no door on a machine that has some of its own.
    pub(crate) fn what_if() -> Self {
        Failure::of_error(&OpenError::WhatIf)
            .with_advice("leave `--managed` out: the machine's own policy decides")
    }

    pub(crate) fn with_advice(self, advice: impl Into<String>) -> Self {
        Failure { advice: Some(advice.into()), ..self }
    }

    /// Tells the person, and says how to end.
    pub(crate) fn report(self) -> Exit {
        let page = self.page.unwrap_or_else(|| {
            let mut page = Page::for_stderr();
            page.problem("error", &self.message, self.advice.as_deref());
            page
        });
        // Nobody is left to tell when this fails.
        let _ = page.print_to_stderr();
        self.exit
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::new(format!("output failed: {error}"))
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Failure::new(error.to_string()).with_advice(error.remedy())
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        let advice = finding.advice.clone();
        Failure { advice, ..Failure::new(finding.to_string()) }
    }
}
