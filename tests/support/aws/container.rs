//! The container credentials endpoint.

use super::handed::Handed;
use super::request::Request;
use super::server::{Answer, Protocol};

/// Where the credentials are.
pub(crate) const PATH: &str = "/container-credentials";

/// Hands out credentials to whoever shows the authorization token.
pub(crate) struct Container {
    pub(crate) authorization: Option<String>,
    pub(crate) hands_out: Handed,
}

const OPERATION: &str = "ContainerCredentials";

impl Protocol for Container {
    fn answer(&self, request: &Request) -> Option<Answer> {
        if request.method != "GET" || request.path() != PATH {
            return None;
        }
        if request.header("authorization") != self.authorization.as_deref() {
            return Some(Answer::error(OPERATION, 401, "Unauthorized"));
        }
        Some(Answer::json(OPERATION, &self.hands_out.json()))
    }
}
