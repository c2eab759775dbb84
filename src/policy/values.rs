//! The values that stand in a policy, each read into a type that holds only what is valid.

use std::fmt;

use jiff::Timestamp;

use crate::auth::AccountId;
use crate::jsonc::{Finding, FindingCode, FromJson, Node, Reader, Value, string_schemas};

/// The version of the file format: 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion;

impl FromJson for SchemaVersion {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match u64::read(node, reader)? {
            1 => Some(SchemaVersion),
            _ => {
                let message = "this schema version is not known; this program knows version 1";
                reader.report(
                    Finding::new(
                        FindingCode::UnknownVersion,
                        message.to_owned(),
                        reader.text(),
                        node.span(),
                    )
                    .with_advice("update bedrock-auth, or write the file for version 1"),
                );
                None
            }
        }
    }
}

/// The name of a policy, which audits refer to: 1 to 128 letters, digits and `._-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct PolicyId(String);

impl PolicyId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromJson for PolicyId {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::read(node, reader)?;
        let fits = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if fits {
            Some(PolicyId(text))
        } else {
            reader.invalid(node, "an id is 1 to 128 letters, digits, `.`, `_` and `-`")
        }
    }
}

impl FromJson for AccountId {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value() {
            Value::String(text) => match text.parse() {
                Ok(account) => Some(account),
                Err(error) => reader.invalid(node, format!("{error}")),
            },
            // A number would lose the leading zeros that an account id may have.
            _ => reader.wrong_type(node, "an account id as a string of twelve digits"),
        }
    }
}

/// An instant of RFC 3339, with its offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub Timestamp);

impl FromJson for Instant {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.string(node)?;
        match text.parse().ok().filter(|_| has_rfc3339_form(text)) {
            Some(instant) => Some(Instant(instant)),
            None => reader
                .invalid(node, "an instant is written as in `2026-01-31T08:00:00Z` (RFC 3339)"),
        }
    }
}

/// jiff reads more forms than RFC 3339 has; the schema's `date-time` takes those of the RFC alone.
fn has_rfc3339_form(text: &str) -> bool {
    const FRONT: &str = "0000-00-00T00:00:00";
    let Some((front, rest)) = text.split_at_checked(FRONT.len()) else { return false };
    let is_digit = |character: char| character.is_ascii_digit();
    let offset = match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with(is_digit) => fraction.trim_start_matches(is_digit),
        Some(_) => return false,
        None => rest,
    };
    // Hours go up to 23, and minutes to 59.
    let is_offset = |offset: &str| offset[1..3] <= *"23" && offset[4..] <= *"59";
    let has_offset = ["+00:00", "-00:00"].iter().any(|form| has_shape(offset, form));
    has_shape(front, FRONT) && (offset == "Z" || (has_offset && is_offset(offset)))
}

/// Whether there is a digit for each `0`, and else the same.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, form): (u8, u8)| byte == form || (form == b'0' && byte.is_ascii_digit());
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

/// A length of time: a whole number and `h`, `m` or `s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime {
    /// In seconds.
    pub seconds: u64,
}

impl Lifetime {
    fn parse(text: &str) -> Option<Self> {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds_per_unit = match unit {
            "h" => 3_600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        let is_number =
            (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let number: u64 = digits.parse().ok().filter(|n| is_number && *n > 0)?;
        Some(Lifetime { seconds: number * seconds_per_unit })
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            s if s % 3_600 == 0 => write!(f, "{}h", s / 3_600),
            s if s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

impl FromJson for Lifetime {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = reader.string(node)?;
        match Lifetime::parse(text) {
            Some(lifetime) => Some(lifetime),
            None => reader
                .invalid(node, "a lifetime is a whole number and `h`, `m` or `s`, as in `12h`"),
        }
    }
}

string_schemas! {
    SchemaVersion: { "type": "integer", "const": 1 },
    PolicyId: { "type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$" },
    AccountId: { "type": "string", "pattern": "^[0-9]{12}$" },
    Instant: { "type": "string", "format": "date-time" },
    Lifetime: { "type": "string", "pattern": "^0*[1-9][0-9]*[hms]$", "maxLength": 10 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes() {
        let seconds = |text| Lifetime::parse(text).map(|l| l.seconds);
        assert_eq!(seconds("12h"), Some(43_200));
        assert_eq!(seconds("90m"), Some(5_400));
        assert_eq!(seconds("1s"), Some(1));
        for wrong in ["", "h", "0h", "12", "1d", "-1h", "1.5h", "1 h", "12h ", "1ü", "9999999999h"]
        {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        assert_eq!(Lifetime { seconds: 5_400 }.to_string(), "90m");
    }

    #[test]
    fn rfc3339_alone() {
        for right in ["2026-01-31T08:00:00Z", "2026-01-31T08:00:00.5+02:00"] {
            assert!(has_rfc3339_form(right), "{right}");
        }
        for wrong in [
            "2026-01-31",
            "2026-01-31 08:00:00Z",
            "2026-01-31T08:00Z",
            "2026-01-31T08:00:00+02",
            "2026-01-31T08:00:0ZZ",
            "2026-01-31T08:00:00+24:00",
            "2026-01-31T08:00:00-01:60",
            "2026-01-31T08:00:00\u{e9}",
            "2026-01-31T08:00:0\u{e9}Z",
            "2026-01-31T08:00:00.Z",
            "2026-01-31T08:00:00+01:00[Europe/Paris]",
        ] {
            assert!(!has_rfc3339_form(wrong), "{wrong}");
        }
    }
}
