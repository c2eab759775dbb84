//! What the agent answers with.

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bedrock_auth::targets::SERVE;
use serde::Serialize;

use super::problem::{Code, Problem, ProblemCode};

/// Something that is not to be kept by anybody on the way.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(text) => bytes(status, "application/json", text),
        Err(error) => {
            // The answers hold nothing that JSON cannot.
            tracing::error!(target: SERVE, %error, "an answer cannot be written");
            bytes(StatusCode::INTERNAL_SERVER_ERROR, "application/json", "{}")
        }
    }
}

/// The status is that of the code.
pub(super) fn problem(code: Code, message: String) -> Response {
    json(code.status(), &Problem { code, message })
}

pub(super) fn own_problem(code: ProblemCode, message: &str) -> Response {
    problem(Code::Own(code), message.to_owned())
}

pub(super) fn bytes(
    status: StatusCode,
    content_type: &'static str,
    text: impl Into<Bytes>,
) -> Response {
    body(status, content_type, Body::from(text.into()))
}

pub(super) fn body(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
