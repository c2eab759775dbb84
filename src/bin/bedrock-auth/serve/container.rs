//! AWS's contract for container credentials: what any SDK asks that is given an address and a token.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bedrock_auth::audit::{Asked, Door};
use bedrock_auth::aws::CONTAINER_TOKEN_FILE;
use bedrock_auth::client::{Credential, HandedOut, NotCarried};
use bedrock_auth::targets::SERVE;
use jiff::Timestamp;
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq;

use super::credentials::{Vault, Withheld};
use super::peer::Peer;
use super::problem::ProblemCode;
use super::{Service, reply};
use crate::render::whole_seconds;

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
                "the `Authorization` header has to be what the file of `{CONTAINER_TOKEN_FILE}` holds"
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
    Extension(peer): Extension<Option<Peer>>,
    headers: HeaderMap,
) -> Response {
    let Some(desk) = &service.desk else {
        return reply::own_problem(ProblemCode::NotFound, "this agent serves no credentials");
    };
    if let Err(stranger) = desk.admit(&headers) {
        service.metrics.unauthorized(stranger.code.as_str());
        return refuse(&stranger);
    }
    let caller = tokio::task::spawn_blocking(move || peer.and_then(Peer::caller)).await;
    let asked = Asked::at(Door::Serve).by(caller.unwrap_or_default());
    let handed = desk.vault.ask(&service.follower, &asked).await;
    match handed.and_then(|handed| Ok((response(&handed)?, handed.expires))) {
        Ok((response, end)) => {
            service.metrics.handed_out(end);
            response
        }
        Err(withheld) => withhold(&service, &withheld),
    }
}

fn response(handed: &HandedOut) -> Result<Response, Withheld> {
    let answer = match &handed.credential {
        Credential::AccessKey { id, secret, session_token: Some(token) } => ContainerCredentials {
            access_key_id: id.as_str(),
            secret_access_key: secret.expose_secret(),
            token: token.expose_secret(),
            expiration: whole_seconds(handed.ask_again(Timestamp::now())),
            account_id: handed.account.map(|account| account.to_string()),
        },
        Credential::AccessKey { .. } => return Err(NotCarried::SessionTokenMissing.into()),
        _ => return Err(NotCarried::ApiKey.into()),
    };
    Ok(reply::json(StatusCode::OK, &answer))
}

fn withhold(service: &Service, withheld: &Withheld) -> Response {
    let code = withheld.code.as_str();
    service.metrics.withheld(code);
    tracing::warn!(target: SERVE, code, why = withheld.for_record(), "no credentials are handed out");
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
