//! The end of a journal whose head was lost.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use jiff::Timestamp;

use super::head::{Head, HexHash};
use super::segment::{LockedSegment, Segment};
use super::tail::Finder;
use crate::audit::{Hash, JournalNoted, Line};
use crate::journal::last_record::last_record;
use crate::journal::{Checkpoint, Layout, SegmentFile, keys, private};

/// The files with which a journal ends, by their records and by their numbers: mostly one.
struct Ends {
    last: Option<Segment>,
    numbered: Option<(u64, Segment)>,
}

impl Finder<'_> {
    /// A journal that begins, or one whose head was lost; and the file that the head names, if it is open.
    pub(super) fn without_head(&mut self, is_new: bool) -> io::Result<(Head, Option<Segment>)> {
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
}

fn ends(segments: &[SegmentFile]) -> (Option<PathBuf>, Option<(u64, PathBuf)>) {
    let last = segments.iter().rev().find(|segment| segment.first.is_some());
    let numbered = segments.iter().filter_map(|segment| {
        let number = Layout::number_of(&segment.path)?;
        Some((number, segment.path.clone()))
    });
    (last.map(|last| last.path.clone()), numbered.max())
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
