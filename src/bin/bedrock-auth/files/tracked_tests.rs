//! Repositories that the real git made: what it tracks counts, whatever its ignore rules say.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use super::tests::{is_json, names, tree};
use super::{Fault, policy_files};

/// Runs git as somebody who has set nothing up.
fn git(directory: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@it.example");
    }
    let output = git.args(arguments).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

/// A repository that tracks some files, whatever its rules say, and has others.
fn repository(rules: &str, tracked: &[&str], others: &[&str]) -> tempfile::TempDir {
    let dir = tree(&[tracked, others].concat());
    make_repository(dir.path(), rules, tracked);
    dir
}

fn make_repository(directory: &Path, rules: &str, tracked: &[&str]) {
    git(directory, &["init", "--quiet", "--initial-branch=main"]);
    fs::write(directory.join(".gitignore"), rules).unwrap();
    git(directory, &[&["add", "--force", ".gitignore"], tracked].concat());
    git(directory, &["commit", "--quiet", "--message=All"]);
}

/// The files below a directory that is searched by this name; nothing may have gone wrong.
fn found(directory: &Path) -> Vec<String> {
    let found = policy_files(&[directory.to_owned()], is_json);
    assert_eq!(found.faults, []);
    names(&found, directory)
}

const RULES: &str = "secret*.json\nbuild/\n";

#[test]
fn what_is_tracked_counts_in_spite_of_a_rule() {
    let tracked =
        ["a.json", "secret.json", "build/deep/b.json", "build/.hidden.json", "build/c.md"];
    let others = ["secret-2.json", "build/deep/c.json", "new.json"];
    let dir = repository(RULES, &tracked, &others);
    let expected = ["a.json", "build/deep/b.json", "new.json", "secret.json"];
    assert_eq!(found(dir.path()), expected);
    // A directory that is named is not ignored, and what stands in it counts once.
    assert_eq!(found(&dir.path().join("build")), ["deep/b.json", "deep/c.json"]);
    assert_eq!(found(&dir.path().join("build/deep/../deep")), ["b.json", "c.json"]);
}

#[test]
fn a_directory_inside_a_repository_has_its_part_of_the_index() {
    let tracked = ["secret.json", "in/secret.json", "in/deep/secret.json", "in-2/secret.json"];
    let dir = repository(RULES, &tracked, &["in/secret-2.json"]);
    assert_eq!(found(&dir.path().join("in")), ["deep/secret.json", "secret.json"]);
    let link = dir.path().join("link");
    std::os::unix::fs::symlink("in", &link).unwrap();
    assert_eq!(found(&link), ["deep/secret.json", "secret.json"]);
}

#[test]
fn what_is_deleted_or_staged_counts_as_it_is_on_disk() {
    let dir =
        repository(RULES, &["secret.json", "secret-2.json", "secret-3.json"], &["secret-4.json"]);
    fs::remove_file(dir.path().join("secret-2.json")).unwrap();
    git(dir.path(), &["rm", "--quiet", "--cached", "secret-3.json"]);
    git(dir.path(), &["add", "--force", "--intent-to-add", "secret-4.json"]);
    assert_eq!(found(dir.path()), ["secret-4.json", "secret.json"]);
}

#[test]
fn links_that_are_tracked_are_followed() {
    let dir = tree(&["a.json"]);
    for (target, link) in [("a.json", "secret.json"), ("gone.json", "secret-2.json")] {
        std::os::unix::fs::symlink(target, dir.path().join(link)).unwrap();
    }
    make_repository(dir.path(), RULES, &["a.json", "secret.json", "secret-2.json"]);
    let found = policy_files(&[dir.path().to_owned()], is_json);
    assert_eq!(names(&found, dir.path()), ["a.json"], "one file, and the name that is no link");
    assert!(matches!(&found.faults[..], [Fault::Unsearchable { .. }]), "{found:?}");
}

#[test]
fn files_whose_names_are_not_unicode() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tree(&["a.json"]);
    let name = std::ffi::OsStr::from_bytes(b"secret-\xff.json");
    fs::write(dir.path().join(name), "").unwrap();
    make_repository(dir.path(), RULES, &["a.json"]);
    git(dir.path(), &["add", "--force", "--all"]);
    let found = policy_files(&[dir.path().to_owned()], is_json);
    assert_eq!(found.files, [dir.path().join("a.json"), dir.path().join(name)]);
}

#[test]
fn a_further_work_tree_has_its_own_index() {
    let dir = repository(RULES, &["a.json", "secret.json"], &[]);
    let tree = dir.path().join("other");
    git(dir.path(), &["worktree", "add", "--quiet", "-b", "other", "other"]);
    fs::write(tree.join("secret-2.json"), "").unwrap();
    assert_eq!(found(&tree), ["a.json", "secret.json"]);
    git(&tree, &["add", "--force", "secret-2.json"]);
    assert_eq!(found(&tree), ["a.json", "secret-2.json", "secret.json"]);
    let everything =
        ["a.json", "other/a.json", "other/secret-2.json", "other/secret.json", "secret.json"];
    assert_eq!(found(dir.path()), everything);
}

