//! Credentials as endpoints and programs write them: a JSON object, whose keys AWS's SDKs read in any case.

use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The object. What is wrong with it is told without repeating what stands in it.
pub(super) struct Handed(Map<String, Value>);

impl Handed {
    /// # Errors
    /// When the text is no JSON object.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(text).map(Handed).map_err(|_| "it is not a JSON object".to_owned())
    }

    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, value)| value)
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.value(key)?.as_str().filter(|text| !text.is_empty())
    }

    /// # Errors
    /// When there is no such text.
    pub(super) fn required(&self, key: &str) -> Result<&str, String> {
        self.text(key).ok_or_else(|| format!("it holds no `{key}`"))
    }

    /// # Errors
    /// When there is one that is no instant.
    pub(super) fn expiration(&self) -> Result<Option<SystemTime>, String> {
        let instant = |text: &str| text.parse::<Timestamp>().map(SystemTime::from);
        let read = self.text("Expiration").map(instant).transpose();
        read.map_err(|_| "its `Expiration` is no RFC 3339 instant".to_owned())
    }
}
