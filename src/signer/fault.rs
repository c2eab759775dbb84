//! Why a profile or the default chain can supply no credential.

use std::fmt;

use super::Step;
use crate::provenance::Place;

/// Why what was asked for can supply no credential at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerFault {
    /// Which fault.
    pub kind: SignerFaultKind,
    /// Where the fault stands, if it stands somewhere.
    pub at: Option<Place>,
    /// What could be walked before the fault.
    pub chain: Vec<Step>,
}

/// The faults of profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerFaultKind {
    /// No profile of this name. The SDK would fall through to container and IMDS credentials.
    ProfileNotFound {
        /// The name that was looked for.
        profile: String,
        /// A name that is nearly the same.
        similar: Option<String>,
    },
    /// The profile names no way to get credentials.
    NoCredentials {
        /// The profile.
        profile: String,
    },
    /// The profile lacks a key that its own keys call for.
    Incomplete {
        /// The profile.
        profile: String,
        /// The missing key.
        missing: &'static str,
    },
    /// `source_profile` leads back to a profile that was passed already.
    Loop {
        /// The profiles in the order in which they were passed, the repeated one last.
        profiles: Vec<String>,
    },
    /// A key has a value that the SDK would refuse.
    Invalid {
        /// The profile.
        profile: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it, without repeating its value.
        reason: String,
    },
    /// An environment variable that the credentials depend on cannot be used.
    Variable {
        /// The variable.
        name: &'static str,
        /// What is wrong with it, without repeating its value.
        reason: String,
    },
    /// A file could not be read or parsed, so nothing in it is known.
    FileUnusable {
        /// What is wrong.
        reason: String,
    },
    /// Nothing on this machine would supply credentials to the default chain.
    NothingFound,
}

impl fmt::Display for SignerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            SignerFaultKind::ProfileNotFound { profile, .. } => {
                write!(f, "there is no AWS profile `{profile}`")
            }
            SignerFaultKind::NoCredentials { profile } => {
                write!(f, "the AWS profile `{profile}` names no way to get credentials")
            }
            SignerFaultKind::Incomplete { profile, missing } => {
                write!(f, "the AWS profile `{profile}` lacks `{missing}`")
            }
            SignerFaultKind::Loop { profiles } => {
                write!(f, "the AWS profiles lead in a circle: {}", profiles.join(" → "))
            }
            SignerFaultKind::Invalid { profile, key, reason } => {
                write!(f, "`{key}` of the AWS profile `{profile}` is not usable: {reason}")
            }
            SignerFaultKind::Variable { name, reason } => {
                write!(f, "the environment variable `{name}` is not usable: {reason}")
            }
            SignerFaultKind::FileUnusable { reason } => f.write_str(reason),
            SignerFaultKind::NothingFound => {
                f.write_str("the AWS default chain would find no credentials on this machine")
            }
        }
    }
}
