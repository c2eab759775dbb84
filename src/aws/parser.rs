//! AWS's own parser of profile files, run over texts at hand; what it refuses is told in our words.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};
use tracing::subscriber::{NoSubscriber, with_default};

use super::files::{FileKind, FileText};
use crate::provenance::Place;
use crate::signer::{SignerFault, SignerFaultKind};

/// Runs AWS's parser without its log lines, which quote the files.
pub(super) fn parse_texts(texts: &[(FileKind, &str)]) -> Result<EnvConfigSections, Refusal> {
    if texts.is_empty() {
        return Ok(EnvConfigSections::default());
    }
    let files = texts.iter().fold(EnvConfigFiles::builder(), |files, &(kind, text)| {
        files.with_contents(kind.for_parser(), text)
    });
    with_default(NoSubscriber::default(), || {
        let source = load_now(&files.build())?;
        EnvConfigSections::parse(source).map_err(|error| Refusal::of(&error.to_string()))
    })
}

/// The parser's only way in is asynchronous; with contents at hand it has nothing to wait for.
fn load_now(files: &EnvConfigFiles) -> Result<source::Source, Refusal> {
    let (no_environment, no_files) = (Env::from_slice(&[]), Fs::from_slice(&[]));
    let load = pin!(source::load(&no_environment, &no_files, files));
    match load.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(source)) => Ok(source),
        Poll::Ready(Err(_)) | Poll::Pending => {
            Err(Refusal { line: None, reason: NOT_A_PROFILE_FILE })
        }
    }
}

impl FileKind {
    fn for_parser(self) -> EnvConfigFileKind {
        match self {
            FileKind::Config => EnvConfigFileKind::Config,
            FileKind::Credentials => EnvConfigFileKind::Credentials,
        }
    }
}

/// Why the parser refuses a text, in our words: nothing of the text can come along.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    line: Option<u32>,
    reason: &'static str,
}

const NOT_A_PROFILE_FILE: &str = "it is not in the form of AWS profile files";

impl Refusal {
    /// Reads `error parsing PATH on line N:\n  MESSAGE`, where PATH is empty for contents.
    fn of(display: &str) -> Self {
        let (head, message) = display.split_once(":\n  ").unwrap_or_default();
        let line = head.rsplit_once(" on line ").and_then(|(_, number)| number.parse().ok());
        let reason = match message {
            "Expected a profile definition" => "a line stands before the first section header",
            "Expected a property definition, found continuation" => {
                "an indented line follows a section header"
            }
            "Profile definition must end with ']'" => "a section header has no closing `]`",
            "Property did not have a name" | "Sub-property did not have a name" => {
                "a line has nothing before its `=`"
            }
            "Expected an '=' sign defining a property"
            | "Expected an '=' sign defining a sub-property" => "a line has no `=`",
            _ => NOT_A_PROFILE_FILE,
        };
        Refusal { line, reason }
    }

    pub(super) fn in_file(self, file: &FileText) -> SignerFault {
        let at = match self.line {
            Some(line) => file.at_line(line),
            None => Place::File { path: Arc::clone(file.path()), position: None },
        };
        SignerFault { at: Some(at), ..self.without_place() }
    }

    pub(super) fn without_place(self) -> SignerFault {
        let reason = format!("the AWS SDK refuses the profile file: {}", self.reason);
        SignerFault { kind: SignerFaultKind::FileUnusable { reason }, at: None, chain: Vec::new() }
    }
}
