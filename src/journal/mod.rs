//! The journal of audit records: files that only grow, for many processes at once.
//!
//! A journal is a directory of one person's: numbered segments of JSON Lines, what is known of their end, the keys, and
//! the latest checkpoint. See [`Layout`].

mod commit;
mod directory;
mod disk;
mod error;
mod head;
mod keys;
mod layout;
mod note;
pub mod ocsf;
mod processes;
pub mod query;
pub mod reader;
mod recorder;
mod segment;
mod tail;
#[cfg(test)]
mod tests;
pub mod verify;
mod writer;

pub(crate) use directory::obstacle;
pub use error::{Doing, JournalError};
pub use head::known_end;
pub(crate) use keys::unusable_keys;
pub use layout::{Layout, SegmentFile};
pub use note::{Checkpoint, NoteError, Signer, Verifier};
pub use processes::{parent, process};
pub use recorder::{Recorder, directory_of};
pub use writer::{Durability, Journal, Rhythm, Written};
