//! What other people's CI runs: the hooks of pre-commit, the GitHub Action, and what `docs/ci.md` shows.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod action;
mod files;
mod hooks;
mod page;
mod stand_in;
mod whole;

#[path = "../support/mod.rs"]
mod support;
