//! The command line as people and scripts meet it: the real program, its texts, JSON, exit codes and streams.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "support/program.rs"]
mod program;
#[path = "support/terminal.rs"]
#[allow(dead_code, reason = "only `login` types")]
mod terminal;

#[path = "cli/exit_codes.rs"]
mod exit_codes;
#[path = "cli/generated.rs"]
mod generated;
#[path = "cli/json.rs"]
mod json;
#[path = "cli/odd_text.rs"]
mod odd_text;
#[path = "cli/screens.rs"]
mod screens;
#[path = "cli/snapshots.rs"]
mod snapshots;
#[path = "cli/streams.rs"]
mod streams;
