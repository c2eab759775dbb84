//! Bedrock API keys, decoded as far as they say something that is no secret.

use std::fmt;

use data_encoding::BASE64_NOPAD;
use jiff::{Timestamp, civil::DateTime, tz::Offset};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::{AccessKeyId, AccessKeyKind, AccountId};
use crate::words::words;

const SHORT_TERM_PREFIX: &str = "bedrock-api-key-";
const LONG_TERM_PREFIX: &str = "ABSK";
/// What AWS's generators presign; the region stands in the credential scope alone.
const SHORT_TERM_HOST: &str = "bedrock.amazonaws.com";
const MAX_LIFETIME_SECONDS: u32 = 43_200;

/// What a Bedrock API key says about itself. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKey {
    /// Made on the person's machine by presigning a request; expires.
    ShortTerm(ShortTermKey),
    /// A service-specific credential of an IAM user; no expiry inside.
    LongTerm(LongTermKey),
    /// Neither form that AWS documents, so nothing is known about it.
    Opaque,
}

/// A `bedrock-api-key-…`: a SigV4 query-presigned `CallWithBearerToken` request in base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortTermKey {
    /// The access key that signed it.
    pub signer: AccessKeyId,
    /// The region of the credential scope; Bedrock accepts the key there alone.
    pub region: String,
    /// When it was signed.
    pub issued: Timestamp,
    /// How long it lasts at most, in seconds, 1 to 43,200; the signer's own session may end sooner.
    pub lifetime_seconds: u32,
}

/// An `ABSK…`: base64 of `<iam user>-at-<account>:<secret>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongTermKey {
    /// The IAM user behind it, usually `BedrockAPIKey-xxxx`.
    pub user_name: String,
    /// The account of that user.
    pub account: AccountId,
    /// Whether this is the second of the user's two keys (`+1` after the name).
    pub is_second: bool,
}
words! {
    /// The two kinds of Bedrock API keys, as policies name them.
    pub enum ApiKeyKind {
        /// Expires within twelve hours.
        ShortTerm = "short_term",
        /// Lives until somebody deletes it.
        LongTerm = "long_term",
    }
}

/// Why a text with the prefix of an API key is none. Never repeats the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiKeyError {
    /// What follows the prefix is not base64.
    NotBase64,
    /// What was decoded is not text.
    NotText,
    /// A short-term key that is no presigned request to `bedrock.amazonaws.com`.
    NotPresigned,
    /// A query parameter is missing.
    Missing(&'static str),
    /// A query parameter stands there twice, so that two readers could see two keys.
    Repeated(&'static str),
    /// A query parameter has a value that AWS would refuse.
    Invalid(&'static str),
    /// A long-term key without `<iam user>-at-<account>:<secret>` inside.
    NotUserAndSecret,
}

impl ApiKey {
    /// Reads what the key says about itself. No key is sent anywhere, and none is proven genuine.
    ///
    /// # Errors
    /// When the text has the prefix of a Bedrock API key and is not one.
    pub fn decode(key: &str) -> Result<Self, ApiKeyError> {
        if let Some(encoded) = key.strip_prefix(SHORT_TERM_PREFIX) {
            ShortTermKey::decode(encoded).map(ApiKey::ShortTerm)
        } else if let Some(encoded) = key.strip_prefix(LONG_TERM_PREFIX) {
            LongTermKey::decode(encoded).map(ApiKey::LongTerm)
        } else {
            Ok(ApiKey::Opaque)
        }
    }

    /// Whether the text begins as Bedrock API keys do, in whatever field it stands.
    pub fn looks_like_one(text: &str) -> bool {
        text.starts_with(SHORT_TERM_PREFIX) || text.starts_with(LONG_TERM_PREFIX)
    }

    /// The kind, where it is one of the two that AWS documents.
    pub fn kind(&self) -> Option<ApiKeyKind> {
        match self {
            ApiKey::ShortTerm(_) => Some(ApiKeyKind::ShortTerm),
            ApiKey::LongTerm(_) => Some(ApiKeyKind::LongTerm),
            ApiKey::Opaque => None,
        }
    }

    /// The account behind the key, where the key tells.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            ApiKey::ShortTerm(key) => key.signer.account(),
            ApiKey::LongTerm(key) => Some(key.account),
            ApiKey::Opaque => None,
        }
    }
}

