use bedrock_auth::journal::query::{UseColumn, summarize};

use super::audit_filter::{FilterArgs, word};
use super::audit_journal::Journal;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{audit, print_json, summary};

/// Sum up the audit journal: who used what how often, who was denied, which long-lived keys are in use
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    journal: Journal,

    /// What tells the rows of "Who used what" apart
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', default_values_t = UseColumn::USUAL, value_parser = word::<UseColumn>())]
    by: Vec<UseColumn>,

    #[command(flatten)]
    filter: FilterArgs,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let filter = args.filter.filter()?;
    let snapshot = args.journal.snapshot(common)?;
    let answer = summarize(&snapshot, &filter, &args.by)?;
    if common.json {
        print_json(&answer)?;
    } else {
        summary::page(&answer).print()?;
    }
    audit::damage(&answer.damage).print_to_stderr()?;
    Ok(Exit::Fine)
}
