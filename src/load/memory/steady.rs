//! A file that is being written is looked at again before what stands in it counts.

use std::time::{Duration, Instant};

/// How long a look that took something away has to stay the same before it counts.
pub(super) const SETTLE: Duration = Duration::from_millis(200);

/// A file that never comes to rest is what it is after this time.
pub(super) const LONGEST: Duration = Duration::from_secs(2);

/// What one look at a file gives.
pub(super) trait Look: Clone {
    /// Whether two looks saw the same.
    fn is_same(&self, other: &Self) -> bool;

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
    changed: Instant,
}

impl<L: Look> Steady<L> {
    pub(super) fn new(counts: L) -> Self {
        Steady { counts, pending: None }
    }

    /// What counts.
    pub(super) fn look(&self) -> &L {
        &self.counts
    }

    /// Takes another look in; says whether what counts is different now.
    pub(super) fn see(&mut self, look: L, at: Instant) -> bool {
        if look.is_same(&self.counts) {
            self.pending = None;
            // Of two looks that saw the same, the later one says where things stand now.
            self.counts = look;
            return false;
        }
        if look.may_be_half_done(&self.counts) && self.is_settling(&look, at) {
            return false;
        }
        self.pending = None;
        self.counts = look;
        true
    }

    /// When the pending look counts, if nothing changes until then.
    pub(super) fn settles_at(&self) -> Option<Instant> {
        self.pending.as_ref().map(Pending::settles_at)
    }

    fn is_settling(&mut self, look: &L, at: Instant) -> bool {
        let pending = match self.pending.take() {
            Some(pending) if pending.look.is_same(look) => pending,
            Some(pending) => Pending { look: look.clone(), changed: at, ..pending },
            None => Pending { look: look.clone(), first: at, changed: at },
        };
        at < self.pending.insert(pending).settles_at()
    }
}

impl<L> Pending<L> {
    fn settles_at(&self) -> Instant {
        (self.changed + SETTLE).min(self.first + LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text; an empty one may be half done.
    impl Look for &'static str {
        fn is_same(&self, other: &Self) -> bool {
            self == other
        }

        fn may_be_half_done(&self, _: &Self) -> bool {
            self.is_empty() || self.ends_with('…')
        }
    }

    #[test]
    fn whole_content_counts_at_once() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        assert!(steady.see("b", start));
        assert_eq!(*steady.look(), "b");
        assert_eq!(steady.settles_at(), None);
    }

    #[test]
    fn a_loss_counts_once_it_is_steady() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        assert!(!steady.see("", start));
        assert!(!steady.see("", start + SETTLE / 2));
        assert_eq!((*steady.look(), steady.settles_at()), ("a", Some(start + SETTLE)));
        assert!(steady.see("", start + SETTLE));
        assert_eq!((*steady.look(), steady.settles_at()), ("", None));
    }

    #[test]
    fn a_file_that_goes_on_growing_is_waited_for() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        assert!(!steady.see("", start));
        assert!(!steady.see("b…", start + SETTLE / 2));
        assert!(!steady.see("b…", start + SETTLE));
        assert!(steady.see("bc", start + SETTLE + SETTLE / 4));
        assert_eq!(*steady.look(), "bc");
    }

    #[test]
    fn what_comes_back_was_never_gone() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        assert!(!steady.see("", start));
        assert!(!steady.see("a", start + SETTLE / 2));
        assert_eq!(steady.settles_at(), None);
    }

    #[test]
    fn no_file_holds_an_answer_back_for_ever() {
        let (mut steady, start) = (Steady::new("a"), Instant::now());
        let restless = ["", "b…"].into_iter().cycle();
        let step = SETTLE / 2;
        let looks = restless.zip(0..).map(|(look, n)| (look, start + step * n));
        let counted = looks.take(100).find(|(look, at)| steady.see(look, *at)).map(|(_, at)| at);
        assert_eq!(counted, Some(start + LONGEST));
    }
}
