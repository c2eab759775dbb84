use clap::Subcommand;

use super::{policy_check, policy_fmt, policy_init, policy_schema, policy_show, policy_test};
use crate::exit::{Exit, Failure};
use crate::options::Common;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(policy_check::Args),
    Show(policy_show::Args),
    Test(policy_test::Args),
    Init(policy_init::Args),
    Fmt(policy_fmt::Args),
    Schema(policy_schema::Args),
}

pub(super) fn run(common: &Common, args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::Check(args) => policy_check::run(common, &args),
        Command::Show(args) => policy_show::run(common, &args),
        Command::Test(args) => policy_test::run(common, &args),
        Command::Init(args) => policy_init::run(common, &args),
        Command::Fmt(args) => policy_fmt::run(common, &args),
        Command::Schema(args) => policy_schema::run(&args),
    }
}
