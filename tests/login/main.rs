//! `login` and `logout` against a real GNOME Keyring on a private bus.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod forms;
mod prompt;
mod refused;
mod reset;
mod trouble;

use std::io::Write;
use std::process::{Command, Stdio};

use support::program::{Answer, PROGRAM, files};
use support::session::Session;

/// The long-term API key of AWS's documentation.
const API_KEY: &str =
    "ABSKQmVkcm9ja0FQSUtleS1oNDJ6LWF0LTEyMzQ1Njc4OTAxMjp0aGlzaXNhc2VjcmV0c2VjcmV0MTIzNDU2";
const SECRET: &str = "wJalrXUtnFEMI-never-shown";
const SESSION_TOKEN: &str = "FwoGZXIvYXdzE-never-shown";
const OWN: [&str; 4] = ["service", "bedrock-auth", "username", "bedrock"];
const ZED: [&str; 4] = ["url", "https://amazonaws.com", "username", "Bearer"];

/// The program in the session, among the files of the tests of the command line.
fn command(session: &Session, words: &[&str]) -> Command {
    let mut command = session.command(PROGRAM);
    command.args(words).current_dir(files());
    command
}

/// Runs the program with something on its standard input, and checks that no secret comes out again.
fn run(session: &Session, words: &[&str], input: &str) -> Answer {
    let mut child = command(session, words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that reads nothing closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let answer = Answer::of(&child.wait_with_output().unwrap());
    shows_no_secret(&answer.stdout);
    shows_no_secret(&answer.stderr);
    answer
}

fn shows_no_secret(text: &str) {
    for secret in [API_KEY, SECRET, SESSION_TOKEN, "never-shown"] {
        assert!(!text.contains(secret), "a secret is shown: {text}");
    }
}

/// What `status` says is in force, in an editor's words.
fn display(session: &Session) -> String {
    let answer = run(session, &["status", "--json"], "");
    answer.json()["display"].as_str().unwrap().to_owned()
}
