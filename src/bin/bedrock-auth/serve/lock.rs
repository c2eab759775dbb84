//! One agent for each directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::runtime_dir::identity;

/// A lock that ends with the process, however that ends.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

/// Why the lock is not ours.
#[derive(Debug)]
pub(super) enum NotLocked {
    /// Another process has it, and this is what it wrote into it.
    Held(String),
    /// The file cannot be used.
    Failed(io::Error),
}

impl From<io::Error> for NotLocked {
    fn from(error: io::Error) -> Self {
        NotLocked::Failed(error)
    }
}

impl Lock {
    /// Takes the lock and writes the process into it.
    pub(super) fn take(path: &Path) -> Result<Self, NotLocked> {
        loop {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
                .open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    file.take(20).read_to_string(&mut holder)?;
                    return Err(NotLocked::Held(holder.trim().to_owned()));
                }
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
            // Whoever had it before may have removed the file after we opened it.
            let is_there = path.symlink_metadata().is_ok_and(|there| {
                file.metadata()
                    .is_ok_and(|ours| (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
            });
            if is_there {
                file.set_len(0)?;
                file.rewind()?;
                writeln!(file, "{}", std::process::id())?;
                return Ok(Lock { file, path: path.to_owned() });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is still ours; what stays behind is an empty promise, not a lock.
        let ours = self.file.metadata().ok().map(|file| (file.dev(), file.ino()));
        if identity(&self.path) == ours {
            let _ = std::fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}
