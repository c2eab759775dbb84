//! What counts below a directory: a walk that heeds git's ignore rules, and the files that git tracks in spite of them.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, Error, WalkBuilder};

use super::tracked::Tracked;
use super::{DROP_INS, Fault, Found};

impl Found {
    /// Says whether a file may have been met under two names: through a link, or as git spells it.
    pub(super) fn add_below(&mut self, directory: &Path, keep: &impl Fn(&str) -> bool) -> bool {
        let (files_before, faults_before) = (self.files.len(), self.faults.len());
        let mut tracked = Tracked::default();
        tracked.add_around(directory);
        let mut met = HashSet::new();
        let mut any_link = false;
        for entry in walk(directory) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.faults.push(unsearchable(directory, error));
                    continue;
                }
            };
            let is_directory = is_directory(&entry);
            if is_directory && entry.depth() > 0 {
                tracked.add_nested(entry.path());
            }
            if !is_wanted(entry.path(), is_directory, keep) {
                continue;
            }
            met.insert(entry.path().to_owned());
            if entry.path_is_symlink() {
                any_link = true;
                self.add_linked(entry.into_path());
            } else {
                self.files.push(entry.into_path());
            }
        }
        let any_tracked = self.add_tracked(tracked, met, keep);
        if self.files.len() == files_before && self.faults.len() == faults_before {
            self.faults.push(Fault::NothingBelow { directory: directory.to_owned() });
        }
        any_link || any_tracked
    }

    /// Says whether there are any that the walk did not meet.
    fn add_tracked(
        &mut self,
        mut tracked: Tracked,
        mut met: HashSet<PathBuf>,
        keep: &impl Fn(&str) -> bool,
    ) -> bool {
        let before = self.files.len();
        while let Some(paths) = tracked.next(|name| name.ends_with(".json") || keep(name)) {
            for path in paths {
                if is_wanted(&path, false, keep) && met.insert(path.clone()) {
                    self.add_if_there(path);
                }
            }
        }
        self.faults.append(&mut tracked.faults);
        self.files.len() > before
    }

    /// What is tracked may have been deleted, or left out by a sparse checkout.
    fn add_if_there(&mut self, path: PathBuf) {
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => self.add_linked(path),
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => self.files.push(path),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => {
                self.faults.push(Fault::Unsearchable { path, reason: error.to_string() });
            }
        }
    }

    fn add_linked(&mut self, path: PathBuf) {
        match fs::metadata(&path) {
            Ok(target) if target.is_file() => self.files.push(path),
            Ok(_) => {}
            Err(error) => {
                let reason = format!("the link leads nowhere: {error}");
                self.faults.push(Fault::Unsearchable { path, reason });
            }
        }
    }
}

fn walk(directory: &Path) -> ignore::Walk {
    let mut builder = WalkBuilder::new(directory);
    // Hidden directories hold policies too, `.github` for one; hidden files are told apart below.
    builder.hidden(false).ignore(false).require_git(false).sort_by_file_path(Path::cmp);
    builder.filter_entry(|entry| {
        entry.depth() == 0 || entry.file_name() != OsStr::new(".git") || !is_directory(entry)
    });
    builder.build()
}

fn is_wanted(path: &Path, is_directory: bool, keep: &impl Fn(&str) -> bool) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with('.') {
        return false;
    }
    // Of drop-ins a machine takes all that are called so, and denies everything for what is no file.
    let is_drop_in = path.parent().is_some_and(|above| above.ends_with(DROP_INS));
    match is_drop_in && name.ends_with(".json") {
        true => true,
        false => !is_directory && keep(&name),
    }
}

fn is_directory(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
}

fn unsearchable(directory: &Path, error: Error) -> Fault {
    let (path, error) = match error {
        Error::WithDepth { err, .. } => return unsearchable(directory, *err),
        Error::WithPath { path, err } => (path, *err),
        error => (directory.to_owned(), error),
    };
    // With its path, which is told already, the error would name it twice.
    let reason = match error.io_error() {
        Some(io) => io.to_string(),
        None => error.to_string(),
    };
    Fault::Unsearchable { path, reason }
}
