//! The last good policy of each managed source, for as long as its file is bad.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::policy::{Digest, Document, LastGood, ManagedContent, ManagedSource};

type PolicyRead = (Arc<Document>, Digest);

#[derive(Default)]
pub(super) struct LastGoods(BTreeMap<Arc<Path>, Standing>);

struct Standing {
    rank: u32,
    state: State,
}

enum State {
    /// A policy.
    Good(PolicyRead),
    /// Not bad, and no policy either.
    Nothing,
    /// Bad since then, and this stays in force.
    Outlived(PolicyRead, Timestamp),
    /// A directory that cannot be looked into since then. What was in it is remembered file by file.
    Hidden(Timestamp),
    /// Bad, and never good.
    Bad,
}

impl LastGoods {
    /// The rank that a source had when it was listed.
    pub(super) fn rank_of(&self, path: &Path) -> u32 {
        self.0.get(path).map_or(0, |standing| standing.rank)
    }

    /// Puts the last good policy in the place of what is bad. `directories` are sources only when they are bad.
    pub(super) fn stand_in(
        &mut self,
        sources: &mut [ManagedSource],
        directories: &[PathBuf],
        is_first: bool,
        now: Timestamp,
    ) {
        let mut after = BTreeMap::new();
        for source in sources.iter() {
            let before = self.0.remove(&source.path).map(|standing| standing.state);
            let is_directory = !is_first && directories.iter().any(|dir| **dir == *source.path);
            let state = State::after(before, &source.content, is_directory, now);
            after.insert(Arc::clone(&source.path), Standing { rank: source.rank, state });
        }
        self.0 = after;
        // A hidden directory hides nothing that matters only while some policy is known.
        let is_any_known = self.0.values().any(|standing| standing.state.policy().is_some());
        for source in sources {
            let Some(standing) = self.0.get(&source.path) else { continue };
            let stays = match &standing.state {
                State::Outlived(policy, since) => (Some(policy.clone()), *since),
                State::Hidden(since) if is_any_known => (None, *since),
                State::Hidden(_) | State::Good(_) | State::Nothing | State::Bad => continue,
            };
            let bad = std::mem::replace(&mut source.content, ManagedContent::Absent);
            let last_good = LastGood { policy: stays.0, bad, since: stays.1 };
            source.content = ManagedContent::LastGood(Box::new(last_good));
        }
    }
}

impl State {
    fn after(
        before: Option<State>,
        content: &ManagedContent,
        is_directory: bool,
        now: Timestamp,
    ) -> Self {
        match (content, before) {
            (ManagedContent::Policy(document, digest), _) => {
                State::Good((Arc::clone(document), *digest))
            }
            (content, _) if !content.is_bad() => State::Nothing,
            (_, Some(State::Good(policy))) => State::Outlived(policy, now),
            (_, Some(State::Outlived(policy, since))) => State::Outlived(policy, since),
            (_, Some(State::Hidden(since))) => State::Hidden(since),
            (_, Some(State::Bad)) => State::Bad,
            (_, Some(State::Nothing) | None) if is_directory => State::Hidden(now),
            (_, Some(State::Nothing) | None) => State::Bad,
        }
    }

    fn policy(&self) -> Option<&PolicyRead> {
        match self {
            State::Good(policy) | State::Outlived(policy, _) => Some(policy),
            State::Nothing | State::Hidden(_) | State::Bad => None,
        }
    }
}
