//! A journal that somebody tampered with is never intact, and it is told what happened to which record.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod chance;
mod codes;
mod files;
mod journal;
mod signatures;
mod tampering;
