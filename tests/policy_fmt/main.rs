//! `policy fmt`: laws of the layout over texts made by chance, and the program with real files.

#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]

#[path = "../catalogue/mod.rs"]
mod catalogue;
mod laws;
mod program;
#[path = "../support/mod.rs"]
mod support;
