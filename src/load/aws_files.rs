//! AWS's config and credentials files, each read once.

use std::path::Path;

use super::environment::Environment;
use super::trusted::{FileRead, Ownership, read_file};
use crate::aws::{AwsFacts, AwsInputs, FileKind, FileText, VARIABLES, profile_file};

/// Profile files of large companies are generated and long; more than this is none.
const MAX_BYTES: u64 = 16 << 20;

/// What AWS's files and variables say on this machine.
pub(super) fn read(environment: &Environment) -> AwsFacts {
    let environment = environment.raw(VARIABLES);
    let file = |kind| profile_file(kind, &environment).and_then(|path| read_one(&path));
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
