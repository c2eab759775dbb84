use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;

#[cfg(unix)]
use bedrock_auth::audit::Asked;
use bedrock_auth::audit::Door;
use bedrock_auth::client::ChildEnvironment;
#[cfg(unix)]
use bedrock_auth::client::NotCarried;
#[cfg(unix)]
use bedrock_auth::journal::{self, Recorder};
use bedrock_auth::prose::quoted;

use super::hand_out::{child_environment, hand_out};
#[cfg(unix)]
use super::hand_out::{names_of_variables, not_allowed, not_recorded, tell_of_trouble};
use crate::exit::{Exit, Failure};
use crate::options::Common;
#[cfg(unix)]
use crate::serve::Agent;

/// Run a program with exactly the allowed credentials in its environment
///
/// Every other AWS credential, profile, endpoint and scheme variable is removed, and region, endpoint and scheme are
/// set, so that the default profile does not lead astray. On Unix the program takes the place of this one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Let the program ask the agent (`bedrock-auth serve`) for credentials: they are renewed while it runs, and a policy
    /// that tightens holds for it. It finds no AWS profiles
    #[arg(long)]
    agent: bool,

    /// The agent's runtime directory, where it is not the usual one
    #[arg(long, value_name = "DIR", requires = "agent")]
    runtime_dir: Option<PathBuf>,

    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let Some((program, arguments)) = args.command.split_first() else {
        return Err(Failure::usage("there is no program to run"));
    };
    let environment = match args.agent {
        true => environment_with_agent(common, args.runtime_dir.as_deref())?,
        false => child_environment(&hand_out(common, Door::Exec)?),
    };
    let mut command = Command::new(program);
    command.args(arguments);
    for name in environment.remove() {
        command.env_remove(name);
    }
    command.envs(environment.set());
    let error = replace_this_process(&mut command);
    Err(not_started(&program.to_string_lossy(), &error))
}

/// The environment of a program that asks the agent for credentials, as long as it runs.
#[cfg(unix)]
fn environment_with_agent(
    common: &Common,
    runtime_dir: Option<&Path>,
) -> Result<ChildEnvironment, Failure> {
    let machine = common.machine();
    let resolution = machine.resolve();
    let recorder = Recorder::of(&machine);
    let asked = Asked::at(Door::ExecAgent).by(journal::parent());
    let Some(allowed) = resolution.allowed() else {
        recorder.not_allowed(&resolution, &asked);
        tell_of_trouble(&recorder);
        return Err(not_allowed(common, &resolution));
    };
    if !machine.may_hand_out() {
        return Err(Failure::what_if());
    }
    if let Some(why) = NotCarried::foreseen(allowed) {
        return Err(Failure::new(why.to_string()).with_advice("leave `--agent` out"));
    }
    let agent = Agent::running(runtime_dir)?;
    recorder.allowed(&resolution, &asked).map_err(|error| not_recorded(&error))?;
    tell_of_trouble(&recorder);
    let names = names_of_variables();
    let names = names.iter().map(String::as_str);
    Ok(ChildEnvironment::asking(allowed, &agent.credentials_url, &agent.token_file, names))
}

#[cfg(not(unix))]
fn environment_with_agent(_: &Common, _: Option<&Path>) -> Result<ChildEnvironment, Failure> {
    Err(Failure::new("there is no agent on this system").with_advice("leave `--agent` out"))
}

/// Comes back only with what went wrong.
#[cfg(unix)]
fn replace_this_process(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

/// Stays until the program ends, and ends as it does: nothing takes the place of a process here.
#[cfg(not(unix))]
fn replace_this_process(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

fn not_started(program: &str, error: &io::Error) -> Failure {
    let shown = quoted(program);
    let (why, advice) = match error.kind() {
        ErrorKind::NotFound if Path::new(program).exists() => (
            "what its first line names is missing".to_owned(),
            "look at the line of the file that begins with `#!`",
        ),
        ErrorKind::NotFound => {
            ("there is no such program".to_owned(), "mend its name, or install it")
        }
        ErrorKind::PermissionDenied if Path::new(program).is_dir() => {
            ("it is a directory".to_owned(), "name a program in it")
        }
        ErrorKind::PermissionDenied if !Path::new(program).exists() => {
            ("it cannot be reached".to_owned(), "look at the directories on the way to it")
        }
        ErrorKind::PermissionDenied => {
            ("it is not executable".to_owned(), "`chmod +x` it, or name the program that runs it")
        }
        _ => (error.to_string(), "look at the program"),
    };
    Failure::new(format!("{shown} cannot be started: {why}")).with_advice(advice)
}
