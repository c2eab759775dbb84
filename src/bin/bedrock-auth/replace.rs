//! A file's content replaced: whole or not at all.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::Path;

/// Writes beside the file, then takes its place; mode and owner stay.
///
/// # Errors
/// When the file is a link or nobody may write to it, and when the owner cannot be kept.
pub(crate) fn replace(path: &Path, content: &str) -> io::Result<()> {
    let before = fs::symlink_metadata(path)?;
    if before.is_symlink() {
        // What is behind it may lie outside of what was named.
        let target = fs::canonicalize(path)?;
        return Err(io::Error::other(format!("it is a link: name `{}` instead", target.display())));
    }
    if has_other_names(&before) {
        return Err(io::Error::other(
            "it has another name, which would keep the old text: format a copy",
        ));
    }
    if before.permissions().readonly() {
        return Err(io::Error::other("it is read-only"));
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .prefix(".bedrock-auth-")
        .tempfile_in(directory.unwrap_or(Path::new(".")))?;
    file.write_all(content.as_bytes())?;
    keep_owner(file.as_file(), &before)?;
    file.as_file().set_permissions(before.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Hard links.
#[cfg(unix)]
fn has_other_names(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.nlink() > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn keep_owner(file: &File, before: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let now = file.metadata()?;
    if (now.uid(), now.gid()) == (before.uid(), before.gid()) {
        return Ok(());
    }
    fchown(file, Some(before.uid()), Some(before.gid()))
        .map_err(|error| io::Error::new(error.kind(), format!("its owner cannot be kept: {error}")))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}
