use clap::Subcommand;

use super::{audit_export, audit_query, audit_summary, audit_tail};
use crate::exit::{Exit, Failure};
use crate::options::Common;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Query(audit_query::Args),
    Summary(audit_summary::Args),
    Tail(audit_tail::Args),
    Export(audit_export::Args),
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Query(args) => audit_query::run(common, args),
        Command::Summary(args) => audit_summary::run(common, args),
        Command::Tail(args) => audit_tail::run(common, args),
        Command::Export(args) => audit_export::run(args),
    }
}
