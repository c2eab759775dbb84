//! The routes: one table, of which the router and the description are made.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use bedrock_auth::watch::Answer;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::container::ContainerCredentials;
use super::health::{Health, health};
use super::problem::ProblemCode;
use super::route::{Content, Door, Reply, Route};
use super::{SUBSCRIBERS, Service, answers, container, metrics, openapi, reply};

/// Where container credentials are asked for.
pub(super) const CREDENTIALS: &str = "/v1/credentials";

const ROUTES: &[Route] = &[
    Route {
        door: Door::Socket,
        method: "get",
        path: "/v1/answer",
        name: "answer",
        does: "The current answer, as `status --json` gives it, with its number among those of this process",
        headers: &[("If-None-Match", "The `ETag` of the answer that is known already")],
        replies: &[
            Reply::json::<Answer>(200, "The answer"),
            Reply {
                status: 304,
                when: "It is the one that is known already",
                codes: &[],
                content: Content::Nothing,
            },
        ],
        handler: || get(answer),
    },
    Route {
        door: Door::Socket,
        method: "get",
        path: "/v1/changes",
        name: "changes",
        does: "The answer and each that follows, as server-sent events `answer`",
        headers: &[(
            "Last-Event-ID",
            "The last event seen: if it is the current answer, only others are sent",
        )],
        replies: &[
            Reply::text(
                "text/event-stream",
                "The `data` of each event is what `/v1/answer` gives; a comment now and then shows that the stream lives",
            ),
            Reply::problem("Nobody more can follow", &[ProblemCode::TooManySubscribers]),
        ],
        handler: || get(changes),
    },
    Route {
        door: Door::Socket,
        method: "get",
        path: "/v1/health",
        name: "health",
        does: "Whether the agent does its work, and how",
        headers: &[],
        replies: &[
            Reply::json::<Health>(200, "Changes are noticed"),
            Reply::json::<Health>(503, "Changes are not noticed any more: restart the agent"),
        ],
        handler: || get(health),
    },
    Route {
        door: Door::Socket,
        method: "post",
        path: "/v1/refresh",
        name: "refresh",
        does: "Looks at everything again, the keychain too",
        headers: &[],
        replies: &[Reply::json::<Asked>(
            202,
            "It is looked at; another answer follows as a change",
        )],
        handler: || post(refresh),
    },
    Route {
        door: Door::Socket,
        method: "get",
        path: "/metrics",
        name: "metrics",
        does: "What happened and what is in force, for Prometheus",
        headers: &[],
        replies: &[
            Reply::text(metrics::CONTENT_TYPE, "OpenMetrics text"),
            Reply::problem("The metrics cannot be written", &[ProblemCode::MetricsUnwritable]),
        ],
        handler: || get(metrics),
    },
    Route {
        door: Door::Socket,
        method: "get",
        path: "/v1/openapi.json",
        name: "description",
        does: "This description",
        headers: &[],
        replies: &[Reply::json::<Value>(200, "OpenAPI 3.1")],
        handler: || get(|| async { reply::json(StatusCode::OK, &openapi::description(ROUTES)) }),
    },
    Route {
        door: Door::Loopback,
        method: "get",
        path: CREDENTIALS,
        name: "credentials",
        does: "The allowed credentials, judged anew, by AWS's contract for container credentials",
        headers: &[],
        replies: &[
            Reply::json::<ContainerCredentials<'_>>(200, "Credentials"),
            Reply::problem(
                "The answer is none that container credentials can carry",
                &[ProblemCode::ApiKey, ProblemCode::SessionTokenMissing],
            ),
            Reply::problem("The token is missing or another one", &[ProblemCode::Unauthorized]),
            Reply::problem(
                "A denial's code; or, for whoever may not ask or what is not the answer any more",
                &[
                    ProblemCode::OriginNotAllowed,
                    ProblemCode::HostNotAllowed,
                    ProblemCode::Superseded,
                    ProblemCode::WhatIf,
                ],
            ),
            Reply::problem("Nothing is configured", &[ProblemCode::Unconfigured]),
            Reply::problem(
                "A step on the way to the credentials failed",
                &[ProblemCode::StepFailed],
            ),
            Reply::problem(
                "A policy demands an audit record, and none can be written",
                &[ProblemCode::NotRecorded],
            ),
        ],
        handler: || get(container::credentials),
    },
];

/// The routes of one listener.
pub(super) fn router(door: Door, service: &Arc<Service>) -> Router {
    let routes = ROUTES.iter().filter(|route| route.door == door);
    let router =
        routes.fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    router
        .fallback(|| async { reply::own_problem(ProblemCode::NotFound, "there is no such route") })
        .method_not_allowed_fallback(|| async {
            let message = "the route does not take this method";
            reply::own_problem(ProblemCode::HttpMethodNotAllowed, message)
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
        return reply::own_problem(
            ProblemCode::TooManySubscribers,
            &format!("{SUBSCRIBERS} follow the changes already"),
        );
    };
    let last_seen =
        headers.get("last-event-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let stream = answers::stream(Arc::clone(&service), last_seen, seat);
    reply::body(StatusCode::OK, "text/event-stream", stream)
}

/// That everything is looked at again.
#[derive(Serialize, JsonSchema)]
struct Asked {
    /// The number of the answer until then.
    number: u64,
}

/// What was asked for happens later; its outcome is the next answer, if it is another one.
async fn refresh(State(service): State<Arc<Service>>) -> Response {
    let watch = service.follower.watch();
    let number = watch.current().number;
    watch.look_again();
    reply::json(StatusCode::ACCEPTED, &Asked { number })
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    let subscribers = SUBSCRIBERS - service.seats.available_permits();
    let answer = service.follower.watch().current();
    match service.metrics.text(&answer, service.is_watching(), subscribers) {
        Ok(text) => reply::bytes(StatusCode::OK, metrics::CONTENT_TYPE, text),
        Err(_) => {
            reply::own_problem(ProblemCode::MetricsUnwritable, "the metrics cannot be written")
        }
    }
}
