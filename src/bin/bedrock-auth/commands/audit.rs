use clap::Subcommand;

use super::audit_verify;
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
}

pub(super) fn run(common: &Common, args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::Verify(args) => audit_verify::run(common, &args),
    }
}
