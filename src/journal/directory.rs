//! The directory of a journal.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::segment::sync_directory_of;

/// Makes the directory, for this person alone.
pub(super) fn prepare(directory: &Path) -> io::Result<()> {
    if !directory.is_dir() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
        sync_directory_of(directory)?;
    }
    belongs_to_us(directory)
}

/// Whoever owns the directory can put anything in place of anything.
#[cfg(unix)]
fn belongs_to_us(directory: &Path) -> io::Result<()> {
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(directory)?);
    if owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::new(ErrorKind::PermissionDenied, "it belongs to somebody else"))
}

#[cfg(not(unix))]
fn belongs_to_us(_: &Path) -> io::Result<()> {
    Ok(())
}
