use clap::Subcommand;

use super::{
    audit_checkpoint, audit_export, audit_key, audit_query, audit_summary, audit_tail, audit_verify,
};
use crate::exit::{Exit, Failure};
use crate::options::Common;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(audit_verify::Args),
    Query(audit_query::Args),
    Summary(audit_summary::Args),
    Tail(audit_tail::Args),
    Export(audit_export::Args),
    Checkpoint(audit_checkpoint::Args),
    Key(audit_key::Args),
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Verify(args) => audit_verify::run(common, args),
        Command::Query(args) => audit_query::run(common, args),
        Command::Summary(args) => audit_summary::run(common, args),
        Command::Tail(args) => audit_tail::run(common, args),
        Command::Export(args) => audit_export::run(common, args),
        Command::Checkpoint(args) => audit_checkpoint::run(common, args),
        Command::Key(args) => audit_key::run(common, args),
    }
}
