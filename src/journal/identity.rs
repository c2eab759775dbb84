//! Which file a name stands for.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Whether the file that is open is the one of this name.
#[cfg(unix)]
pub(super) fn is_named(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let there = match fs::symlink_metadata(path) {
        Ok(there) => there,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let ours = file.metadata()?;
    Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino()))
}

/// What is open keeps its name on this platform: nobody can rename or remove it.
#[cfg(not(unix))]
pub(super) fn is_named(_: &File, path: &Path) -> io::Result<bool> {
    fs::exists(path)
}
