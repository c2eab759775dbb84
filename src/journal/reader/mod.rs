//! A journal, record by record, from a [`Cursor`] on, while others write.
//!
//! This is what sinks stand on that pass records on: read until there is nothing more, deliver, keep the cursor, and ask
//! again later. What holds:
//!
//! - Records come in the order of their numbers, each once. A record is never half of one: a line counts when its line break
//!   is there and its hash is that of its bytes.
//! - Files are looked for by the numbers of their records, never by their names. So it goes on in the next segment, in one
//!   that was renamed (logrotate) before or while it was read, and after one was copied and truncated (`copytruncate`).
//! - What is amiss is [`Found`] in its place and ends nothing: lines that are no records, records that stand elsewhere than
//!   they should, and records that are missing, whose number tells how many.
//! - No lock is taken. Nothing is written.

mod cursor;
mod error;
mod tail;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

pub use cursor::{Cursor, NotACursor};
pub use error::ReadError;

use super::layout::{Layout, SegmentFile};
use crate::audit::{Line, NotALine};
use tail::{Next, Tail, last_of};

/// While files are renamed, a look at the directory may find one twice or not at all; a second look tells.
const SECOND_LOOK: Duration = Duration::from_millis(20);

/// As often a file may be gone between the look at the directory and that into the file.
const LOOKS: usize = 5;

/// Reads a journal from a place on.
#[derive(Debug)]
pub struct Reader {
    layout: Layout,
    cursor: Cursor,
    /// The number of the record to come; none where any may be the first.
    next: Option<u64>,
    open: Option<Tail>,
    /// Records before the next one are expected, since the file was begun at its beginning.
    is_on_the_way: bool,
}

/// What stands in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'r> {
    /// A record, and its line without the line break.
    Record {
        /// What the line says of itself.
        line: Line,
        /// Its bytes.
        bytes: &'r [u8],
    },
    /// A line that is no record, or was changed.
    NoRecord(NotALine),
    /// A record that was passed before: it was doubled, inserted or moved.
    OutOfPlace {
        /// Its number.
        sequence: u64,
    },
    /// Records that are not there; it goes on after them.
    Missing {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
}

/// As [`Found`], before the bytes are borrowed.
enum Step {
    Record(Line, Range<usize>),
    Other(Found<'static>),
}

impl Reader {
    /// From the first record that is there.
    pub fn of(layout: &Layout) -> Self {
        Reader {
            layout: layout.clone(),
            cursor: Cursor::BEGIN,
            next: None,
            open: None,
            is_on_the_way: false,
        }
    }

    /// From the record after the cursor.
    ///
    /// # Errors
    /// When that record is not there or is another one, or the journal cannot be read.
    pub fn after(layout: &Layout, cursor: Cursor) -> Result<Self, ReadError> {
        let mut reader = Reader::of(layout);
        if cursor == Cursor::BEGIN {
            return Ok(reader);
        }
        let sequence = cursor.sequence;
        reader.next = Some(sequence);
        loop {
            match reader.step()? {
                Some(Step::Record(line, _)) if cursor.is_at(&line) => return Ok(reader),
                Some(Step::Record(line, _)) if line.sequence == sequence => {
                    return Err(ReadError::OtherRecord { sequence });
                }
                Some(Step::Other(Found::NoRecord(_) | Found::OutOfPlace { .. })) => {}
                _ => return Err(ReadError::Gone { sequence }),
            }
        }
    }

    /// From the last so many records on.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn of_last(layout: &Layout, records: u64) -> Result<Self, ReadError> {
        let mut reader = Reader::of(layout);
        let segments = reader.segments()?;
        let known = |segment: &SegmentFile| segment.first;
        if let (Some(first), Some(last)) =
            (segments.iter().find_map(known), segments.iter().rev().find(|it| it.first.is_some()))
        {
            let end = last_of(&last.path).map_err(unreadable(&last.path))?;
            let begin = end.unwrap_or(first).saturating_add(1).saturating_sub(records);
            reader.next = Some(begin.max(first));
        }
        Ok(reader)
    }

