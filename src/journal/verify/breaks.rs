//! What happened where the chain of records breaks.

use super::block::{Damaged, Piece, Run};
use super::finding::{FindingCode, Records};
use super::gap::Gap;
use super::marks::Note;
use super::moved::without;
use super::report::Report;
use super::row::Row;
use crate::audit::Hash;

/// Looks at every place where one run does not follow the other.
pub(super) struct Breaks<'a, 'f> {
    pub(super) row: &'a Row,
    pub(super) notes: &'a [Note],
    /// How many records there are at least, and who says so.
    pub(super) counted: Option<(u64, String)>,
    pub(super) start_may_be_missing: bool,
    pub(super) report: &'a mut Report<'f>,
}

impl<'a> Breaks<'a, '_> {
    pub(super) fn tell(mut self) {
        let row = self.row;
        let moved = row.moved();
        let mut before: Option<&Run> = None;
        let mut lines = Vec::new();
        let mut is_told = false;
        for (at, piece) in row.pieces.iter().enumerate() {
            match piece {
                Piece::Damaged(damaged) => lines.push(damaged),
                Piece::Run(run) if row.is_own[at] => {
                    let first = before.map_or(1, |before| before.last + 1);
                    let missing = without(first, run.first.checked_sub(1), &moved);
                    let after = Some(run);
                    self.gap(&Gap { before, lines: std::mem::take(&mut lines), after, missing });
                    is_told = !is_told && self.link(at, before, run);
                    before = Some(run);
                }
                Piece::Run(run) => self.stranger(run, before, moved.contains(&run.records())),
            }
        }
        self.tail(before, lines, &moved);
    }

    /// Two neighbours without a gap, of which the second must be made after the first. Says whether it told of the second.
    fn link(&mut self, at: usize, before: Option<&Run>, run: &Run) -> bool {
        let Some(before) = before else {
            if run.first == 1 && run.previous != Hash::NONE {
                let message =
                    "record 1 was changed and sealed anew: it follows another record".to_owned();
                let place = self.report.at(run.file, run.at);
                self.report.add(
                    FindingCode::Changed,
                    Some(Records::one(1)),
                    Some(place),
                    0,
                    message,
                );
            }
            return false;
        };
        if before.last + 1 != run.first || before.hash == run.previous {
            return false;
        }
        let next = self.row.pieces[at + 1..].iter().zip(&self.row.is_own[at + 1..]);
        let next = next.filter(|(_, own)| **own).find_map(|(piece, _)| piece.run());
        let is_foreign =
            next.is_some_and(|next| run.last + 1 == next.first && run.hash != next.previous);
        let (records, place, neighbour) = if is_foreign {
            (run.records(), self.report.at(run.file, run.at), before.last)
        } else {
            (Records::one(before.last), self.at_last(before), run.first)
        };
        let message = format!(
            "{records} {} changed and sealed anew: record {neighbour} is chained to another record",
            records.were()
        );
        self.report.add(
            FindingCode::Changed,
            Some(records),
            Some(place),
            records.first - 1,
            message,
        );
        is_foreign
    }

    /// A run that is not part of the row where it stands.
    fn stranger(&mut self, run: &Run, before: Option<&Run>, is_moved: bool) {
        let records = run.records();
        let place =
            before.map_or("at the front".to_owned(), |run| format!("after record {}", run.last));
        let sound = before.map_or(0, |run| run.last).min(records.first - 1);
        let at = Some(self.report.at(run.file, run.at));
        let (code, message) = if is_moved {
            let stand = records.stand();
            (FindingCode::Reordered, format!("{records} {stand} {place}, where it does not belong"))
        } else {
            let (were, stand) = (records.were(), records.stand());
            let message = format!(
                "{records} {were} inserted {place}, where another {records} {stand} or none belongs"
            );
            (FindingCode::Inserted, message)
        };
        self.report.add(code, Some(records), at, sound, message);
    }

    /// After the last run, only checkpoints, the head and the lines themselves tell what should be there.
    fn tail(&mut self, before: Option<&Run>, lines: Vec<&'a Damaged>, moved: &[Records]) {
        let last = before.map_or(0, |run| run.last);
        let counted = self.counted.as_ref().map_or(0, |(records, _)| *records);
        let moved_last = moved.last().map_or(0, |records| records.last);
        let whole =
            lines.iter().filter(|line| !line.is_unfinished && !line.is_empty).count() as u64;
        let broken_off = lines.last().is_some_and(|line| line.is_unfinished);
        let least = last.saturating_add(whole).saturating_add(u64::from(broken_off));
        let end = counted.max(moved_last).max(least);
        let missing =
            last.checked_add(1).map_or(Vec::new(), |first| without(first, Some(end), moved));
        self.gap(&Gap { before, lines, after: None, missing });
    }
}

impl Run {
    pub(super) fn records(&self) -> Records {
        Records { first: self.first, last: self.last }
    }
}
