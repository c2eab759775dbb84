//! What container credentials cannot carry.

use std::error::Error;
use std::fmt;

use crate::auth::{Method, Root};
use crate::resolve::Allowed;

/// Why a credential cannot be handed on by AWS's contract for container credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotCarried {
    /// The contract has no place for a Bedrock API key.
    ApiKey,
    /// A long-lived key has no session token, and an answer without one is none to the SDKs for Python, Rust and
    /// JavaScript.
    SessionTokenMissing,
}

impl NotCarried {
    /// What is known before anything is fetched.
    pub fn foreseen(allowed: &Allowed) -> Option<Self> {
        if allowed.auth().method() == Method::ApiKey {
            return Some(NotCarried::ApiKey);
        }
        let signer = allowed.signer();
        // A role on top of the key hands out a session.
        let is_bare = signer.root == Some(Root::LongLivedKeys) && signer.chain.len() <= 1;
        is_bare.then_some(NotCarried::SessionTokenMissing)
    }
}

impl fmt::Display for NotCarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotCarried::ApiKey => {
                "the answer is a Bedrock API key, which container credentials cannot carry"
            }
            NotCarried::SessionTokenMissing => {
                "the access key has no session token, which container credentials must have"
            }
        })
    }
}

impl Error for NotCarried {}
