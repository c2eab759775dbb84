//! Why there is no session.

use std::error::Error;
use std::fmt;

use super::door::{tell_of_failure, tell_of_refusal};
use crate::audit::Asked;
use crate::journal::Recorder;
use crate::network::NetworkFault;
use crate::resolve::{Outcome, Resolution};

/// Why there is no session.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The answer is not an allowed one; it says why.
    NotAllowed(Box<Resolution>),
    /// The policies are those of a what-if question, and the machine has some of its own.
    WhatIf,
    /// The region has no endpoint.
    NoEndpoint,
    /// No connection can be made as the machine wants it.
    Transport(NetworkFault),
}

impl OpenError {
    /// Has it on record, where it is about what somebody asked for.
    pub(super) fn record(&self, recorder: &Recorder, asked: &Asked) {
        if let OpenError::NotAllowed(resolution) = self {
            match resolution.outcome {
                Outcome::Denied => tell_of_refusal(asked.door, &resolution.denials),
                _ => tell_of_failure(asked.door),
            }
            recorder.not_allowed(resolution, asked);
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::NotAllowed(resolution) => f.write_str(&resolution.display),
            OpenError::WhatIf => f.write_str(
                "this machine has a managed policy of its own, so another one hands out nothing",
            ),
            OpenError::NoEndpoint => f.write_str("Bedrock Runtime has no endpoint in this region"),
            OpenError::Transport(_) => f.write_str("no connection can be made"),
        }
    }
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            OpenError::Transport(error) => Some(error),
            OpenError::NotAllowed(_) | OpenError::WhatIf | OpenError::NoEndpoint => None,
        }
    }
}

impl From<NetworkFault> for OpenError {
    fn from(error: NetworkFault) -> Self {
        OpenError::Transport(error)
    }
}
