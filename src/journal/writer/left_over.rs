//! What others left behind the last record that the head counts: records are taken in, the rest is put aside.

use std::io;

use super::head::{Head, HexHash};
use super::segment::{LockedSegment, Segment, name_of};
use super::tail::Finder;
use crate::audit::{JournalNoted, Line, Text};
use crate::journal::layout::LONGEST_LINE;
use crate::journal::private;

/// More than this cannot have been left by a crash.
pub(super) const MOST_LEFT_OVER: u64 = 64 << 20;

impl Finder<'_> {
    /// A file that was only renamed may hold more than the head knows of.
    pub(super) fn take_in_what_was_renamed(
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
    pub(super) fn take_in_copies(&self, head: &mut Head) -> io::Result<()> {
        for copy in self.layout.segments()? {
            if copy.bytes > head.bytes && copy.path != self.layout.segment(head.segment) {
                let copy = Segment::open_as_it_is(copy.path)?;
                follow(head, &copy.read_from(head.bytes, MOST_LEFT_OVER)?);
            }
        }
        Ok(())
    }

    /// Records that were written just before their writer ended count; what is none is put aside.
    pub(super) fn take_in(
        &mut self,
        head: &mut Head,
        segment: &Segment,
        bytes: u64,
    ) -> io::Result<()> {
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
    pub(super) fn cut_to_whole_lines(
        &mut self,
        head: &Head,
        segment: &Segment,
        bytes: u64,
    ) -> io::Result<()> {
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
pub(super) fn follows(head: &mut Head, line: &[u8]) -> bool {
    match Line::read(line) {
        Ok(line) if line.sequence == head.sequence + 1 && line.previous == head.hash.0 => {
            (head.sequence, head.hash) = (line.sequence, HexHash(line.hash));
            true
        }
        _ => false,
    }
}
