//! A watch on real files, for each way in which files change.
#![cfg(unix)]

mod files;

mod half_written;
mod interleavings;
mod last_good;
mod moments;
mod subscribers;
mod support;
