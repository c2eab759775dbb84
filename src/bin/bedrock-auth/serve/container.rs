//! AWS's contract for container credentials: what any SDK asks that is given an address and a token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bedrock_auth::auth::AccessKeyId;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq;

use super::credentials::{Granted, Vault, Withheld, end};
use super::problem::ProblemCode;
use super::{Service, reply};

/// The variables by which SDKs find the endpoint and the token.
pub(super) const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
pub(super) const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// How long an SDK goes on without asking again. A policy that was tightened holds for it by then: some SDKs use what
/// they have to the very end, and asking again costs nothing here.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// Who may ask, and what is handed out.
pub(super) struct Desk {
    token: SecretString,
    vault: Vault,
}

/// Credentials in the form that SDKs expect.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContainerCredentials<'a> {
    /// The access key's id.
    access_key_id: &'a str,
    /// Its secret half.
    secret_access_key: &'a str,
    /// The session token.
    token: &'a str,
    /// When to ask again, or when the credentials end, whichever comes first (RFC 3339).
    expiration: String,
    /// The account, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
}

impl Desk {
    pub(super) fn new(token: SecretString) -> Self {
        Desk { token, vault: Vault::default() }
    }

    /// Whether these headers are those of an SDK that was given the token.
    fn admit(&self, headers: &HeaderMap) -> Result<(), Withheld> {
        let refused = |code, message: &str| Err(Withheld::own(code, message));
        if headers.contains_key(ORIGIN) {
            return refused(ProblemCode::OriginNotAllowed, "no web page may ask");
        }
        if !headers.get(HOST).is_some_and(|host| is_loopback(host.as_bytes())) {
            return refused(ProblemCode::HostNotAllowed, "ask for `127.0.0.1`");
        }
        let shown = headers.get(AUTHORIZATION).map(|shown| shown.as_bytes()).unwrap_or_default();
        let token = self.token.expose_secret().as_bytes();
        if headers.get_all(AUTHORIZATION).iter().count() != 1 || !bool::from(shown.ct_eq(token)) {
            let message = format!(
                "the `Authorization` header has to be what the file of `{TOKEN_FILE}` holds"
            );
            return refused(ProblemCode::Unauthorized, &message);
        }
        Ok(())
    }
}

/// A page of the web can make its own name point to loopback, but not call itself so.
fn is_loopback(host: &[u8]) -> bool {
    Authority::try_from(host).is_ok_and(|host| {
        matches!(host.host(), "127.0.0.1" | "localhost") && !host.as_str().contains('@')
    })
}

pub(super) async fn credentials(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Response {
    let Some(desk) = &service.desk else {
        return reply::own_problem(ProblemCode::NotFound, "this agent serves no credentials");
    };
    if let Err(stranger) = desk.admit(&headers) {
        service.metrics.unauthorized(stranger.code.as_str());
        return refuse(&stranger);
    }
    match desk.vault.ask(&service.follower).await {
        Ok(granted) => match hand_out(&granted) {
            Ok(response) => {
                service.metrics.handed_out(end(&granted.credentials));
                response
            }
            Err(withheld) => withhold(&service, &withheld),
        },
        Err(withheld) => withhold(&service, &withheld),
    }
}

/// A long-lived key has no session token, and an answer without one is none to the SDKs for Python, Rust and JavaScript.
/// An empty one would be sent along by the one for Rust.
fn hand_out(Granted { allowed, credentials }: &Granted) -> Result<Response, Withheld> {
    let token = credentials.session_token().filter(|token| !token.is_empty()).ok_or_else(|| {
        let message = "the access key has no session token, which container credentials must have → run the program \
             with `bedrock-auth exec`";
        Withheld::own(ProblemCode::SessionTokenMissing, message)
    })?;
    let ask_again = Timestamp::now() + ASK_AGAIN;
    let expiration = end(credentials).map_or(ask_again, |end| end.min(ask_again));
    let id = credentials.access_key_id();
    let account = allowed.signer().account.or_else(|| AccessKeyId::new(id).account());
    let answer = ContainerCredentials {
        access_key_id: id,
        secret_access_key: credentials.secret_access_key(),
        token,
        // Some SDKs read no fractions.
        expiration: expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        account_id: account.map(|account| account.to_string()),
    };
    Ok(reply::json(StatusCode::OK, &answer))
}

fn withhold(service: &Service, withheld: &Withheld) -> Response {
    let code = withheld.code.as_str();
    service.metrics.withheld(code);
    tracing::warn!(code, why = withheld.message, "no credentials are handed out");
    refuse(withheld)
}

fn refuse(withheld: &Withheld) -> Response {
    reply::problem(withheld.code, withheld.message.clone())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn names_of_loopback_and_names_that_look_like_it() {
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:1"] {
            assert!(is_loopback(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example:80",
            "localhost.evil.example",
            "127.0.0.1@evil.example",
            "evil.example@127.0.0.1",
            "127.0.0.2",
            "localhost ",
            "\u{e9}",
        ] {
            assert!(!is_loopback(host.as_bytes()), "{host}");
        }
    }
}
