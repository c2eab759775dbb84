//! The answer as it changes: a handle on the current one, and a stream of those that follow.
//!
//! A [`Watch`] looks again when a file changes, when a moment comes at which the answer ends, and now and then because
//! not everything tells of its changes. What counts is what the files hold, not that somebody touched them.
//!
//! ```
//! use bedrock_auth::load::{Environment, Machine};
//! use bedrock_auth::resolve::Outcome;
//! use bedrock_auth::watch::Watch;
//!
//! let machine = Machine::empty().with_environment(Environment::from_pairs([
//!     ("ZED_BEDROCK_BEARER_TOKEN", "a-token-of-a-local-test-server"),
//! ]));
//! let watch = Watch::builder(machine).start()?;
//! let mut changes = watch.changes();
//! assert_eq!(watch.current().resolution.outcome, Outcome::Allowed);
//!
//! drop(watch);
//! // The end of the stream: nobody watches any more.
//! assert!(changes.next_blocking().is_none());
//! # Ok::<(), std::io::Error>(())
//! ```

mod differences;
mod engine;
mod events;
mod places;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::broadcast::{self, error::RecvError};

use self::engine::{Engine, Signal};
use crate::load::{Machine, Memory};
use crate::resolve::Resolution;

pub use self::differences::{Difference, differences};
pub use self::events::Watching;

/// One answer in the row of those that a watch gave.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Answer {
    /// Its number, counted from 1.
    pub number: u64,
    /// When it came to be.
    pub since: Timestamp,
    /// How changes are noticed.
    pub watching: Watching,
    /// The answer.
    #[serde(flatten)]
    pub resolution: Resolution,
}

/// What the caller chooses about a watch.
#[derive(Clone)]
pub struct WatchBuilder {
    machine: Machine,
    poll: Duration,
    memory: Memory,
}

/// How often files are looked at without being told to, where their changes are told.
const POLL: Duration = Duration::from_secs(5);

/// Changes that a stream holds for a subscriber that is busy; what it misses beyond that is told.
const BACKLOG: usize = 64;

impl WatchBuilder {
    /// How often to look at the files without being told that they changed. Default: 5 seconds; at least 10 ms.
    #[must_use]
    pub fn poll(self, poll: Duration) -> Self {
        WatchBuilder { poll: poll.max(Duration::from_millis(10)), ..self }
    }

    /// How long a file that seems half written has to stay the same before it counts. Default: 200 ms.
    #[must_use]
    pub fn settle(self, settle: Duration) -> Self {
        WatchBuilder { memory: Memory::that_settles_within(settle), ..self }
    }

    /// Resolves the machine, and begins to watch what the answer is made of, on a thread of its own.
    ///
    /// # Errors
    /// When the system gives no thread. That it tells of no changes is none: the files are looked at regularly then.
    pub fn start(self) -> io::Result<Watch> {
        let machine = self.machine.with_memory(self.memory);
        let (signals, inbox) = mpsc::channel();
        let (publisher, _) = broadcast::channel(BACKLOG);
        let engine = Engine::begin(machine.clone(), self.poll, signals.clone(), inbox, publisher);
        let shared = engine.shared();
        let thread =
            thread::Builder::new().name("bedrock-auth-watch".to_owned()).spawn(|| engine.run())?;
        let stop = Arc::new(Stop { signals: signals.clone(), thread: Some(thread) });
        Ok(Watch { machine, shared, signals, stop })
    }
}

/// Watches a machine for as long as it, or a clone of it, exists.
#[derive(Clone)]
pub struct Watch {
    machine: Machine,
    shared: Arc<Shared>,
    signals: mpsc::Sender<Signal>,
    #[expect(dead_code, reason = "the last one to be dropped stops the thread")]
    stop: Arc<Stop>,
}

/// What the thread writes and everybody reads.
struct Shared {
    current: ArcSwap<Answer>,
    changes: broadcast::WeakSender<Arc<Answer>>,
}

struct Stop {
    signals: mpsc::Sender<Signal>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// A watch on a machine.
    pub fn builder(machine: Machine) -> WatchBuilder {
        WatchBuilder { machine, poll: POLL, memory: Memory::default() }
    }

    /// The current answer. Takes no lock, and never waits for the files.
    pub fn current(&self) -> Arc<Answer> {
        self.shared.current.load_full()
    }

    /// Every answer from now on. To miss none, begin here, and then ask for the current one.
    pub fn changes(&self) -> Changes {
        let receiver = self.shared.changes.upgrade().map(|sender| sender.subscribe());
        Changes { receiver, shared: Arc::clone(&self.shared) }
    }

    /// Looks at everything now, the keychain too.
    pub fn look_again(&self) {
        // Without a thread nothing changes any more, and the streams have ended.
        let _ = self.signals.send(Signal::LookAgain);
    }

    /// The machine, with the memory of what was read. Who judges a use on it sees what the answer was made of.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }
}

/// The current answer, which shows no secret.
impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("current", &self.current().number).finish_non_exhaustive()
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        let _ = self.signals.send(Signal::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told when it happened.
            let _ = thread.join();
        }
    }
}

/// A stream of answers.
#[derive(Debug)]
pub struct Changes {
    receiver: Option<broadcast::Receiver<Arc<Answer>>>,
    shared: Arc<Shared>,
}

impl Changes {
    /// The next answer; none once nobody watches any more. Who was too slow gets the current one, and sees by its
    /// number how many were missed.
    pub async fn next(&mut self) -> Option<Arc<Answer>> {
        let received = self.receiver.as_mut()?.recv().await;
        self.take(received)
    }

    /// The same for a thread that may wait.
    pub fn next_blocking(&mut self) -> Option<Arc<Answer>> {
        let received = self.receiver.as_mut()?.blocking_recv();
        self.take(received)
    }

    fn take(&mut self, received: Result<Arc<Answer>, RecvError>) -> Option<Arc<Answer>> {
        match received {
            Ok(answer) => Some(answer),
            Err(RecvError::Lagged(_)) => {
                // The new place in the row comes first: what is published in between is seen twice, never missed.
                self.receiver = self.shared.changes.upgrade().map(|sender| sender.subscribe());
                Some(self.shared.current.load_full())
            }
            Err(RecvError::Closed) => None,
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
