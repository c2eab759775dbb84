//! The program in an environment that is empty but for a home, and what it answered.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_bedrock-auth");

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// Takes an output apart; a panic or a signal fails the test.
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let code = output.status.code().filter(|code| *code != 101);
        match code {
            Some(code) => Answer { code, stdout, stderr },
            None => panic!("ended with {}:\n{stdout}\n{stderr}", output.status),
        }
    }

    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("not JSON ({error}): {self:#?}"),
        }
    }
}

pub(crate) fn answer(command: &mut Command) -> Answer {
    Answer::of(&command.output().unwrap())
}

/// The files that the tests of the command line share; paths in answers are relative to it.
pub(crate) fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/files")
}

/// Where journals go that tests cause: not among the shared files.
pub(crate) fn state() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("state")
}

/// A program of the system's in an environment that holds a search path and nothing else.
pub(crate) fn bare(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The program among the shared files, at the home of somebody who has set nothing.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = bare(PROGRAM);
    let nowhere = "unix:path=/nonexistent/bus";
    command.args(arguments).current_dir(files());
    command.env("HOME", files().join("home")).env("DBUS_SESSION_BUS_ADDRESS", nowhere);
    command.env("XDG_STATE_HOME", state());
    command
}
