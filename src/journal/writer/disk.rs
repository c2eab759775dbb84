//! What a journal asks of the disk, so that tests can let it fail.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::journal::directory::sync_directory;

/// Writing to a segment.
pub(super) trait Disk: Send + Sync {
    /// One write at the end; says how much was taken.
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize>;

    /// Returns when everything that was written would outlive a power cut.
    fn sync(&self, file: &File) -> io::Result<()>;

    /// Returns when the names in this directory would outlive a power cut.
    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        sync_directory(directory)
    }

    /// Makes the file as short as it was.
    fn cut(&self, file: &File, bytes: u64) -> io::Result<()>;
}

/// The disk of this machine.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn write(&self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn cut(&self, file: &File, bytes: u64) -> io::Result<()> {
        file.set_len(bytes)
    }
}
