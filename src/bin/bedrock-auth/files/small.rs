//! The shortest way to what many small files hold.

use std::path::Path;

/// Reads small files one after the other; those of one directory are sooner found from there.
#[derive(Default)]
pub(crate) struct SmallFiles {
    #[cfg(unix)]
    directory: Option<(std::path::PathBuf, std::os::fd::OwnedFd)>,
}

/// Policies are smaller; a larger file is read with care.
#[cfg(unix)]
const SMALL: usize = 16 << 10;

#[cfg(unix)]
impl SmallFiles {
    /// The bytes of a small file that its directory calls a regular one; none where a closer look is worth it.
    ///
    /// Nothing is asked about the file: it has changed its kind since only if somebody exchanges it just now, and then
    /// neither a link is followed nor a pipe waited for.
    pub(crate) fn read(&mut self, path: &Path) -> Option<Vec<u8>> {
        use rustix::fs::{Mode, OFlags, openat};

        let (above, name) = halves(path)?;
        let flags = OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file =
            openat(self.directory(above)?, name, OFlags::RDONLY | flags, Mode::empty()).ok()?;
        let mut bytes = Vec::with_capacity(SMALL);
        // A regular file gives less than it is asked for at its end alone.
        let read = rustix::io::read(&file, rustix::buffer::spare_capacity(&mut bytes)).ok()?;
        (0 < read && read < SMALL).then_some(bytes)
    }

    fn directory(&mut self, path: &Path) -> Option<&std::os::fd::OwnedFd> {
        use rustix::fs::{Mode, OFlags, open};

        if self.directory.as_ref().is_none_or(|(known, _)| known.as_os_str() != path.as_os_str()) {
            let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY;
            self.directory = Some((path.to_owned(), open(path, flags, Mode::empty()).ok()?));
        }
        self.directory.as_ref().map(|(_, directory)| directory)
    }
}

/// The directory and the name; a path is taken apart for each file.
#[cfg(unix)]
fn halves(path: &Path) -> Option<(&Path, &std::ffi::OsStr)> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let bytes = path.as_os_str().as_bytes();
    let slash = memchr::memrchr(b'/', bytes)?;
    Some((Path::new(OsStr::from_bytes(&bytes[..=slash])), OsStr::from_bytes(&bytes[slash + 1..])))
}

#[cfg(not(unix))]
impl SmallFiles {
    pub(crate) fn read(&mut self, _: &Path) -> Option<Vec<u8>> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::fs::Mode;

    use super::*;

    #[test]
    fn small_files_are_read_and_all_else_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::create_dir(path("below")).unwrap();
        for (name, length) in
            [("empty", 0), ("small", 5_000), ("last", SMALL - 1), ("large", SMALL), ("below/x", 7)]
        {
            std::fs::write(path(name), "x".repeat(length)).unwrap();
        }
        std::os::unix::fs::symlink(path("small"), path("link")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), Mode::RWXU).unwrap();
        let mut files = SmallFiles::default();
        let mut length = |name: &str| files.read(&path(name)).map(|bytes| bytes.len());
        assert_eq!(length("small"), Some(5_000));
        assert_eq!(length("below/x"), Some(7));
        assert_eq!(length("last"), Some(SMALL - 1));
        for other in ["empty", "large", "link", "pipe", "missing", "below", "below/", "no/x"] {
            assert_eq!(length(other), None, "{other}");
        }
        assert_eq!(length("small"), Some(5_000));
    }
}
