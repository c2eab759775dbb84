//! The last good policy of each managed source, for as long as its file is bad.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::policy::{Digest, Document, LastGood, ManagedContent, ManagedSource};

#[derive(Default)]
pub(super) struct LastGoods(BTreeMap<Arc<Path>, Standing>);

struct Standing {
    rank: u32,
    state: State,
}

enum State {
    /// Not bad: a policy, or nothing.
    Good(Option<(Arc<Document>, Digest)>),
    /// Bad since then, and this stays in force.
    Outlived(Option<(Arc<Document>, Digest)>, Timestamp),
    /// Bad from the start, or while no policy was in force that could stay.
    Bad,
}

impl LastGoods {
    /// The rank that a source had when it was listed.
    pub(super) fn rank_of(&self, path: &Path) -> u32 {
        self.0.get(path).map_or(0, |standing| standing.rank)
    }

    /// Puts the last good policy in the place of what is bad.
    pub(super) fn stand_in(&mut self, sources: &mut [ManagedSource], now: Timestamp) {
        let is_in_force = self.0.values().any(|standing| standing.state.policy().is_some());
        self.0.retain(|path, _| sources.iter().any(|source| source.path == *path));
        for source in sources {
            let before = self.0.remove(&source.path).map(|standing| standing.state);
            let state = State::after(before, &source.content, is_in_force, now);
            if let State::Outlived(policy, since) = &state {
                let bad = std::mem::replace(&mut source.content, ManagedContent::Absent);
                let last_good = LastGood { policy: policy.clone(), bad, since: *since };
                source.content = ManagedContent::LastGood(Box::new(last_good));
            }
            self.0.insert(Arc::clone(&source.path), Standing { rank: source.rank, state });
        }
    }
}

impl State {
    fn after(
        before: Option<State>,
        content: &ManagedContent,
        is_in_force: bool,
        now: Timestamp,
    ) -> Self {
        match (content, before) {
            (ManagedContent::Policy(document, digest), _) => {
                State::Good(Some((Arc::clone(document), *digest)))
            }
            (content, _) if !content.is_bad() => State::Good(None),
            (_, Some(State::Outlived(policy, since))) => State::Outlived(policy, since),
            (_, Some(State::Bad)) => State::Bad,
            (_, Some(State::Good(policy))) if is_in_force => State::Outlived(policy, now),
            (_, None) if is_in_force => State::Outlived(None, now),
            (_, Some(State::Good(_)) | None) => State::Bad,
        }
    }

    fn policy(&self) -> Option<&(Arc<Document>, Digest)> {
        match self {
            State::Good(policy) | State::Outlived(policy, _) => policy.as_ref(),
            State::Bad => None,
        }
    }
}
