//! The shortest way to what a small file holds.

use std::path::Path;

/// Policies are smaller; a larger file is read with care.
#[cfg(unix)]
const SMALL: usize = 16 << 10;

/// The bytes of a small file that its directory calls a regular one; none where a closer look is worth it.
///
/// Nothing is asked about the file: it has changed its kind since only if somebody exchanges it just now, and then neither a
/// link is followed nor a pipe waited for.
#[cfg(unix)]
pub(crate) fn read_small(path: &Path) -> Option<Vec<u8>> {
    use rustix::buffer::spare_capacity;
    use rustix::fs::{Mode, OFlags};

    let flags = OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = rustix::fs::open(path, OFlags::RDONLY | flags, Mode::empty()).ok()?;
    let mut bytes = Vec::with_capacity(SMALL);
    // A regular file gives less than it is asked for at its end alone.
    let read = rustix::io::read(&file, spare_capacity(&mut bytes)).ok()?;
    (0 < read && read < SMALL).then_some(bytes)
}

#[cfg(not(unix))]
pub(crate) fn read_small(_: &Path) -> Option<Vec<u8>> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::fs::Mode;

    use super::*;

    #[test]
    fn small_files_are_read_and_all_else_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for (name, length) in
            [("empty", 0), ("small", 5_000), ("last", SMALL - 1), ("large", SMALL)]
        {
            std::fs::write(path(name), "x".repeat(length)).unwrap();
        }
        std::os::unix::fs::symlink(path("small"), path("link")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), Mode::RWXU).unwrap();
        let length = |name: &str| read_small(&path(name)).map(|bytes| bytes.len());
        assert_eq!(length("small"), Some(5_000));
        assert_eq!(length("last"), Some(SMALL - 1));
        for other in ["empty", "large", "link", "pipe", "missing", "."] {
            assert_eq!(length(other), None, "{other}");
        }
    }
}
