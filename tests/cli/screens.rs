//! Screens of all widths, with colours and without: nothing is lost, and nothing runs over the edge.

use std::process::Command;

use crate::support::program::{answer, program};
use crate::support::terminal::Terminal;

const PAGES: [&[&str]; 8] = [
    &["status"],
    &["status", "--user-settings", "settings/sso.json", "--managed", "policies/corp.json"],
    &["explain", "--user-settings", "settings/profile.json", "--managed", "policies/corp.json"],
    &[
        "explain",
        "--user-settings",
        "settings/profile.json",
        "--managed",
        "policies/report-only.json",
    ],
    &["explain", "--user-settings", "settings/mistaken.json", "--managed", "policies/locked.json"],
    &["policy", "show", "--managed", "policies"],
    &["policy", "test", "scenarios"],
    &["policy", "test", "scenarios/none"],
];
const WIDTHS: [u16; 5] = [30, 44, 50, 80, 200];
/// Wider pages are harder to read.
const WIDEST: usize = 110;
/// How far text may stand from the margin where labels stand beside it.
const DEEPEST: usize = 30;

#[test]
fn no_line_is_wider_than_the_screen_and_no_word_is_lost() {
    for words in PAGES {
        let mut seen: Option<Vec<String>> = None;
        for width in WIDTHS {
            let page = page(words, width);
            check_edge(&page, usize::from(width).min(WIDEST));
            let told: Vec<_> = page.split_whitespace().map(str::to_owned).collect();
            let before = seen.get_or_insert_with(|| told.clone());
            assert_eq!(*before, told, "{words:?} at {width} says something else");
        }
    }
}

#[test]
fn a_terminal_is_asked_for_its_width() {
    for words in PAGES {
        for width in [30, 44, 200] {
            // A terminal knows better than a variable.
            let (_, screen) = Terminal::run(width, program(words).env("COLUMNS", "77")).finish();
            assert_eq!(anstream::adapter::strip_str(&screen).to_string(), page(words, width));
        }
    }
}

#[test]
fn columns_that_are_no_number_count_as_none() {
    let usual = answer(&mut program(PAGES[2])).stdout;
    for columns in ["", "wide", "-1", "1e3", "99999999999999999999999"] {
        assert_eq!(answer(program(PAGES[2]).env("COLUMNS", columns)).stdout, usual, "{columns}");
    }
    for columns in ["0", "1", "65535"] {
        answer(program(PAGES[2]).env("COLUMNS", columns));
    }
}

#[test]
fn colours_are_for_terminals_unless_somebody_says_otherwise() {
    let page = PAGES[2];
    let on_terminal = |command: &Command| has_colours(&Terminal::run(80, command).finish().1);
    let in_pipe = |command: &mut Command| has_colours(&answer(command).stdout);
    let with = |color| program(&[page, &["--color", color]].concat());

    assert!(on_terminal(&program(page)), "colours on a terminal");
    assert!(!on_terminal(program(page).env("NO_COLOR", "1")), "NO_COLOR");
    assert!(on_terminal(program(page).env("NO_COLOR", "")), "an empty NO_COLOR counts as absent");
    assert!(!on_terminal(program(page).env("TERM", "dumb")), "a terminal without colours");
    assert!(!on_terminal(&with("never")), "--color never");
    assert!(on_terminal(with("always").env("NO_COLOR", "1")), "the option is the later word");
    assert!(!in_pipe(&mut program(page)), "a pipe");
    assert!(!in_pipe(&mut with("auto")), "a pipe, with --color auto");
    assert!(in_pipe(&mut with("always")), "a pipe, with --color always");
}

#[test]
fn colours_add_nothing_and_json_has_none() {
    for words in PAGES {
        let run = |color| answer(&mut program(&[words, &["--color", color]].concat()));
        let (plain, coloured) = (run("never"), run("always"));
        let stripped = anstream::adapter::strip_str(&coloured.stdout).to_string();
        assert_eq!(stripped, plain.stdout);
        let json = answer(&mut program(&[words, &["--color", "always", "--json"]].concat()));
        assert!(!has_colours(&json.stdout), "{}", json.stdout);
    }
}

fn page(words: &[&str], width: u16) -> String {
    let answer = answer(program(words).env("COLUMNS", width.to_string()));
    answer.stdout + &answer.stderr
}

/// A line may be too long only for a word that would be too long anywhere.
fn check_edge(page: &str, width: usize) {
    for line in page.lines().filter(|line| line.chars().count() > width) {
        let word = line.split_whitespace().next_back().unwrap_or_default().chars().count();
        let margin = line.len() - line.trim_start().len();
        let indent = if width < 50 { margin } else { DEEPEST };
        assert!(
            word + indent > width,
            "{} of {width} columns: `{line}`\n{page}",
            line.chars().count()
        );
    }
}

fn has_colours(text: &str) -> bool {
    text.contains("\u{1b}[")
}
