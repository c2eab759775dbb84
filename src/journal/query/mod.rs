//! Questions to a journal as it stands: which records, and what they come to.
//!
//! A [`Snapshot`] is what a journal holds at one moment, however many processes go on writing. Its lines are read on
//! every core. A line counts only where its hash is that of its bytes; all others are [`Damage`], which comes with every
//! answer. That nothing was cut off, and that the hashes are those that were signed, is for `audit verify` to say.

mod block;
mod column;
mod count;
mod damage;
mod filter;
mod needles;
mod search;
mod snapshot;
mod summary;
mod table;
mod tally;
mod view;

pub use column::Column;
pub use damage::{Damage, Missing};
pub use filter::{EventKind, Filter};
pub use search::{Order, search};
pub use snapshot::Snapshot;
pub use summary::{
    CodeCount, KeyUse, Outcomes, PolicySeen, Summary, UseColumn, UseCount, summarize,
    summary_schema,
};
pub use view::{
    CallerView, CodeView, PersonView, PolicySourceView, PolicyView, ProcessView, SourceView, Str,
    View,
};
