//! Disks that are full, read-only or gone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bedrock_auth::journal::{Durability, Journal, Layout, Rhythm};
use jiff::Timestamp;

use crate::crashes::event;
use crate::home::{Home, SECRET};

/// A file system of its own, which is gone with this value.
struct Mount {
    at: PathBuf,
}

impl Mount {
    fn small(at: &Path) -> Self {
        fs::create_dir_all(at).unwrap();
        let mount = Mount { at: at.to_owned() };
        mount.run("mount", &["-t", "tmpfs", "-o", "size=192k,mode=700", "tmpfs"]);
        mount
    }

    fn run(&self, program: &str, words: &[&str]) {
        let status = Command::new(program).args(words).arg(&self.at).status().unwrap();
        assert!(status.success(), "run these tests as root: they mount file systems");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Whatever is left of it is gone with the machine.
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

const REQUIRED: &str = r#", "audit": { "required": true }"#;

/// Fills a file system to its last byte.
fn fill(at: &Path) -> PathBuf {
    use std::io::Write as _;
    let path = at.join("ballast");
    let mut file = fs::File::create(&path).unwrap();
    while file.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
    while file.write(&[0]).is_ok_and(|written| written > 0) {}
    path
}

#[test]
fn on_a_full_disk_nothing_leaves_and_no_record_is_lost() {
    let home = Home::new(REQUIRED);
    let mount = Mount::small(&home.path("state"));
    assert_eq!(home.run(&["export"]).code, 0);
    let ballast = fill(&mount.at);
    // What is left of the last page of each file is taken first; then nothing is.
    let mut denied = 0;
    for _ in 0..12 {
        let answer = home.run(&["export"]);
        if answer.code != 0 {
            denied += 1;
            assert_eq!(answer.code, 1, "{answer:?}");
            assert!(!answer.stdout.contains(SECRET));
            assert!(answer.stderr.contains("free some space"), "{}", answer.stderr);
        }
    }
    assert!(denied >= 3, "{denied}");
    let before = home.records_of("credential").len();
    assert_eq!(before, 13 - denied, "each that left is on record, and no other");
    // Where no record is demanded, it leaves with a warning.
    home.policy("");
    let answer = home.run(&["export"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.stderr.contains("warning: "), "{}", answer.stderr);
    home.policy(REQUIRED);
    fs::remove_file(ballast).unwrap();
    assert_eq!(home.run(&["export"]).code, 0);
    assert_eq!(home.records_of("credential").len(), before + 1);
    let verified = home.run_freely(&["audit", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn a_file_system_that_became_read_only_withholds_what_has_to_be_on_record() {
    let home = Home::new(REQUIRED);
    let mount = Mount::small(&home.path("state"));
    assert_eq!(home.run(&["export"]).code, 0);
    mount.run("mount", &["-o", "remount,ro"]);
    let answer = home.run(&["export"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    assert!(answer.stderr.contains("make the file system of"), "{}", answer.stderr);
    mount.run("mount", &["-o", "remount,rw"]);
    assert_eq!(home.run(&["export"]).code, 0);
    let verified = home.run_freely(&["audit", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn a_journal_that_was_removed_begins_anew_and_one_that_was_cut_says_so() {
    let home = Home::new(REQUIRED);
    for _ in 0..3 {
        assert_eq!(home.run(&["export"]).code, 0);
    }
    let kept = home.run_freely(&["audit", "checkpoint"]);
    assert_eq!(kept.code, 0, "{kept:?}");
    fs::write(home.path("kept"), &kept.stdout).unwrap();
    // Cut: noticed at once by `verify`, and by whoever writes next.
    let segment = home.layout().segment(1);
    let text = fs::read_to_string(&segment).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    fs::write(&segment, lines[..3].concat()).unwrap();
    let verified = home.run_freely(&["audit", "verify"]);
    assert_eq!(verified.code, 4, "{verified:?}");
    assert_eq!(home.run(&["export"]).code, 0);
    let noted: Vec<_> = home.records_of("journal").iter().map(|r| r["noted"].clone()).collect();
    assert_eq!(noted, ["begun", "truncated"]);
    // Gone: nothing here knows of it any more, but who kept a checkpoint does.
    fs::remove_dir_all(home.layout().directory()).unwrap();
    assert_eq!(home.run(&["export"]).code, 0);
    assert_eq!(home.run_freely(&["audit", "verify"]).code, 0);
    let verified = home.run_freely(&["audit", "verify", "--checkpoint", "kept"]);
    assert_eq!(verified.code, 4, "{verified:?}");
}

/// Small file systems number their files alike.
#[test]
fn a_file_system_in_place_of_another_is_noticed() {
    let home = Home::new(REQUIRED);
    let at = home.path("state");
    let layout = Layout::of(at.join("audit"));
    let open = || Journal::open(layout.clone(), Rhythm::default()).unwrap();
    let append = |journal: &Journal, text: &str| {
        journal.append(Timestamp::now(), &event(text), Durability::Durable).unwrap();
    };
    let first = Mount::small(&at);
    let journal = open();
    append(&journal, "before");
    drop(first);
    let _second = Mount::small(&at);
    append(&open(), "other");
    // Longer than names are taken for granted.
    std::thread::sleep(std::time::Duration::from_millis(100));
    append(&journal, "after");
    let text = fs::read_to_string(layout.segment(1)).unwrap();
    assert!(text.contains("\"host\":\"other\""), "{text}");
    assert!(text.contains("\"host\":\"after\""), "{text}");
}
