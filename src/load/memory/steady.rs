//! A file that is being written is looked at again before what stands in it counts.

use std::time::{Duration, Instant};

/// A file that never comes to rest is what it is after so many times of settling.
const LONGEST: u32 = 10;

/// What one look at a file gives.
pub(super) trait Look: Clone + PartialEq {
    /// Whether this might be a file in the middle of being written, or of being replaced, given what it was before.
    fn may_be_half_done(&self, before: &Self) -> bool;
}

/// The look that counts, and a later one that has to prove itself.
#[derive(Clone)]
pub(super) struct Steady<L> {
    counts: L,
    pending: Option<Pending<L>>,
}

#[derive(Clone)]
struct Pending<L> {
    look: L,
    first: Instant,
    /// When it counts, if nothing changes until then.
    settles_at: Instant,
}

impl<L: Look> Steady<L> {
    pub(super) fn new(counts: L) -> Self {
        Steady { counts, pending: None }
    }

    /// What counts.
    pub(super) fn look(&self) -> &L {
        &self.counts
    }

    /// Takes another look in; says whether what counts is different now. A look that took something away has to stay
    /// the same for a while before it counts.
    pub(super) fn see(&mut self, look: L, at: Instant, settle: Duration) -> bool {
        if look == self.counts {
            self.pending = None;
            return false;
        }
        if look.may_be_half_done(&self.counts) && self.is_settling(&look, at, settle) {
            return false;
        }
        self.pending = None;
        self.counts = look;
        true
    }

    /// When the pending look counts, if nothing changes until then.
    pub(super) fn settles_at(&self) -> Option<Instant> {
        self.pending.as_ref().map(|pending| pending.settles_at)
    }

    fn is_settling(&mut self, look: &L, at: Instant, settle: Duration) -> bool {
        let pending = match self.pending.take() {
            Some(pending) if pending.look == *look => pending,
            before => {
                let first = before.map_or(at, |pending| pending.first);
                let settles_at = (at + settle).min(first + settle * LONGEST);
                Pending { look: look.clone(), first, settles_at }
            }
        };
        at < self.pending.insert(pending).settles_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_millis(200);

    /// A text; an empty one may be half done.
    impl Look for &'static str {
        fn may_be_half_done(&self, _: &Self) -> bool {
            self.is_empty() || self.ends_with('…')
        }
    }

    #[test]
    fn whole_content_counts_at_once() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        assert!(steady.see("b", start, SETTLE));
        assert_eq!(*steady.look(), "b");
        assert_eq!(steady.settles_at(), None);
    }

    #[test]
    fn a_loss_counts_once_it_is_steady() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        assert!(!steady.see("", start, SETTLE));
        assert!(!steady.see("", start + SETTLE / 2, SETTLE));
        assert_eq!((*steady.look(), steady.settles_at()), ("a", Some(start + SETTLE)));
        assert!(steady.see("", start + SETTLE, SETTLE));
        assert_eq!((*steady.look(), steady.settles_at()), ("", None));
    }

    #[test]
    fn a_file_that_goes_on_growing_is_waited_for() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        assert!(!steady.see("", start, SETTLE));
        assert!(!steady.see("b…", start + SETTLE / 2, SETTLE));
        assert!(!steady.see("b…", start + SETTLE, SETTLE));
        assert!(steady.see("bc", start + SETTLE + SETTLE / 4, SETTLE));
        assert_eq!(*steady.look(), "bc");
    }

    #[test]
    fn what_comes_back_was_never_gone() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        assert!(!steady.see("", start, SETTLE));
        assert!(!steady.see("a", start + SETTLE / 2, SETTLE));
        assert_eq!(steady.settles_at(), None);
    }

    #[test]
    fn no_file_holds_an_answer_back_for_ever() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        let restless = ["", "b…"].into_iter().cycle();
        let step = SETTLE / 2;
        let looks = restless.zip(0..).map(|(look, n)| (look, start + step * n));
        let counted =
            looks.take(100).find(|(look, at)| steady.see(look, *at, SETTLE)).map(|(_, at)| at);
        assert_eq!(counted, Some(start + SETTLE * LONGEST));
    }
}
