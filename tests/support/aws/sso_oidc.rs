//! OpenID Connect of IAM Identity Center: renews a sign-in.

use serde_json::{Value, json};

use super::request::Request;
use super::server::{Answer, Protocol};

/// Exchanges one refresh token for an access token.
pub(crate) struct SsoOidc {
    pub(crate) refresh_token: String,
    pub(crate) hands_out: String,
}

const OPERATION: &str = "CreateToken";

impl Protocol for SsoOidc {
    fn answer(&self, request: &Request) -> Option<Answer> {
        if request.method != "POST" || request.path() != "/token" {
            return None;
        }
        let asked: Value = serde_json::from_slice(&request.body).ok()?;
        if asked["grantType"] != "refresh_token" || asked["refreshToken"] != self.refresh_token {
            return Some(Answer::error(OPERATION, 400, "InvalidGrantException"));
        }
        let token = json!({
            "accessToken": self.hands_out,
            "tokenType": "Bearer",
            "expiresIn": 3600,
            "refreshToken": self.refresh_token,
        });
        Some(Answer::json(OPERATION, &token))
    }
}
