//! Small files of a journal: for this person alone, and never through what somebody else put in their place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;

use super::directory::sync_directory_of;

/// More than any key or checkpoint takes.
const LARGEST: u64 = 64 << 10;

/// For this person alone, and never through a link or into a pipe.
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

/// All of a small file.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    privately(options.read(true));
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidData, "it is no file"));
    }
    // All of it fits at once: a buffer that grows would leave copies of a secret behind.
    let mut bytes = Vec::with_capacity(
        usize::try_from(file.metadata()?.len().min(LARGEST)).unwrap_or_default() + 1,
    );
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The same, where it has to be text.
pub(super) fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is no text"))
}

/// Whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    // What an earlier one left, or somebody else put there, is not written through.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    privately(options.write(true).create_new(true));
    let mut file: File = options.open(&new)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let renamed = written.and_then(|()| fs::rename(&new, path)).inspect_err(|_| {
        // What is left of it means nothing.
        let _ = fs::remove_file(&new);
    });
    renamed.and_then(|()| sync_directory_of(path))
}
