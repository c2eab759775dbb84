//! The last record of a file, found from its end.

use std::fs::File;
use std::io;

use super::layout::LONGEST_LINE;
use super::positioned::read_at;
use crate::audit::Line;

/// How much of the end is read, until a record is in it.
const ENDS: [u64; 3] = [64 << 10, 2 * LONGEST_LINE, 64 << 20];

/// The last record of a file of this length, whatever stands behind it, and where its line ends.
pub(super) fn last_record(file: &File, length: u64) -> io::Result<Option<(Line, u64)>> {
    for most in ENDS {
        let from = length.saturating_sub(most);
        let end = read_all(file, from, length)?;
        // What stands behind the last line break is not finished.
        let mut breaks = memchr::memrchr_iter(b'\n', &end).peekable();
        while let Some(at) = breaks.next() {
            let begin = breaks.peek().map_or(0, |before| before + 1);
            if let Ok(line) = Line::read(&end[begin..at]) {
                return Ok(Some((line, from + at as u64 + 1)));
            }
        }
        if from == 0 {
            break;
        }
    }
    Ok(None)
}

fn read_all(file: &File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(to - from).unwrap_or(usize::MAX)];
    let mut filled = 0;
    while filled < bytes.len() {
        match read_at(file, &mut bytes[filled..], from + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
