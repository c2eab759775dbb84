//! Access key ids: the kind and the account that they carry.

use std::fmt;

use data_encoding::BASE32;
use schemars::JsonSchema;
use serde::Serialize;

use super::AccountId;

/// An access key id. It is no secret: AWS prints it in logs, and so do we.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct AccessKeyId(String);

/// What the first four characters of an access key id say about it
/// (IAM user guide, "unique ID prefixes").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKeyKind {
    /// `AKIA`: belongs to an IAM user or the root user and lives until it is deleted.
    LongLived,
    /// `ASIA`: issued by STS, needs a session token, expires.
    Temporary,
    /// `ABIA`: a bearer token of the STS service.
    ServiceBearer,
    /// `ACCA`: a context-specific credential.
    ContextSpecific,
    /// An id of something else: a user, a role, a group, a policy, a certificate.
    NotAnAccessKey,
    /// Nothing that AWS documents; local test servers hand out such ids.
    Unknown,
}

impl AccessKeyId {
    /// Takes the id as it stands; [`kind`](Self::kind) and [`account`](Self::account) read it.
    pub fn new(id: impl Into<String>) -> Self {
        AccessKeyId(id.into())
    }

    /// The id as it stands.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What kind of key the prefix announces.
    pub fn kind(&self) -> AccessKeyKind {
        match self.0.get(..4).filter(|_| self.is_well_formed()) {
            Some("AKIA") => AccessKeyKind::LongLived,
            Some("ASIA") => AccessKeyKind::Temporary,
            Some("ABIA") => AccessKeyKind::ServiceBearer,
            Some("ACCA") => AccessKeyKind::ContextSpecific,
            Some("AIDA" | "AROA" | "AGPA" | "AIPA" | "ANPA" | "ANVA" | "APKA" | "ASCA") => {
                AccessKeyKind::NotAnAccessKey
            }
            _ => AccessKeyKind::Unknown,
        }
    }

    /// The account that the id carries. Evidence, not proof: the id has no checksum.
    /// Ids of the format before 2019 carry none.
    pub fn account(&self) -> Option<AccountId> {
        const ACCOUNT_BITS: u64 = 0x7fff_ffff_ff80;
        if self.0.len() != 20 || !self.is_well_formed() {
            return None;
        }
        let body = &self.0[4..];
        if !body.starts_with(|c: char| matches!(c, 'Q'..='Z' | '2'..='7')) {
            return None;
        }
        let bytes = BASE32.decode(body.as_bytes()).ok()?;
        let head = bytes[..6].iter().fold(0, |z, &byte| z << 8 | u64::from(byte));
        AccountId::from_number((head & ACCOUNT_BITS) >> 7)
    }

    /// Whether the text can be an id at all. Ids are shown, so a secret or a token in the field of one must not pass:
    /// AWS's ids have 20 characters, its secrets 40 of base64, its tokens and API keys many more.
    pub fn may_be_shown(&self) -> bool {
        self.0.len() <= 32
            && !self.0.contains(['+', '/', '='])
            && !super::ApiKey::looks_like_one(&self.0)
    }

    /// The id, or a stand-in where a secret could be in its place.
    pub fn shown(&self) -> &str {
        if self.may_be_shown() { &self.0 } else { "…" }
    }

    /// IAM accepts 16 to 128 word characters; AWS's own prefixes stand before capitals and digits.
    fn is_well_formed(&self) -> bool {
        (16..=128).contains(&self.0.len())
            && self.0.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    }
}

/// A stand-in where a secret could be in the id's place.
impl fmt::Debug for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AccessKeyId").field(&self.shown()).finish()
    }
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        for (id, account) in [
            ("ASIAY34FZKBOKMUTVV7A", Some("609629065308")),
            ("ASIAQAAAAAAAGMKEM7X5", Some("000000000000")),
            ("AKIARZPUZDIKEWS2LJNF", Some("123456789012")),
            ("AKIAIOSFODNN7EXAMPLE", None),
            ("ASIAY34FZKBOKMUTVV7", None),
            ("ASIAY34FZKBOKMUTVV7a", None),
            ("ASIAY34FZKBOKMUTVV71", None),
            ("", None),
            ("ASIÄ", None),
        ] {
            assert_eq!(
                AccessKeyId::new(id).account().map(|a| a.to_string()).as_deref(),
                account,
                "{id}"
            );
        }
    }

    #[test]
    fn kinds_by_prefix() {
        let kind = |prefix: &str| AccessKeyId::new(format!("{prefix}Y34FZKBOKMUTVV7A")).kind();
        assert_eq!(kind("AKIA"), AccessKeyKind::LongLived);
        assert_eq!(kind("ASIA"), AccessKeyKind::Temporary);
        assert_eq!(kind("ABIA"), AccessKeyKind::ServiceBearer);
        assert_eq!(kind("ACCA"), AccessKeyKind::ContextSpecific);
        assert_eq!(kind("AROA"), AccessKeyKind::NotAnAccessKey);
        assert_eq!(kind("asia"), AccessKeyKind::Unknown);
        assert_eq!(AccessKeyId::new("ASIA").kind(), AccessKeyKind::Unknown);
    }
}
