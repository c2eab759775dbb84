//! The project's files for CI, and the tools that read such files.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::peers;
use crate::support::program::{Answer, answer};

pub(crate) fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn text(name: &str) -> String {
    let path = project().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// YAML as the tools that read such files understand it.
pub(crate) fn yaml(text: &str) -> Value {
    let read =
        "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=str)";
    let mut python = peers::python();
    answer_to(python.args(["-c", read]), text).json()
}

/// Holds a file to a schema that check-jsonschema brings along.
pub(crate) fn must_fit(schema: &str, path: &Path) {
    let schema = format!("vendor.{schema}");
    let mut checker = peers::python_program("check-jsonschema");
    let told = answer(checker.args(["--builtin-schema", &schema]).arg(path));
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
}

/// Holds a bash script to shellcheck.
pub(crate) fn must_be_sound(script: &str) {
    let mut linter = system("shellcheck");
    let told = answer_to(linter.args(["--shell=bash", "--severity=style", "-"]), script);
    assert_eq!(told.code, 0, "{}{}\n{script}", told.stdout, told.stderr);
}

/// A program that `.ci/install` takes from the system's packages.
pub(crate) fn system(name: &str) -> Command {
    let mut command = crate::support::program::bare(name);
    command.env("HOME", "/nonexistent");
    let found = Command::new(name).arg("--version").output();
    assert!(found.is_ok(), "{name} is missing: run `bash .ci/install`");
    command
}

fn answer_to(command: &mut Command, input: &str) -> Answer {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Answer::of(&child.wait_with_output().unwrap())
}
