//! Why a record was not written.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a record was not written, or is not known to be durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalError {
    /// What was tried.
    pub doing: Doing,
    /// With which file or directory.
    pub path: PathBuf,
    /// What kind of obstacle it was.
    pub kind: io::ErrorKind,
    /// What the system says of it.
    pub why: String,
}

/// What is done with a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doing {
    /// Making or opening its directory.
    Opening,
    /// Reading or making its keys.
    Keys,
    /// Waiting for other processes that write.
    Waiting,
    /// Finding its end.
    Settling,
    /// Writing a record.
    Writing,
    /// Making records durable.
    Syncing,
}

impl JournalError {
    pub(super) fn new(doing: Doing, path: &Path, error: &io::Error) -> Self {
        JournalError { doing, path: path.to_owned(), kind: error.kind(), why: error.to_string() }
    }

    /// For `map_err`.
    pub(super) fn of(doing: Doing, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| {
            let waited = error.kind() == io::ErrorKind::TimedOut;
            JournalError::new(if waited { Doing::Waiting } else { doing }, path, &error)
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        let path = self.path.display();
        match (self.doing, self.kind) {
            (_, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
                format!("free some space on the disk of `{path}`")
            }
            (_, io::ErrorKind::ReadOnlyFilesystem) => {
                format!("make the file system of `{path}` writable")
            }
            (_, io::ErrorKind::PermissionDenied) => {
                format!("make `{path}` yours, and writable for you alone")
            }
            (_, io::ErrorKind::NotADirectory) => {
                format!("move away the file that stands where a directory of `{path}` has to be")
            }
            (Doing::Keys, io::ErrorKind::InvalidData) => {
                format!(
                    "put back the key that `{path}` held, or remove the file, so that a new key is made"
                )
            }
            (Doing::Waiting, _) => {
                "find the program that holds the journal, stopped or stuck, and end it".to_owned()
            }
            _ => format!("see that `{path}` can be written to; `bedrock-auth doctor` looks at it"),
        }
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.doing {
            Doing::Opening => write!(f, "the audit journal `{path}` cannot be opened"),
            Doing::Keys => write!(f, "the key `{path}` of the audit journal cannot be used"),
            Doing::Waiting => write!(f, "the audit journal is busy: `{path}`"),
            Doing::Settling => write!(f, "the end of the audit journal cannot be found: `{path}`"),
            Doing::Writing => write!(f, "no audit record can be written to `{path}`"),
            Doing::Syncing => write!(f, "audit records in `{path}` are not known to be durable"),
        }?;
        write!(f, ": {}", self.why)
    }
}

impl std::error::Error for JournalError {}
