//! What stands between two runs that are neighbours, and what does not.

use super::block::{Damaged, Run};
use super::breaks::Breaks;
use super::finding::{At, FindingCode, Records};
use super::marks::Note;

/// What stands between two runs of the journal that are neighbours.
pub(super) struct Gap<'a> {
    pub(super) before: Option<&'a Run>,
    pub(super) lines: Vec<&'a Damaged>,
    pub(super) after: Option<&'a Run>,
    /// The numbers that no run has which follows here, or is found elsewhere.
    pub(super) missing: Vec<Records>,
}

impl<'a> Breaks<'a, '_> {
    /// Tells which of the missing records the lines were, and which are not there at all.
    pub(super) fn gap(&mut self, gap: &Gap<'_>) {
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
            for line in lines[..lines.len() - 1].iter().filter(|line| !line.is_empty) {
                if let Some(number) = take_first(&mut missing) {
                    self.changed(Records::one(number), line, 1);
                }
            }
            missing.into_iter().for_each(|records| self.missing(gap, records, Some(unfinished)));
        } else if count <= lines_count {
            missing.into_iter().for_each(|records| self.changed(records, first_line, lines_count));
        } else if gap.after.is_none() {
            for line in lines.iter().filter(|line| !line.is_empty) {
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
            let stand = match lines {
                1 if line.is_empty => "an empty line stands",
                1 => "one line that is no record stands",
                _ => "lines that are no records stand",
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
        let (empty, others): (Vec<_>, Vec<_>) =
            lines.iter().copied().partition(|line| line.is_empty);
        if let Some(line) = empty.first() {
            let message = match empty.len() {
                1 => format!("an empty line was inserted {place}"),
                count => format!("{count} empty lines were inserted {place}"),
            };
            let at = Some(self.report.at(line.file, line.at));
            self.report.add(FindingCode::Inserted, None, at, sound, message);
        }
        for line in others {
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
    pub(super) fn at_last(&self, run: &Run) -> At {
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

impl Records {
    pub(super) fn holds(&self, number: u64) -> bool {
        (self.first..=self.last).contains(&number)
    }
}
