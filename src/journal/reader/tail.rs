//! A file that is read while it grows.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::memchr;

use crate::journal::identity::is_named;
use crate::journal::last_record::last_record;
use crate::journal::layout::{LONGEST_LINE, beginning_of};

/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// A file that is read while it grows, and what was read of it and not handed on.
#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    file: File,
    /// The number of the record at its beginning, once there is one.
    first: Option<u64>,
    /// How far the file was read.
    offset: u64,
    buffer: Vec<u8>,
    /// How far the buffer was handed on.
    at: usize,
    /// Within a line that is too long for a record.
    overlong: bool,
}

/// What comes next.
#[derive(Debug, Clone)]
pub(super) enum Next {
    /// A line, in the buffer.
    Line(Range<usize>),
    /// A line that is too long for a record.
    Overlong,
    /// No whole line yet.
    Nothing,
}

impl Tail {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut tail = Tail {
            path: path.to_owned(),
            file,
            first: None,
            offset: 0,
            buffer: Vec::new(),
            at: 0,
            overlong: false,
        };
        tail.first = tail.first_now()?;
        Ok(tail)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    pub(super) fn next(&mut self) -> io::Result<Next> {
        let mut searched = self.at;
        loop {
            if let Some(length) = memchr(b'\n', &self.buffer[searched..]) {
                let line = self.at..searched + length;
                self.at = line.end + 1;
                if std::mem::take(&mut self.overlong) {
                    return Ok(Next::Overlong);
                }
                return Ok(Next::Line(line));
            }
            if (self.buffer.len() - self.at) as u64 > LONGEST_LINE {
                self.overlong = true;
                self.at = self.buffer.len();
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            searched = self.buffer.len();
            self.buffer.resize(searched + CHUNK, 0);
            let read = self.file.read(&mut self.buffer[searched..]);
            self.buffer.truncate(searched + *read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => return Ok(Next::Nothing),
                Ok(read) => self.offset += read as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Lets a line come again.
    pub(super) fn put_back(&mut self, line: &Range<usize>) {
        self.at = line.start;
    }

    /// Begins anew if the file is no longer what was read of it; says whether it does.
    ///
    /// A file that is truncated and grows again has another record at its beginning.
    pub(super) fn rewind_if_truncated(&mut self) -> io::Result<bool> {
        let first = self.first_now()?;
        let is_same = self.first.is_none() || self.first == first;
        if is_same && self.file.metadata()?.len() >= self.offset {
            self.first = first;
            return Ok(false);
        }
        *self = Tail::rewound(std::mem::take(&mut self.path), self.file.try_clone()?, first)?;
        Ok(true)
    }

    fn rewound(path: PathBuf, mut file: File, first: Option<u64>) -> io::Result<Self> {
        file.rewind()?;
        Ok(Tail { path, file, first, offset: 0, buffer: Vec::new(), at: 0, overlong: false })
    }

    /// The number of the first record that can now be read at its beginning.
    fn first_now(&mut self) -> io::Result<Option<u64>> {
        self.file.rewind()?;
        let (first, _) = beginning_of(&self.file)?;
        self.file.seek(SeekFrom::Start(self.offset))?;
        Ok(first)
    }

    /// Whether it is the file of this name.
    pub(super) fn is(&self, path: &Path) -> bool {
        // There, no other name can be its.
        let is_that_name = cfg!(unix) || self.path == path;
        is_that_name && is_named(&self.file, path).unwrap_or(false)
    }
}

/// The number of the last record of a file.
pub(super) fn last_of(path: &Path) -> io::Result<Option<u64>> {
    let file = File::open(path)?;
    let found = last_record(&file, file.metadata()?.len())?;
    Ok(found.map(|(line, _)| line.sequence))
}
