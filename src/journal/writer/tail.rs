//! The end of a journal as it really is: what crashes, rotations and others have left there, noticed and mended.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use jiff::Timestamp;

use super::head::{Head, HexHash, LockedHead};
use super::segment::{Found, LockedSegment, Segment, look, name_of};
use crate::audit::{Hash, JournalNote, JournalNoted, Line, Text};
use crate::journal::directory::sync_directory_of;
use crate::journal::identity::is_named;
use crate::journal::last_record::last_record;
use crate::journal::layout::LONGEST_LINE;
use crate::journal::{Checkpoint, Layout, SegmentFile, Verifier, keys, private};

/// More than this cannot have been left by a crash.
const MOST_LEFT_OVER: u64 = 64 << 20;

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
    notes: Vec<JournalNote>,
    locks: Vec<LockedSegment>,
}

/// The files with which a journal ends, by their records and by their numbers: mostly one.
struct Ends {
    last: Option<Segment>,
    numbered: Option<(u64, Segment)>,
}

fn ends(segments: &[SegmentFile]) -> (Option<PathBuf>, Option<(u64, PathBuf)>) {
    let last = segments.iter().rev().find(|segment| segment.first.is_some());
    let numbered = segments.iter().filter_map(|segment| {
        let number = Layout::number_of(&segment.path)?;
        Some((number, segment.path.clone()))
    });
    (last.map(|last| last.path.clone()), numbered.max())
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

    /// A journal that begins, or one whose head was lost; and the file that the head names, if it is open.
    fn without_head(&mut self, is_new: bool) -> io::Result<(Head, Option<Segment>)> {
        let Ends { last, numbered } = self.ends_at_rest()?;
        let kept = self.kept_checkpoint()?;
        // A key file that was damaged is told of when the key is used.
        let journal = match self.layout.known_verifier() {
            Ok(Some(verifier)) => verifier.name().to_owned(),
            _ => new_name()?,
        };
        let mut head = Head {
            journal,
            sequence: 0,
            hash: HexHash(Hash::NONE),
            segment: 0,
            file: 0,
            bytes: 0,
            begun: self.time,
            policy: None,
            signed: 0,
            signed_at: Timestamp::MIN,
        };
        if last.is_none() && numbered.is_none() && kept.is_none() && is_new {
            return Ok((head, None));
        }
        if let Some((line, _)) = last.as_ref().map(last_line).transpose()?.flatten() {
            (head.sequence, head.hash) = (line.sequence, HexHash(line.hash));
        }
        if let Some((number, segment)) = &numbered {
            // What stands behind its last record is mended.
            let whole = last_line(segment)?.map_or(0, |(_, end)| end);
            (head.segment, head.file, head.bytes) = (*number, segment.id, whole);
        }
        self.note(JournalNoted::HeadLost, &head, None, None);
        if let Some(kept) = kept.filter(|kept| kept.records > head.sequence) {
            let missing = (head.sequence + 1, kept.records);
            (head.sequence, head.hash) = (kept.records, HexHash(kept.hash));
            self.note(JournalNoted::TailMissing, &head, None, Some(missing));
        }
        Ok((head, numbered.map(|(_, segment)| segment)))
    }

    /// The files with which the journal ends. Whoever knew the head that is lost may still write to one of them, so they are
    /// locked before they are read, and finished.
    fn ends_at_rest(&mut self) -> io::Result<Ends> {
        loop {
            let (last, numbered) = ends(&self.layout.segments()?);
            let last = last.map(Segment::open_as_it_is).transpose()?;
            let numbered = match numbered {
                // One lock for one file.
                Some((number, path)) => match &last {
                    Some(last) if last.path == path => Some((number, last.clone())),
                    _ => Some((number, Segment::open_as_it_is(path)?)),
                },
                None => None,
            };
            for segment in last.iter().chain(numbered.as_ref().map(|(_, segment)| segment)) {
                self.locks.push(LockedSegment::of(segment)?);
            }
            let path = |segment: &Segment| segment.path.clone();
            let locked = (last.as_ref().map(path), numbered.as_ref().map(|(n, s)| (*n, path(s))));
            if ends(&self.layout.segments()?) == locked {
                for segment in self.locks.iter() {
                    let _ = segment.finish();
                }
                return Ok(Ends { last, numbered });
            }
            // Another one began meanwhile.
            self.locks.clear();
        }
    }

    /// The latest checkpoint, if it is true.
    fn kept_checkpoint(&self) -> io::Result<Option<Checkpoint>> {
        let note = match private::read_text(&self.layout.checkpoint()) {
            Ok(note) => note,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let origin = note.lines().next().unwrap_or_default();
        let verifiers = (self.verifiers)(origin)?;
        Ok(Checkpoint::open(&note, &verifiers).ok())
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

    /// A file that was only renamed may hold more than the head knows of.
    fn take_in_what_was_renamed(
        &mut self,
        head: &mut Head,
        open: Option<Segment>,
    ) -> io::Result<()> {
        let is_it = |segment: &Segment| segment.id == head.file;
        let renamed = match open.filter(is_it) {
            Some(open) => Some(open),
            None => {
                let segments = self.layout.segments()?;
                let opened = segments.into_iter().map(|s| Segment::open_as_it_is(s.path));
                opened.filter_map(Result::ok).find(is_it)
            }
        };
        let Some(renamed) = renamed else { return Ok(()) };
        self.locks.push(LockedSegment::of(&renamed)?);
        let bytes = renamed.file.metadata()?.len();
        if bytes > head.bytes && bytes - head.bytes <= MOST_LEFT_OVER {
            self.take_in(head, &renamed, bytes)?;
        }
        // Where that is not possible, who has it open notices a little later.
        let _ = renamed.finish();
        Ok(())
    }

    /// A copy that was made before the file was cut may hold more than the head knows of, at the same place.
    fn take_in_copies(&self, head: &mut Head) -> io::Result<()> {
        for copy in self.layout.segments()? {
            if copy.bytes > head.bytes && copy.path != self.layout.segment(head.segment) {
                let copy = Segment::open_as_it_is(copy.path)?;
                follow(head, &copy.read_from(head.bytes, MOST_LEFT_OVER)?);
            }
        }
        Ok(())
    }

    /// Records that were written just before their writer ended count; what is none is put aside.
    fn take_in(&mut self, head: &mut Head, segment: &Segment, bytes: u64) -> io::Result<()> {
        let left = segment.read_from(head.bytes, MOST_LEFT_OVER + 1)?;
        let rest = follow(head, &left);
        if rest.is_empty() {
            return Ok(());
        }
        if follows(head, rest) {
            // Nothing but the line break is missing.
            io::Write::write_all(&mut segment.to_mend()?, b"\n")?;
            head.bytes = bytes + 1;
            return Ok(());
        }
        self.put_aside(head, segment, head.bytes, rest)
    }

    /// A file that became shorter ends with a whole line, or with none.
    fn cut_to_whole_lines(&mut self, head: &Head, segment: &Segment, bytes: u64) -> io::Result<()> {
        let start = bytes.saturating_sub(LONGEST_LINE);
        let end = segment.read_from(start, LONGEST_LINE)?;
        let whole = memchr::memrchr(b'\n', &end).map_or(0, |at| at + 1);
        match &end[whole..] {
            [] => Ok(()),
            torn => self.put_aside(head, segment, start + whole as u64, torn),
        }
    }

    /// Nothing is lost: what is cut off is kept beside.
    fn put_aside(
        &mut self,
        head: &Head,
        segment: &Segment,
        at: u64,
        torn: &[u8],
    ) -> io::Result<()> {
        let path = self.layout.torn(head.segment, at);
        private::write(&path, torn)?;
        segment.to_mend()?.set_len(at)?;
        self.note(JournalNoted::Torn, head, Some(torn.len() as u64), None);
        if let Some(note) = self.notes.last_mut() {
            note.kept_in = Some(Text::new(&name_of(&path)));
        }
        Ok(())
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

/// Takes the records in that come next, and gives what is left.
fn follow<'a>(head: &mut Head, mut rest: &'a [u8]) -> &'a [u8] {
    while let Some(end) = memchr::memchr(b'\n', rest) {
        if !follows(head, &rest[..end]) {
            break;
        }
        head.bytes += end as u64 + 1;
        rest = &rest[end + 1..];
    }
    rest
}

/// Takes a record in that comes next.
fn follows(head: &mut Head, line: &[u8]) -> bool {
    match Line::read(line) {
        Ok(line) if line.sequence == head.sequence + 1 && line.previous == head.hash.0 => {
            (head.sequence, head.hash) = (line.sequence, HexHash(line.hash));
            true
        }
        _ => false,
    }
}

/// The last record of a file, whatever stands behind it, and where its line ends.
fn last_line(segment: &Segment) -> io::Result<Option<(Line, u64)>> {
    last_record(&segment.file, segment.file.metadata()?.len())
}

/// A name by chance: nobody else's journal has it.
fn new_name() -> io::Result<String> {
    let mut chance = [0; 16];
    keys::random(&mut chance)?;
    Ok(format!("bedrock-auth.journal/{}", data_encoding::HEXLOWER.encode(&chance)))
}
