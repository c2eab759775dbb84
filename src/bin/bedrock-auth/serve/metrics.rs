//! What happened and what is in force, for Prometheus.

use std::sync::atomic::AtomicU64;

use axum::http::StatusCode;
use bedrock_auth::policy::SourceState;
use bedrock_auth::resolve::Outcome;
use bedrock_auth::watch::{Answer, Watching};
use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// The form of the text.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Vec<(&'static str, String)>;
type Counters = Family<Labels, Counter>;
type Seconds = Gauge<f64, AtomicU64>;

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    requests: Counters,
    refused_peers: Counter,
    refused_connections: Counters,
    unauthorized: Counters,
    handed_out: Counter,
    withheld: Counters,
    /// The end of the credentials that were handed out last.
    expires: Seconds,
}

impl Metrics {
    pub(super) fn request(&self, route: &'static str, status: StatusCode) {
        let status = status.as_str().to_owned();
        self.requests.get_or_create(&vec![("route", route.to_owned()), ("status", status)]).inc();
    }

    pub(super) fn peer_refused(&self) {
        self.refused_peers.inc();
    }

    pub(super) fn connection_refused(&self, listener: &'static str) {
        self.refused_connections.get_or_create(&vec![("listener", listener.to_owned())]).inc();
    }

    pub(super) fn unauthorized(&self, code: &str) {
        self.unauthorized.get_or_create(&vec![("code", code.to_owned())]).inc();
    }

    pub(super) fn handed_out(&self, end: Option<Timestamp>) {
        self.handed_out.inc();
        self.expires.set(end.map_or(0.0, seconds));
    }

    pub(super) fn withheld(&self, code: &str) {
        self.withheld.get_or_create(&vec![("code", code.to_owned())]).inc();
    }

    /// Everything as text, in the OpenMetrics form that Prometheus reads.
    pub(super) fn text(
        &self,
        answer: &Answer,
        is_watching: bool,
        subscribers: usize,
    ) -> Result<String, std::fmt::Error> {
        let mut registry = Registry::with_prefix("bedrock_auth");
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "The program", Info::new(version));
        self.register_counts(&mut registry);
        of_answer(&mut registry, answer);
        gauge(
            &mut registry,
            "watching",
            "Whether changes are noticed at all",
            u32::from(is_watching),
        );
        gauge(
            &mut registry,
            "subscribers",
            "Who follows the changes now",
            u32::try_from(subscribers).unwrap_or(u32::MAX),
        );
        let mut text = String::new();
        encode(&mut text, &registry)?;
        Ok(text)
    }

    fn register_counts(&self, registry: &mut Registry) {
        registry.register("requests", "Requests by route and status", self.requests.clone());
        registry.register(
            "refused_peers",
            "Connections of other persons' processes to the socket",
            self.refused_peers.clone(),
        );
        registry.register(
            "refused_connections",
            "Connections beyond those that a listener holds",
            self.refused_connections.clone(),
        );
        registry.register(
            "unauthorized_container_requests",
            "Requests for credentials by who may not ask",
            self.unauthorized.clone(),
        );
        registry.register(
            "credentials_handed_out",
            "Credentials that were handed out",
            self.handed_out.clone(),
        );
        registry.register(
            "credentials_refused",
            "Requests for credentials that got none, by code",
            self.withheld.clone(),
        );
        registry.register(
            "credentials_expire_timestamp_seconds",
            "The end of the credentials that were handed out last; 0 where it is not known",
            self.expires.clone(),
        );
    }
}

fn of_answer(registry: &mut Registry, answer: &Answer) {
    let changes: Counter = Counter::default();
    changes.inc_by(answer.number - 1);
    registry.register("answer_changes", "How often the answer changed", changes);
    let since = Seconds::default();
    since.set(seconds(answer.since));
    registry.register(
        "answer_since_timestamp_seconds",
        "Since when the answer is the current one",
        since,
    );
    let outcome = Outcome::ALL.iter().map(|outcome| {
        (vec![("outcome", outcome.to_string())], *outcome == answer.resolution.outcome)
    });
    states(registry, "outcome", "The current answer", outcome);
    let is_told = answer.watching == Watching::Events;
    let modes = [("events", is_told), ("polling", !is_told)];
    let modes = modes.map(|(mode, is_it)| (vec![("mode", mode.to_owned())], is_it));
    states(registry, "watching_mode", "How changes are noticed", modes);
    let sources = &answer.resolution.policy.sources;
    let sources_in_states = sources.iter().flat_map(|source| {
        SourceState::ALL.iter().map(|state| {
            let labels =
                vec![("source", source.file.display().to_string()), ("state", state.to_string())];
            (labels, *state == source.state)
        })
    });
    states(
        registry,
        "policy_source_state",
        "What became of each managed source",
        sources_in_states,
    );
    let ages = Family::<Labels, Seconds>::default();
    for source in sources {
        let Some(last_good) = &source.last_good else { continue };
        let age = Timestamp::now().duration_since(last_good.since).as_secs_f64();
        ages.get_or_create(&vec![("source", source.file.display().to_string())]).set(age);
    }
    registry.register(
        "last_good_policy_age_seconds",
        "How long a last good policy stands in for a source that is not usable",
        ages,
    );
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: u32) {
    let gauge: Gauge = Gauge::default();
    gauge.set(i64::from(value));
    registry.register(name, help, gauge);
}

/// One gauge for each state, of which those that hold are 1.
fn states(
    registry: &mut Registry,
    name: &str,
    help: &str,
    states: impl IntoIterator<Item = (Labels, bool)>,
) {
    let family = Family::<Labels, Gauge>::default();
    for (labels, holds) in states {
        family.get_or_create(&labels).set(i64::from(holds));
    }
    registry.register(name, help, family);
}

fn seconds(instant: Timestamp) -> f64 {
    instant.as_duration().as_secs_f64()
}
