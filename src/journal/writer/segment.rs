//! One file of a journal, as writers see it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::journal::directory::sync_directory_of;

/// A file that is open for records.
#[derive(Clone)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) file: Arc<File>,
    /// Which file it is, however it is named.
    pub(super) id: u64,
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

    /// One that is finished.
    pub(super) fn open_to_read(path: PathBuf) -> io::Result<Self> {
        Segment::open_with(path, OpenOptions::new().read(true))
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
        let stat = rustix::fs::fstat(&self.file)?;
        let grows = stat.st_nlink > 0 && stat.st_mode & OWNER_WRITES != 0;
        Ok(grows.then(|| stat.st_size.cast_unsigned()))
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

    /// Everything from this byte on, which has to be less than the bound.
    pub(super) fn read_from(&self, start: u64, bound: u64) -> io::Result<Vec<u8>> {
        let mut file = self.file.as_ref();
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(bound).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// For this person alone, and never through a link that somebody put there.
pub(super) fn privately(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = options;
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
