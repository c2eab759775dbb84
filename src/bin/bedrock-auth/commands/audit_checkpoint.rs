use bedrock_auth::journal::{Journal, Rhythm};

use super::audit_journal::{self, absent};
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::print_raw;

/// Sign all records so far and print that, for somebody elsewhere to keep
///
/// The form is that of C2SP's signed notes. Who keeps it can show later that no record before it was changed or removed:
/// `bedrock-auth audit verify --checkpoint FILE`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    journal: audit_journal::Journal,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let layout = args.journal.layout(common)?;
    if !layout.holds_a_journal() {
        return Err(absent(&layout));
    }
    let journal = Journal::open(layout, Rhythm::default())?;
    let note = journal.checkpoint(common.machine().now())?;
    print_raw(note.as_bytes())?;
    Ok(Exit::Fine)
}
