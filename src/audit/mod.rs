//! The audit record: what happened, as plain data, and the line of a journal that holds it.
//!
//! A record is one line of JSON, ASCII alone, so that nothing that came from outside can end it or begin another. It carries
//! its number, the hash of the record before it and its own, at fixed places: see [`Line`]. Nothing here touches a
//! file; the journal does that.

mod event;
mod line;
#[cfg(test)]
mod tests;
mod text;

pub use event::{
    Asked, Caller, CheckpointMade, CredentialUse, DenialNote, Door, Event, Fingerprint,
    JournalNote, JournalNoted, Known, PassedOver, Person, PolicyChange, PolicyInForce,
    PolicySource, Process, Record, UseOutcome, Who, audit_event_schema,
};
#[cfg(feature = "journal")]
pub(crate) use line::BEFORE_SEQUENCE;
pub use line::{Hash, Line, NotALine, seal};
pub use text::Text;
#[cfg(feature = "journal")]
#[cfg(feature = "journal")]
pub(crate) use text::as_written;