impl ShortTermKey {
    fn decode(encoded: &str) -> Result<Self, ApiKeyError> {
        let request = decode_text(encoded)?;
        let query = request
            .strip_prefix(SHORT_TERM_HOST)
            .and_then(|rest| rest.strip_prefix("/?"))
            .ok_or(ApiKeyError::NotPresigned)?;
        let query = PresignedQuery(query);

        if query.one("Action")? != "CallWithBearerToken" {
            return Err(ApiKeyError::Invalid("Action"));
        }
        if query.one("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
            return Err(ApiKeyError::Invalid("X-Amz-Algorithm"));
        }
        query.one("X-Amz-Signature")?;
        let date = query.one("X-Amz-Date")?;
        let issued = parse_amz_date(&date).ok_or(ApiKeyError::Invalid("X-Amz-Date"))?;
        let lifetime_seconds = query
            .one("X-Amz-Expires")?
            .parse()
            .ok()
            .filter(|seconds| (1..=MAX_LIFETIME_SECONDS).contains(seconds))
            .ok_or(ApiKeyError::Invalid("X-Amz-Expires"))?;
        let (signer, region) = parse_scope(&query.one("X-Amz-Credential")?, &date)
            .ok_or(ApiKeyError::Invalid("X-Amz-Credential"))?;
        Ok(ShortTermKey { signer, region, issued, lifetime_seconds })
    }

    /// The last moment at which the key can work. The signer's own session may end it sooner.
    pub fn expires(&self) -> Timestamp {
        let lifetime = jiff::SignedDuration::from_secs(i64::from(self.lifetime_seconds));
        self.issued.saturating_add(lifetime).unwrap_or(Timestamp::MAX)
    }

    /// Whether long-lived keys stand behind the key, or may do: only an `ASIA…` signer is known to be temporary.
    pub fn is_signed_by_temporary_key(&self) -> bool {
        self.signer.kind() == AccessKeyKind::Temporary
    }
}

impl LongTermKey {
    fn decode(encoded: &str) -> Result<Self, ApiKeyError> {
        let text = decode_text(encoded)?;
        let (user, account) = split_user(&text).ok_or(ApiKeyError::NotUserAndSecret)?;
        let (name, is_second) = match user.strip_suffix("+1") {
            Some(name) => (name, true),
            None => (user, false),
        };
        if !is_iam_user_name(name) {
            return Err(ApiKeyError::NotUserAndSecret);
        }
        Ok(LongTermKey { user_name: name.to_owned(), account, is_second })
    }
}

/// The query of a presigned request, in which each parameter may stand once.
struct PresignedQuery<'a>(&'a str);

impl PresignedQuery<'_> {
    fn one(&self, name: &'static str) -> Result<String, ApiKeyError> {
        let mut values = form_urlencoded::parse(self.0.as_bytes()).filter(|(key, _)| key == name);
        let (_, value) = values.next().ok_or(ApiKeyError::Missing(name))?;
        match values.next() {
            None => Ok(value.into_owned()),
            Some(_) => Err(ApiKeyError::Repeated(name)),
        }
    }
}

/// Padding may be missing: some tools cut it off, and AWS takes the key either way.
fn decode_text(encoded: &str) -> Result<Zeroizing<String>, ApiKeyError> {
    let bytes = BASE64_NOPAD
        .decode(encoded.trim_end_matches('=').as_bytes())
        .map_err(|_| ApiKeyError::NotBase64)?;
    String::from_utf8(bytes).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        ApiKeyError::NotText
    })
}

fn parse_amz_date(text: &str) -> Option<Timestamp> {
    let well_formed = text.len() == 16 && text.is_ascii();
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok().filter(|_| well_formed)?;
    Offset::UTC.to_timestamp(civil).ok()
}

/// `AKID/YYYYMMDD/region/bedrock/aws4_request`; the day must be the day of `X-Amz-Date`.
fn parse_scope(credential: &str, amz_date: &str) -> Option<(AccessKeyId, String)> {
    let [signer, day, region, "bedrock", "aws4_request"] =
        credential.split('/').collect::<Vec<_>>()[..]
    else {
        return None;
    };
    let is_region = !region.is_empty()
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_signer = !signer.is_empty() && signer.bytes().all(|b| b.is_ascii_alphanumeric());
    (amz_date.starts_with(day) && day.len() == 8 && is_region && is_signer)
        .then(|| (AccessKeyId::new(signer), region.to_owned()))
}

