//! Group commit: one wait for the disk makes the records of all threads durable that were written by then.

use std::fs::File;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The place of a record in the row of those that this process has written, from 1.
pub(super) type Ticket = u64;

/// Nobody notices this much.
const LONGEST_WAIT: Duration = Duration::from_millis(1);

#[derive(Default)]
pub(super) struct Commits {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    written: Ticket,
    durable: Ticket,
    /// Up to here nobody knows: the system tells of a failure once, and may then take lost pages for written ones.
    doubtful: Ticket,
    /// Of these it was told that nobody knows.
    told: Ticket,
    /// The file of the last record. Those before it were made durable when it took over.
    file: Option<Arc<File>>,
    /// The file that may have lost records. What comes behind them in it is worth nothing, durable or not.
    failing: Option<Arc<File>>,
    is_syncing: bool,
    /// How many records the last wait made durable, and how long it took.
    last: (Ticket, Duration),
    /// What the last failure was.
    failure: Option<(io::ErrorKind, String)>,
}

impl Commits {
    /// A record was written to this file.
    pub(super) fn written(&self, file: &Arc<File>) -> Ticket {
        let mut state = self.lock();
        state.written += 1;
        if !state.file.as_ref().is_some_and(|known| Arc::ptr_eq(known, file)) {
            state.file = Some(Arc::clone(file));
        }
        if state.failing.as_ref().is_some_and(|failing| Arc::ptr_eq(failing, file)) {
            state.doubtful = state.written;
        }
        state.written
    }

    /// The file of the last record of this process.
    pub(super) fn file(&self) -> Option<Arc<File>> {
        self.lock().file.clone()
    }

    /// Returns when the record is durable.
    pub(super) fn wait(
        &self,
        ticket: Ticket,
        sync: impl Fn(&File) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut state = self.lock();
        loop {
            if ticket <= state.doubtful {
                return Err(state.error());
            }
            if ticket <= state.durable {
                return Ok(());
            }
            if state.is_syncing {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.is_syncing = true;
            state = self.gather(state);
            let (target, file, before) = (state.written, state.file.clone(), state.durable);
            drop(state);
            let begun = Instant::now();
            let synced = file.map_or(Ok(()), |file| sync(&file));
            let took = begun.elapsed();
            state = self.lock();
            state.is_syncing = false;
            state.last = (target.saturating_sub(before), took);
            state.settle(target, synced);
            self.changed.notify_all();
        }
    }

    /// Those who were there the last time are about to come again: no longer than the disk took, they are waited for.
    fn gather<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let (expected, took) = state.last;
        let begun = Instant::now();
        while expected > 1
            && state.written < state.durable.saturating_add(expected)
            && begun.elapsed() < took.min(LONGEST_WAIT)
        {
            drop(state);
            std::thread::yield_now();
            state = self.lock();
        }
        state
    }

    /// Everything that was written so far is durable, or is not known to be.
    pub(super) fn settled(&self, synced: io::Result<()>) {
        let mut state = self.lock();
        let target = state.written;
        state.settle(target, synced);
        self.changed.notify_all();
    }

    /// Whether records are in doubt, and nobody was told.
    pub(super) fn is_in_doubt(&self) -> bool {
        let state = self.lock();
        state.doubtful > state.told
    }

    pub(super) fn doubt_is_told(&self) {
        let mut state = self.lock();
        state.told = state.doubtful;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn settle(&mut self, target: Ticket, synced: io::Result<()>) {
        match synced {
            Ok(()) => self.durable = self.durable.max(target),
            Err(error) => {
                self.failure = Some((error.kind(), error.to_string()));
                self.doubtful = self.written;
                self.failing = self.file.clone();
            }
        }
    }

    fn error(&self) -> io::Error {
        let (kind, why) = self.failure.clone().unwrap_or((io::ErrorKind::Other, String::new()));
        io::Error::new(kind, why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Arc<File> {
        Arc::new(tempfile::tempfile().unwrap())
    }

    fn broken() -> io::Error {
        io::Error::from_raw_os_error(5)
    }

    #[test]
    fn what_was_written_to_a_file_while_it_failed_is_in_doubt() {
        let (commits, failing, next) = (Commits::default(), file(), file());
        let first = commits.written(&failing);
        let failed = commits.wait(first, |_| {
            commits.written(&failing);
            Err(broken())
        });
        failed.unwrap_err();
        // The system told of the failure once; what is lost stays lost.
        commits.wait(first + 1, |_| Ok(())).unwrap_err();
        let late = commits.written(&failing);
        commits.wait(late, |_| Ok(())).unwrap_err();
        assert!(commits.is_in_doubt());
        commits.doubt_is_told();
        let after = commits.written(&next);
        commits.wait(after, |_| Ok(())).unwrap();
        assert!(!commits.is_in_doubt());
    }
}
