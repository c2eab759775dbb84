//! The end of a journal as it really is: what crashes, rotations and others have left there, noticed and mended.

use std::io::{self, ErrorKind};

use jiff::Timestamp;

use super::head::{Head, LockedHead};
use super::left_over::{MOST_LEFT_OVER, follows};
use super::segment::{Found, LockedSegment, Segment, look, name_of};
use crate::audit::{JournalNote, JournalNoted, Text};
use crate::journal::directory::sync_directory_of;
use crate::journal::identity::is_named;
use crate::journal::layout::LONGEST_LINE;
use crate::journal::{Layout, Verifier};

/// Where the next record goes.
pub(super) struct Tail {
    pub(super) head: Head,
    pub(super) segment: Segment,
}

impl Tail {
    /// The lock of the file, if this is still the end: nobody writes without it.
    pub(super) fn lock_if_still_the_end(&self) -> io::Result<Option<LockedSegment>> {
        let lock = LockedSegment::of(&self.segment)?;
        Ok(self.is_still_the_end()?.then_some(lock))
    }

    /// Whether nobody has written since, or begun another file.
    fn is_still_the_end(&self) -> io::Result<bool> {
        Ok(self.segment.growing_length()? == Some(self.head.bytes))
    }
}

/// What was found: the end, what has to be told before the next record, and the locks of all files that were touched.
pub(super) struct FoundTail {
    pub(super) tail: Tail,
    pub(super) notes: Vec<JournalNote>,
    pub(super) locks: Vec<LockedSegment>,
}

