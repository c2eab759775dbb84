//! What happened where the chain of records breaks.

use std::collections::HashSet;

use super::block::{Damaged, Piece, Run};
use super::finding::{At, FindingCode, Records};
use super::marks::Note;
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

/// What stands between two runs of the journal that are neighbours.
struct Gap<'a> {
    before: Option<&'a Run>,
    lines: Vec<&'a Damaged>,
    after: Option<&'a Run>,
    /// The numbers that no run has which follows here, or is found elsewhere.
    missing: Vec<Records>,
}

impl<'a> Breaks<'a, '_> {
    pub(super) fn tell(mut self) {
        let row = self.row;
        let moved = self.moved();
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

    /// Runs that stand elsewhere than they belong, and that nothing contradicts.
    fn moved(&self) -> Vec<Records> {
        let runs = || self.row.pieces.iter().filter_map(Piece::run);
        let mut moved = Vec::new();
        if self.row.strangers().next().is_none() {
            return moved;
        }
        let ends: HashSet<(u64, Hash)> = runs().map(|run| (run.last, run.hash)).collect();
        let begins: HashSet<(u64, Hash)> = runs().map(|run| (run.first, run.previous)).collect();
        let ended: HashSet<u64> = ends.iter().map(|(number, _)| *number).collect();
        let begun: HashSet<u64> = begins.iter().map(|(number, _)| *number).collect();
        let own: Vec<Records> = self.row.own().map(Run::records).collect();
        for (_, run) in self.row.strangers() {
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
        let whole = lines.iter().filter(|line| !line.is_unfinished).count() as u64;
        let broken_off = lines.last().is_some_and(|line| line.is_unfinished);
        let least = last.saturating_add(whole).saturating_add(u64::from(broken_off));
        let end = counted.max(moved_last).max(least);
        let missing =
            last.checked_add(1).map_or(Vec::new(), |first| without(first, Some(end), moved));
        self.gap(&Gap { before, lines, after: None, missing });
    }

    /// Tells which of the missing records the lines were, and which are not there at all.
    fn gap(&mut self, gap: &Gap<'_>) {
        let mut from = gap.before.map_or(1, |before| before.last.saturating_add(1));
        let mut unknown: Vec<&Damaged> = Vec::new();
        let mut is_after_changed = false;
        for line in &gap.lines {
            let claim = line.claims.filter(|(first, _)| {
                *first >= from
                    && !line.is_unfinished
                    && gap.missing.iter().any(|records| records.holds(*first))
            });
            let Some((first, last)) = claim else {
                unknown.push(line);
                continue;
            };
            self.between(gap, from, Some(first - 1), &unknown, is_after_changed);
            unknown.clear();
            let end = gap.missing.iter().find(|records| records.holds(first));
            let last = last.min(end.map_or(first, |records| records.last));
            self.changed(Records { first, last }, line, 1);
            (from, is_after_changed) = (last.saturating_add(1), true);
        }
        self.between(gap, from, None, &unknown, is_after_changed);
    }

    /// Between two lines whose numbers are known.
    fn between(
        &mut self,
        gap: &Gap<'_>,
        from: u64,
        to: Option<u64>,
        lines: &[&Damaged],
        is_after_changed: bool,
    ) {
        let to = to.unwrap_or(u64::MAX);
        let cut = |records: &Records| {
            let (first, last) = (records.first.max(from), records.last.min(to));
            (first <= last).then_some(Records { first, last })
        };
        let mut missing: Vec<Records> = gap.missing.iter().filter_map(cut).collect();
        let count =
            missing.iter().fold(0, |count: u64, records| count.saturating_add(records.count()));
        let unfinished =
            lines.last().copied().filter(|line| line.is_unfinished && gap.after.is_none());
        let Some(first_line) = lines.first() else {
            return missing.into_iter().for_each(|records| self.missing(gap, records, None));
        };
        let lines_count = lines.len() as u64;
        if count == 0 {
            // What follows a changed record directly is a part of it, behind a line break.
            if !is_after_changed {
                self.inserted(gap, lines);
            }
        } else if let Some(unfinished) = unfinished {
            // All but the last are whole lines of the records that come first.
            for line in &lines[..lines.len() - 1] {
                if let Some(number) = take_first(&mut missing) {
                    self.changed(Records::one(number), line, 1);
                }
            }
            missing.into_iter().for_each(|records| self.missing(gap, records, Some(unfinished)));
        } else if count <= lines_count {
            missing.into_iter().for_each(|records| self.changed(records, first_line, lines_count));
        } else if gap.after.is_none() {
            for line in lines {
                if let Some(number) = take_first(&mut missing) {
                    self.changed(Records::one(number), line, 1);
                }
            }
            missing.into_iter().for_each(|records| self.missing(gap, records, None));
        } else if let (None, [one]) = (gap.before, &missing[..]) {
            let last = Records { first: one.last - (lines_count - 1), last: one.last };
            self.missing(gap, Records { first: one.first, last: last.first - 1 }, None);
            self.changed(last, first_line, lines_count);
        } else {
            missing.into_iter().for_each(|records| self.missing(gap, records, Some(first_line)));
        }
    }

    fn changed(&mut self, records: Records, line: &Damaged, lines: u64) {
        let were = records.were();
        let message = if line.claims == Some((records.first, records.last)) && records.count() == 1
        {
            format!("{records} was changed: its bytes are not those that its hash was made of")
        } else {
            let stand = if lines == 1 {
                "one line that is no record stands"
            } else {
                "lines that are no records stand"
            };
            format!(
                "{records} {were} changed: {stand} in place of {}",
                if records.count() == 1 { "it" } else { "them" }
            )
        };
        let at = Some(self.report.at(line.file, line.at));
        self.report.add(FindingCode::Changed, Some(records), at, records.first - 1, message);
    }

    fn inserted(&mut self, gap: &Gap<'_>, lines: &[&Damaged]) {
        let sound = gap.before.map_or(0, |before| before.last);
        let place = match gap.before {
            Some(before) => format!("after record {}", before.last),
            None => "before the first record".to_owned(),
        };
        for line in lines {
            let message = match line.claims {
                Some((number, _)) => format!("a false record {number} was inserted {place}"),
                None => format!("a line that is no record was inserted {place}"),
            };
            let records = line.claims.map(|(number, _)| Records::one(number));
            let at = Some(self.report.at(line.file, line.at));
            self.report.add(FindingCode::Inserted, records, at, sound, message);
        }
    }

    fn missing(&mut self, gap: &Gap<'_>, records: Records, in_place: Option<&Damaged>) {
        let sound = records.first - 1;
        let (were, at) = (records.were(), self.place_of(gap, in_place));
        match (gap.before, gap.after) {
            (None, Some(after)) if records.first == 1 && in_place.is_none() => {
                if self.start_may_be_missing {
                    return;
                }
                let message = format!(
                    "{records} {} not here: the journal begins with record {}",
                    is(records),
                    after.first
                );
                // What there is may still be whole.
                self.report.add(FindingCode::StartMissing, Some(records), at, u64::MAX, message);
            }
            (_, Some(after)) => {
                let follows =
                    gap.before.map_or("nothing".to_owned(), |run| format!("record {}", run.last));
                let message = match in_place {
                    None => format!(
                        "{records} {were} removed: record {} comes after {follows}",
                        after.first
                    ),
                    Some(_) => format!(
                        "{records} {were} removed: between {follows} and record {} are only lines that are no records",
                        after.first
                    ),
                };
                let noticed = self.noticed(records, after);
                let added =
                    self.report.add(FindingCode::Removed, Some(records), at, sound, message);
                if let Some((finding, note)) = added.zip(noticed) {
                    finding.noticed_at = Some(note.sequence);
                    finding.message.push_str(&format!(
                        "; the writer noticed it (`{}`) at record {}",
                        note.noted, note.sequence
                    ));
                }
            }
            (before, None) => {
                let after = match before {
                    Some(run) => format!("after record {}", run.last),
                    None => "before record 1".to_owned(),
                };
                let how = in_place
                    .map_or(String::new(), |_| format!(", within record {}", records.first));
                let counted = self.counted.as_ref().filter(|(count, _)| records.holds(*count));
                let who = counted.map_or(String::new(), |(count, who)| {
                    format!(": {who} counts {count} records")
                });
                let message = format!("the tail was cut {after}{how}{who}");
                self.report.add(FindingCode::TailCut, Some(records), at, sound, message);
            }
        }
    }

    fn place_of(&self, gap: &Gap<'_>, in_place: Option<&Damaged>) -> Option<At> {
        let line = in_place.map(|line| self.report.at(line.file, line.at));
        let after = gap.after.map(|run| self.report.at(run.file, run.at));
        line.or(after).or_else(|| gap.before.map(|run| self.at_last(run)))
    }

    /// The line of the last record of a run.
    fn at_last(&self, run: &Run) -> At {
        let line = Some(run.at.line + (run.last - run.first));
        At { line, ..self.report.file(run.file) }
    }

    /// What a writer says of records that it did not find, in the record after them or of their numbers.
    fn noticed(&self, records: Records, after: &Run) -> Option<Note> {
        let is_of = |note: &&Note| match note.records {
            Some((first, last)) => first <= records.last && last >= records.first,
            None => note.sequence == after.first,
        };
        self.notes.iter().filter(|note| note.sequence > records.last).find(is_of).copied()
    }
}

fn is(records: Records) -> &'static str {
    if records.count() == 1 { "is" } else { "are" }
}

fn take_first(missing: &mut Vec<Records>) -> Option<u64> {
    let first = missing.first_mut()?;
    let number = first.first;
    if first.first == first.last {
        missing.remove(0);
    } else {
        first.first += 1;
    }
    Some(number)
}

/// These numbers without those of the runs that stand elsewhere.
fn without(first: u64, last: Option<u64>, moved: &[Records]) -> Vec<Records> {
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

impl Records {
    fn holds(&self, number: u64) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

impl Run {
    fn records(&self) -> Records {
        Records { first: self.first, last: self.last }
    }
}
