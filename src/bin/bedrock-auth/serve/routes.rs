//! The routes: one table, of which the router and the description are made.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use bedrock_auth::watch::Watching;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{SUBSCRIBERS, Service, answers, container, metrics, reply};

/// Where container credentials are asked for.
pub(super) const CREDENTIALS: &str = "/v1/credentials";

/// Which listener a route belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// The socket in the runtime directory.
    Socket,
    /// The port on loopback.
    Loopback,
}

/// One thing that can be asked for.
pub(super) struct Route {
    pub(super) door: Door,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    handler: fn() -> MethodRouter<Arc<Service>>,
}

pub(super) const ROUTES: &[Route] = &[
    Route { door: Door::Socket, method: "get", path: "/v1/answer", handler: || get(answer) },
    Route { door: Door::Socket, method: "get", path: "/v1/changes", handler: || get(changes) },
    Route { door: Door::Socket, method: "get", path: "/v1/health", handler: || get(health) },
    Route { door: Door::Socket, method: "post", path: "/v1/refresh", handler: || post(refresh) },
    Route { door: Door::Socket, method: "get", path: "/metrics", handler: || get(metrics) },
    Route {
        door: Door::Loopback,
        method: "get",
        path: CREDENTIALS,
        handler: || get(container::credentials),
    },
];

/// The routes of one listener.
pub(super) fn router(door: Door, service: &Arc<Service>) -> Router {
    let routes = ROUTES.iter().filter(|route| route.door == door);
    let router =
        routes.fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    router
        .fallback(|| async {
            reply::problem(StatusCode::NOT_FOUND, "not_found", "there is no such route")
        })
        .method_not_allowed_fallback(|| async {
            let message = "the route does not take this method";
            reply::problem(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
        })
        .layer(from_fn_with_state(Arc::clone(service), count))
        .with_state(Arc::clone(service))
}

/// Counts every response by its route and status.
async fn count(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let route = ROUTES.iter().find(|route| route.path == path).map_or("other", |route| route.path);
    let response = next.run(request).await;
    service.metrics.request(route, response.status());
    response
}

async fn answer(State(service): State<Arc<Service>>, headers: HeaderMap) -> Response {
    let written = service.answers.current();
    let tag = format!("\"{}\"", written.tag);
    let is_known =
        headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = match is_known {
        true => reply::bytes(StatusCode::NOT_MODIFIED, "application/json", ""),
        false => reply::bytes(StatusCode::OK, "application/json", written.json.clone()),
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

async fn changes(State(service): State<Arc<Service>>, headers: HeaderMap) -> Response {
    let Ok(seat) = Arc::clone(&service.seats).try_acquire_owned() else {
        return reply::problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_subscribers",
            &format!("{SUBSCRIBERS} follow the changes already"),
        );
    };
    let last_seen =
        headers.get("last-event-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let stream = answers::stream(Arc::clone(&service), last_seen, seat);
    reply::body(StatusCode::OK, "text/event-stream", stream)
}

/// Whether the agent does its work.
#[derive(Serialize, JsonSchema)]
struct Health {
    /// Whether changes are noticed.
    is_watching: bool,
    /// How they are noticed.
    #[schemars(with = "serde_json::Value")]
    watching: Watching,
    /// The answer in one word.
    outcome: bedrock_auth::resolve::Outcome,
    /// The number of the current answer.
    number: u64,
    /// Since when it is the current one.
    #[schemars(with = "String", extend("format" = "date-time"))]
    since: Timestamp,
    /// Managed sources that are not usable, for which the last good policy stands in.
    last_good: Vec<StandIn>,
    /// Since when the agent runs.
    #[schemars(with = "String", extend("format" = "date-time"))]
    started: Timestamp,
    /// The process.
    pid: u32,
    /// The version of the program.
    version: &'static str,
}

/// A policy that outlives its source.
#[derive(Serialize, JsonSchema)]
struct StandIn {
    /// The source.
    file: String,
    /// Since when it is not usable.
    #[schemars(with = "String", extend("format" = "date-time"))]
    since: Timestamp,
    /// How long that is.
    age_seconds: u64,
}

async fn health(State(service): State<Arc<Service>>) -> Response {
    let answer = service.follower.watch().current();
    let now = Timestamp::now();
    let stand_ins = answer.resolution.policy.sources.iter().filter_map(|source| {
        let since = source.last_good.as_ref()?.since;
        let age_seconds = u64::try_from(now.duration_since(since).as_secs()).unwrap_or_default();
        Some(StandIn { file: source.file.display().to_string(), since, age_seconds })
    });
    let is_watching = service.is_watching();
    let health = Health {
        is_watching,
        watching: answer.watching.clone(),
        outcome: answer.resolution.outcome,
        number: answer.number,
        since: answer.since,
        last_good: stand_ins.collect(),
        started: service.started,
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let status = if is_watching { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    reply::json(status, &health)
}

/// What was asked for happens later; its outcome is the next answer, if it is another one.
async fn refresh(State(service): State<Arc<Service>>) -> Response {
    service.follower.watch().look_again();
    reply::bytes(StatusCode::ACCEPTED, "application/json", "{}")
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    let subscribers = SUBSCRIBERS - service.seats.available_permits();
    let answer = service.follower.watch().current();
    match service.metrics.text(&answer, service.is_watching(), subscribers) {
        Ok(text) => reply::bytes(StatusCode::OK, metrics::CONTENT_TYPE, text),
        Err(_) => reply::problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "failed",
            "the metrics cannot be written",
        ),
    }
}
