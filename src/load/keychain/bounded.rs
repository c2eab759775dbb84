//! A bound on work that may never return.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use super::KeychainError;

/// How many helper threads may be at work, or stuck, at once.
const MOST_HELPERS: usize = 16;

static HELPERS: AtomicUsize = AtomicUsize::new(0);

/// Runs `work` on a thread of its own and waits for its answer, for at most `bound`.
///
/// A thread cannot be stopped from outside: work that never returns keeps its thread, which is why
/// their number is limited.
pub(super) fn within<T: Send + 'static>(
    bound: Duration,
    work: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    let helper = Helper::enlist()?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let body = move || {
        let answer = work();
        drop(helper);
        // Nobody listens any more once the bound has passed
        let _ = sender.send(answer);
    };
    thread::Builder::new().name("keychain".to_owned()).spawn(body).map_err(|error| {
        KeychainError::Failed { reason: format!("no thread to ask it with: {error}") }
    })?;
    match receiver.recv_timeout(bound) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Err(KeychainError::TimedOut { after: bound }),
        Err(RecvTimeoutError::Disconnected) => {
            Err(KeychainError::Failed { reason: "asking it crashed".to_owned() })
        }
    }
}

/// One of the helper threads allowed, given back on drop.
struct Helper;

impl Helper {
    fn enlist() -> Result<Self, KeychainError> {
        let helper = Helper;
        if HELPERS.fetch_add(1, Ordering::Relaxed) < MOST_HELPERS {
            return Ok(helper);
        }
        Err(KeychainError::Failed {
            reason: format!("{MOST_HELPERS} earlier requests are still unanswered"),
        })
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        HELPERS.fetch_sub(1, Ordering::Relaxed);
    }
}
