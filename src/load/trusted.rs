//! Reading files that decide over others: only from places that none but root could have written.
//!
//! A managed policy binds whoever could like to change it, so it is worth what the weakest
//! directory on the way to it is worth. [`read_file`] and [`list_directory`] therefore walk to
//! their goal one directory at a time, holding each by its descriptor, resolving symbolic links
//! themselves, and judging everything they pass. The descriptor that was judged is the one that is
//! read, so nothing can be slipped in between.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::prose::{Harmless, as_tail};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as platform;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

#[cfg(all(test, unix))]
mod tests;

/// Whether it matters who could have written what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ownership {
    /// Root must own the file and every directory passed on the way, and nobody else may write to
    /// them.
    Judged,
    /// Anybody may own them: what is read answers a what-if question and binds nobody.
    Waived,
}

/// What came of reading a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FileRead {
    /// There is no such file, in a directory that could be looked into or that does not exist
    /// either.
    Absent,
    /// The whole content; it may be empty.
    Read {
        /// What the file held, at most as long as was asked for.
        bytes: Vec<u8>,
    },
    /// Something is there that cannot be read as a file.
    Unreadable(Problem),
    /// Somebody other than root could have written the file, or could have removed or replaced it.
    Untrusted(Problem),
}

/// What came of listing a drop-in directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DirectoryRead {
    /// There is no such directory.
    Absent,
    /// The `*.json` entries of whatever type, each joined to the directory, in byte-wise order of
    /// their names.
    ///
    /// An entry may be gone when it is read: [`FileRead::Absent`] for a listed path means the
    /// listing is out of date.
    Listed {
        /// What to read, in this order.
        paths: Vec<PathBuf>,
    },
    /// Something is there that cannot be listed.
    Unreadable(Problem),
    /// Somebody other than root could have added, removed or replaced files in it.
    Untrusted(Problem),
}

/// What is wrong with a file or directory, and how an administrator puts it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The file or directory at fault, links resolved; often one above or beside the path that was
    /// asked for.
    pub path: PathBuf,
    /// What is wrong with it, for a person.
    pub reason: String,
    /// What to do about it, for a person.
    pub remedy: String,
}

/// Reads a whole file of at most `max_bytes`.
///
/// A directory that exists is judged even where the file in it does not: whoever can write to it
/// could have removed the file. Where the directory is missing as well, the answer is
/// [`FileRead::Absent`] whatever is above it.
///
/// Never blocks on a pipe or device, and never holds more than `max_bytes` and one byte of a file.
pub(super) fn read_file(path: &Path, ownership: Ownership, max_bytes: u64) -> FileRead {
    match platform::read_file(path, ownership, max_bytes) {
        Ok(bytes) => FileRead::Read { bytes },
        Err(Stop::Absent) => FileRead::Absent,
        Err(Stop::Unreadable(problem)) => FileRead::Unreadable(problem),
        Err(Stop::Untrusted(problem)) => FileRead::Untrusted(problem),
    }
}

/// Lists the `*.json` entries of a drop-in directory, dotfiles left out.
///
/// A directory that is missing is absent whoever could have removed it: to read a file beside it is
/// what judges the directory above.
///
/// The directory is judged even where it holds nothing. More than `max_entries` entries, counting
/// those that are left out, make it unreadable rather than cut short: what was cut off might have
/// been a restriction.
pub(super) fn list_directory(
    dir: &Path,
    ownership: Ownership,
    max_entries: usize,
) -> DirectoryRead {
    match platform::list_directory(dir, ownership, max_entries) {
        Ok(paths) => DirectoryRead::Listed { paths },
        Err(Stop::Absent) => DirectoryRead::Absent,
        Err(Stop::Unreadable(problem)) => DirectoryRead::Unreadable(problem),
        Err(Stop::Untrusted(problem)) => DirectoryRead::Untrusted(problem),
    }
}

/// Why there is nothing to hand over.
#[derive(Debug)]
enum Stop {
    Absent,
    Unreadable(Problem),
    Untrusted(Problem),
}

impl Stop {
    fn unreadable(path: &Path, reason: String, remedy: String) -> Self {
        Stop::Unreadable(Problem { path: path.to_owned(), reason, remedy })
    }
}

/// How often a file that changes while it is read is tried.
const ATTEMPTS: usize = 5;

/// How long its writer is given between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Reads an open file once it holds still; `path` is for messages.
fn read_steady(file: &File, path: &Path, max_bytes: u64) -> Result<Vec<u8>, Stop> {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            thread::sleep(PAUSE);
        }
        match read_once(file, max_bytes).map_err(|error| failed_read(path, &error))? {
            Reading::Whole(bytes) => return Ok(bytes),
            Reading::TooLarge => return Err(too_large(path, max_bytes)),
            Reading::Changed => {}
        }
    }
    Err(Stop::unreadable(
        path,
        format!("{} kept changing while it was read", shown(path)),
        format!("write a new file beside {} and rename it into place", shown(path)),
    ))
}

enum Reading {
    Whole(Vec<u8>),
    TooLarge,
    Changed,
}

fn read_once(mut file: &File, max_bytes: u64) -> io::Result<Reading> {
    let before = file.metadata()?;
    if before.len() > max_bytes {
        return Ok(Reading::TooLarge);
    }
    file.rewind()?;
    // All of it fits at once: a buffer that grows would leave copies of a secret behind.
    let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or_default() + 1);
    // One byte more than allowed tells a file that grew from one that just fits.
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    let after = file.metadata()?;
    Ok(match bytes.len() as u64 {
        length if length > max_bytes => Reading::TooLarge,
        length if length == after.len() && unchanged(&before, &after)? => Reading::Whole(bytes),
        _ => Reading::Changed,
    })
}

fn unchanged(before: &Metadata, after: &Metadata) -> io::Result<bool> {
    Ok(before.len() == after.len() && before.modified()? == after.modified()?)
}

fn too_large(path: &Path, max_bytes: u64) -> Stop {
    Stop::unreadable(
        path,
        format!("{} is larger than {max_bytes} bytes", shown(path)),
        format!("shorten it to at most {max_bytes} bytes"),
    )
}

fn failed_read(path: &Path, error: &io::Error) -> Stop {
    Stop::unreadable(
        path,
        format!("{} cannot be read: {}", shown(path), prose(error)),
        format!("make {} readable, or remove it as an administrator", shown(path)),
    )
}

fn too_many_entries(dir: &Path, max_entries: usize) -> Stop {
    Stop::unreadable(
        dir,
        format!("{} holds more than {max_entries} entries", shown(dir)),
        format!("leave at most {max_entries} entries in it"),
    )
}

/// The policy of a managed place that its drop-ins stand beside.
pub const MAIN_POLICY: &str = "policy.json";

/// The directory of a managed place in which every `*.json` is a policy.
pub const DROP_INS: &str = "policy.d";

/// Whether an entry of a drop-in directory is meant to be read, whatever it is.
pub fn is_drop_in(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.ends_with(b".json") && !name.starts_with(b".")
}

/// A path as one word of a shell command.
pub(crate) fn shell_word(path: &Path) -> String {
    #[cfg(unix)]
    return platform::quoted(path);
    #[cfg(not(unix))]
    return format!("\"{}\"", path.display());
}

/// A path in backticks, whole, and without characters that steer a terminal.
fn shown(path: &Path) -> String {
    format!("`{}`", Harmless(&path.to_string_lossy().replace('`', "\\`")))
}

/// An operating system's error as the tail of a lower-case sentence.
fn prose(error: &io::Error) -> String {
    as_tail(&error.to_string())
}
