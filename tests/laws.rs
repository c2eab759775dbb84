//! Laws of the decision core, over machines made by chance.
//!
//! `PROPTEST_CASES` sets how many machines each law is tried on.

#![allow(clippy::unwrap_used, reason = "what fails here fails its test")]
#![allow(unreachable_pub, reason = "modules of a test program are reached by it alone")]

#[path = "laws/bad_states.rs"]
mod bad_states;
#[path = "laws/bytes.rs"]
mod bytes;
#[path = "laws/meet.rs"]
mod meet;
#[path = "laws/narrowing.rs"]
mod narrowing;
#[path = "laws/patterns.rs"]
mod patterns;
#[path = "laws/report_only.rs"]
mod report_only;
#[path = "laws/secrets.rs"]
mod secrets;
#[path = "laws/strategies.rs"]
mod strategies;
#[path = "laws/total.rs"]
mod total;
mod world;
