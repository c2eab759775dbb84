//! What a journal holds at one moment.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use crate::journal::Layout;

/// What a journal holds at one moment: later records, renamed files and truncated copies change nothing of it.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) segments: Vec<Segment>,
}

#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) bytes: u64,
    /// Whether a last line without a line break may still be being written.
    pub(super) is_last: bool,
}

/// While somebody renames files, a list of them may be old before they are opened.
const ATTEMPTS: usize = 5;

impl Snapshot {
    /// Opens every file of a journal.
    ///
    /// # Errors
    /// When the directory or a file in it cannot be read, or there is no file.
    pub fn of(layout: &Layout) -> io::Result<Self> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match Snapshot::try_of(layout) {
                Err(error)
                    if error.kind() == io::ErrorKind::NotFound
                        && attempts < ATTEMPTS
                        && layout.directory().is_dir() => {}
                done => return done,
            }
        }
    }

    fn try_of(layout: &Layout) -> io::Result<Self> {
        let mut listed = layout.segments()?;
        // While a file is copied to be truncated, its records stand in both: the longer one has them all.
        listed.dedup_by(|later, kept| {
            let is_copy = later.first.is_some() && later.first == kept.first;
            if is_copy && later.bytes > kept.bytes {
                std::mem::swap(later, kept);
            }
            is_copy
        });
        // What holds no record yet, or none at its beginning, comes last in the list, whatever it is.
        let last = listed.iter().rposition(|segment| segment.first.is_some());
        let mut segments = Vec::with_capacity(listed.len());
        // The last first: once a file is seen to be begun, the one before it grows no more.
        for (index, segment) in listed.into_iter().enumerate().rev() {
            let file = File::open(&segment.path)?;
            let bytes = file.metadata()?.len();
            let is_last = last.is_none_or(|last| index >= last);
            segments.push(Segment { path: segment.path, file, bytes, is_last });
        }
        segments.reverse();
        if segments.is_empty() {
            let message = "there is no journal";
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        Ok(Snapshot { segments })
    }

    /// Its length in bytes.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }
}
