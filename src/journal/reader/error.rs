//! Why a journal is not read on.

use std::path::PathBuf;
use std::{fmt, io};

/// Why a journal is not read on.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The directory or a file in it cannot be read.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The record after which to go on has another hash: this is another journal, or it was written anew.
    OtherRecord {
        /// The record.
        sequence: u64,
    },
    /// The record after which to go on is not there: its file was taken away, or the journal was cut.
    Gone {
        /// The record.
        sequence: u64,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Unreadable { path, error } => {
                write!(f, "`{}` cannot be read: {error}", path.display())
            }
            ReadError::OtherRecord { sequence } => {
                write!(f, "record {sequence} is another one than the cursor says")
            }
            ReadError::Gone { sequence } => {
                write!(f, "record {sequence}, after which to go on, is not there")
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::Unreadable { error, .. } => Some(error),
            ReadError::OtherRecord { .. } | ReadError::Gone { .. } => None,
        }
    }
}
