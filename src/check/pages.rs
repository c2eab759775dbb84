//! A page for each code: what a finding means, what happens on a laptop, and how to mend it.

use super::code::{Code, Lint};
use crate::jsonc::FindingCode;

/// One page for each code; a code without one does not compile.
macro_rules! pages {
    (texts { $($text:ident = $of_text:literal,)+ } lints { $($lint:ident = $of_lint:literal,)+ }) => {
        /// The page on a code, in Markdown.
        pub fn page(code: Code) -> &'static str {
            match code {
                $(Code::Text(FindingCode::$text) => {
                    include_str!(concat!("../../docs/findings/", $of_text, ".md"))
                })+
                $(Code::Lint(Lint::$lint) => {
                    include_str!(concat!("../../docs/findings/", $of_lint, ".md"))
                })+
            }
        }
    };
}

pages! {
    texts {
        Unreadable = "unreadable",
        NotUtf8 = "not_utf8",
        ByteOrderMark = "byte_order_mark",
        NulCharacter = "nul_character",
        Syntax = "syntax",
        TooDeep = "too_deep",
        NoValue = "no_value",
        RepeatedKey = "repeated_key",
        UnknownKey = "unknown_key",
        MissingKey = "missing_key",
        WrongType = "wrong_type",
        InvalidValue = "invalid_value",
        UnknownVersion = "unknown_version",
    }
    lints {
        AllowsNobody = "allows_nobody",
        TogetherAllowNobody = "together_allow_nobody",
        AppliesToNobody = "applies_to_nobody",
        NeverMatches = "never_matches",
        NoEffect = "no_effect",
        Duplicate = "duplicate",
        Shadowed = "shadowed",
        MatchesEverything = "matches_everything",
        WildcardDomain = "wildcard_domain",
        SsoWithoutPortal = "sso_without_portal",
        LongLivedKeysAllowed = "long_lived_keys_allowed",
        LongTermApiKeysAllowed = "long_term_api_keys_allowed",
        AutomaticWithoutRoots = "automatic_without_roots",
        EndpointOverHttp = "endpoint_over_http",
        UnknownRegion = "unknown_region",
        RegionWithoutBedrock = "region_without_bedrock",
        UnknownPartition = "unknown_partition",
        InvalidAccount = "invalid_account",
        LockedNotAllowed = "locked_not_allowed",
        RecommendedNotAllowed = "recommended_not_allowed",
        SettingNotAllowed = "setting_not_allowed",
        LockedConflict = "locked_conflict",
        RepeatedId = "repeated_id",
        SecretInPolicy = "secret_in_policy",
        HiddenCharacter = "hidden_character",
        Expired = "expired",
        ExpiresSoon = "expires_soon",
        ValidityReversed = "validity_reversed",
        ReportOnlyWithoutExpiry = "report_only_without_expiry",
        DeprecatedSpelling = "deprecated_spelling",
        NothingToCheck = "nothing_to_check",
    }
}
