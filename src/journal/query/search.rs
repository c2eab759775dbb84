//! The records that are meant.

use std::io;
use std::ops::ControlFlow;

use super::damage::Damage;
use super::filter::{Filter, Prepared};
use super::needles::Needles;
use super::snapshot::Snapshot;
use super::tally::{Worker, run};
use super::view::View;

/// Which records come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they were written.
    OldestFirst,
    /// The other way.
    NewestFirst,
}

/// Writes each record that is meant as `row` does, on every core, and hands the rows on in order.
///
/// `row` gets the record and its line, without the line break. What `take` breaks off leaves the rest unread, so the
/// damage is that of what was read.
///
/// # Errors
/// When a file cannot be read, or `take` fails.
pub fn search(
    snapshot: &Snapshot,
    filter: &Filter,
    order: Order,
    row: impl Fn(&View<'_>, &[u8], &mut Vec<u8>) + Sync,
    mut take: impl FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
) -> io::Result<Damage> {
    let (prepared, needles) = (filter.prepared(), Needles::of(filter));
    let searcher =
        || Searcher { prepared: &prepared, needles: &needles, row: &row, rows: Rows::default() };
    let (_, damage) = run(snapshot, order, searcher, |rows| rows.hand_on(order, &mut take))?;
    Ok(damage)
}

struct Searcher<'f, R> {
    prepared: &'f Prepared<'f>,
    needles: &'f Needles,
    row: &'f R,
    rows: Rows,
}

/// The rows of a block.
#[derive(Default)]
struct Rows {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Fn(&View<'_>, &[u8], &mut Vec<u8>) + Sync> Worker for Searcher<'_, R> {
    type Block = Rows;

    fn line(&mut self, line: &[u8]) -> bool {
        // What does not hold the words is a record all the same: its hash says that it is as it was written.
        if !self.needles.are_in(line) {
            return true;
        }
        let Some(view) = View::of(line) else { return false };
        if self.prepared.matches(&view) {
            (self.row)(&view, line, &mut self.rows.text);
            self.rows.ends.push(self.rows.text.len());
        }
        true
    }

    fn block(&mut self) -> Rows {
        std::mem::take(&mut self.rows)
    }
}

impl Rows {
    fn hand_on(
        &self,
        order: Order,
        take: &mut impl FnMut(&[u8]) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<ControlFlow<()>> {
        let mut hand = |index: usize| {
            let begin = index.checked_sub(1).map_or(0, |before| self.ends[before]);
            take(&self.text[begin..self.ends[index]])
        };
        let mut forward = 0..self.ends.len();
        while let Some(index) = match order {
            Order::OldestFirst => forward.next(),
            Order::NewestFirst => forward.next_back(),
        } {
            if hand(index)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
