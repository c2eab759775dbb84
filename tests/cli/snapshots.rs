//! What people read, word for word: the cases in `*.trycmd` and the consoles of the README.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes the cases anew.

use std::path::Path;
use std::process::Command;

use trycmd::TestCases;
use trycmd::schema::Bin;

use crate::support::program::{PROGRAM, bare, files, state};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn answers_read_as_written_down() {
    let managed = Path::new("/etc/bedrock-auth");
    assert!(!managed.exists(), "these are the answers of a machine without {}", managed.display());
    in_a_bare_environment(&files(), "tests/cli/*.trycmd");
}

/// Programs other than this one are passed over there.
#[test]
fn the_readme_shows_what_happens() {
    in_a_bare_environment(Path::new(ROOT), "README.md");
}

/// `trycmd` hands on the environment that it runs in, so that has to be a bare one.
fn in_a_bare_environment(dir: &Path, cases: &str) {
    let mut command: Command = bare(std::env::current_exe().unwrap().to_str().unwrap());
    command.args(["--ignored", "--exact", "snapshots::cases", "--nocapture"]).current_dir(dir);
    command.env("CASES", Path::new(ROOT).join(cases));
    if let Some(mode) = std::env::var_os("TRYCMD") {
        command.env("TRYCMD", mode);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("Testing "), "no case ran: {text}");
}

#[test]
#[ignore = "run by the tests above in an environment of their making"]
fn cases() {
    let Some(cases) = std::env::var_os("CASES") else {
        panic!("no cases: this is not a test of its own");
    };
    TestCases::new()
        .register_bin("bedrock-auth", Bin::Path(PROGRAM.into()))
        .env("HOME", files().join("home").to_str().unwrap())
        .env("XDG_STATE_HOME", state().to_str().unwrap())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .case(cases);
}
