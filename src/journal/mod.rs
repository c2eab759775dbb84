//! The journal of audit records: files that only grow, for many processes at once.
//!
//! A journal is a directory of one person's: numbered segments of JSON Lines, what is known of their end, the keys, and
//! the latest checkpoint. See [`Layout`].

mod keys;
mod layout;
mod note;
pub mod ocsf;
pub mod query;
pub mod reader;

pub use layout::{Layout, SegmentFile};
pub use note::{Checkpoint, NoteError, Signer, Verifier};
