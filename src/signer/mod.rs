//! What would really sign a request: the root of a credential and every step that leads to it.

mod fault;
mod service;
mod sign_in;
mod step;

use jiff::Timestamp;
use serde::Serialize;

pub use fault::{SignerFault, SignerFaultKind};
pub use service::{MovedEndpoint, Service, ServiceCall};
pub use sign_in::{Renewal, SignIn, SignInReport};
pub(crate) use sign_in::{console_login, sso_login};
pub use step::{CommandLine, Step, StepKind};

use crate::auth::{AccessKeyId, AccountId, Root};
use crate::credentials::StaticCredentials;
use crate::lure::Lure;
use crate::provenance::Place;

/// What is known, before anything is called, about the credential that would sign.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signer {
    /// Where the credential comes from; none where that cannot be known.
    pub root: Option<Root>,
    /// From what was asked for, down to the root.
    pub chain: Vec<Step>,
    /// The account that the requests will count for.
    pub account: Option<AccountId>,
    /// The key that signs, where it is known beforehand.
    pub access_key_id: Option<AccessKeyId>,
    /// When the credential ends, where that is known beforehand.
    pub expires: Option<Timestamp>,
    /// The services that are asked on the way to the credential, in the order of the chain.
    pub calls: Vec<ServiceCall>,
    /// Parts of the files that were passed over or are ambiguous, for people to read.
    pub notes: Vec<Note>,
}

impl Signer {
    /// The roles that are assumed, from the one that signs down.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &str> {
        self.chain.iter().filter_map(|step| match &step.kind {
            StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } => {
                Some(role_arn.as_str())
            }
            _ => None,
        })
    }

    /// The commands that are run for credentials.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &CommandLine> {
        self.chain.iter().filter_map(|step| match &step.kind {
            StepKind::CredentialProcess { command, .. } => Some(command),
            _ => None,
        })
    }

    /// The portal that is signed in to, if one is.
    pub(crate) fn portal(&self) -> Option<Portal<'_>> {
        self.chain.iter().find_map(|step| match &step.kind {
            StepKind::Sso { start_url, region, account, role_name, .. } => Some(Portal {
                start_url,
                region,
                account: *account,
                role_name: role_name.as_deref(),
            }),
            _ => None,
        })
    }
}

/// A portal of IAM Identity Center, and what is asked of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Portal<'a> {
    pub(crate) start_url: &'a str,
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only a client calls it"))]
    pub(crate) region: &'a str,
    pub(crate) account: Option<AccountId>,
    /// The permission set.
    pub(crate) role_name: Option<&'a str>,
}

/// A remark about a place that shaped the signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The remark, lower case, without a full stop.
    pub message: String,
    /// Where it stands.
    pub at: Option<Place>,
}

/// Says which signer stands behind a profile or the SDK's default chain.
///
/// An implementation is a value made beforehand: asking it does no IO.
pub trait Signers {
    /// What would sign if this profile were used.
    ///
    /// # Errors
    /// When the profile can supply no credential.
    fn profile(&self, name: &str) -> Result<Signer, SignerFault>;

    /// What the SDK's default chain would sign with.
    ///
    /// # Errors
    /// When the chain would find nothing.
    fn automatic(&self) -> Result<Signer, SignerFault>;

    /// What a plain AWS SDK that uses this profile, or the one that variables choose, would heed besides.
    fn lures(&self, profile: Option<&str>) -> Vec<Lure>;

    /// The call that asks STS whose credentials these are (`GetCallerIdentity`), for a profile or the active one.
    ///
    /// # Errors
    /// When the endpoint of STS is none, or which one wins is chance.
    fn identity_call(&self, profile: Option<&str>) -> Result<ServiceCall, SignerFault>;

    /// The access key of a step that is one: [`StepKind::StaticKeys`] or [`StepKind::EnvironmentKeys`].
    fn access_key(&self, step: &StepKind) -> Option<StaticCredentials>;

    /// The sign-in that a step needs: [`StepKind::Sso`] or [`StepKind::Login`]. None for others, and where nobody looked.
    fn sign_in(&self, step: &StepKind) -> Option<SignIn>;
}
