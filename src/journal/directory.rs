//! The directory of a journal.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::{Doing, JournalError};
use super::layout::Layout;

/// Makes the directory, for this person alone.
pub(super) fn prepare(directory: &Path) -> io::Result<()> {
    if !directory.is_dir() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
    }
    belongs_to_us(directory)
}

/// What would keep a record from being written, found without writing anything.
pub(crate) fn obstacle(layout: &Layout) -> Option<JournalError> {
    let directory = layout.directory();
    let there = directory.ancestors().find(|path| fs::symlink_metadata(path).is_ok())?;
    let of = |path: &Path, error: io::Error| JournalError::new(Doing::Opening, path, &error);
    let looked = match there.is_dir() {
        true => may_write(there).and_then(|()| has_room(there)),
        false => Err(io::Error::from(ErrorKind::NotADirectory)),
    };
    if let Err(error) = looked {
        return Some(of(there, error));
    }
    if there != directory {
        return None;
    }
    let head = layout.head();
    belongs_to_us(directory).map_err(|error| of(directory, error)).err().or_else(|| {
        let segments = layout.segments().map_err(|error| of(directory, error));
        let last = match segments {
            Ok(segments) => segments.into_iter().map(|segment| segment.path).max(),
            Err(error) => return Some(error),
        };
        [Some(head), last].into_iter().flatten().find_map(|path| {
            // A finished segment is read-only, and the next one is begun.
            let is_to_be_written =
                fs::symlink_metadata(&path).is_ok_and(|there| !there.permissions().readonly());
            is_to_be_written.then(|| may_write(&path).err())?.map(|error| of(&path, error))
        })
    })
}

#[cfg(unix)]
fn may_write(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?)
}

/// Rights are in access control lists, and nobody here reads those.
#[cfg(not(unix))]
fn may_write(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Less, and the next records do not fit.
#[cfg(unix)]
const ROOM: u64 = 64 << 10;

#[cfg(unix)]
fn has_room(directory: &Path) -> io::Result<()> {
    let disk = rustix::fs::statvfs(directory)?;
    match disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM {
        true => Err(io::Error::from(ErrorKind::StorageFull)),
        false => Ok(()),
    }
}

#[cfg(not(unix))]
fn has_room(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whoever owns the directory can put anything in place of anything.
#[cfg(unix)]
fn belongs_to_us(directory: &Path) -> io::Result<()> {
    const OTHERS_WRITE: u32 = 0o022;
    let metadata = fs::metadata(directory)?;
    let owner = std::os::unix::fs::MetadataExt::uid(&metadata);
    let mode = std::os::unix::fs::MetadataExt::mode(&metadata);
    let refused = |why| Err(io::Error::new(ErrorKind::PermissionDenied, why));
    if owner != rustix::process::geteuid().as_raw() {
        return refused("it belongs to somebody else");
    }
    if mode & OTHERS_WRITE != 0 {
        return refused("others may write to it");
    }
    Ok(())
}

#[cfg(not(unix))]
fn belongs_to_us(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The directories whose entries lead to this one, on its disk: each may be as new as the journal in it.
pub(super) fn leading_to(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let directory = directory.canonicalize()?;
    let disk = disk_of(&directory)?;
    let above = directory.ancestors().skip(1);
    let on_it = above.take_while(|above| disk_of(above).is_ok_and(|other| other == disk));
    // What a person may not read is not what they have just made.
    Ok(on_it.filter(|above| may_read(above)).map(Path::to_owned).collect())
}

#[cfg(unix)]
fn disk_of(path: &Path) -> io::Result<u64> {
    Ok(std::os::unix::fs::MetadataExt::dev(&fs::metadata(path)?))
}

#[cfg(unix)]
fn may_read(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::READ_OK).is_ok()
}

#[cfg(not(unix))]
fn may_read(_: &Path) -> bool {
    true
}

/// Nothing is done for directories on this platform.
#[cfg(not(unix))]
fn disk_of(_: &Path) -> io::Result<u64> {
    Ok(0)
}

/// A new name is durable once its directory is.
pub(super) fn sync_directory_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_directory)
}

#[cfg(unix)]
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    // A name alone stands in the directory where one is.
    let is_here = directory.as_os_str().is_empty();
    File::open(if is_here { Path::new(".") } else { directory })?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
