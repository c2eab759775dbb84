//! What one block of a file holds: rows of records that follow one another, and lines that are none.

use std::io;

use memchr::memmem::Finder;
use memchr::{memchr, memrchr};

use super::files::Part;
use super::marks::{Doubt, Marks, Note};
use crate::audit::{BEFORE_SEQUENCE, Hash, Line, NotALine};
use crate::journal::Verifier;
use crate::journal::layout::LONGEST_LINE;

/// How much more is read at once where a line goes on beyond the block.
const MORE: u64 = 16 << 10;

/// Where a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) offset: u64,
    /// From 1 in its file, once the blocks before are counted.
    pub(super) line: u64,
}

/// Lines below one another, each the next record of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) file: usize,
    pub(super) at: Position,
    /// Where the line after the last begins.
    pub(super) end: u64,
    pub(super) first: u64,
    pub(super) last: u64,
    /// What the first says of the record before it.
    pub(super) previous: Hash,
    /// Of the last.
    pub(super) hash: Hash,
}

/// A line that is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damaged {
    pub(super) file: usize,
    pub(super) at: Position,
    /// The first and the last number that stand in it as a record's would.
    pub(super) claims: Option<(u64, u64)>,
    /// Nothing comes after it in its file, not even a line break.
    pub(super) is_unfinished: bool,
    /// Nothing stands in it but blanks, so that it never was a record.
    pub(super) is_empty: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Run(Run),
    Damaged(Damaged),
}

/// What a block holds.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) line_breaks: u64,
    pub(super) pieces: Vec<Piece>,
    pub(super) marks: Marks,
}

/// What to look for beside the chain.
pub(super) struct Look<'a> {
    /// Numbers of records whose hashes are asked for, in order.
    pub(super) wanted: Vec<u64>,
    pub(super) verifiers: &'a [Verifier],
    pub(super) event: Finder<'static>,
}

impl Look<'_> {
    /// Looks at the lines that begin between these bytes of the file.
    pub(super) fn block(
        &self,
        (file, part): (usize, &Part),
        (start, end): (u64, u64),
        buffer: &mut Vec<u8>,
    ) -> io::Result<Seen> {
        // The byte before tells whether a line begins with the block.
        let from = start.saturating_sub(1);
        fill(part, from, end, buffer)?;
        let mut seen = Seen::default();
        let mut at = 0;
        if start > 0 {
            let Some(line_break) = memchr(b'\n', buffer) else { return Ok(seen) };
            seen.line_breaks = u64::from(line_break > 0);
            at = line_break + 1;
        }
        let block_end = buffer.len();
        complete(part, from, buffer)?;
        let mut row = Row { file, seen, run: None };
        while at < block_end {
            let offset = from + at as u64;
            let position = Position { offset, line: row.seen.line_breaks + 1 };
            let line_break = memchr(b'\n', &buffer[at..]).map(|length| at + length);
            let line = &buffer[at..line_break.unwrap_or(buffer.len())];
            let is_unfinished = line_break.is_none() && offset + line.len() as u64 == part.bytes;
            let read = if line_break.is_none() || line.len() as u64 > LONGEST_LINE {
                Err(NotALine::Form)
            } else {
                Line::read(line)
            };
            at += line.len() + 1;
            match read {
                Ok(record) if record.sequence > 0 => {
                    row.record(record, position, from + at as u64);
                    if self.wanted.binary_search(&record.sequence).is_ok() {
                        row.seen.marks.hashes.push((record.sequence, record.hash));
                    }
                    self.mark(line, record, row.place(position), &mut row.seen.marks);
                }
                _ => row.damage(position, line, is_unfinished),
            }
            if line_break.is_some_and(|line_break| line_break < block_end) {
                row.seen.line_breaks += 1;
            }
        }
        Ok(row.finish())
    }

    /// The rows of a run before and from this record on.
    pub(super) fn split(&self, run: &Run, number: u64, part: &Part) -> io::Result<(Run, Run)> {
        let mut buffer = Vec::new();
        fill(part, run.at.offset, run.end, &mut buffer)?;
        let (mut before, mut after) = (run.clone(), run.clone());
        let mut offset = run.at.offset;
        for line in buffer.split_inclusive(|byte| *byte == b'\n') {
            let changed = || io::Error::other(format!("`{}` changed while it was read", part.name));
            let line_bytes = line.strip_suffix(b"\n").unwrap_or(line);
            let record = Line::read(line_bytes).map_err(|_| changed())?;
            if record.sequence == number {
                let line = run.at.line + (number - run.first);
                after.at = Position { offset, line };
                (after.first, after.previous) = (number, record.previous);
                (before.end, before.last, before.hash) = (offset, number - 1, record.previous);
                break;
            }
            offset += line.len() as u64;
        }
        Ok((before, after))
    }

    fn mark(&self, line: &[u8], record: Line, place: (usize, Position), marks: &mut Marks) {
        // It stands after the links and the time, which have their lengths.
        let front = &line[..line.len().min(256)];
        let Some(at) = self.event.find(front) else { return };
        let rest = &line[at + self.event.needle().len()..];
        if rest.starts_with(b"checkpoint\"") {
            match Doubt::of_checkpoint(line, record, self.verifiers) {
                None => marks.signed(record.sequence - 1),
                Some(why) => marks.doubt(record.sequence, place, why),
            }
        } else if rest.starts_with(b"journal\"") {
            match Note::read(line, record.sequence, self.verifiers) {
                Ok(note) => marks.notes.extend(note),
                Err(why) => marks.doubt(record.sequence, place, why),
            }
        }
    }
}

