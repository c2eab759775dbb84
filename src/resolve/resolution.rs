//! The answer, with everything that led to it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::allowed::Allowed;
use crate::auth::{AccessKeyId, AccountId, BedrockAuth, Method, Root};
use crate::network::NetworkPart;
use crate::policy::{AuditDemand, Denial, DenialCode, Digest, SourceReport};
use crate::provenance::Source;
use crate::settings::Key;
use crate::signer::{SignInReport, Step};
use crate::words::words;

words! {
    /// The answer in one word.
    pub enum Outcome {
        /// A way to authenticate is in force, and every policy allows it.
        Allowed = "allowed",
        /// What was asked for or found is refused.
        Denied = "denied",
        /// Nothing usable was asked for or found.
        Unconfigured = "unconfigured",
    }
}

/// The answer, with the fate of every candidate and of every value. Holds no secret but in [`Allowed`]; where one is
/// replaced by another, so is the answer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Resolution {
    /// The version of this shape: 1.
    pub schema_version: u32,
    /// The answer in one word.
    pub outcome: Outcome,
    /// Whether the policies were those of a what-if question.
    pub what_if: bool,
    /// How to authenticate; none unless that is allowed.
    #[serde(rename = "auth", serialize_with = "auth_alone")]
    #[schemars(with = "Option<BedrockAuth>")]
    pub(super) allowed: Option<Allowed>,
    /// One line for an editor's settings page.
    pub display: String,
    /// Where the credential really comes from.
    pub root: Option<Root>,
    /// From what was asked for, down to the root.
    pub chain: Vec<Step>,
    /// The account that requests count for, where it is known.
    pub account: Option<AccountId>,
    /// The access key that signs, where it is known.
    pub access_key_id: Option<AccessKeyId>,
    /// Where the way to authenticate was asked for, or where the credential was found.
    pub source: Option<Source>,
    /// The region to call.
    pub region: SettledRegion,
    /// The endpoint to call.
    pub endpoint: SettledEndpoint,
    /// When the credential ends, where that is known.
    pub expires: Option<Timestamp>,
    /// The sign-in by which the credential is fetched; none where none is needed, known or usable.
    pub sign_in: Option<SignInReport>,
    /// The policies.
    pub policy: PolicySummary,
    /// What has to be on record before a credential leaves.
    pub audit: AuditDemand,
    /// Every reason for a denial.
    pub denials: Vec<Denial>,
    /// What a person should know although it changed nothing, or was changed for them.
    pub warnings: Vec<Warning>,
    /// Every candidate in the order in which it was considered.
    pub candidates: Vec<CandidateReport>,
    /// Every value that a layer asked for, in the order in which it was considered.
    pub values: Vec<ValueReport>,
    /// What variables put between the client and AWS.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<NetworkReport>,
}

impl Resolution {
    /// What policy allowed, if it did.
    pub fn allowed(&self) -> Option<&Allowed> {
        self.allowed.as_ref()
    }

    /// The stable codes of all denials, each once, in order.
    pub fn denial_codes(&self) -> Vec<DenialCode> {
        let mut codes: Vec<_> = self.denials.iter().map(|denial| denial.code).collect();
        codes.sort();
        codes.dedup();
        codes
    }
}

fn auth_alone<S: serde::Serializer>(
    allowed: &Option<Allowed>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    allowed.as_ref().map(Allowed::auth).serialize(serializer)
}

/// The region to call, and who asked for it; the built-in default has no source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettledRegion {
    /// The region.
    pub value: String,
    /// Who asked for it.
    pub source: Option<Source>,
}

/// The endpoint to call, and who asked for it; none for the SDK's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettledEndpoint {
    /// The endpoint.
    pub value: Option<String>,
    /// Who asked for it.
    pub source: Option<Source>,
}

/// The managed policies behind an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicySummary {
    /// One digest of all policies that count; none where none does.
    pub digest: Option<Digest>,
    /// What became of each managed source.
    pub sources: Vec<SourceReport>,
}

words! {
    /// What became of a candidate or a value.
    pub enum Fate {
        /// It is in force.
        Chosen = "chosen",
        /// A policy refuses it.
        Denied = "denied",
        /// Something that is heard before it decided.
        Shadowed = "shadowed",
        /// Nothing was asked for, or nothing was found.
        Absent = "absent",
        /// It was asked for or found, and cannot work.
        Unusable = "unusable",
    }
}

