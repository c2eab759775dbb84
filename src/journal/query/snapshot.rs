//! What a journal holds at one moment.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use crate::journal::Layout;

/// What a journal holds at one moment: later records, renamed files and truncated copies change nothing of it.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) segments: Vec<Segment>,
    /// Files that would be among them, were they not compressed.
    pub(super) compressed: Vec<PathBuf>,
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
        let compressed = layout.compressed()?;
        // While a file is copied to be truncated, its records stand in both: the longer one has them all.
        listed.dedup_by(|later, kept| {
            let begin_alike = later.first.is_some() && later.first == kept.first;
            if begin_alike && later.bytes > kept.bytes {
                std::mem::swap(later, kept);
            }
            // Anything else that begins with the same number is no copy, and is shown.
            begin_alike && begins_with(&kept.path, &later.path).unwrap_or(false)
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
        Ok(Snapshot { segments, compressed })
    }

    /// Its length in bytes.
    pub fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }
}

/// Whether a file begins with all that another one holds.
fn begins_with(longer: &Path, shorter: &Path) -> io::Result<bool> {
    let (mut longer, mut shorter) =
        (BufReader::new(File::open(longer)?), BufReader::new(File::open(shorter)?));
    loop {
        let (ours, theirs) = (longer.fill_buf()?, shorter.fill_buf()?);
        let length = ours.len().min(theirs.len());
        if theirs.is_empty() {
            return Ok(true);
        }
        if length == 0 || ours[..length] != theirs[..length] {
            return Ok(false);
        }
        longer.consume(length);
        shorter.consume(length);
    }
}
