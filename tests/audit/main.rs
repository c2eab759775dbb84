//! The journal behind every door: what leaves is on record, what is refused too, and where a record is demanded and cannot be
//! written, nothing leaves.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod client;
mod codes;
mod commands;
mod crashes;
mod disks;
mod gone;
mod home;
mod kept_elsewhere;
mod keys;
mod log_filters;
mod page;
mod schema;
