//! The commands. One file each: its arguments and one function.

mod audit;
mod audit_checkpoint;
mod audit_export;
mod audit_filter;
mod audit_journal;
mod audit_key;
mod audit_query;
mod audit_summary;
mod audit_tail;
mod audit_verify;
mod completions;
mod credential_process;
mod doctor;
mod exec;
mod explain;
mod export;
mod hand_out;
mod login;
mod logout;
mod man;
mod policy;
mod policy_check;
mod policy_fmt;
mod policy_init;
mod policy_schema;
mod policy_show;
mod policy_test;
mod process;
mod serve;
mod status;
mod watch;

use bedrock_auth::resolve::Resolution;
use clap::{Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

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
    Serve(serve::Args),
    Exec(exec::Args),
    Export(export::Args),
    CredentialProcess(credential_process::Args),
    /// Check, show, test, write and describe policies
    Policy(policy::Args),
    /// Verify and question the journal of decisions
    Audit(Box<audit::Args>),
    Login(login::Args),
    Logout(logout::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Cli {
    /// The command's name, as it is written.
    pub(crate) fn name(&self) -> &'static str {
        match &self.command {
            Command::Status(_) => "status",
            Command::Explain(_) => "explain",
            Command::Watch(_) => "watch",
            Command::Doctor(_) => "doctor",
            Command::Serve(_) => "serve",
            Command::Exec(_) => "exec",
            Command::Export(_) => "export",
            Command::CredentialProcess(_) => "credential-process",
            Command::Policy(_) => "policy",
            Command::Audit(_) => "audit",
            Command::Login(_) => "login",
            Command::Logout(_) => "logout",
            Command::Completions(_) => "completions",
            Command::Man(_) => "man",
        }
    }

    /// How much is told of what goes on, where nobody says how much. The agent stays, and nobody looks at it.
    pub(crate) fn usual_log(&self) -> LevelFilter {
        match &self.command {
            Command::Serve(_) => LevelFilter::INFO,
            _ => LevelFilter::OFF,
        }
    }

    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let common = &self.common;
        match self.command {
            Command::Status(args) => status::run(common, &args),
            Command::Explain(args) => explain::run(common, &args),
            Command::Watch(args) => watch::run(common, &args),
            Command::Doctor(args) => doctor::run(common, &args),
            Command::Serve(args) => serve::run(common, args),
            Command::Exec(args) => exec::run(common, &args),
            Command::Export(args) => export::run(common, &args),
            Command::CredentialProcess(args) => credential_process::run(common, &args),
            Command::Policy(args) => policy::run(common, args),
            Command::Audit(args) => audit::run(common, &args),
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

/// Drives calls to services and processes, on this thread.
fn in_runtime<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("no call can be made: {error}")))?;
    Ok(runtime.block_on(work))
}
