//! Directories as people have them.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Fault, Found, policy_files};

pub(super) fn tree(files: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "a.json\n").unwrap();
    }
    dir
}

pub(super) fn is_json(name: &str) -> bool {
    name.ends_with(".json")
}

pub(super) fn names(found: &Found, dir: &Path) -> Vec<String> {
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
    let dir = tree(&["a.json", "b.json", "below/a.json", ".gitignore", ".git/HEAD"]);
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
    let files = ["a.json", "empty/a.md", "ignored/a.json", "ignored/.gitignore", ".git/HEAD"];
    let dir = tree(&files);
    let named = ["", "empty", "ignored"].map(|name| dir.path().join(name));
    let found = policy_files(&named, is_json);
    assert_eq!(names(&found, dir.path()), ["a.json"]);
    let nothing = |name: &str| Fault::NothingBelow { directory: dir.path().join(name) };
    assert_eq!(found.faults, [nothing("empty"), nothing("ignored")]);
}

/// In an archive that somebody else packed, nobody can see what its rules hide.
#[test]
fn without_a_repository_nothing_is_ignored() {
    let dir = tree(&["a.json", ".gitignore"]);
    assert_eq!(names(&policy_files(&[dir.path().to_owned()], is_json), dir.path()), ["a.json"]);
}

#[cfg(unix)]
#[test]
fn what_a_machine_takes_for_a_policy_counts_under_each_name() {
    use std::os::unix::fs::symlink;
    let files =
        ["p/policy.d/10.json", "shared.json", "elsewhere/20.json", "q/policy.json", "r/a.md"];
    let dir = tree(&files);
    symlink("../../shared.json", dir.path().join("p/policy.d/30.json")).unwrap();
    symlink("../elsewhere", dir.path().join("q/policy.d")).unwrap();
    symlink("nowhere", dir.path().join("r/policy.d")).unwrap();
    fs::create_dir(dir.path().join("policy.json")).unwrap();
    let found = policy_files(&[dir.path().to_owned()], is_json);
    let expected = [
        "elsewhere/20.json",
        "p/policy.d/10.json",
        "p/policy.d/30.json",
        "policy.json",
        "q/policy.d/20.json",
        "q/policy.json",
        "shared.json",
    ];
    assert_eq!(names(&found, dir.path()), expected);
    assert_eq!(found.faults.len(), 1, "{:?}", found.faults);
    assert!(found.faults[0].to_string().contains("no drop-ins can be read from it"));
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
        found.faults[0].to_string().contains("a/broken.json`: this cannot be searched: the link")
    );
    let through_the_link = policy_files(&[dir.path().join("a/loop")], is_json);
    assert_eq!(names(&through_the_link, dir.path()), ["a/loop/a/b.json", "a/loop/a/c.json"]);
}