/// Finds the end. The head's lock is held, and that of each file that is looked at, so nobody is writing: what is not whole
/// was left behind.
pub(super) struct Finder<'a> {
    pub(super) layout: &'a Layout,
    pub(super) verifiers: &'a dyn Fn(&str) -> io::Result<Vec<Verifier>>,
    pub(super) time: Timestamp,
    pub(super) notes: Vec<JournalNote>,
    pub(super) locks: Vec<LockedSegment>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        layout: &'a Layout,
        verifiers: &'a dyn Fn(&str) -> io::Result<Vec<Verifier>>,
        time: Timestamp,
    ) -> Self {
        Finder { layout, verifiers, time, notes: Vec::new(), locks: Vec::new() }
    }

    /// The end, and what has to be told before the next record. What this process knows of it may be more than the head
    /// says, which is not written for each record.
    pub(super) fn find(
        mut self,
        locked: &LockedHead<'_>,
        known: Option<Tail>,
    ) -> io::Result<FoundTail> {
        let (remembered, mut open) = known.map(|tail| (tail.head, tail.segment)).unzip();
        let mut head = match (locked.read()?, remembered) {
            (Some(head), Some(known)) if known.is_later_than(&head) => known,
            (Some(head), Some(known)) => {
                // Files of another journal are none of this one, whatever their numbers.
                open = open.filter(|_| known.journal == head.journal);
                head
            }
            (Some(head), None) => head,
            (None, Some(known)) => {
                self.note(JournalNoted::HeadLost, &known, None, None);
                known
            }
            (None, None) => {
                let (head, segment) = self.without_head(locked.is_new()?)?;
                open = segment;
                head
            }
        };
        let segment = self.segment(&mut head, open)?;
        let Finder { notes, locks, .. } = self;
        Ok(FoundTail { tail: Tail { head, segment }, notes, locks })
    }

    /// The segment that grows, in the state in which the head left it, or the one that others went on to.
    fn segment(&mut self, head: &mut Head, open: Option<Segment>) -> io::Result<Segment> {
        if head.segment == 0 {
            return self.next_segment(head);
        }
        let found = match look(&self.layout.segment(head.segment))? {
            Found::File { id, .. } if id == head.file => self.same_segment(head, open)?,
            Found::File { bytes: 0, .. } => {
                self.take_in_what_was_renamed(head, open)?;
                self.note(JournalNoted::SegmentReplaced, head, None, None);
                None
            }
            Found::Nothing => {
                self.take_in_what_was_renamed(head, open)?;
                None
            }
            // Whatever that is, it is left as it is.
            Found::File { .. } | Found::SomethingElse => {
                self.take_in_what_was_renamed(head, open)?;
                self.note(JournalNoted::SegmentReplaced, head, None, None);
                None
            }
        };
        let found = match self.later_segment(head)? {
            Some(later) => Some(later),
            None => {
                if found.is_none() && self.notes.is_empty() {
                    self.note(JournalNoted::SegmentGone, head, None, None);
                }
                found
            }
        };
        let head_was_lost = self.notes.iter().any(|note| note.noted == JournalNoted::HeadLost);
        match found {
            Some(segment) if head_was_lost => {
                // Others may go on with the head that is lost, as long as this file grows.
                let _ = segment.finish();
                self.next_segment(head)
            }
            Some(segment) if segment.growing_length()?.is_some() => Ok(segment),
            Some(_) => {
                self.note(JournalNoted::SegmentClosed, head, None, None);
                self.next_segment(head)
            }
            None => self.next_segment(head),
        }
    }

    /// The file that the head names, taken in to its end; nothing where it is no file to go on with.
    fn same_segment(
        &mut self,
        head: &mut Head,
        open: Option<Segment>,
    ) -> io::Result<Option<Segment>> {
        let path = self.layout.segment(head.segment);
        let segment = match open {
            // Another disk may number its files alike.
            Some(open) if is_named(&open.file, &path)? => open,
            _ => Segment::open_as_it_is(path)?,
        };
        self.locks.push(LockedSegment::of(&segment)?);
        let bytes = segment.file.metadata()?.len();
        if bytes < head.bytes {
            self.note(JournalNoted::Truncated, head, Some(head.bytes - bytes), None);
            self.cut_to_whole_lines(head, &segment, bytes)?;
            self.take_in_copies(head)?;
            // Who knows more of it than the head must not take what comes next for what was cut.
            let _ = segment.finish();
            return Ok(None);
        } else if bytes - head.bytes > MOST_LEFT_OVER {
            self.note(JournalNoted::Torn, head, Some(bytes - head.bytes), None);
            return Ok(None);
        } else if bytes > head.bytes {
            self.take_in(head, &segment, bytes)?;
        }
        head.bytes = segment.file.metadata()?.len();
        Ok(Some(segment))
    }

    /// The last of the segments that follow: a power cut may have taken what the head said of them.
    fn later_segment(&mut self, head: &mut Head) -> io::Result<Option<Segment>> {
        let mut last = None;
        loop {
            let path = self.layout.segment(head.segment + 1);
            let Found::File { bytes: 1.., .. } = look(&path)? else { return Ok(last) };
            let segment = Segment::open_as_it_is(path)?;
            let lock = LockedSegment::of(&segment)?;
            let begin = segment.read_from(0, LONGEST_LINE)?;
            let first = memchr::memchr(b'\n', &begin).map(|end| &begin[..end]);
            if !first.is_some_and(|first| follows(&mut head.clone(), first)) {
                return Ok(last);
            }
            self.locks.push(lock);
            head.segment += 1;
            (head.file, head.bytes, head.begun) = (segment.id, 0, self.time);
            let bytes = segment.file.metadata()?.len();
            if bytes <= MOST_LEFT_OVER {
                self.take_in(head, &segment, bytes)?;
            }
            head.bytes = segment.file.metadata()?.len();
            last = Some(segment);
        }
    }

    fn next_segment(&mut self, head: &mut Head) -> io::Result<Segment> {
        let (segment, lock) = head.next_segment(self.layout, self.time)?;
        self.locks.push(lock);
        Ok(segment)
    }

    pub(super) fn note(
        &mut self,
        noted: JournalNoted,
        head: &Head,
        bytes: Option<u64>,
        records: Option<(u64, u64)>,
    ) {
        self.notes.push(JournalNote { bytes, records, ..note(noted, head, self.layout) });
    }
}

impl Head {
    /// Whether it is of the same journal and file, and counts more records.
    fn is_later_than(&self, other: &Head) -> bool {
        let place = |head: &Head| (head.segment, head.file);
        self.journal == other.journal
            && place(self) == place(other)
            && self.sequence > other.sequence
    }

    /// A file that nobody has used; also one that was left empty when the disk was full.
    pub(super) fn next_segment(
        &mut self,
        layout: &Layout,
        time: Timestamp,
    ) -> io::Result<(Segment, LockedSegment)> {
        loop {
            self.segment += 1;
            let path = layout.segment(self.segment);
            let segment = match Segment::create(path.clone()) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => match look(&path)? {
                    Found::File { bytes: 0, is_finished: false, .. } => {
                        sync_directory_of(&path)?;
                        Segment::open(path)?
                    }
                    _ => continue,
                },
                created => created?,
            };
            let lock = LockedSegment::of(&segment)?;
            if segment.growing_length()? != Some(0) {
                continue;
            }
            (self.file, self.bytes, self.begun) = (segment.id, 0, time);
            return Ok((segment, lock));
        }
    }
}

/// Something about a journal, without details.
pub(super) fn note(noted: JournalNoted, head: &Head, layout: &Layout) -> JournalNote {
    JournalNote {
        noted,
        journal: Text::new(&head.journal),
        segment: Text::new(&name_of(&layout.segment(head.segment))),
        verifier: None,
        bytes: None,
        kept_in: None,
        records: None,
    }
}
