//! The thread that looks again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::broadcast;

use super::events::{Events, Watching};
use super::places::Way;
use super::{Answer, Shared};
use crate::load::{Look, Machine};
use crate::resolve::{Resolution, next_change, resolve};
use crate::targets::WATCH as TARGET;

/// What wakes the thread before its time.
pub(super) enum Signal {
    /// Something happened to these paths.
    Changed(Vec<PathBuf>),
    /// Everything has to be looked at.
    LookAgain,
    /// The system cannot tell of changes any more.
    WatcherFailed(String),
    /// Nobody is interested any more.
    Stop,
}

/// How often files are looked at where nobody tells of their changes.
const POLL_ALONE: Duration = Duration::from_secs(1);

/// How often what tells of no change is asked: the keychain, certificates, groups.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// The clock of the system may be set, and moments pass while a machine sleeps.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

pub(super) struct Engine {
    machine: Machine,
    poll: Duration,
    inbox: Receiver<Signal>,
    events: Events,
    way: Way,
    shared: Arc<Shared>,
    publisher: broadcast::Sender<Arc<Answer>>,
    /// The count of changes that the current answer is made of.
    seen: Option<u64>,
    looked: Instant,
    asked: Instant,
    /// When the same facts give another answer.
    ends: Option<Timestamp>,
}

/// How much has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Task {
    Nothing,
    /// Look at the files, and resolve if they changed.
    Look,
    /// Resolve in any case.
    Resolve,
    Stop,
}

impl Engine {
    pub(super) fn begin(
        machine: Machine,
        poll: Duration,
        signals: Sender<Signal>,
        inbox: Receiver<Signal>,
        publisher: broadcast::Sender<Arc<Answer>>,
    ) -> Self {
        let mut events = Events::send_to(signals);
        let mut way = Way::default();
        let watching = arm(&mut events, &mut way, &machine);
        let seen = machine.changes();
        let (resolution, ends) = answer(&machine, machine.look());
        let outcome = resolution.outcome;
        tracing::info!(target: TARGET, %outcome, "changes are noticed from now on");
        let first = Answer { number: 1, since: machine.now(), watching, resolution };
        let shared =
            Shared { current: ArcSwap::from_pointee(first), changes: publisher.downgrade() };
        let now = Instant::now();
        Engine {
            machine,
            poll,
            inbox,
            events,
            way,
            shared: Arc::new(shared),
            publisher,
            seen,
            looked: now,
            asked: now,
            ends,
        }
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(super) fn run(mut self) {
        loop {
            let task = self.wait();
            if task == Task::Stop {
                return;
            }
            // A fault of ours must not end the watch unnoticed; each use is judged anew in any case.
            if catch_unwind(AssertUnwindSafe(|| self.go(task))).is_err() {
                tracing::error!(target: TARGET, "looking at the files failed; they are looked at again");
                // Not at once, and then all of it.
                (self.looked, self.asked) = (Instant::now(), Instant::now());
                (self.seen, self.ends) = (None, None);
            }
        }
    }

    /// Sleeps until there is something to do.
    fn wait(&mut self) -> Task {
        let mut task = self.due(Instant::now());
        if task == Task::Nothing {
            let sleep = self.wake_at().saturating_duration_since(Instant::now());
            task = match self.inbox.recv_timeout(sleep) {
                Ok(signal) => self.heard(signal),
                Err(RecvTimeoutError::Timeout) => self.due(Instant::now()),
                Err(RecvTimeoutError::Disconnected) => Task::Stop,
            };
        }
        // One look answers all that is told by now.
        while let Ok(signal) = self.inbox.try_recv() {
            task = task.max(self.heard(signal));
        }
        task
    }

    fn heard(&mut self, signal: Signal) -> Task {
        match signal {
            Signal::Changed(paths) => {
                for path in &paths {
                    self.events.forget(path);
                }
                let is_ours = paths.is_empty() || paths.iter().any(|p| self.way.is_concerned_by(p));
                if is_ours { Task::Look } else { Task::Nothing }
            }
            Signal::LookAgain => Task::Resolve,
            Signal::WatcherFailed(reason) => {
                self.events.give_up(reason);
                Task::Look
            }
            Signal::Stop => Task::Stop,
        }
    }

    fn due(&self, at: Instant) -> Task {
        let is_over = self.ends.is_some_and(|ends| ends <= self.machine.now());
        if is_over || at >= self.asked + ASK_AGAIN.max(self.poll) {
            Task::Resolve
        } else if at >= self.next_look() {
            Task::Look
        } else {
            Task::Nothing
        }
    }

    fn next_look(&self) -> Instant {
        let poll = match self.shared.current.load().watching {
            Watching::Events => self.poll,
            Watching::Polling { .. } => self.poll.min(POLL_ALONE),
        };
        let settles = self.machine.settles_at().unwrap_or(self.looked + poll);
        settles.min(self.looked + poll)
    }

    fn wake_at(&self) -> Instant {
        let ask = self.asked + ASK_AGAIN.max(self.poll);
        let wake = self.next_look().min(ask);
        let until_end = |ends: Timestamp| {
            let left = ends.duration_since(self.machine.now());
            Instant::now() + Duration::try_from(left).unwrap_or_default().min(LONGEST_SLEEP)
        };
        self.ends.map_or(wake, |ends| wake.min(until_end(ends)))
    }

    fn go(&mut self, task: Task) {
        if task == Task::Nothing {
            return;
        }
        let watching = arm(&mut self.events, &mut self.way, &self.machine);
        let before = self.machine.changes();
        let look = self.machine.look();
        self.looked = Instant::now();
        let current = self.shared.current.load_full();
        let is_the_same = self.machine.changes() == self.seen && watching == current.watching;
        if task == Task::Look && is_the_same {
            return;
        }
        // Others look too: what they saw after this look is not in this answer.
        self.seen = before;
        if task == Task::Resolve {
            self.asked = self.looked;
        }
        let (resolution, ends) = answer(&self.machine, look);
        self.ends = ends;
        if resolution == current.resolution && watching == current.watching {
            return;
        }
        let number = current.number + 1;
        let since = self.machine.now();
        let answer = Arc::new(Answer { number, since, watching, resolution });
        self.shared.current.store(Arc::clone(&answer));
        tracing::info!(target: TARGET, number, outcome = %answer.resolution.outcome, "the answer changed");
        // Nobody need subscribe.
        let _ = self.publisher.send(answer);
    }
}

/// How often directories may come or go while they are being watched; what happens after that is found by looking.
const RESTLESS: u32 = 10;

/// Watches whatever leads to the answer. Always before it is looked at, so that no change falls between.
fn arm(events: &mut Events, way: &mut Way, machine: &Machine) -> Watching {
    let mut now = self::way(machine);
    for _ in 0..RESTLESS {
        let watching = events.arm(&now);
        *way = std::mem::replace(&mut now, self::way(machine));
        // What came while its absence was noted would not be watched.
        if *way == now {
            return watching;
        }
    }
    events.arm(way)
}

fn way(machine: &Machine) -> Way {
    let places = machine.places();
    Way::to(&places.files, &places.listed)
}

fn answer(machine: &Machine, look: Look) -> (Resolution, Option<Timestamp>) {
    let facts = machine.facts_of(look);
    let resolution = resolve(&facts);
    let ends = next_change(&facts, &resolution);
    (resolution, ends)
}
