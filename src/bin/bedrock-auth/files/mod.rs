//! The files that a command is to look at: those that are named, and those below directories that are named.

mod below;
mod place;
mod repository;
mod small;
#[cfg(test)]
mod tests;
mod tracked;
#[cfg(all(test, unix))]
mod tracked_tests;

pub(crate) use place::{managed_place, may_be_of_a_place};
pub(crate) use small::SmallFiles;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use bedrock_auth::load::{DROP_INS, MAIN_POLICY};

/// What was found, and what could not be looked into. Whoever asks decides what a fault costs.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Each file once. One that was named may not exist.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) faults: Vec<Fault>,
}

/// Why a part of what was named holds nothing to look at.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    NothingBelow {
        directory: PathBuf,
    },
    Unsearchable {
        path: PathBuf,
        reason: String,
    },
    /// Files that git tracks may be missing.
    TrackedUnknown {
        directory: PathBuf,
        reason: String,
    },
}

impl Fault {
    /// What it is about.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Fault::NothingBelow { directory: path }
            | Fault::Unsearchable { path, .. }
            | Fault::TrackedUnknown { directory: path, .. } => path,
        }
    }

    /// What is wrong with it.
    pub(crate) fn why(&self) -> String {
        match self {
            Fault::NothingBelow { .. } => {
                "there is no `*.json` or `*.jsonc` file below it".to_owned()
            }
            Fault::Unsearchable { reason, .. } => format!("this cannot be searched: {reason}"),
            Fault::TrackedUnknown { reason, .. } => {
                format!("what git tracks here cannot be found out: {reason}")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path().display(), self.why())
    }
}

/// What stands for standard input where files are named.
pub(crate) const STDIN: &str = "-";
/// What it is called where something is told of it.
pub(crate) const STDIN_NAME: &str = "<stdin>";

/// Whether a file of this name holds JSON, with comments or without.
pub(crate) fn is_json(name: &str) -> bool {
    name.ends_with(".json") || name.ends_with(".jsonc")
}

/// Files that are named count whatever they are called, and also where git ignores them. Below directories those
/// count whose name `keep` takes, without hidden files, `.git` and what git ignores: files that it tracks are not
/// ignored, whatever the rules say. Links to files are followed, links to directories are not unless they are named.
pub(crate) fn policy_files(named: &[PathBuf], keep: impl Fn(&str) -> bool) -> Found {
    let mut found = policy_files_as_met(named, keep, |_, _| {});
    found.files.sort();
    found
}

/// The same in no order, and tells of each file as soon as it is met: of all that are found, and perhaps of further names
/// for them.
pub(crate) fn policy_files_as_met(
    named: &[PathBuf],
    keep: impl Fn(&str) -> bool,
    meet: impl FnMut(&Path, Known),
) -> Found {
    let mut search =
        Search { found: Found::default(), is_maybe_twice: named.len() > 1, keep, meet };
    for path in named {
        if path.is_dir() {
            search.add_below(path);
        } else {
            search.add(path.clone(), Known::Nothing);
        }
    }
    let Search { mut found, is_maybe_twice, .. } = search;
    // To ask for the real path of each takes its time.
    if is_maybe_twice {
        found.keep_each_once();
    }
    found.faults.sort();
    found
}

/// What is known of a file that was met, without a look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Its directory calls it a regular file.
    IsRegular,
    Nothing,
}

/// What is found, on its way.
struct Search<K, M> {
    found: Found,
    /// Whether a file may have been met under two names: through a link, or as git spells it.
    is_maybe_twice: bool,
    keep: K,
    meet: M,
}

impl<K, M: FnMut(&Path, Known)> Search<K, M> {
    fn add(&mut self, file: PathBuf, known: Known) {
        (self.meet)(&file, known);
        self.found.files.push(file);
    }
}

impl Found {
    /// Of several names for one file, the one that is no link is kept; but what a machine would take for a policy counts
    /// there, whatever it links to.
    fn keep_each_once(&mut self) {
        let with_real = |path: PathBuf| {
            let real = match managed_place(&path).zip(path.file_name()) {
                Some((place, name)) if name == MAIN_POLICY => place.join(MAIN_POLICY),
                Some((place, name)) => place.join(DROP_INS).join(name),
                None => fs::canonicalize(&path).unwrap_or_else(|_| path.clone()),
            };
            (real, path.is_symlink(), path)
        };
        let mut files: Vec<_> = self.files.drain(..).map(with_real).collect();
        files.sort();
        files.dedup_by(|later, first| later.0 == first.0);
        self.files = files.into_iter().map(|(_, _, path)| path).collect();
    }
}
