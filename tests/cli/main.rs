//! The command line as people and scripts meet it: the real program, its texts, JSON, exit codes and streams.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod exit_codes;
mod generated;
mod journals;
mod json;
mod odd_text;
mod screens;
mod snapshots;
mod streams;
