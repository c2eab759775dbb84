//! Laws of the decision core and of what is read, over machines and texts made by chance.
//!
//! `PROPTEST_CASES` sets how many cases each law is tried on.

#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]
#![allow(unreachable_pub, reason = "modules of a test program are reached by it alone")]

#[path = "../world/mod.rs"]
mod world;

mod bad_states;
mod bytes;
mod delivery;
mod destinations;
mod elements;
mod exposure;
mod function;
mod lints;
mod meet;
mod moments;
mod narrowing;
mod parts;
mod patterns;
mod records;
mod report_only;
mod secrets;
mod strategies;
mod syntax;
