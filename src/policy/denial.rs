//! A reason why something is refused, and the stable codes of all such reasons.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::values::PolicyId;
use crate::provenance::{Place, Source};
use crate::words::words;

words! {
    /// Why something was refused. The names are stable: scripts and audits rely on them.
    pub enum DenialCode {
        /// A managed policy file cannot be read.
        PolicyUnreadable = "policy_unreadable",
        /// A managed policy file is not JSON.
        PolicyMalformed = "policy_malformed",
        /// A managed policy file says something that is not a policy.
        PolicyInvalid = "policy_invalid",
        /// Somebody other than root could have written a managed policy file.
        PolicyUntrusted = "policy_untrusted",
        /// A managed policy has passed its end.
        PolicyExpired = "policy_expired",
        /// Two policies lock different values.
        LockedConflict = "locked_conflict",
        /// A policy locks another value than the one that is in use.
        LockedValueDiffers = "locked_value_differs",
        /// The method is not listed.
        MethodNotAllowed = "method_not_allowed",
        /// The layer may not supply this kind of credential.
        LayerNotAllowed = "layer_not_allowed",
        /// The environment family may not be read.
        FamilyNotAllowed = "family_not_allowed",
        /// The profile's name is not listed.
        ProfileNotAllowed = "profile_not_allowed",
        /// A profile used as `sso` does not get its credentials from IAM Identity Center.
        SsoProfileNotSso = "sso_profile_not_sso",
        /// The credential really comes from somewhere that is not listed.
        RootNotAllowed = "root_not_allowed",
        /// Where the credential really comes from cannot be known.
        RootUnknown = "root_unknown",
        /// The portal is not listed.
        StartUrlNotAllowed = "start_url_not_allowed",
        /// The permission set is not listed.
        RoleNotAllowed = "role_not_allowed",
        /// A role on the way to the credential is not listed, or none is assumed.
        RoleArnNotAllowed = "role_arn_not_allowed",
        /// The command line of a `credential_process` is not listed.
        CommandNotAllowed = "command_not_allowed",
        /// The account is not listed.
        AccountNotAllowed = "account_not_allowed",
        /// The account cannot be known.
        AccountUnknown = "account_unknown",
        /// The credentials that came are of another account than the one that was foreseen.
        AccountMismatch = "account_mismatch",
        /// The credentials that came say nothing about their end, where a session was expected.
        ExpiryUnknown = "expiry_unknown",
        /// The credentials have ended.
        CredentialExpired = "credential_expired",
        /// A key that lives until it is deleted, where only temporary ones are allowed.
        LongLivedCredential = "long_lived_credential",
        /// The kind of API key is not listed.
        ApiKeyKindNotAllowed = "api_key_kind_not_allowed",
        /// The API key lasts longer than allowed.
        ApiKeyLifetimeTooLong = "api_key_lifetime_too_long",
        /// The region is not listed.
        RegionNotAllowed = "region_not_allowed",
        /// The region is no name that a region can have.
        RegionInvalid = "region_invalid",
        /// The endpoint is not listed, or not one of AWS's own.
        EndpointNotAllowed = "endpoint_not_allowed",
        /// An endpoint of STS, IAM Identity Center, or another service on the way to the credential is not
        /// AWS's own and not listed.
        ServiceEndpointNotAllowed = "service_endpoint_not_allowed",
        /// The endpoint is not a URL that can be judged.
        EndpointInvalid = "endpoint_invalid",
        /// A variable replaces the certificates that are trusted.
        CaBundleNotAllowed = "ca_bundle_not_allowed",
        /// A variable sends requests through a proxy.
        ProxyNotAllowed = "proxy_not_allowed",
    }
}

impl DenialCode {
    /// Whether it is about a managed source that is not usable, rather than about what a policy forbids.
    pub fn is_about_a_source(self) -> bool {
        match self {
            DenialCode::PolicyUnreadable
            | DenialCode::PolicyMalformed
            | DenialCode::PolicyInvalid
            | DenialCode::PolicyUntrusted
            | DenialCode::PolicyExpired => true,
            DenialCode::LockedConflict
            | DenialCode::LockedValueDiffers
            | DenialCode::MethodNotAllowed
            | DenialCode::LayerNotAllowed
            | DenialCode::FamilyNotAllowed
            | DenialCode::ProfileNotAllowed
            | DenialCode::SsoProfileNotSso
            | DenialCode::RootNotAllowed
            | DenialCode::RootUnknown
            | DenialCode::StartUrlNotAllowed
            | DenialCode::RoleNotAllowed
            | DenialCode::RoleArnNotAllowed
            | DenialCode::CommandNotAllowed
            | DenialCode::AccountNotAllowed
            | DenialCode::AccountUnknown
            | DenialCode::AccountMismatch
            | DenialCode::ExpiryUnknown
            | DenialCode::CredentialExpired
            | DenialCode::LongLivedCredential
            | DenialCode::ApiKeyKindNotAllowed
            | DenialCode::ApiKeyLifetimeTooLong
            | DenialCode::RegionNotAllowed
            | DenialCode::RegionInvalid
            | DenialCode::EndpointNotAllowed
            | DenialCode::EndpointInvalid
            | DenialCode::ServiceEndpointNotAllowed
            | DenialCode::CaBundleNotAllowed
            | DenialCode::ProxyNotAllowed => false,
        }
    }
}

/// One reason why something is refused: what, where it was asked for, what forbids it, what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Denial {
    /// The kind of reason.
    pub code: DenialCode,
    /// The reason in words.
    pub message: String,
    /// Where it was asked for; none for a built-in default.
    pub requested_at: Option<Source>,
    /// The line of the policy that forbids it, or the file that is not usable.
    pub forbidden_by: Option<Place>,
    /// The policy that forbids it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_id: Option<PolicyId>,
    /// What to do next.
    pub remedy: String,
    /// Where the policy says that help is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

impl Denial {
    /// Credentials that have ended. No policy is needed to refuse what no service would accept.
    pub(crate) fn credential_expired(ended: Timestamp, requested_at: Option<&Source>) -> Self {
        Denial {
            code: DenialCode::CredentialExpired,
            message: format!("the credentials ended at {ended}"),
            requested_at: requested_at.cloned(),
            forbidden_by: None,
            policy_id: None,
            remedy: "sign in again, or renew them at their source".to_owned(),
            contact: None,
        }
    }
}