/// Splits at the last `-at-<12 digits>:`, because a user name may itself hold `-at-`.
fn split_user(text: &str) -> Option<(&str, AccountId)> {
    const MARK: &str = "-at-";
    text.rmatch_indices(MARK).find_map(|(at, _)| {
        let rest = &text[at + MARK.len()..];
        let account = rest.get(..12)?.parse().ok()?;
        let secret = rest[12..].strip_prefix(':')?;
        (!secret.is_empty()).then_some((&text[..at], account))
    })
}

/// IAM: up to 64 of letters, digits and `+=,.@_-`.
fn is_iam_user_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b))
}

impl fmt::Display for ApiKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApiKeyError::NotBase64 => f.write_str("what follows the prefix is not base64"),
            ApiKeyError::NotText => f.write_str("what the base64 holds is not text"),
            ApiKeyError::NotPresigned => {
                write!(f, "it holds no presigned request to `{SHORT_TERM_HOST}`")
            }
            ApiKeyError::Missing(name) => write!(f, "the presigned request has no `{name}`"),
            ApiKeyError::Repeated(name) => write!(f, "the presigned request has `{name}` twice"),
            ApiKeyError::Invalid(name) => {
                write!(f, "`{name}` in the presigned request is not what Bedrock accepts")
            }
            ApiKeyError::NotUserAndSecret => {
                f.write_str("it holds no `<iam user>-at-<account>:<secret>`")
            }
        }
    }
}

