//! Credentials that are handed out to programs nobody here wrote: what arrives at Bedrock, and what keeps it from
//! arriving.
//!
//! boto3, the AWS CLI and the AWS SDKs for JavaScript and Rust run in child processes whose environment the test
//! chooses, against local servers that stand in for AWS under AWS's own names.

// They take the place of this program, and run under shells.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod clients;
mod world;

mod container;
mod credential_process;
mod exec;
mod led_astray;
mod recipes;
mod shells;
