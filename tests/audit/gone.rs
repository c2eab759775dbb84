//! What `audit verify` says of a journal whose parts are gone.

use std::fs;

use crate::home::Home;

fn with_three_records() -> Home {
    let home = Home::new("");
    for _ in 0..3 {
        assert_eq!(home.run(&["export"]).code, 0);
    }
    home
}

#[test]
fn all_of_its_records() {
    let home = with_three_records();
    fs::remove_file(home.layout().segment(1)).unwrap();
    let answer = home.run_freely(&["audit", "verify"]);
    assert_eq!(answer.code, 4, "{answer:?}");
    assert!(answer.stdout.contains("tail_cut"), "{answer:?}");
}

#[test]
fn what_counts_them() {
    let home = with_three_records();
    let warning = "is missing or unreadable";
    assert!(!home.run_freely(&["audit", "verify"]).stderr.contains(warning));
    fs::remove_file(home.layout().head()).unwrap();
    assert!(home.run_freely(&["audit", "verify"]).stderr.contains(warning));
}

/// Two files that begin with the same record, of which neither is a copy of the other.
#[test]
fn a_fork_is_shown_by_query() {
    let home = with_three_records();
    let first = fs::read_to_string(home.layout().segment(1)).unwrap();
    let other = with_three_records();
    let second = fs::read_to_string(other.layout().segment(1)).unwrap();
    let directory = home.layout().directory().to_owned();
    fs::write(directory.join("journal-000001.jsonl.1"), &second).unwrap();
    let lines = |text: &str| text.lines().filter(|line| line.contains("\"credential\"")).count();
    let answer = home.run_freely(&["audit", "query", "--event", "credential", "--json"]);
    assert_eq!(answer.stdout.lines().count(), lines(&first) + lines(&second), "{answer:?}");
    // And a copy is shown once.
    fs::write(directory.join("journal-000001.jsonl.1"), &first).unwrap();
    let answer = home.run_freely(&["audit", "query", "--event", "credential", "--json"]);
    assert_eq!(answer.stdout.lines().count(), lines(&first), "{answer:?}");
}
