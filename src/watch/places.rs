//! Which directories tell of changes to a place, and which events are about it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// As many links as the Linux kernel follows.
const MAX_HOPS: usize = 40;

/// Everything on the way to the places, links included.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    /// Every path that is passed, and the places themselves, be they there or not.
    paths: BTreeSet<PathBuf>,
    /// The directories whose entries lead there: those that hold a place, or a link to one. Not all that are passed,
    /// because much happens in `/etc`; a directory tells itself that it goes away.
    pub(super) directories: BTreeSet<PathBuf>,
    /// Those of them that directly hold a place: without events of these, changes are seen late.
    pub(super) nearest: BTreeSet<PathBuf>,
    /// Those whose entries count, whatever their names.
    listed: BTreeSet<PathBuf>,
}

impl Way {
    /// The way to files, and to directories whose entries count.
    pub(super) fn to(files: &[PathBuf], listed: &[PathBuf]) -> Self {
        let mut way = Way::default();
        let mut seen = Seen::default();
        for path in files {
            way.go(path, &mut seen);
        }
        for path in listed {
            let end = way.go(path, &mut seen);
            if seen.is_dir(&end) {
                way.directories.insert(end.clone());
                way.nearest.insert(end.clone());
                way.listed.insert(end);
            }
        }
        way
    }

    /// Whether something happened to a place, or to what leads there.
    pub(super) fn is_concerned_by(&self, path: &Path) -> bool {
        self.paths.contains(path) || path.parent().is_some_and(|dir| self.listed.contains(dir))
    }

    /// Notes all that is passed on the way to a path, and says where it ends.
    fn go(&mut self, path: &Path, seen: &mut Seen) -> PathBuf {
        // A relative path that cannot be made absolute leads nowhere that could be watched.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let mut ahead: VecDeque<_> = components(&path);
        let mut at = PathBuf::new();
        let mut hops = 0;
        while let Some(step) = ahead.pop_front() {
            if step == ".." {
                at.pop();
                continue;
            }
            let next = at.join(step);
            self.paths.insert(next.clone());
            match seen.look_at(&next) {
                Kind::Link(target) if hops < MAX_HOPS => {
                    hops += 1;
                    self.directories.insert(at.clone());
                    if target.is_absolute() {
                        at = PathBuf::new();
                    }
                    for step in components(target).into_iter().rev() {
                        ahead.push_front(step);
                    }
                }
                _ => at = next,
            }
            if !ahead.is_empty() && !at.as_os_str().is_empty() && !seen.is_dir(&at) {
                // What is missing may come: it is named, and whoever makes it tells the directory above.
                at.extend(ahead.drain(..));
                self.paths.extend(at.ancestors().map(Path::to_owned));
            }
        }
        if let Some(above) = at.ancestors().skip(1).find(|dir| seen.is_dir(dir)) {
            self.directories.insert(above.to_owned());
            self.nearest.insert(above.to_owned());
        }
        at
    }
}

/// What stands on the way, each looked at once: the ways to most places begin alike.
#[derive(Debug, Default)]
struct Seen(BTreeMap<PathBuf, Kind>);

#[derive(Debug)]
enum Kind {
    Link(PathBuf),
    Directory,
    /// A file, or nothing that can be looked at.
    Other,
}

impl Seen {
    fn look_at(&mut self, path: &Path) -> &Kind {
        self.0.entry(path.to_owned()).or_insert_with(|| match path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                path.read_link().map_or(Kind::Other, Kind::Link)
            }
            Ok(metadata) if metadata.is_dir() => Kind::Directory,
            _ => Kind::Other,
        })
    }

    fn is_dir(&mut self, path: &Path) -> bool {
        matches!(self.look_at(path), Kind::Directory)
    }
}

/// The steps of a path; `.` is none.
fn components(path: &Path) -> VecDeque<OsString> {
    let steps = path.components().filter(|step| !matches!(step, Component::CurDir));
    steps.map(|step| step.as_os_str().to_owned()).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_watched_through_its_links() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("etc/..2026_1")).unwrap();
        fs::write(root.join("etc/..2026_1/policy.json"), "{}").unwrap();
        symlink("..2026_1", root.join("etc/..data")).unwrap();
        symlink("..data/policy.json", root.join("etc/policy.json")).unwrap();

        let way = Way::to(&[root.join("etc/policy.json")], &[]);
        let watched = ["etc", "etc/..2026_1"].map(|watched| root.join(watched));
        assert_eq!(way.directories, BTreeSet::from(watched));
        for concerned in ["etc", "etc/..data", "etc/policy.json", "etc/..2026_1/policy.json"] {
            assert!(way.is_concerned_by(&root.join(concerned)), "{concerned}: {way:?}");
        }
        for other in ["etc/other", "etc/..2026_1/other", "etc2"] {
            assert!(!way.is_concerned_by(&root.join(other)), "{other}");
        }
    }

    #[test]
    fn a_directory_that_is_missing_is_waited_for_above() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let way = Way::to(&[root.join("a/b/policy.json")], &[root.join("a/b/policy.d")]);
        assert!(way.nearest == BTreeSet::from([root.clone()]) && way.nearest == way.directories);
        for concerned in ["a", "a/b", "a/b/policy.json", "a/b/policy.d"] {
            assert!(way.is_concerned_by(&root.join(concerned)), "{concerned}: {way:?}");
        }
    }

    #[test]
    fn every_entry_of_a_listed_directory_counts() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir(root.join("policy.d")).unwrap();
        let way = Way::to(&[], &[root.join("policy.d")]);
        assert!(way.is_concerned_by(&root.join("policy.d/10-new.json")));
        assert!(!way.is_concerned_by(&root.join("other")));
    }

    #[test]
    fn links_that_lead_round_in_circles_end() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        symlink("b", root.join("a")).unwrap();
        symlink("a", root.join("b")).unwrap();
        let way = Way::to(&[root.join("a")], &[]);
        assert!(way.is_concerned_by(&root.join("b")));
    }
}
