//! The commands. One file each: its arguments and one function.

mod completions;
mod doctor;
mod explain;
mod login;
mod logout;
mod man;
mod policy;
mod policy_schema;
mod policy_show;
mod policy_test;
mod status;
mod watch;

use bedrock_auth::resolve::Resolution;
use clap::{Parser, Subcommand};

use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, print_json};

/// Decides, enforces and explains how developers' tools may authenticate to Amazon Bedrock
#[derive(Debug, Parser)]
#[command(name = "bedrock-auth", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,

    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 fine · 1 the operation failed · 2 usage · 3 denied by policy · \
    4 a policy source is not usable or a checked file is invalid · 5 unconfigured";

#[derive(Debug, Subcommand)]
enum Command {
    Status(status::Args),
    Explain(explain::Args),
    Watch(watch::Args),
    Doctor(doctor::Args),
    /// Show, test and describe policies
    Policy(policy::Args),
    Login(login::Args),
    Logout(logout::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Cli {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let common = &self.common;
        match self.command {
            Command::Status(args) => status::run(common, &args),
            Command::Explain(args) => explain::run(common, &args),
            Command::Watch(args) => watch::run(common, &args),
            Command::Doctor(args) => doctor::run(common, &args),
            Command::Policy(args) => policy::run(common, args),
            Command::Login(args) => login::run(common, &args),
            Command::Logout(args) => logout::run(common, &args),
            Command::Completions(args) => completions::run(&args),
            Command::Man(args) => man::run(&args),
        }
    }
}

/// Answers for people or for programs.
fn answer(common: &Common, page: fn(&Resolution) -> Page) -> Result<Exit, Failure> {
    let resolution = common.machine().resolve();
    if common.json {
        print_json(&resolution)?;
    } else {
        page(&resolution).print()?;
    }
    Ok(Exit::of(&resolution))
}
