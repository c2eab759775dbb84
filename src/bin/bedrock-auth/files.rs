//! The files that a command is to look at: those that are named, and those below directories that are named.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, Error, WalkBuilder};

/// The directory of a managed place in which every `*.json` is a policy.
pub(crate) const DROP_INS: &str = "policy.d";

/// What was found, and what could not be looked into. Whoever asks decides what a fault costs.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Each file once, by path. One that was named may not exist.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) faults: Vec<Fault>,
}

/// Why a part of what was named holds nothing to look at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NothingBelow { directory: PathBuf },
    Unsearchable { path: PathBuf, reason: String },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NothingBelow { directory } => {
                write!(f, "there is no such file below `{}`", directory.display())
            }
            Fault::Unsearchable { path, reason } => {
                write!(f, "`{}` cannot be searched: {reason}", path.display())
            }
        }
    }
}

/// Files that are named count whatever they are called, and also where git ignores them. Below directories those
/// count whose name `keep` takes, without what git ignores, hidden files and `.git`. Links
/// to files are followed, links to directories are not unless they are named.
pub(crate) fn policy_files(named: &[PathBuf], keep: impl Fn(&str) -> bool) -> Found {
    let mut found = Found::default();
    let mut any_link = false;
    for path in named {
        if path.is_dir() {
            any_link |= found.add_below(path, &keep);
        } else {
            found.files.push(path.clone());
        }
    }
    // One walk meets a file twice only through a link, and to ask for the real path of each takes its time.
    if named.len() > 1 || any_link {
        found.keep_each_once();
    }
    found.files.sort();
    found
}

impl Found {
    /// Says whether a file was reached through a link.
    fn add_below(&mut self, directory: &Path, keep: &impl Fn(&str) -> bool) -> bool {
        let before = self.files.len() + self.faults.len();
        let mut any_link = false;
        for entry in walk(directory) {
            match entry {
                Ok(entry) if is_wanted(&entry, keep) => {
                    if entry.path_is_symlink() {
                        any_link = true;
                        self.add_linked(entry.into_path());
                    } else {
                        self.files.push(entry.into_path());
                    }
                }
                Ok(_) => {}
                Err(error) => self.faults.push(unsearchable(directory, error)),
            }
        }
        if self.files.len() + self.faults.len() == before {
            self.faults.push(Fault::NothingBelow { directory: directory.to_owned() });
        }
        any_link
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

    /// Of several names for one file, the one that is no link is kept.
    fn keep_each_once(&mut self) {
        let with_real = |path: PathBuf| {
            let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            (real, path.is_symlink(), path)
        };
        let mut files: Vec<_> = self.files.drain(..).map(with_real).collect();
        files.sort();
        files.dedup_by(|later, first| later.0 == first.0);
        self.files = files.into_iter().map(|(_, _, path)| path).collect();
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

fn is_wanted(entry: &DirEntry, keep: &impl Fn(&str) -> bool) -> bool {
    let name = entry.file_name().to_string_lossy();
    if name.starts_with('.') {
        return false;
    }
    // Of drop-ins a machine takes all that are called so, and denies everything for what is no file.
    let is_drop_in = entry.path().parent().is_some_and(|above| above.ends_with(DROP_INS));
    match is_drop_in && name.ends_with(".json") {
        true => true,
        false => !is_directory(entry) && keep(&name),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "a.json\n").unwrap();
        }
        dir
    }

    fn is_json(name: &str) -> bool {
        name.ends_with(".json")
    }

    fn names(found: &Found, dir: &Path) -> Vec<String> {
        let inside = |path: &PathBuf| path.strip_prefix(dir).unwrap().display().to_string();
        found.files.iter().map(inside).collect()
    }

    #[test]
    fn files_below_a_directory_by_path() {
        let dir = tree(&["b.json", "a/z.json", ".github/p.json", ".git/x.json", ".x.json", "a.md"]);
        let found = policy_files(&[dir.path().to_owned()], is_json);
        assert_eq!(names(&found, dir.path()), [".github/p.json", "a/z.json", "b.json"]);
        assert_eq!(found.faults, []);
    }

    #[test]
    fn what_git_ignores_counts_only_where_it_is_named() {
        let dir = tree(&["a.json", "b.json", "below/a.json", ".gitignore"]);
        let found = policy_files(&[dir.path().to_owned()], is_json);
        assert_eq!(names(&found, dir.path()), ["b.json"]);
        let found = policy_files(&[dir.path().to_owned(), dir.path().join("a.json")], is_json);
        assert_eq!(names(&found, dir.path()), ["a.json", "b.json"]);
    }

    #[test]
    fn a_file_that_is_named_and_found_counts_once() {
        let dir = tree(&["a.json"]);
        let again = dir.path().join("./a.json");
        let named = [dir.path().join("a.json"), dir.path().to_owned(), again];
        assert_eq!(names(&policy_files(&named, is_json), dir.path()), ["a.json"]);
    }

    #[test]
    fn a_directory_without_such_a_file_is_told() {
        let dir = tree(&["a.json", "empty/a.md", "ignored/a.json", "ignored/.gitignore"]);
        let named = ["", "empty", "ignored"].map(|name| dir.path().join(name));
        let found = policy_files(&named, is_json);
        assert_eq!(names(&found, dir.path()), ["a.json"]);
        let nothing = |name: &str| Fault::NothingBelow { directory: dir.path().join(name) };
        assert_eq!(found.faults, [nothing("empty"), nothing("ignored")]);
    }

    #[test]
    fn a_named_file_need_not_exist() {
        let found = policy_files(&[PathBuf::from("/no/such/policy")], is_json);
        assert_eq!(found.files, [PathBuf::from("/no/such/policy")]);
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_are_followed_and_loops_are_not() {
        use std::os::unix::fs::symlink;
        let dir = tree(&["a/b.json", "elsewhere/c.txt"]);
        symlink("..", dir.path().join("a/loop")).unwrap();
        symlink("b.json", dir.path().join("a/a-link.json")).unwrap();
        symlink("../elsewhere/c.txt", dir.path().join("a/c.json")).unwrap();
        symlink("nowhere", dir.path().join("a/broken.json")).unwrap();
        let found = policy_files(&[dir.path().join("a")], is_json);
        assert_eq!(names(&found, dir.path()), ["a/b.json", "a/c.json"]);
        assert_eq!(found.faults.len(), 1);
        assert!(
            found.faults[0].to_string().contains("a/broken.json` cannot be searched: the link")
        );
        let through_the_link = policy_files(&[dir.path().join("a/loop")], is_json);
        assert_eq!(names(&through_the_link, dir.path()), ["a/loop/a/b.json", "a/loop/a/c.json"]);
    }
}
