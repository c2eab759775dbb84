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
mod onward;
mod tail;

use std::io;
use std::ops::Range;
use std::path::Path;

pub use cursor::{Cursor, NotACursor};
pub use error::ReadError;

use super::layout::{Layout, SegmentFile};
use crate::audit::{Line, NotALine};
use onward::Onward;
use tail::{Next, Tail, last_of};

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
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> ReadError {
    let path = path.to_owned();
    move |error| ReadError::Unreadable { path, error }
}