impl std::error::Error for ApiKeyError {}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::BASE64;

    /// Made by AWS's Python generator with a frozen clock and an invented key.
    const SHORT_TERM: &str = "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29tLz9BY3Rpb249Q2FsbFdpdGhCZWFyZXJUb2tlbiZYLUFtei1BbGdvcml0aG09QVdTNC1ITUFDLVNIQTI1NiZYLUFtei1DcmVkZW50aWFsPUFLSUFSWlBVWkRJS0VXUzJMSk5GJTJGMjAyNjAxMDIlMkZldS13ZXN0LTElMkZiZWRyb2NrJTJGYXdzNF9yZXF1ZXN0JlgtQW16LURhdGU9MjAyNjAxMDJUMDMwNDA1WiZYLUFtei1FeHBpcmVzPTQzMjAwJlgtQW16LVNpZ25lZEhlYWRlcnM9aG9zdCZYLUFtei1TaWduYXR1cmU9YzAwYjliMDVmN2UyMGI1NDNkYzYyOTg4YjFhOWM5NDJjMzI5YTdjZjhlY2U4MjVkMWU3N2Q0ZmY1NWZjY2Y1ZCZWZXJzaW9uPTE=";
    const LONG_TERM: &str =
        "ABSKQmVkcm9ja0FQSUtleS1oNDJ6LWF0LTEyMzQ1Njc4OTAxMjp0aGlzaXNhc2VjcmV0c2VjcmV0MTIzNDU2";

    fn short_term(query: &str) -> Result<ApiKey, ApiKeyError> {
        let request = format!("bedrock.amazonaws.com/?{query}");
        ApiKey::decode(&format!("{SHORT_TERM_PREFIX}{}", BASE64.encode(request.as_bytes())))
    }

    fn long_term(content: &str) -> Result<ApiKey, ApiKeyError> {
        ApiKey::decode(&format!("{LONG_TERM_PREFIX}{}", BASE64.encode(content.as_bytes())))
    }

    const GOOD_QUERY: &str = "Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=ASIAY34FZKBOKMUTVV7A%2F20260102%2Feu-west-1%2Fbedrock%2Faws4_request\
        &X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600&X-Amz-Signature=ab&Version=1";

    #[test]
    fn aws_generator_vector() {
        let Ok(ApiKey::ShortTerm(key)) = ApiKey::decode(SHORT_TERM) else {
            panic!("not a short-term key")
        };
        assert_eq!(key.signer.as_str(), "AKIARZPUZDIKEWS2LJNF");
        assert_eq!(key.signer.account().unwrap().to_string(), "123456789012");
        assert_eq!(key.region, "eu-west-1");
        assert_eq!(key.expires().to_string(), "2026-01-02T15:04:05Z");
        assert!(!key.is_signed_by_temporary_key());
    }

    #[test]
    fn padding_may_be_missing() {
        assert_eq!(ApiKey::decode(SHORT_TERM.trim_end_matches('=')), ApiKey::decode(SHORT_TERM));
    }

    #[test]
    fn published_long_term_vector() {
        let Ok(ApiKey::LongTerm(key)) = ApiKey::decode(LONG_TERM) else {
            panic!("not a long-term key")
        };
        assert_eq!(key.user_name, "BedrockAPIKey-h42z");
        assert_eq!(key.account.to_string(), "123456789012");
        assert!(!key.is_second);
    }

    #[test]
    fn long_term_splits_at_the_last_mark() {
        let Ok(ApiKey::LongTerm(key)) = long_term("me-at-111111111111-at-222222222222:a-at-b+1")
        else {
            panic!("not a long-term key")
        };
        assert_eq!(key.user_name, "me-at-111111111111");
        assert_eq!(key.account.to_string(), "222222222222");
    }

    #[test]
    fn second_key_of_a_user() {
        let Ok(ApiKey::LongTerm(key)) = long_term("a-at-b+1-at-222222222222:s") else {
            panic!("not a long-term key")
        };
        assert_eq!((key.user_name.as_str(), key.is_second), ("a-at-b", true));
    }

    #[test]
    fn malformed_long_term_keys() {
        for content in [
            "",
            "x",
            "u-at-12345678901:s",
            "u-at-123456789012:",
            "-at-123456789012:s",
            "u-at-123456789012s",
            "ü\n-at-123456789012:s",
        ] {
            assert_eq!(long_term(content), Err(ApiKeyError::NotUserAndSecret), "{content}");
        }
        assert_eq!(ApiKey::decode("ABSK!"), Err(ApiKeyError::NotBase64));
        assert_eq!(ApiKey::decode("ABSK//8"), Err(ApiKeyError::NotText));
    }

    #[test]
    fn session_signed_key() {
        let Ok(ApiKey::ShortTerm(key)) = short_term(GOOD_QUERY) else {
            panic!("not a short-term key")
        };
        assert!(key.is_signed_by_temporary_key());
        assert_eq!(key.lifetime_seconds, 3600);
    }

    #[test]
    fn each_fault_of_a_short_term_key() {
        let without = |part: &str| short_term(&GOOD_QUERY.replace(part, ""));
        let with = |part: &str, other: &str| short_term(&GOOD_QUERY.replace(part, other));
        assert_eq!(without("X-Amz-Signature=ab&"), Err(ApiKeyError::Missing("X-Amz-Signature")));
        assert_eq!(
            with("Version=1", "X-Amz-Expires=1"),
            Err(ApiKeyError::Repeated("X-Amz-Expires"))
        );
        assert_eq!(with("CallWith", "Not"), Err(ApiKeyError::Invalid("Action")));
        assert_eq!(with("SHA256", "SHA1"), Err(ApiKeyError::Invalid("X-Amz-Algorithm")));
        for lifetime in ["0", "43201", "-1", "1e3", ""] {
            assert_eq!(
                with("Expires=3600", &format!("Expires={lifetime}")),
                Err(ApiKeyError::Invalid("X-Amz-Expires")),
                "{lifetime}"
            );
        }
        for date in ["20260102T030405", "20261302T030405Z", "2026-01-02T03:04Z"] {
            assert_eq!(
                with("20260102T030405Z", date),
                Err(ApiKeyError::Invalid("X-Amz-Date")),
                "{date}"
            );
        }
        for scope in ["20260103%2Feu-west-1", "20260102%2F", "20260102%2Fa%2Fb", "2026%2Feu-west-1"]
        {
            assert_eq!(
                with("20260102%2Feu-west-1", scope),
                Err(ApiKeyError::Invalid("X-Amz-Credential")),
                "{scope}"
            );
        }
        let other_host = BASE64.encode(format!("evil.example/?{GOOD_QUERY}").as_bytes());
        assert_eq!(
            ApiKey::decode(&format!("{SHORT_TERM_PREFIX}{other_host}")),
            Err(ApiKeyError::NotPresigned)
        );
    }

    #[test]
    fn anything_else_is_opaque() {
        assert_eq!(ApiKey::decode("sk-something"), Ok(ApiKey::Opaque));
        assert!(!ApiKey::looks_like_one("absk"));
    }
}
