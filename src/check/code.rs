//! The kinds of findings, each with its stable name.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::jsonc::FindingCode;
use crate::words::{Word, words};

words! {
    /// How much a finding weighs.
    pub enum Severity {
        /// The policy is refused where it is deployed, or does not do what it says.
        Error = "error",
        /// It does what it says, and that is probably not what is wanted.
        Warning = "warning",
    }
}

words! {
    /// What no schema can find.
    pub enum Lint {
        /// No way to authenticate is left.
        AllowsNobody = "allows_nobody",
        /// Policies that are in force together leave no way to authenticate.
        TogetherAllowNobody = "together_allow_nobody",
        /// The policy is for nobody.
        AppliesToNobody = "applies_to_nobody",
        /// A rule, or a part of one, that nothing can ever match.
        NeverMatches = "never_matches",
        /// A key that changes nothing.
        NoEffect = "no_effect",
        /// The same value stands twice in a list.
        Duplicate = "duplicate",
        /// A pattern that another one of the list covers.
        Shadowed = "shadowed",
        /// A pattern that matches everything.
        MatchesEverything = "matches_everything",
        /// A pattern of hosts that anybody can register.
        WildcardDomain = "wildcard_domain",
        /// SSO through any portal, in any account.
        SsoWithoutPortal = "sso_without_portal",
        /// Access keys that live until somebody deletes them are allowed.
        LongLivedKeysAllowed = "long_lived_keys_allowed",
        /// API keys that live until somebody deletes them are allowed.
        LongTermApiKeysAllowed = "long_term_api_keys_allowed",
        /// The default chain may take its credential from anywhere.
        AutomaticWithoutRoots = "automatic_without_roots",
        /// An endpoint that is called without encryption.
        EndpointOverHttp = "endpoint_over_http",
        /// AWS has no such region.
        UnknownRegion = "unknown_region",
        /// Bedrock is not in this region.
        RegionWithoutBedrock = "region_without_bedrock",
        /// AWS has no such partition.
        UnknownPartition = "unknown_partition",
        /// An account in an ARN that is not twelve digits.
        InvalidAccount = "invalid_account",
        /// A value that IT locks, and that IT does not allow.
        LockedNotAllowed = "locked_not_allowed",
        /// A value that IT recommends, and that IT does not allow.
        RecommendedNotAllowed = "recommended_not_allowed",
        /// A value of a person's settings that policies do not allow.
        SettingNotAllowed = "setting_not_allowed",
        /// Two policies lock different values.
        LockedConflict = "locked_conflict",
        /// Two policies have one id.
        RepeatedId = "repeated_id",
        /// What looks like a secret.
        SecretInPolicy = "secret_in_policy",
        /// A character that hides what the text says.
        HiddenCharacter = "hidden_character",
        /// The policy has expired, and denies everything.
        Expired = "expired",
        /// The policy expires soon.
        ExpiresSoon = "expires_soon",
        /// The policy ends before it begins.
        ValidityReversed = "validity_reversed",
        /// A policy that only reports, for ever.
        ReportOnlyWithoutExpiry = "report_only_without_expiry",
        /// A spelling that has a newer one.
        DeprecatedSpelling = "deprecated_spelling",
        /// Nothing was there to be checked.
        NothingToCheck = "nothing_to_check",
    }
}

impl Lint {
    /// How much it weighs.
    pub fn severity(self) -> Severity {
        match self {
            Lint::AllowsNobody
            | Lint::TogetherAllowNobody
            | Lint::AppliesToNobody
            | Lint::NeverMatches
            | Lint::InvalidAccount
            | Lint::LockedNotAllowed
            | Lint::SettingNotAllowed
            | Lint::LockedConflict
            | Lint::SecretInPolicy
            | Lint::HiddenCharacter
            | Lint::Expired
            | Lint::ValidityReversed
            | Lint::NothingToCheck => Severity::Error,
            Lint::NoEffect
            | Lint::Duplicate
            | Lint::Shadowed
            | Lint::MatchesEverything
            | Lint::WildcardDomain
            | Lint::SsoWithoutPortal
            | Lint::LongLivedKeysAllowed
            | Lint::LongTermApiKeysAllowed
            | Lint::AutomaticWithoutRoots
            | Lint::EndpointOverHttp
            | Lint::UnknownRegion
            | Lint::RegionWithoutBedrock
            | Lint::UnknownPartition
            | Lint::RecommendedNotAllowed
            | Lint::RepeatedId
            | Lint::ExpiresSoon
            | Lint::ReportOnlyWithoutExpiry
            | Lint::DeprecatedSpelling => Severity::Warning,
        }
    }
}

/// The kind of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The text is not what it should be.
    Text(FindingCode),
    /// It is, and says something that is wrong.
    Lint(Lint),
}

impl Code {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Code> {
        let texts = FindingCode::ALL.iter().copied().map(Code::Text);
        texts.chain(Lint::ALL.iter().copied().map(Code::Lint))
    }

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Text(code) => code.as_str(),
            Code::Lint(lint) => lint.as_str(),
        }
    }

    /// The kind of this name.
    pub fn from_word(word: &str) -> Option<Self> {
        FindingCode::from_word(word).map(Code::Text).or(Lint::from_word(word).map(Code::Lint))
    }

    /// How much it weighs. A text that is not what it should be denies everything where it is deployed.
    pub fn severity(self) -> Severity {
        match self {
            Code::Text(_) => Severity::Error,
            Code::Lint(lint) => lint.severity(),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl JsonSchema for Code {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = Code::all().map(Code::as_str).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}
