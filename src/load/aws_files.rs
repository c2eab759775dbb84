//! AWS's config and credentials files, each read once.

use std::path::Path;

use super::environment::Environment;
use super::trusted::{FileRead, Ownership, read_file};
use crate::aws::{AwsFacts, AwsInputs, FileKind, FileText, VARIABLES, profile_file};
#[cfg(feature = "client")]
use crate::prose::quoted;
#[cfg(feature = "client")]
use secrecy::SecretString;

/// Profile files of large companies are generated and long; more than this is none.
const MAX_BYTES: u64 = 16 << 20;

/// Tokens of web identities are a few kilobytes.
#[cfg(feature = "client")]
const MAX_TOKEN_BYTES: u64 = 1 << 20;

/// What AWS's files and variables say on this machine.
pub(super) fn read(environment: &Environment) -> AwsFacts {
    let environment = environment.raw(VARIABLES);
    let file = |kind| read_one(&profile_file(kind, &environment));
    let (config, credentials) = (file(FileKind::Config), file(FileKind::Credentials));
    AwsFacts::new(AwsInputs { config, credentials, environment })
}

fn read_one(path: &Path) -> Option<FileText> {
    match read_file(path, Ownership::Waived, MAX_BYTES) {
        FileRead::Absent => None,
        FileRead::Read { bytes } => Some(FileText::new(path, bytes)),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => {
            Some(FileText::unreadable(path, &std::io::Error::other(problem.reason)))
        }
    }
}

/// The token of a web identity, as it is now: tokens are rotated.
///
/// # Errors
/// When there is no regular file, or none that is text and of a reasonable size.
#[cfg(feature = "client")]
pub(crate) fn read_web_identity_token(path: &Path) -> Result<SecretString, String> {
    let shown = quoted(&path.to_string_lossy());
    match read_file(path, Ownership::Waived, MAX_TOKEN_BYTES) {
        FileRead::Absent => Err(format!("there is no web identity token {shown}")),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => Err(problem.reason),
        FileRead::Read { bytes } => FileText::new(path, bytes)
            .text()
            .cloned()
            .ok_or_else(|| format!("the web identity token {shown} is not text")),
    }
}