/// A row that grows line by line.
struct Row {
    file: usize,
    seen: Seen,
    run: Option<Run>,
}

impl Row {
    fn record(&mut self, record: Line, at: Position, end: u64) {
        let Line { sequence, previous, hash } = record;
        match &mut self.run {
            Some(run) if run.last.checked_add(1) == Some(sequence) && run.hash == previous => {
                (run.last, run.hash, run.end) = (sequence, hash, end);
            }
            _ => {
                self.break_off();
                let (first, last) = (sequence, sequence);
                self.run = Some(Run { file: self.file, at, end, first, last, previous, hash });
            }
        }
    }

    fn damage(&mut self, at: Position, line: &[u8], is_unfinished: bool) {
        self.break_off();
        let is_empty = line.trim_ascii().is_empty() && !is_unfinished;
        let damaged =
            Damaged { file: self.file, at, claims: claims(line), is_unfinished, is_empty };
        self.seen.pieces.push(Piece::Damaged(damaged));
    }

    fn break_off(&mut self) {
        self.seen.pieces.extend(self.run.take().map(Piece::Run));
    }

    fn place(&self, at: Position) -> (usize, Position) {
        (self.file, at)
    }

    fn finish(mut self) -> Seen {
        self.break_off();
        self.seen
    }
}

fn fill(part: &Part, from: u64, end: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.resize(usize::try_from(end - from).map_err(io::Error::other)?, 0);
    part.read(from, buffer)
}

/// Reads on until the last line ends, is too long, or the file ends.
fn complete(part: &Part, from: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
    let line = memrchr(b'\n', buffer).map_or(0, |line_break| line_break + 1);
    if line == buffer.len() {
        return Ok(());
    }
    loop {
        let read = buffer.len();
        let more = MORE.min(part.bytes - from - read as u64);
        if more == 0 || (read - line) as u64 > LONGEST_LINE {
            return Ok(());
        }
        buffer.resize(read + usize::try_from(more).map_err(io::Error::other)?, 0);
        part.read(from + read as u64, &mut buffer[read..])?;
        if memchr(b'\n', &buffer[read..]).is_some() {
            return Ok(());
        }
    }
}

/// The first and the last number in it that stand where a record's would.
fn claims(line: &[u8]) -> Option<(u64, u64)> {
    let number = |at: usize| {
        let rest = &line[at + BEFORE_SEQUENCE.len()..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        std::str::from_utf8(&rest[..digits]).ok()?.parse().ok().filter(|number| *number > 0)
    };
    let finder = Finder::new(BEFORE_SEQUENCE);
    let mut numbers = finder.find_iter(line).filter_map(number);
    let first = numbers.next()?;
    let last = numbers.last().unwrap_or(first);
    Some((first, last.max(first)))
}
