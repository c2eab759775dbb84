use std::io::{self, Write as _};
use std::ops::ControlFlow;

use bedrock_auth::journal::ocsf;
use bedrock_auth::journal::query::{Order, search};
use clap::ValueEnum;

use super::audit_filter::FilterArgs;
use super::audit_journal::Journal;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{audit, until_nobody_reads};

/// Print the audit journal in the form of another program
///
/// One JSON line for each record. Records of every kind, unless `--event` asks for some.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    journal: Journal,

    /// In which form
    #[arg(long, value_enum)]
    format: Format,

    #[command(flatten)]
    filter: FilterArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Open Cybersecurity Schema Framework 1.6.0
    Ocsf,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let filter = args.filter.filter()?;
    let snapshot = args.journal.snapshot(common)?;
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout());
    let Format::Ocsf = args.format;
    let mut print = || {
        let damage = search(&snapshot, &filter, Order::OldestFirst, ocsf::write, |row| {
            out.write_all(row).map(ControlFlow::Continue)
        })?;
        out.flush()?;
        Ok(damage)
    };
    if let Some(damage) = until_nobody_reads(print())? {
        audit::damage(&damage).print_to_stderr()?;
    }
    Ok(Exit::Fine)
}
