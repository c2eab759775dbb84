//! The answer as it is sent: written once for each change, and shared by all who ask.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use bedrock_auth::targets::SERVE;
use bedrock_auth::watch::{Answer, Changes, Watch};
use futures_util::stream::unfold;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::Service;

/// How long a stream is silent before it shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The answers of this process.
pub(super) struct Answers {
    watch: Watch,
    instance: String,
    latest: Mutex<Option<Arc<Written>>>,
}

/// One answer in the forms in which it is sent.
pub(super) struct Written {
    number: u64,
    /// Its name among all answers of all processes.
    pub(super) tag: String,
    pub(super) json: Bytes,
    event: Bytes,
}

impl Answers {
    pub(super) fn of(watch: Watch, instance: String) -> Self {
        Answers { watch, instance, latest: Mutex::new(None) }
    }

    /// The one line of the current one.
    pub(super) fn display(&self) -> String {
        self.watch.current().resolution.display.clone()
    }

    pub(super) fn current(&self) -> Arc<Written> {
        self.written(&self.watch.current())
    }

    fn written(&self, answer: &Answer) -> Arc<Written> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        match &*latest {
            Some(written) if written.number == answer.number => Arc::clone(written),
            Some(newer) if newer.number > answer.number => Arc::new(self.write(answer)),
            _ => Arc::clone(latest.insert(Arc::new(self.write(answer)))),
        }
    }

    fn write(&self, answer: &Answer) -> Written {
        let json = serde_json::to_string(answer).unwrap_or_else(|error| {
            // An answer holds nothing that JSON cannot.
            tracing::error!(target: SERVE, %error, "an answer cannot be written");
            "null".to_owned()
        });
        let number = answer.number;
        let tag = format!("{}-{number}", self.instance);
        // JSON on one line: a line break would end the data.
        let event = Bytes::from(format!("id: {tag}\nevent: answer\ndata: {json}\n\n"));
        Written { number, tag, json: Bytes::from(json), event }
    }
}

/// One who follows the changes.
struct Subscriber {
    service: Arc<Service>,
    changes: Changes,
    /// The current answer at the beginning, unless it is known already.
    first: Option<Arc<Written>>,
    sent: u64,
    heartbeat: Interval,
    #[expect(dead_code, reason = "given back when the subscriber goes")]
    seat: OwnedSemaphorePermit,
}

/// The stream of answers, which begins with the current one unless that is the last one seen.
pub(super) fn stream(service: Arc<Service>, last_seen: &str, seat: OwnedSemaphorePermit) -> Body {
    // The place in the row comes first, so that no answer falls between.
    let changes = service.follower.watch().changes();
    let current = service.answers.current();
    let mut heartbeat = interval(HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let subscriber = Subscriber {
        changes,
        sent: current.number,
        first: Some(current).filter(|current| current.tag != last_seen),
        heartbeat,
        seat,
        service,
    };
    Body::from_stream(unfold(subscriber, |mut subscriber| async move {
        let chunk = subscriber.next().await?;
        Some((Ok::<_, Infallible>(chunk), subscriber))
    }))
}

impl Subscriber {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first.event.clone());
        }
        loop {
            tokio::select! {
                () = self.service.stopped() => return None,
                changed = self.changes.next() => {
                    let written = self.service.answers.written(&*changed?);
                    if written.number > self.sent {
                        self.sent = written.number;
                        return Some(written.event.clone());
                    }
                }
                // The first beat comes at once, and tells a client that it is connected.
                _ = self.heartbeat.tick() => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }
}
