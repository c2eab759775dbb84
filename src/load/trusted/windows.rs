//! Windows, where nobody has judged an owner or an access control list yet.
//!
//! No maintained crate reads them without `unsafe` code of ours, so where ownership counts, a
//! directory that exists is untrusted whatever is in it: a policy that cannot be trusted denies, as
//! everywhere. By default any user may create a directory in `%ProgramData%`, so trusting it unseen
//! would be worse. The registry is the way to manage Windows.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{
    Ownership, Problem, Stop, failed_read, is_drop_in, read_steady, shown, too_many_entries,
};

pub(super) fn read_file(
    path: &Path,
    ownership: Ownership,
    max_bytes: u64,
) -> Result<Vec<u8>, Stop> {
    let path = std::path::absolute(path).map_err(|error| failed_read(path, &error))?;
    if let Some(dir) = path.parent() {
        pass(dir, ownership)?;
    }
    found(&path, fs::symlink_metadata(&path))?;
    // What this answers is settled again below, on the open file; until then a pipe must not be
    // opened.
    let is_file = |metadata: io::Result<fs::Metadata>| match metadata {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => Err(wrong_type(&path, "regular file")),
        Err(error) => Err(failed_read(&path, &error)),
    };
    is_file(fs::metadata(&path))?;
    let file = File::open(&path).map_err(|error| failed_read(&path, &error))?;
    is_file(file.metadata())?;
    read_steady(&file, &path, max_bytes)
}

pub(super) fn list_directory(
    dir: &Path,
    ownership: Ownership,
    max_entries: usize,
) -> Result<Vec<PathBuf>, Stop> {
    pass(dir, ownership)?;
    let unlistable = |error: io::Error| failed_read(dir, &error);
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(unlistable)? {
        if names.len() == max_entries {
            return Err(too_many_entries(dir, max_entries));
        }
        names.push(entry.map_err(unlistable)?.file_name());
    }
    names.retain(|name| is_drop_in(name));
    names.sort_unstable_by(|one, other| one.as_encoded_bytes().cmp(other.as_encoded_bytes()));
    Ok(names.into_iter().map(|name| dir.join(name)).collect())
}

/// Lets through a directory that exists, if it need not be judged.
fn pass(dir: &Path, ownership: Ownership) -> Result<(), Stop> {
    found(dir, fs::symlink_metadata(dir))?;
    if ownership == Ownership::Judged {
        return Err(Stop::Untrusted(unjudged(dir)));
    }
    match fs::metadata(dir) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(wrong_type(dir, "directory")),
        Err(error) => Err(failed_read(dir, &error)),
    }
}

fn found(path: &Path, metadata: io::Result<fs::Metadata>) -> Result<(), Stop> {
    match metadata {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Stop::Absent),
        Err(error) => Err(failed_read(path, &error)),
    }
}

fn unjudged(dir: &Path) -> Problem {
    Problem {
        path: dir.to_owned(),
        reason: format!("who may write to {} cannot be judged on Windows", shown(dir)),
        remedy: format!(
            r"set the policy under `HKLM\SOFTWARE\Policies\BedrockAuth` and remove {} as an administrator",
            shown(dir)
        ),
    }
}

fn wrong_type(path: &Path, wanted: &str) -> Stop {
    Stop::unreadable(
        path,
        format!("{} is not a {wanted}", shown(path)),
        format!("remove it, or put a {wanted} in its place"),
    )
}
