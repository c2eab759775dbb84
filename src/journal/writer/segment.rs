//! One file of a journal, as writers see it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::head::lock;
use crate::journal::directory::sync_directory_of;
use crate::journal::private::privately;

/// A file that is open for records.
#[derive(Clone)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) file: Arc<File>,
    /// Which file it is, however it is named.
    pub(super) id: u64,
}

/// A file whose lock is held, until this value goes: nobody else appends to it.
pub(super) struct LockedSegment(Segment);

impl LockedSegment {
    /// Waits for the lock, with a bound.
    pub(super) fn of(segment: &Segment) -> io::Result<Self> {
        lock(&segment.file)?;
        Ok(LockedSegment(segment.clone()))
    }

    pub(super) fn file(&self) -> &Arc<File> {
        &self.0.file
    }

    pub(super) fn finish(&self) -> io::Result<()> {
        self.0.finish()
    }
}

impl Drop for LockedSegment {
    fn drop(&mut self) {
        // It goes with the file in any case.
        let _ = self.0.file.unlock();
    }
}

/// What stands under the name of a segment.
pub(super) enum Found {
    Nothing,
    /// A link, a directory, a pipe: nothing of ours.
    SomethingElse,
    File {
        id: u64,
        bytes: u64,
        /// Nobody writes to it any more.
        is_finished: bool,
    },
}

#[cfg(unix)]
const OWNER_WRITES: u32 = 0o200;

/// Looks without opening or following anything.
pub(super) fn look(path: &Path) -> io::Result<Found> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(error),
    };
    match metadata.is_file() {
        true => Ok(Found::File {
            id: id(&metadata),
            bytes: metadata.len(),
            is_finished: metadata.permissions().readonly(),
        }),
        false => Ok(Found::SomethingElse),
    }
}

impl Segment {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        Segment::open_with(path, OpenOptions::new().read(true).append(true))
    }

    /// One that may be finished.
    pub(super) fn open_as_it_is(path: PathBuf) -> io::Result<Self> {
        match fs::symlink_metadata(&path)?.permissions().readonly() {
            true => Segment::open_with(path, OpenOptions::new().read(true)),
            false => Segment::open(path),
        }
    }

    /// A new one, whose name outlives a power cut.
    pub(super) fn create(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let segment = Segment::open_with(path, options.read(true).append(true).create_new(true))?;
        sync_directory_of(&segment.path)?;
        Ok(segment)
    }

    fn open_with(path: PathBuf, options: &mut OpenOptions) -> io::Result<Self> {
        privately(options);
        let file = options.open(&path)?;
        let id = id(&file.metadata()?);
        Ok(Segment { path, file: Arc::new(file), id })
    }

    /// How long the file is; none where it has no name any more, or is finished.
    #[cfg(unix)]
    pub(super) fn growing_length(&self) -> io::Result<Option<u64>> {
        let Looked { links, mode, bytes } = looked_at(&self.file)?;
        Ok((links > 0 && mode & OWNER_WRITES != 0).then_some(bytes))
    }

    /// What is open cannot be removed on this platform.
    #[cfg(not(unix))]
    pub(super) fn growing_length(&self) -> io::Result<Option<u64>> {
        let metadata = self.file.metadata()?;
        Ok((!metadata.permissions().readonly()).then(|| metadata.len()))
    }

    /// Nobody writes to it any more: who has it open sees that by its mode, before the next record.
    pub(super) fn finish(&self) -> io::Result<()> {
        let mut permissions = self.file.metadata()?.permissions();
        permissions.set_readonly(true);
        self.file.set_permissions(permissions)
    }

    /// For what a crash left at its end, which may be found after it was finished. Its lock is held.
    pub(super) fn to_mend(&self) -> io::Result<File> {
        let permissions = self.file.metadata()?.permissions();
        if !permissions.readonly() {
            return self.file.try_clone();
        }
        self.file.set_permissions(writable(&permissions))?;
        let opened = Segment::open(self.path.clone());
        self.file.set_permissions(permissions)?;
        let opened = opened?;
        match opened.id == self.id {
            true => opened.file.try_clone(),
            false => Err(io::Error::new(ErrorKind::NotFound, "another file has its name")),
        }
    }

    /// Everything from this byte on, which has to be less than the bound.
    pub(super) fn read_from(&self, start: u64, bound: u64) -> io::Result<Vec<u8>> {
        let mut file = self.file.as_ref();
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(bound).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn writable(permissions: &fs::Permissions) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(permissions.mode() | OWNER_WRITES)
}

#[cfg(not(unix))]
fn writable(permissions: &fs::Permissions) -> fs::Permissions {
    let mut permissions = permissions.clone();
    permissions.set_readonly(false);
    permissions
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(unix)]
struct Looked {
    links: u64,
    mode: u32,
    bytes: u64,
}

#[cfg(unix)]
fn looked_at(file: &File) -> io::Result<Looked> {
    use std::os::unix::fs::MetadataExt as _;
    #[cfg(target_os = "linux")]
    if let Some(looked) = looked_at_without_instants(file) {
        return Ok(looked);
    }
    let seen = file.metadata()?;
    Ok(Looked { links: seen.nlink(), mode: seen.mode(), bytes: seen.len() })
}

/// Once somebody has seen the instants of a file, Linux has to write other ones with the next record. None before Linux
/// 4.11, and where a sandbox forbids to ask like this.
#[cfg(target_os = "linux")]
fn looked_at_without_instants(file: &File) -> Option<Looked> {
    use rustix::fs::{AtFlags, StatxFlags, statx};
    let asked = StatxFlags::NLINK | StatxFlags::MODE | StatxFlags::SIZE;
    let seen = statx(file, c"", AtFlags::EMPTY_PATH, asked).ok()?;
    Some(Looked { links: seen.stx_nlink.into(), mode: seen.stx_mode.into(), bytes: seen.stx_size })
}

#[cfg(unix)]
fn id(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// What is open cannot be replaced on this platform.
#[cfg(not(unix))]
fn id(_: &fs::Metadata) -> u64 {
    0
}
