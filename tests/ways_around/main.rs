//! Ways around an allow-list of methods: the plain AWS SDK falls for each of them, and ours stands.
//!
//! A [`case::Case`] is data: files, variables, settings, a policy, and what must arrive at local servers that stand in
//! for AWS and for somebody else. The SDK runs in a child process whose environment holds what the case says.

// Profiles run commands that are found on Unix.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod case;
mod child;
mod company;
mod in_process;
mod world;

mod endpoints;
mod failures;
mod moments;
mod providers;
mod servers;
mod signers;
mod tokens;
