//! What a look into the keychain found, as plain data: no IO, no clock, no environment.

use std::{fmt, time::Duration};

use super::KeychainError;
use crate::credentials::StaticCredentials;

/// Our own item's service.
pub(super) const SERVICE: &str = "bedrock-auth";
/// Our own item's user.
pub(super) const USER: &str = "bedrock";
/// What Zed files its Bedrock credentials under.
pub(super) const ZED_URL: &str = "https://amazonaws.com";
/// The user Zed gives them.
pub(super) const ZED_USER: &str = "Bearer";

/// An item this crate knows how to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemName {
    /// Written by `bedrock-auth login`.
    BedrockAuth,
    /// Written by the editor Zed.
    Zed,
}

impl ItemName {
    /// The name a keychain application lists the item under on this platform.
    ///
    /// Linux: the item's label. macOS: its name. Windows: its internet or network address.
    pub const fn label(self) -> &'static str {
        match self {
            ItemName::BedrockAuth if cfg!(windows) => "bedrock.bedrock-auth",
            ItemName::BedrockAuth => SERVICE,
            ItemName::Zed if cfg!(windows) => "zed:url=https://amazonaws.com",
            ItemName::Zed if cfg!(target_os = "macos") => ZED_URL,
            // Zed gives all its items this one label; the url tells them apart
            ItemName::Zed => "zed-github-account",
        }
    }
}

/// The label, and what tells the item from others of that label.
impl fmt::Display for ItemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.label();
        match self {
            ItemName::BedrockAuth => write!(f, "{label} (user {USER})"),
            ItemName::Zed => write!(f, "{label} ({ZED_URL}, user {ZED_USER})"),
        }
    }
}

/// What [`Keychain::read`](super::Keychain::read) found.
///
/// `Debug` and `Display` never show a credential.
#[derive(Debug, Clone, PartialEq)]
pub enum KeychainState {
    /// Nobody asked it: `--no-keychain`.
    Disabled,
    /// There is no keychain to ask: no session bus, no service on it, no keychain of this session.
    Absent {
        /// What is missing.
        reason: String,
    },
    /// There is a keychain, and it holds neither of the items.
    Empty,
    /// It would have to ask the person for a password or for consent first.
    ///
    /// Also where no item shows but the keychain is locked: some services hide the items of a
    /// locked keychain.
    Locked,
    /// It did not answer in time.
    TimedOut {
        /// How long the wait was.
        after: Duration,
    },
    /// It answered with an error, or the question could not be asked.
    Failed {
        /// What it said.
        reason: String,
    },
    /// Credentials: a bearer token, a whole access key, or both.
    Found {
        /// Where they are kept.
        item: ItemName,
        /// The credentials.
        credentials: StaticCredentials,
    },
    /// An item is there, and what it holds cannot be used.
    Unusable {
        /// The item.
        item: ItemName,
        /// What is wrong with its form; never its content.
        reason: String,
    },
}

impl KeychainState {
    /// What the text of `item` amounts to.
    pub(super) fn from_item(item: ItemName, text: &[u8]) -> Self {
        match StaticCredentials::from_item(text) {
            Ok(credentials) => KeychainState::Found { item, credentials },
            Err(error) => KeychainState::Unusable { item, reason: error.to_string() },
        }
    }

    /// The state that an error of a read tells of.
    pub(super) fn from_error(error: KeychainError) -> Self {
        match error {
            KeychainError::Disabled => KeychainState::Disabled,
            KeychainError::Absent { reason } => KeychainState::Absent { reason },
            KeychainError::Locked => KeychainState::Locked,
            KeychainError::TimedOut { after } => KeychainState::TimedOut { after },
            KeychainError::Failed { reason } => KeychainState::Failed { reason },
            // Answers to a store; a read that meets one has still failed
            error @ (KeychainError::Incomplete(_)
            | KeychainError::TooLarge { .. }
            | KeychainError::NoCollection) => KeychainState::Failed { reason: error.to_string() },
        }
    }

    /// What the person can do about it, where there is something to do.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            KeychainState::Disabled | KeychainState::Empty | KeychainState::Found { .. } => None,
            KeychainState::Absent { .. } => KeychainError::ABSENT_ADVICE,
            KeychainState::Locked => KeychainError::LOCKED_ADVICE,
            KeychainState::TimedOut { .. } => KeychainError::TIMED_OUT_ADVICE,
            KeychainState::Failed { .. } => None,
            KeychainState::Unusable { item: ItemName::BedrockAuth, .. } => Some(
                "run `bedrock-auth login` to write the item anew, or `bedrock-auth logout` to delete it",
            ),
            KeychainState::Unusable { item: ItemName::Zed, .. } => {
                Some("reset the Amazon Bedrock credentials in Zed's settings and enter them again")
            }
        }
    }
}

impl fmt::Display for KeychainState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeychainState::Disabled => KeychainError::Disabled.fmt(f),
            KeychainState::Absent { reason } => write!(f, "there is no keychain: {reason}"),
            KeychainState::Empty => {
                f.write_str("the keychain holds no credentials for Amazon Bedrock")
            }
            KeychainState::Locked => KeychainError::Locked.fmt(f),
            KeychainState::TimedOut { after } => KeychainError::TimedOut { after: *after }.fmt(f),
            KeychainState::Failed { reason } => write!(f, "the keychain failed: {reason}"),
            KeychainState::Found { item, .. } => write!(f, "credentials in keychain item `{item}`"),
            KeychainState::Unusable { item, reason } => {
                write!(f, "keychain item `{item}` cannot be used: {reason}")
            }
        }
    }
}

/// What [`Keychain::remove`](super::Keychain::remove) did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// Whether our own item was there. It is gone either way.
    pub existed: bool,
    /// Whether Zed's item is there and will be read from now on.
    pub zed_remains: bool,
}
