//! Whether the agent does its work, and how.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bedrock_auth::resolve::Outcome;
use bedrock_auth::watch::Watching;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Service, reply};

/// Whether the agent does its work.
#[derive(Serialize, JsonSchema)]
pub(super) struct Health {
    /// Whether changes are noticed.
    is_watching: bool,
    /// How they are noticed.
    watching: Watching,
    /// The answer in one word.
    outcome: Outcome,
    /// The number of the current answer.
    number: u64,
    /// Since when it is the current one.
    since: Timestamp,
    /// Managed sources that are not usable, for which the last good policy stands in.
    last_good: Vec<StandIn>,
    /// Since when the agent runs.
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
    since: Timestamp,
    /// How long that is.
    age_seconds: u64,
}

pub(super) async fn health(State(service): State<Arc<Service>>) -> Response {
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
