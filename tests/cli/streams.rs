//! Streams that are closed, full or read no further.

use std::io::pipe;
use std::process::{Command, Stdio};

use crate::support::program::{Answer, PROGRAM, answer, program};

/// Commands whose answers are longer than a line, and how each ends.
const LONG: [(&[&str], i32); 7] = [
    (&["explain"], 5),
    (&["explain", "--json"], 5),
    (&["status", "--managed", "policies/corp.json", "--user-settings", "settings/profile.json"], 3),
    (&["policy", "schema"], 0),
    (&["completions", "zsh"], 0),
    (&["man"], 0),
    (&["--help"], 0),
];

#[test]
fn nobody_reads_on_and_that_is_no_fault() {
    for (words, code) in LONG {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let output = program(words).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let answer = Answer::of(&output);
        assert_eq!(answer.stderr, "", "{words:?}");
        assert_eq!(answer.code, code, "{words:?}: the answer is the same whoever reads it");
    }
}

#[test]
fn a_head_of_one_line_is_all_that_is_seen() {
    let shell = program_in_shell(r#""$0" explain --json | head -1"#);
    let answer = answer(&mut { shell });
    assert_eq!((answer.stdout.as_str(), answer.stderr.as_str()), ("{\n", ""));
}

#[test]
fn closed_streams_are_no_crash() {
    for redirection in [">&-", "2>&-", "<&-", "<&- >&- 2>&-"] {
        for (words, code) in LONG {
            let script = format!("\"$0\" {} {redirection}", words.join(" "));
            let answer = answer(&mut program_in_shell(&script));
            assert_eq!(answer.code, code, "{script}");
            assert_eq!(answer.stderr, "", "{script}");
        }
    }
}

#[test]
fn a_full_disk_is_a_failure_that_says_so() {
    // What clap prints itself, `--help`, it does not check.
    for (words, _) in LONG.iter().filter(|(words, _)| *words != ["--help"]) {
        let answer =
            answer(&mut program_in_shell(&format!("\"$0\" {} > /dev/full", words.join(" "))));
        assert_eq!(answer.code, 1, "{words:?}");
        assert!(answer.stderr.starts_with("error: output failed: "), "{answer:?}");
    }
}

fn program_in_shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    let like = program(&[]);
    shell.args(["-c", script, PROGRAM]).env_clear().current_dir(like.get_current_dir().unwrap());
    shell.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}
