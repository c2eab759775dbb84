//! Runs that only stand elsewhere than they belong.

use std::collections::HashSet;

use super::block::{Piece, Run};
use super::finding::Records;
use super::row::Row;
use crate::audit::Hash;

impl Row {
    /// Runs that stand elsewhere than they belong, and that nothing contradicts.
    pub(super) fn moved(&self) -> Vec<Records> {
        let runs = || self.pieces.iter().filter_map(Piece::run);
        let mut moved = Vec::new();
        if self.strangers().next().is_none() {
            return moved;
        }
        let ends: HashSet<(u64, Hash)> = runs().map(|run| (run.last, run.hash)).collect();
        let begins: HashSet<(u64, Hash)> = runs().map(|run| (run.first, run.previous)).collect();
        let ended: HashSet<u64> = ends.iter().map(|(number, _)| *number).collect();
        let begun: HashSet<u64> = begins.iter().map(|(number, _)| *number).collect();
        let own: Vec<Records> = self.own().map(Run::records).collect();
        for (_, run) in self.strangers() {
            let (before, after) = (run.first - 1, run.last.saturating_add(1));
            let after_it = ends.contains(&(before, run.previous))
                || (before == 0 && run.previous == Hash::NONE);
            let before_it = begins.contains(&(after, run.hash));
            let is_contradicted =
                (!after_it && ended.contains(&before)) || (!before_it && begun.contains(&after));
            let next = own.partition_point(|records| records.last < run.first);
            let is_free = own.get(next).is_none_or(|records| records.first > run.last);
            if is_free && (after_it || before_it) && !is_contradicted {
                moved.push(run.records());
            }
        }
        moved.sort_by_key(|records| records.first);
        moved.dedup();
        moved
    }
}

/// These numbers without those of the runs that stand elsewhere.
pub(super) fn without(first: u64, last: Option<u64>, moved: &[Records]) -> Vec<Records> {
    let mut missing = Vec::new();
    let Some(last) = last else { return missing };
    let mut from = first;
    let begin = moved.partition_point(|records| records.last < first);
    for records in moved[begin..].iter().take_while(|records| records.first <= last) {
        if from < records.first {
            missing.push(Records { first: from, last: records.first - 1 });
        }
        from = from.max(records.last.saturating_add(1));
    }
    if from <= last {
        missing.push(Records { first: from, last });
    }
    missing
}
