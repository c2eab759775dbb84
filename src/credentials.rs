//! The credentials an item holds, and the JSON it holds them in.

use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, IgnoredAny, MapAccess, Visitor},
};
use serde_json::error::Category;
use zeroize::Zeroizing;

/// Static credentials as a keychain item keeps them.
///
/// Source: the item's JSON object. An empty string, `null` and a missing key all read as `None`.
#[derive(Debug, Clone, Default)]
pub struct StaticCredentials {
    /// Which access key. No secret by itself, kept like one because it came out of a secret item.
    pub access_key_id: Option<SecretString>,
    /// The access key's secret half.
    pub secret_access_key: Option<SecretString>,
    /// The token of a temporary access key.
    pub session_token: Option<SecretString>,
    /// A Bedrock API key. Wins over an access key in the same item.
    pub bearer_token: Option<SecretString>,
}

impl StaticCredentials {
    /// A Bedrock API key alone.
    pub fn bearer(token: impl Into<SecretString>) -> Self {
        StaticCredentials { bearer_token: Some(token.into()), ..Self::default() }
    }

    /// An access key, with the session token of a temporary one.
    pub fn access_key(
        id: impl Into<SecretString>,
        secret: impl Into<SecretString>,
        session_token: Option<SecretString>,
    ) -> Self {
        StaticCredentials {
            access_key_id: Some(id.into()),
            secret_access_key: Some(secret.into()),
            session_token,
            bearer_token: None,
        }
    }

    /// Reads an item's JSON.
    ///
    /// Keys it does not know, such as the `region` of old items, are passed over.
    ///
    /// # Errors
    /// Where the text is no such object, or holds no whole credential. The error tells the place
    /// and the kind of fault and never what stands there.
    pub fn from_item(text: &[u8]) -> Result<Self, ItemError> {
        if text.is_empty() {
            return Err(ItemError::Blank);
        }
        let credentials: Self = serde_json::from_slice(text).map_err(ItemError::from_json)?;
        credentials.check()?;
        Ok(credentials)
    }

    /// The JSON to keep in an item, without the absent keys. Wiped when dropped.
    pub fn to_item(&self) -> Zeroizing<Vec<u8>> {
        let document = Document {
            access_key_id: given(&self.access_key_id),
            secret_access_key: given(&self.secret_access_key),
            session_token: given(&self.session_token),
            bearer_token: given(&self.bearer_token),
        };
        // Room for all of it at once: a buffer that grows leaves unwiped copies behind
        let mut text = Zeroizing::new(Vec::with_capacity(document.largest_size()));
        serde_json::to_writer(&mut *text, &document)
            .expect("strings always serialize and a vector always takes them");
        text
    }

    /// Whether there is something to sign with.
    ///
    /// # Errors
    /// [`ItemError::Half`] for half an access key without a bearer token, [`ItemError::Nothing`]
    /// where there is neither.
    pub fn check(&self) -> Result<(), ItemError> {
        let has = |value| given(value).is_some();
        match (has(&self.bearer_token), has(&self.access_key_id), has(&self.secret_access_key)) {
            (true, _, _) | (_, true, true) => Ok(()),
            (_, true, false) => Err(ItemError::Half { missing: "secret_access_key" }),
            (_, false, true) => Err(ItemError::Half { missing: "access_key_id" }),
            (_, false, false) => Err(ItemError::Nothing),
        }
    }
}

/// Credentials that another program printed, and when their session ends, if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The credentials.
    pub credentials: StaticCredentials,
    /// When the session of temporary keys ends.
    pub expires: Option<Timestamp>,
}

impl From<StaticCredentials> for Imported {
    fn from(credentials: StaticCredentials) -> Self {
        Imported { credentials, expires: None }
    }
}

impl Imported {
    /// Reads an item's JSON, or what `aws configure export-credentials` or STS print.
    ///
    /// # Errors
    /// As [`StaticCredentials::from_item`].
    pub fn from_json(text: &[u8]) -> Result<Self, ItemError> {
        match StaticCredentials::from_item(text) {
            Err(ItemError::Nothing) => {
                let exported: Exported =
                    serde_json::from_slice(text).map_err(ItemError::from_json)?;
                let imported = exported.unwrapped();
                imported.credentials.check().map(|()| imported)
            }
            read => read.map(Imported::from),
        }
    }
}

/// Whether both hold the same credentials, so that a watcher can tell a change.
///
/// Not in constant time: both sides are this person's own.
impl PartialEq for StaticCredentials {
    fn eq(&self, other: &Self) -> bool {
        let StaticCredentials { access_key_id, secret_access_key, session_token, bearer_token } =
            self;
        given(access_key_id) == given(&other.access_key_id)
            && given(secret_access_key) == given(&other.secret_access_key)
            && given(session_token) == given(&other.session_token)
            && given(bearer_token) == given(&other.bearer_token)
    }
}

