//! Where the next record is, when it is not in the file that is read.

use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::tail::{Next, Tail, last_of};
use super::{Found, ReadError, Reader, unreadable};
use crate::journal::layout::SegmentFile;

/// While files are renamed, a look at the directory may find one twice or not at all; a second look tells.
const SECOND_LOOK: Duration = Duration::from_millis(20);

/// As often a file may be gone between the look at the directory and that into the file.
const LOOKS: usize = 5;

/// Where it goes on.
pub(super) enum Onward {
    /// In the file that is open now.
    Moved,
    /// Nowhere yet.
    End,
    /// After records that are not there.
    Missing(Found<'static>),
}

impl Reader {
    /// At the end of a file: where the next record is.
    pub(super) fn go_on(&mut self) -> Result<Onward, ReadError> {
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
    pub(super) fn pass_gap(&mut self, next: u64, here: Option<u64>) -> Result<Onward, ReadError> {
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

    pub(super) fn segments(&self) -> Result<Vec<SegmentFile>, ReadError> {
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

/// The file that begins first after a record.
fn first_after(segments: &[SegmentFile], next: u64) -> Option<(u64, &Path)> {
    let later =
        segments.iter().filter_map(|it| Some((it.first.filter(|it| *it > next)?, &*it.path)));
    later.min_by_key(|(first, _)| *first)
}
