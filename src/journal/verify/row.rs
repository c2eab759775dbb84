//! Which of the records that were found make up the journal.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::block::{Look, Piece, Run};
use super::files::Files;
use super::finding::{FindingCode, Records};
use super::report::Report;

/// So many runs are looked at again to tell a number's two records apart.
const MOST_SPLITS: usize = 1_000;

/// All pieces in the order of the journal.
pub(super) struct Row {
    pub(super) pieces: Vec<Piece>,
    /// Which of them are the journal's; the others stand at a wrong place, or are not its own.
    pub(super) is_own: Vec<bool>,
    /// The files in that order, with the number at which each is put there.
    pub(super) files: Vec<(usize, u64)>,
}

impl Row {
    /// Puts files in the order of their records, whatever their names, and picks the longest row in them.
    pub(super) fn of(files: &Files, look: &Look<'_>, pieces: Vec<Vec<Piece>>) -> io::Result<Self> {
        let mut order = Vec::new();
        let mut before = 0;
        for (file, pieces) in pieces.iter().enumerate() {
            // One moved or forged record must not move a file.
            let longest = pieces.iter().filter_map(Piece::run).max_by_key(|run| run.len());
            before = longest.map_or(before, |run| run.first);
            order.push((file, before));
        }
        order.sort_by_key(|(_, first)| *first);
        let mut pieces: Vec<_> = pieces.into_iter().map(Some).collect();
        let in_order = order.iter().flat_map(|(file, _)| pieces[*file].take().unwrap_or_default());
        let pieces = split_overlaps(in_order.collect(), files, look)?;
        let is_own = longest_row(&pieces);
        let mut row = Row { pieces, is_own, files: order };
        row.prefer_linked();
        Ok(row)
    }

    /// The runs that are the journal's, and where they are in the row.
    pub(super) fn own(&self) -> impl Iterator<Item = &Run> {
        self.runs(true).map(|(_, run)| run)
    }

    /// The runs that are not, and where they are in the row.
    pub(super) fn strangers(&self) -> impl Iterator<Item = (usize, &Run)> {
        self.runs(false)
    }

    fn runs(&self, own: bool) -> impl Iterator<Item = (usize, &Run)> {
        let pieces = self.pieces.iter().enumerate();
        pieces
            .filter(move |(at, _)| self.is_own[*at] == own)
            .filter_map(|(at, piece)| Some((at, piece.run()?)))
    }

    /// Of two runs of the same numbers, the one that fits its neighbours.
    fn prefer_linked(&mut self) {
        let mut others: HashMap<(u64, u64), Vec<usize>> = HashMap::new();
        for (at, run) in self.strangers() {
            others.entry((run.first, run.last)).or_default().push(at);
        }
        if others.is_empty() {
            return;
        }
        let own: Vec<usize> = self.runs(true).map(|(at, _)| at).collect();
        for (place, at) in own.iter().enumerate() {
            let run = |at: usize| self.pieces[at].run();
            let before = place.checked_sub(1).and_then(|place| run(own[place]));
            let after = own.get(place + 1).and_then(|at| run(*at));
            let fit = |run: &Run| {
                usize::from(before.is_some_and(|before| before.is_followed_by(run)))
                    + usize::from(after.is_some_and(|after| run.is_followed_by(after)))
            };
            let Some(chosen) = run(*at) else { continue };
            let others = others.get(&(chosen.first, chosen.last)).into_iter().flatten();
            let best = others.copied().filter_map(|at| Some((fit(run(at)?), Reverse(at)))).max();
            if let Some((better, Reverse(other))) = best.filter(|(better, _)| *better > fit(chosen))
            {
                debug_assert!(better > 0, "it fits somewhere");
                self.is_own[*at] = false;
                self.is_own[other] = true;
            }
        }
    }
}

/// Where the next run takes up a number that this one already has, the two records of that number are told apart.
fn split_overlaps(pieces: Vec<Piece>, files: &Files, look: &Look<'_>) -> io::Result<Vec<Piece>> {
    let mut next_first = None;
    let mut splits = 0;
    let mut backwards = Vec::with_capacity(pieces.len());
    for piece in pieces.into_iter().rev() {
        let Piece::Run(run) = piece else {
            backwards.push(piece);
            continue;
        };
        let first = run.first;
        match next_first.filter(|next| run.first < *next && *next <= run.last) {
            Some(next) if splits < MOST_SPLITS => {
                splits += 1;
                let (before, after) = look.split(&run, next, &files.parts()[run.file])?;
                backwards.extend([Piece::Run(after), Piece::Run(before)]);
            }
            _ => backwards.push(Piece::Run(run)),
        }
        next_first = Some(first);
    }
    backwards.reverse();
    Ok(backwards)
}

/// The runs whose numbers rise from one to the next and that have the most records together.
fn longest_row(pieces: &[Piece]) -> Vec<bool> {
    let mut is_own = vec![false; pieces.len()];
    let mut lasts: Vec<u64> = pieces.iter().filter_map(|piece| Some(piece.run()?.last)).collect();
    lasts.sort_unstable();
    lasts.dedup();
    // The best row that ends with each number or one before: how many records, and with which piece (a Fenwick tree).
    let mut best: Vec<(u64, Option<usize>)> = vec![(0, None); lasts.len() + 1];
    let mut before: Vec<Option<usize>> = vec![None; pieces.len()];
    for (at, run) in pieces.iter().enumerate().filter_map(|(at, piece)| Some((at, piece.run()?))) {
        let mut slot = lasts.partition_point(|last| *last < run.first);
        let mut found = (0, None);
        while slot > 0 {
            if best[slot].0 > found.0 {
                found = best[slot];
            }
            slot &= slot - 1;
        }
        before[at] = found.1;
        let records = found.0 + run.len();
        let mut slot = lasts.partition_point(|last| *last < run.last) + 1;
        while slot < best.len() {
            if records > best[slot].0 {
                best[slot] = (records, Some(at));
            }
            slot += slot & slot.wrapping_neg();
        }
    }
    let mut at = best.iter().max_by_key(|(records, _)| *records).and_then(|(_, at)| *at);
    while let Some(own) = at {
        is_own[own] = true;
        at = before[own];
    }
    is_own
}

impl Piece {
    pub(super) fn run(&self) -> Option<&Run> {
        match self {
            Piece::Run(run) => Some(run),
            Piece::Damaged(_) => None,
        }
    }
}

impl Run {
    pub(super) fn len(&self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    pub(super) fn is_followed_by(&self, next: &Run) -> bool {
        self.last.checked_add(1) == Some(next.first) && self.hash == next.previous
    }
}

impl Row {
    /// Segments are numbered, and somebody who gives one the number of another has moved its records.
    pub(super) fn tell_order_of_names(&self, files: &Files, report: &mut Report<'_>) {
        let numbered = self.files.iter().filter_map(|(file, first)| {
            let name = Path::new(&files.parts()[*file].name).file_name()?.to_str()?;
            let digits = name.strip_prefix("journal-")?.split('.').next()?;
            Some((*file, *first, digits.parse::<u64>().ok()?))
        });
        let numbered: Vec<_> = numbered.filter(|(_, first, _)| *first > 0).collect();
        for pair in numbered.windows(2) {
            let [(before, _, greater), (after, first, lesser)] = pair else { continue };
            if greater > lesser {
                let (before, at) = (report.file(*before), report.file(*after));
                let message = format!(
                    "`{at}`, which holds record {first}, comes after `{before}`: names of files were changed"
                );
                let records = Some(Records::one(*first));
                report.add(FindingCode::Reordered, records, Some(at), first - 1, message);
            }
        }
    }
}