words! {
    /// The turns in which candidates are heard, in order.
    pub enum Turn {
        /// What IT locks.
        Locked = "locked",
        /// What the person's settings name.
        User = "user",
        /// What the environment holds.
        Environment = "environment",
        /// What the keychain holds.
        Keychain = "keychain",
        /// What IT recommends.
        Recommended = "recommended",
    }
}

/// One candidate and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CandidateReport {
    /// The turn in which it was heard.
    pub step: Turn,
    /// The method; none where nothing was asked for or found.
    pub method: Option<Method>,
    /// Where it was asked for or found.
    pub source: Option<Source>,
    /// The settings that asked for whatever static credential is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<Source>,
    /// What became of it.
    pub fate: Fate,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Why it is unusable, as a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<UnusableCode>,
    /// What to do about an unusable one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Every reason of the policies that refuse it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub denials: Vec<Denial>,
}

words! {
    /// Why a candidate cannot work, whatever policies say.
    pub enum UnusableCode {
        /// The person's settings file has faults.
        SettingsFaulty = "settings_faulty",
        /// A credential has characters that none has.
        CredentialMalformed = "credential_malformed",
        /// A credential stands in the field of another kind.
        CredentialInWrongField = "credential_in_wrong_field",
        /// A part of an access key is missing.
        CredentialIncomplete = "credential_incomplete",
        /// A long-lived access key with a session token, or a temporary one without.
        CredentialMismatched = "credential_mismatched",
        /// The API key has passed its end.
        ApiKeyExpired = "api_key_expired",
        /// The API key was signed at a moment that is still to come.
        ApiKeyNotYetValid = "api_key_not_yet_valid",
        /// The API key was made for another region.
        ApiKeyOfOtherRegion = "api_key_of_other_region",
        /// The keychain item is not in the right form.
        KeychainItemMalformed = "keychain_item_malformed",
        /// The keychain cannot be asked.
        KeychainUnavailable = "keychain_unavailable",
        /// The AWS profile is missing or supplies no credentials.
        ProfileUnusable = "profile_unusable",
        /// Nothing on this machine would supply credentials to the default chain.
        ChainEmpty = "chain_empty",
    }
}

/// One value that a layer asked for and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ValueReport {
    /// The value's key in settings.
    pub key: Key,
    /// What was asked for.
    pub value: String,
    /// Where; none for a built-in default.
    pub source: Option<Source>,
    /// What became of it.
    pub fate: Fate,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A variable that puts something between the client and AWS, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NetworkReport {
    /// What it puts there.
    pub part: NetworkPart,
    /// The path, or scheme, host and port of the proxy; none where the text is no proxy's.
    pub value: Option<String>,
    /// The variable.
    pub source: Source,
    /// What became of it.
    pub fate: Fate,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

words! {
    /// What a warning is about.
    pub enum WarningCode {
        /// A policy in `report_only` would deny this.
        WouldBeDenied = "would_be_denied",
        /// A credential was found, refused by policy, and passed over.
        CredentialSkipped = "credential_skipped",
        /// A credential was found and cannot work.
        CredentialUnusable = "credential_unusable",
        /// IT's locked value replaced what somebody asked for.
        ValueOverridden = "value_overridden",
        /// The settings file has a key that means nothing.
        SettingUnknown = "setting_unknown",
        /// The settings file has faults and does not count.
        SettingsFaulty = "settings_faulty",
        /// The keychain cannot be asked.
        KeychainUnavailable = "keychain_unavailable",
        /// A CA bundle that a variable names cannot be used, so no connection can be made.
        CaBundleUnusable = "ca_bundle_unusable",
        /// A proxy that a variable names cannot be used, so no connection can be made.
        ProxyUnusable = "proxy_unusable",
        /// A profile used as `sso` gets its credentials elsewhere, and no policy forbids it.
        SsoProfileNotSso = "sso_profile_not_sso",
        /// Nobody is signed in by whom the credential could be fetched.
        SignInNeeded = "sign_in_needed",
        /// Something that shaped what signs.
        SignerNote = "signer_note",
        /// A variable or a profile key that a plain AWS SDK would heed plays no part.
        AmbientNeutralised = "ambient_neutralised",
        /// A policy is staged and does not count yet.
        PolicyNotYetValid = "policy_not_yet_valid",
        /// A managed file turned bad, and this program, which had read a good one, goes on with that.
        LastGoodPolicy = "last_good_policy",
    }
}

/// Something that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Warning {
    /// What it is about.
    pub code: WarningCode,
    /// The warning in words.
    pub message: String,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What a policy would say or says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}