    /// After the last record that was read.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// What comes next; nothing where the journal ends for now.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be read.
    pub fn read(&mut self) -> Result<Option<Found<'_>>, ReadError> {
        Ok(match self.step()? {
            None => None,
            Some(Step::Other(found)) => Some(found),
            Some(Step::Record(line, range)) => {
                let open = self.open.as_ref();
                Some(Found::Record { line, bytes: open.map_or(&[], |tail| tail.bytes(range)) })
            }
        })
    }

    fn step(&mut self) -> Result<Option<Step>, ReadError> {
        loop {
            let next = match &mut self.open {
                Some(tail) => tail.next().map_err(unreadable(tail.path()))?,
                None => Next::Nothing,
            };
            match next {
                Next::Line(range) => {
                    if let Some(step) = self.judge(range)? {
                        return Ok(Some(step));
                    }
                }
                Next::Overlong => {
                    return Ok(Some(Step::Other(Found::NoRecord(NotALine::Form))));
                }
                Next::Nothing => match self.go_on()? {
                    Onward::Moved => {}
                    Onward::End => return Ok(None),
                    Onward::Missing(found) => return Ok(Some(Step::Other(found))),
                },
            }
        }
    }

    /// What a line is; nothing where it is to be passed over, or another file is to be read first.
    fn judge(&mut self, range: Range<usize>) -> Result<Option<Step>, ReadError> {
        let Some(tail) = &mut self.open else { return Ok(None) };
        let read = Line::read(tail.bytes(range.clone()));
        let expected = match (&read, self.next) {
            (Ok(line), Some(next)) if line.sequence < next && self.is_on_the_way => {
                return Ok(None);
            }
            (Ok(line), Some(next)) => line.sequence == next,
            (Ok(_), None) => true,
            (Err(_), _) => false,
        };
        if expected && let Ok(line) = read {
            self.cursor = Cursor::after(&line);
            self.next = Some(line.sequence.saturating_add(1));
            self.is_on_the_way = false;
            return Ok(Some(Step::Record(line, range)));
        }
        if tail.rewind_if_truncated().map_err(unreadable(tail.path()))? {
            self.is_on_the_way = true;
            return Ok(None);
        }
        match (read, self.next) {
            (Ok(line), Some(next)) if line.sequence > next => {
                tail.put_back(&range);
                Ok(match self.pass_gap(next, Some(line.sequence))? {
                    Onward::Missing(found) => Some(Step::Other(found)),
                    Onward::Moved | Onward::End => None,
                })
            }
            (Ok(line), _) => Ok(Some(Step::Other(Found::OutOfPlace { sequence: line.sequence }))),
            (Err(not_a_line), _) => Ok(Some(Step::Other(Found::NoRecord(not_a_line)))),
        }
    }

    /// At the end of a file: where the next record is.
    fn go_on(&mut self) -> Result<Onward, ReadError> {
        if let Some(tail) = &mut self.open
            && tail.rewind_if_truncated().map_err(unreadable(tail.path()))?
        {
            self.is_on_the_way = true;
            return Ok(Onward::Moved);
        }
        let segments = self.segments()?;
        match self.next {
            None => match self.earliest(segments)? {
                Some(segment) if !self.is_open(&segment.path) => {
                    // If it is truncated before it is read, a copy holds this record.
                    self.next = segment.first;
                    self.begin(&segment.path)
                }
                _ => Ok(Onward::End),
            },
            Some(next) => match self.holder(&segments, next)? {
                Some(path) => self.begin(&path),
                None if first_after(&segments, next).is_some() => self.pass_gap(next, None),
                None => Ok(Onward::End),
            },
        }
    }

    /// The file that begins first. One that is renamed during a look may be missing in it, so that a journal which seems to
    /// begin later is looked at again.
    fn earliest(&self, segments: Vec<SegmentFile>) -> Result<Option<SegmentFile>, ReadError> {
        let first_of = |segments: Vec<SegmentFile>| {
            segments.into_iter().find(|segment| segment.first.is_some())
        };
        let mut earliest = first_of(segments);
        for _ in 1..LOOKS {
            if earliest.as_ref().is_none_or(|segment| segment.first == Some(1)) {
                break;
            }
            sleep(SECOND_LOOK);
            let again = first_of(self.segments()?);
            earliest = earliest.into_iter().chain(again).min_by_key(|segment| segment.first);
        }
        Ok(earliest)
    }

    /// The next record is not where it should be: another file may hold it, and a second look may find it.
    fn pass_gap(&mut self, next: u64, here: Option<u64>) -> Result<Onward, ReadError> {
        sleep(SECOND_LOOK);
        let segments = self.segments()?;
        if let Some(path) = self.holder(&segments, next)? {
            return self.begin(&path);
        }
        // The file that was at its end may have grown before the later one was begun.
        if here.is_none()
            && let Some(tail) = &mut self.open
            && let Next::Line(range) = tail.next().map_err(unreadable(tail.path()))?
        {
            tail.put_back(&range);
            return Ok(Onward::Moved);
        }
        let elsewhere =
            first_after(&segments, next).filter(|(first, _)| here.is_none_or(|here| *first < here));
        let goes_on_with = match (elsewhere, here) {
            (Some((first, path)), _) => {
                let path = path.to_owned();
                self.begin(&path)?;
                first
            }
            (None, Some(here)) => here,
            (None, None) => return Ok(Onward::End),
        };
        self.next = Some(goes_on_with);
        Ok(Onward::Missing(Found::Missing { first: next, last: goes_on_with - 1 }))
    }

    /// The file, other than the one that is read, that holds a record.
    fn holder(&self, segments: &[SegmentFile], next: u64) -> Result<Option<PathBuf>, ReadError> {
        let begun =
            segments.iter().filter(|segment| segment.first.is_some_and(|first| first <= next));
        // Of a file and its copy, either will do; the longer one is whole.
        let Some(latest) = begun.max_by_key(|segment| (segment.first, segment.bytes)) else {
            return Ok(None);
        };
        let alike = |segment: &&SegmentFile| segment.first == latest.first;
        if segments.iter().filter(alike).any(|segment| self.is_open(&segment.path)) {
            return Ok(None);
        }
        let is_there = match latest.first == Some(next) {
            true => true,
            false => match last_of(&latest.path) {
                Ok(last) => last >= Some(next),
                // It was renamed since, and will be found.
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                Err(error) => return Err(unreadable(&latest.path)(error)),
            },
        };
        Ok(is_there.then(|| latest.path.clone()))
    }

    fn is_open(&self, path: &Path) -> bool {
        self.open.as_ref().is_some_and(|tail| tail.is(path))
    }

    fn begin(&mut self, path: &Path) -> Result<Onward, ReadError> {
        match Tail::open(path) {
            Ok(tail) => {
                self.open = Some(tail);
                self.is_on_the_way = true;
            }
            // It was renamed since; the next look finds it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(path)(error)),
        }
        Ok(Onward::Moved)
    }

    fn segments(&self) -> Result<Vec<SegmentFile>, ReadError> {
        let mut looks = 0;
        loop {
            looks += 1;
            match self.layout.segments() {
                Err(error)
                    if error.kind() == io::ErrorKind::NotFound
                        && looks < LOOKS
                        && self.layout.directory().is_dir() => {}
                done => return done.map_err(unreadable(self.layout.directory())),
            }
        }
    }
}

/// Where it goes on.
enum Onward {
    /// In the file that is open now.
    Moved,
    /// Nowhere yet.
    End,
    /// After records that are not there.
    Missing(Found<'static>),
}

/// The file that begins first after a record.
fn first_after(segments: &[SegmentFile], next: u64) -> Option<(u64, &Path)> {
    let later =
        segments.iter().filter_map(|it| Some((it.first.filter(|it| *it > next)?, &*it.path)));
    later.min_by_key(|(first, _)| *first)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> ReadError {
    let path = path.to_owned();
    move |error| ReadError::Unreadable { path, error }
}
