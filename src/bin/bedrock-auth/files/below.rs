//! What counts below a directory: a walk that heeds git's ignore rules, and the files that git tracks in spite of them.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use bedrock_auth::load::{DROP_INS, MAIN_POLICY, is_drop_in};
use ignore::{DirEntry, Error, WalkBuilder};

use super::place::may_name_a_place;
use super::tracked::Tracked;
use super::{Fault, Known, Search};

impl<K: Fn(&str) -> bool, M: FnMut(&Path, Known)> Search<K, M> {
    pub(super) fn add_below(&mut self, directory: &Path) {
        let (files_before, faults_before) = (self.found.files.len(), self.found.faults.len());
        let mut tracked = Tracked::default();
        tracked.add_around(directory);
        let mut links = Vec::new();
        for entry in walk(directory) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.found.faults.push(unsearchable(directory, error));
                    continue;
                }
            };
            let is_directory = is_directory(&entry);
            if is_directory && entry.depth() > 0 {
                tracked.add_nested(entry.path());
            }
            let name = entry.file_name();
            if name == OsStr::new(DROP_INS) && !is_directory {
                self.add_drop_ins_elsewhere(entry.path());
                continue;
            }
            if !is_wanted(entry.path(), name, is_directory, &self.keep) {
                continue;
            }
            if entry.path_is_symlink() {
                links.push(entry.path().to_owned());
                self.add_linked(entry.into_path());
            } else {
                let is_regular = entry.file_type().is_some_and(|kind| kind.is_file());
                let known = if is_regular { Known::IsRegular } else { Known::Nothing };
                self.add(entry.into_path(), known);
            }
        }
        self.is_maybe_twice |= !links.is_empty();
        self.add_tracked(tracked, files_before, links);
        if self.found.files.len() == files_before && self.found.faults.len() == faults_before {
            self.found.faults.push(Fault::NothingBelow { directory: directory.to_owned() });
        }
    }

    /// What the walk did not meet: it met the files from that number on, and these links.
    fn add_tracked(&mut self, mut tracked: Tracked, first: usize, links: Vec<PathBuf>) {
        let mut met: Option<HashSet<PathBuf>> = None;
        while let Some(paths) = tracked.next(|name| name.ends_with(".json") || (self.keep)(name)) {
            for path in paths {
                if !is_wanted(&path, path.file_name().unwrap_or_default(), false, &self.keep) {
                    continue;
                }
                let met = met.get_or_insert_with(|| {
                    let files = self.found.files[first..].iter().cloned();
                    files.chain(links.iter().cloned()).collect()
                });
                if met.insert(path.clone()) {
                    self.is_maybe_twice = true;
                    self.add_if_there(path);
                }
            }
        }
        self.found.faults.append(&mut tracked.faults);
    }

    /// What is tracked may have been deleted, or left out by a sparse checkout.
    fn add_if_there(&mut self, path: PathBuf) {
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => self.add_linked(path),
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => self.add(path, Known::Nothing),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => {
                self.found.faults.push(Fault::Unsearchable { path, reason: error.to_string() });
            }
        }
    }

    /// A machine follows a link to its drop-ins, and denies everything where something else is called so. Beside a main
    /// file, that is told of the place.
    fn add_drop_ins_elsewhere(&mut self, path: &Path) {
        let is_alone = path.is_symlink() && !path.with_file_name(MAIN_POLICY).exists();
        let listed = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        match listed {
            Ok(entries) => {
                self.is_maybe_twice = true;
                let mut names: Vec<_> = entries.iter().map(fs::DirEntry::file_name).collect();
                names.sort();
                names.retain(|name| is_drop_in(name));
                names.into_iter().for_each(|name| self.add(path.join(name), Known::Nothing));
            }
            Err(error) if is_alone => {
                let reason = format!("no drop-ins can be read from it: {error}");
                self.found.faults.push(Fault::Unsearchable { path: path.to_owned(), reason });
            }
            Err(_) => {}
        }
    }

    fn add_linked(&mut self, path: PathBuf) {
        match fs::metadata(&path) {
            // What is no file is told when it is read.
            Ok(_) => self.add(path, Known::Nothing),
            Err(error) => {
                let reason = format!("the link leads nowhere: {error}");
                self.found.faults.push(Fault::Unsearchable { path, reason });
            }
        }
    }
}

fn walk(directory: &Path) -> ignore::Walk {
    let mut builder = WalkBuilder::new(directory);
    // Hidden directories hold policies too, `.github` for one; hidden files are told apart below.
    builder.hidden(false).ignore(false);
    builder.filter_entry(|entry| {
        entry.depth() == 0 || !is_directory(entry) || entry.file_name() != OsStr::new(".git")
    });
    builder.build()
}

fn is_wanted(path: &Path, name: &OsStr, is_directory: bool, keep: &impl Fn(&str) -> bool) -> bool {
    // Of drop-ins a machine takes all that are called so, and denies everything for what is no file.
    if is_drop_in(name)
        && may_name_a_place(path)
        && path.parent().is_some_and(|above| above.ends_with(DROP_INS))
    {
        return true;
    }
    let name = name.to_string_lossy();
    // A machine denies everything for a directory in the place of its policy.
    (!is_directory || name == MAIN_POLICY) && !name.starts_with('.') && keep(&name)
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
        // The walk hands it out in words of its own, which name the path.
        Some(io) => io.raw_os_error().map_or_else(|| io.kind().to_string(), |_| io.to_string()),
        None => error.to_string(),
    };
    Fault::Unsearchable { path, reason }
}
