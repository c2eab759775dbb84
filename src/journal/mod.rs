//! The journal of audit records: files that only grow, for many processes at once.
//!
//! A journal is a directory of one person's: numbered segments of JSON Lines, what is known of their end (the head), the
//! keys, and the latest checkpoint. See [`Layout`].
//!
//! - A [`Recorder`] writes what is decided on a machine. Beneath it, a [`Journal`] takes turns with other processes, each of
//!   which finds the end that the others left, mends it where one of them crashed, and says so in a record.
//! - [`verify`] says whether a journal is what its writers wrote, [`query`] answers questions, and a
//!   [`reader`] goes through it from where it stopped. [`ocsf`] says the same in other words.

mod directory;
mod error;
mod identity;
mod keys;
mod last_record;
mod layout;
mod note;
pub mod ocsf;
mod positioned;
mod private;
mod processes;
pub mod query;
pub mod reader;
mod recorder;
pub mod verify;
mod writer;

pub(crate) use directory::obstacle;
pub use error::{Doing, JournalError};
pub(crate) use keys::unusable_keys;
pub use layout::{Layout, SegmentFile};
pub use note::{Checkpoint, NoteError, Signer, Verifier};
pub use processes::{parent, process};
pub use recorder::{Recorder, directory_of};
pub use writer::{Durability, Journal, Rhythm, Written, known_end};
