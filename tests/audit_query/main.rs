//! Questions to journals: filters, forms of output, and reading on while others write.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod damage;
mod filters;
mod follow;
mod naive;
mod ocsf;
mod outputs;
mod resume;
mod summary;
