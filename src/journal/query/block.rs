//! Parts of a file that can be read on their own, and the lines that begin in them.

use std::io;

use memchr::memchr;

use super::snapshot::{Segment, Snapshot};
use crate::journal::layout::LONGEST_LINE;
use crate::journal::positioned::read_at;

/// Large enough that opening one costs nothing beside it, small enough to stay in the cache of a processor.
const BLOCK: u64 = 2 << 20;

/// Longer than most lines: what is read beyond a block, so that its last line is there at once.
const MARGIN: u64 = 4 << 10;

/// A part of a segment: the lines that begin in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'s> {
    segment: &'s Segment,
    begin: u64,
    end: u64,
}

/// What stands between two line breaks, or is known not to be a line.
pub(super) enum Piece<'a> {
    Line(&'a [u8]),
    /// Too long for a record, or cut off in a file that grows no more.
    NoLine,
}

impl Snapshot {
    pub(super) fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        for segment in &self.segments {
            let mut begin = 0;
            while begin < segment.bytes {
                let end = (begin + BLOCK).min(segment.bytes);
                blocks.push(Block { segment, begin, end });
                begin = end;
            }
        }
        blocks
    }
}

impl Block<'_> {
    /// Gives each line that begins here to the visitor.
    pub(super) fn lines(
        &self,
        buffer: &mut Vec<u8>,
        mut visit: impl FnMut(Piece<'_>),
    ) -> io::Result<()> {
        // A line begins where the byte before it ends one.
        let from = self.begin.saturating_sub(1);
        buffer.clear();
        self.read_on(buffer, from, (self.end + MARGIN - from) as usize)?;
        let mut at = match self.begin {
            0 => 0,
            _ => match memchr(b'\n', buffer).map(|found| found + 1) {
                Some(first) => first,
                // The line that began before goes on beyond this block.
                None => return Ok(()),
            },
        };
        while from + (at as u64) < self.end {
            match memchr(b'\n', &buffer[at..]) {
                Some(length) => {
                    visit(Piece::Line(&buffer[at..at + length]));
                    at += length + 1;
                }
                None if (buffer.len() - at) as u64 > LONGEST_LINE => {
                    visit(Piece::NoLine);
                    return Ok(());
                }
                None => {
                    let more = (MARGIN as usize).max(buffer.len() - at);
                    if self.read_on(buffer, from, more)? == 0 {
                        if at < buffer.len() && !self.segment.is_last {
                            visit(Piece::NoLine);
                        }
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads on behind what the buffer holds, and says how many bytes there were.
    fn read_on(&self, buffer: &mut Vec<u8>, from: u64, most: usize) -> io::Result<usize> {
        let before = buffer.len();
        let here = from + before as u64;
        let left = self.segment.bytes.saturating_sub(here).min(most as u64) as usize;
        buffer.resize(before + left, 0);
        let mut filled = before;
        while filled < buffer.len() {
            match read_at(&self.segment.file, &mut buffer[filled..], from + filled as u64) {
                // It was truncated since.
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let path = self.segment.path.display();
                    return Err(io::Error::new(error.kind(), format!("`{path}`: {error}")));
                }
            }
        }
        buffer.truncate(filled);
        Ok(filled - before)
    }
}