#[test]
fn submodules_and_repositories_inside_have_their_own_indexes() {
    let inner = repository(RULES, &["a.json", "secret.json"], &[]);
    let dir = repository(RULES, &["secret.json"], &["plain/secret.json", "plain/secret-2.json"]);
    let from = inner.path().to_str().unwrap();
    for place in ["module", "build/module"] {
        let allow = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--force"];
        git(dir.path(), &[&allow[..], &[from, place]].concat());
        fs::write(dir.path().join(place).join("secret-2.json"), "").unwrap();
    }
    make_repository(&dir.path().join("plain"), "", &["secret-2.json"]);
    let modules =
        ["build/module/a.json", "build/module/secret.json", "module/a.json", "module/secret.json"];
    // Of a repository inside, the rules of the one around it say nothing.
    let plain = ["plain/secret-2.json", "plain/secret.json", "secret.json"];
    assert_eq!(found(dir.path()), [&modules[..], &plain].concat());
    assert_eq!(found(&dir.path().join("module")), ["a.json", "secret.json"]);
    assert_eq!(found(&dir.path().join("build/module")), ["a.json", "secret.json"]);
}

#[test]
fn every_form_of_an_index_is_read() {
    for setup in [
        &["update-index", "--index-version=4"][..],
        &["update-index", "--split-index"],
        &["-c", "index.skipHash=true", "update-index", "--force-write-index"],
    ] {
        let dir = repository(RULES, &["a.json", "build/a.json", "build/b.json"], &[]);
        git(dir.path(), setup);
        assert_eq!(found(dir.path()), ["a.json", "build/a.json", "build/b.json"], "{setup:?}");
    }
    let dir = tree(&["a.json", "build/a.json"]);
    git(dir.path(), &["init", "--quiet", "--object-format=sha256"]);
    make_repository(dir.path(), RULES, &["a.json", "build/a.json"]);
    assert_eq!(found(dir.path()), ["a.json", "build/a.json"]);
}

#[test]
fn both_sides_of_a_conflict_are_one_file() {
    let dir = repository(RULES, &["secret.json"], &[]);
    for (branch, text) in [("other", "1"), ("main", "2")] {
        git(dir.path(), &["checkout", "--quiet", "-B", branch, "main"]);
        fs::write(dir.path().join("secret.json"), text).unwrap();
        git(dir.path(), &["commit", "--quiet", "--all", "--message=Text"]);
        git(dir.path(), &["branch", "--force", &format!("{branch}-done")]);
        git(
            dir.path(),
            &["reset", "--quiet", "--hard", if branch == "other" { "main" } else { "HEAD" }],
        );
    }
    let merge = Command::new("git")
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@it.example", "merge", "other-done"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(!merge.status.success(), "{merge:?}");
    assert_eq!(found(dir.path()), ["secret.json"]);
}

#[test]
fn a_repository_without_an_index_tracks_nothing() {
    let dir = tree(&["a.json", "secret.json"]);
    git(dir.path(), &["init", "--quiet"]);
    fs::write(dir.path().join(".gitignore"), RULES).unwrap();
    assert_eq!(found(dir.path()), ["a.json"]);
}

/// The faults of a search, which must be of what git tracks, and the files that are found all the same.
fn unknown(directory: &Path) -> (Vec<String>, Vec<String>) {
    let found = policy_files(&[directory.to_owned()], is_json);
    let reason = |fault: &Fault| match fault {
        Fault::TrackedUnknown { reason, .. } => reason.clone(),
        other => panic!("{other:?}"),
    };
    (found.faults.iter().map(reason).collect(), names(&found, directory))
}

#[test]
fn an_index_that_cannot_be_read_is_a_fault() {
    let dir = repository(RULES, &["a.json", "secret.json"], &[]);
    let index = dir.path().join(".git/index");
    let sound = fs::read(&index).unwrap();
    let mut changed = sound.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for broken in [&b""[..], b"DIRC", &sound[..sound.len() - 1], &sound[..40], &changed] {
        fs::write(&index, broken).unwrap();
        let (reasons, files) = unknown(dir.path());
        assert_eq!((reasons.len(), &files[..]), (1, &["a.json".to_owned()][..]));
        assert!(reasons[0].contains(".git/index` cannot be read: "), "{reasons:?}");
        assert!(!reasons[0].contains('\n'), "{reasons:?}");
    }
}

#[test]
fn a_repository_that_is_not_there_is_a_fault() {
    let dir = tree(&["a.json", "module/a.json"]);
    for (text, told) in [
        ("gitdir: ../gone\n", "../gone`, which is no repository"),
        ("nothing of the kind", "does not say `gitdir: …`"),
        ("gitdir: \n", "does not say `gitdir: …`"),
    ] {
        fs::write(dir.path().join("module/.git"), text).unwrap();
        for (searched, files) in [("", &["a.json", "module/a.json"][..]), ("module", &["a.json"])] {
            let (reasons, found) = unknown(&dir.path().join(searched));
            assert_eq!(
                (reasons.len(), &found[..]),
                (1, &files.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>()[..])
            );
            assert!(reasons[0].contains(told), "{reasons:?}");
        }
    }
}

/// As git has it: what is called `.git` and is no repository is passed over, upward too.
#[test]
fn a_directory_that_is_only_called_so_is_no_repository() {
    let dir = repository(RULES, &["in/secret.json"], &[]);
    fs::create_dir(dir.path().join("in/.git")).unwrap();
    assert_eq!(found(&dir.path().join("in")), ["secret.json"]);
}