impl Eq for StaticCredentials {}

/// Why an item's text holds no usable credentials. Says where and what kind, never what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemError {
    /// No text at all.
    Blank,
    /// Not JSON.
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes; 0 where a line has not begun.
        column: usize,
    },
    /// JSON that breaks off.
    Truncated,
    /// JSON, but not an object whose four keys hold each a string, once.
    NotCredentials {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes; 0 where a line has not begun.
        column: usize,
    },
    /// Half an access key, and no bearer token.
    Half {
        /// The key that is missing or empty.
        missing: &'static str,
    },
    /// An object without any credential.
    Nothing,
}

impl ItemError {
    /// Keeps place and kind alone: the message of a JSON error can quote the text.
    fn from_json(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Eof => ItemError::Truncated,
            Category::Syntax | Category::Io => ItemError::NotJson { line, column },
            Category::Data => ItemError::NotCredentials { line, column },
        }
    }
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ItemError::Blank => f.write_str("it is blank"),
            ItemError::NotJson { line, column } => {
                write!(f, "it is not JSON at line {line}, column {column}")
            }
            ItemError::Truncated => f.write_str("its JSON breaks off"),
            ItemError::NotCredentials { line, column } => {
                write!(f, "it is not an object of strings at line {line}, column {column}")
            }
            ItemError::Half { missing } => {
                write!(f, "it holds half an access key, `{missing}` is missing")
            }
            ItemError::Nothing => f.write_str("it holds no credential"),
        }
    }
}

impl std::error::Error for ItemError {}

/// The value, unless it is empty.
fn given(value: &Option<SecretString>) -> Option<&str> {
    value.as_ref().map(ExposeSecret::expose_secret).filter(|value| !value.is_empty())
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_access_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bearer_token: Option<&'a str>,
}

impl Document<'_> {
    /// An upper bound of the JSON's length in bytes.
    fn largest_size(&self) -> usize {
        // A control character becomes `\u001f`: six bytes out of one
        const GROWTH: usize = 6;
        const KEYS_AND_PUNCTUATION: usize = 128;
        let Document { access_key_id, secret_access_key, session_token, bearer_token } = self;
        let values = [access_key_id, secret_access_key, session_token, bearer_token];
        values.into_iter().flatten().map(|value| value.len() * GROWTH).sum::<usize>()
            + KEYS_AND_PUNCTUATION
    }
}

/// AWS's own spelling; STS wraps it once more.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Exported {
    access_key_id: Option<Text>,
    secret_access_key: Option<Text>,
    #[serde(alias = "Token")]
    session_token: Option<Text>,
    expiration: Option<Timestamp>,
    credentials: Option<Box<Exported>>,
}

impl Exported {
    fn unwrapped(self) -> Imported {
        if let Some(inner) = self.credentials {
            return inner.unwrapped();
        }
        let secret = |text: Option<Text>| text.map(|text| text.0).filter(not_empty);
        let credentials = StaticCredentials {
            access_key_id: secret(self.access_key_id),
            secret_access_key: secret(self.secret_access_key),
            session_token: secret(self.session_token),
            bearer_token: None,
        };
        Imported { credentials, expires: self.expiration }
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    AccessKeyId,
    SecretAccessKey,
    SessionToken,
    BearerToken,
    #[serde(other)]
    Other,
}

/// By hand, because a derived struct also reads from an array.
impl<'de> Deserialize<'de> for StaticCredentials {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = StaticCredentials;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut credentials = StaticCredentials::default();
        let mut seen = [false; 4];
        while let Some(key) = map.next_key()? {
            let (index, slot) = match key {
                Field::AccessKeyId => (0, &mut credentials.access_key_id),
                Field::SecretAccessKey => (1, &mut credentials.secret_access_key),
                Field::SessionToken => (2, &mut credentials.session_token),
                Field::BearerToken => (3, &mut credentials.bearer_token),
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            // Two values for one key: which of them signs would be a guess
            if std::mem::replace(&mut seen[index], true) {
                return Err(de::Error::custom("duplicate key"));
            }
            *slot = map.next_value::<Option<Text>>()?.map(|text| text.0).filter(not_empty);
        }
        Ok(credentials)
    }
}

fn not_empty(value: &SecretString) -> bool {
    !value.expose_secret().is_empty()
}

struct Text(SecretString);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(SecretString::from(text)))
    }
}
