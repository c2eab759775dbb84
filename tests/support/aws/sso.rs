//! The portal of IAM Identity Center: role credentials.

use serde_json::{Map, Value, json};

use super::handed::Handed;
use super::request::{Authentication, Request};
use super::server::{Answer, Protocol};

/// Hands out credentials for one access token, whatever account and role are asked for.
pub(crate) struct SsoPortal {
    pub(crate) access_token: String,
    pub(crate) hands_out: Handed,
}

const OPERATION: &str = "GetRoleCredentials";

impl Protocol for SsoPortal {
    fn answer(&self, request: &Request) -> Option<Answer> {
        if request.method != "GET" || request.path() != "/federation/credentials" {
            return None;
        }
        if request.authentication() != Authentication::SsoToken(self.access_token.clone()) {
            return Some(Answer::error(OPERATION, 401, "UnauthorizedException"));
        }
        let handed = &self.hands_out;
        let milliseconds = handed.expiration.map(|instant| Value::from(instant.as_millisecond()));
        let fields = [
            ("accessKeyId", Some(Value::from(handed.access_key_id.clone()))),
            ("secretAccessKey", handed.secret_access_key.clone().map(Value::from)),
            ("sessionToken", handed.session_token.clone().map(Value::from)),
            ("expiration", milliseconds),
        ];
        let present = fields.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
        let credentials: Map<String, Value> = present.collect();
        Some(Answer::json(OPERATION, &json!({ "roleCredentials": credentials })))
    }
}
