//! The credentials that a server hands out.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// Credentials as a service hands them out; what is none is left out of the answer.
#[derive(Debug, Clone)]
pub(crate) struct Handed {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Option<String>,
    pub(crate) session_token: Option<String>,
    pub(crate) expiration: Option<Timestamp>,
    /// Whose credentials they are, where a protocol says so.
    pub(crate) account: Option<String>,
}

impl Handed {
    /// A temporary key for an hour, with everything that belongs to it.
    pub(crate) fn temporary(access_key_id: &str, account: &str) -> Self {
        Handed {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: Some(format!("secret-of-{access_key_id}")),
            session_token: Some(format!("token-of-{access_key_id}")),
            expiration: Some(Timestamp::now() + SignedDuration::from_hours(1)),
            account: Some(account.to_owned()),
        }
    }

    /// The instant as JSON answers write it.
    pub(super) fn expiration_text(&self) -> Option<String> {
        self.expiration.map(|instant| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    /// The object that the metadata service and container endpoints answer with.
    pub(super) fn json(&self) -> Value {
        let fields = [
            ("AccessKeyId", Some(self.access_key_id.clone())),
            ("SecretAccessKey", self.secret_access_key.clone()),
            ("Token", self.session_token.clone()),
            ("Expiration", self.expiration_text()),
            ("AccountId", self.account.clone()),
        ];
        let present = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let object: Map<_, _> =
            present.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        Value::Object(object)
    }
}
