//! Programs nobody here wrote, as `.ci/install` puts them below the build directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::bare;

/// Python with the packages of `tests/peers/requirements.txt`.
pub(crate) fn python() -> Command {
    python_program("python")
}

/// A program that one of those packages brings.
pub(crate) fn python_program(name: &str) -> Command {
    undisturbed(&python_path(name))
}

/// Where it is.
pub(crate) fn python_path(name: &str) -> String {
    present(installed("python", "requirements.txt").join("bin").join(name))
}

/// Node with the packages of `tests/peers/package.json`, which scripts load with `require`.
pub(crate) fn node() -> Command {
    let mut command = undisturbed("node");
    command.env("NODE_PATH", node_modules());
    command
}

/// What `NODE_PATH` has to say for that.
pub(crate) fn node_modules() -> String {
    present(installed("node", "package-lock.json").join("node_modules"))
}

/// A coding agent of `tests/peers/agents`.
pub(crate) fn agent(name: &str) -> String {
    let bin = installed("agents", "agents/package-lock.json").join("node_modules");
    // What npm links is a launcher that an install script, which is not run, would replace.
    let program = match name {
        "claude" => bin.join("@anthropic-ai/claude-code-linux-x64/claude"),
        _ => bin.join("opencode-linux-x64-baseline/bin/opencode"),
    };
    present(program)
}

/// A script for one of them.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name)
}

/// Whoever runs the tests may have AWS files at home.
fn undisturbed(program: &str) -> Command {
    let mut command = bare(program);
    command.env("HOME", "/nonexistent");
    command
}

/// Where the packages are, if they are those that the project pins now.
fn installed(language: &str, pins: &str) -> PathBuf {
    // Cargo's directory for what tests write lies in the build directory, wherever that is.
    let build = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let place = build.join("peers").join(language);
    let wanted = std::fs::read(script(pins)).unwrap();
    let there = std::fs::read(place.join("installed")).ok();
    assert!(
        there == Some(wanted),
        "{} does not hold what tests/peers/{pins} pins: run `bash .ci/install`",
        place.display()
    );
    place
}

fn present(path: PathBuf) -> String {
    assert!(path.exists(), "{} is missing: run `bash .ci/install`", path.display());
    path.into_os_string().into_string().unwrap()
}
