//! Reading from a place in a file, whoever else reads it.

use std::fs::File;
use std::io;

/// One read from there on; says how much there was.
#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, from)
}

/// One read from there on; says how much there was.
#[cfg(windows)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, from)
}
