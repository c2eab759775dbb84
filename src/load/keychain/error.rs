//! Why the keychain could not be asked or would not do it.

use std::{fmt, time::Duration};

use crate::credentials::ItemError;

/// Why an operation on the keychain came to nothing. Never holds a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeychainError {
    /// No keychain is to be consulted: `--no-keychain`.
    Disabled,
    /// There is no keychain to ask.
    Absent {
        /// What is missing.
        reason: String,
    },
    /// The keychain would have to ask the person for a password or for consent first.
    Locked,
    /// The keychain did not answer in time.
    TimedOut {
        /// How long the wait was.
        after: Duration,
    },
    /// The credentials to be stored are not whole.
    Incomplete(ItemError),
    /// The credentials are larger than the platform's keychain takes.
    TooLarge {
        /// The most an item may hold, in bytes.
        limit: usize,
    },
    /// The service keeps no default collection that an item could be written to.
    NoCollection,
    /// The keychain answered with an error, or the question could not be asked.
    Failed {
        /// What it said.
        reason: String,
    },
}

impl KeychainError {
    pub(super) const ABSENT_ADVICE: Option<&'static str> = if cfg!(target_os = "linux") {
        Some(
            "start a Secret Service (GNOME Keyring, KWallet, KeePassXC) in this session, or use environment variables",
        )
    } else {
        Some("run in a session of a signed-in user, or use environment variables")
    };
    pub(super) const LOCKED_ADVICE: Option<&'static str> = if cfg!(target_os = "macos") {
        Some(
            "unlock the login keychain, and allow this program under the item's access control in Keychain Access",
        )
    } else {
        Some("unlock the keychain, for example by signing in to the desktop")
    };
    pub(super) const TIMED_OUT_ADVICE: Option<&'static str> = Some(
        "see whether the keychain service hangs or waits for an answer to a dialog; `--no-keychain` does without it",
    );

    /// What the person can do about it, where there is something to do.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            KeychainError::Disabled => Some("leave out `--no-keychain`"),
            KeychainError::Absent { .. } => Self::ABSENT_ADVICE,
            KeychainError::Locked => Self::LOCKED_ADVICE,
            KeychainError::TimedOut { .. } => Self::TIMED_OUT_ADVICE,
            KeychainError::Incomplete(_) => {
                Some("give a bearer token, or an access key id with its secret access key")
            }
            KeychainError::TooLarge { .. } => Some(
                "store an API key or a long-term access key; session tokens can be too long for this keychain",
            ),
            KeychainError::NoCollection => Some(
                "create a default keyring, for example with Passwords and Keys, or sign in to the desktop once",
            ),
            KeychainError::Failed { .. } => None,
        }
    }
}

impl fmt::Display for KeychainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeychainError::Disabled => f.write_str("the keychain is not consulted"),
            KeychainError::Absent { reason } => write!(f, "there is no keychain: {reason}"),
            KeychainError::Locked => f.write_str("the keychain is locked"),
            KeychainError::TimedOut { after } => {
                write!(f, "the keychain did not answer within {after:?}")
            }
            KeychainError::Incomplete(_) => f.write_str("the credentials are not whole"),
            KeychainError::TooLarge { limit } => {
                write!(f, "the credentials are larger than the {limit} bytes this keychain takes")
            }
            KeychainError::NoCollection => {
                f.write_str("the keychain service has no default collection")
            }
            KeychainError::Failed { reason } => write!(f, "the keychain failed: {reason}"),
        }
    }
}

impl std::error::Error for KeychainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            KeychainError::Incomplete(error) => Some(error),
            _ => None,
        }
    }
}
