use aws_sdk_bedrockruntime::config::BehaviorVersion;
use bedrock_auth::client::{CallerError, CallerIdentity, Session, step_failed};
use bedrock_auth::doctor::{Check, CheckState, Subject, examine};
use bedrock_auth::load::Machine;
use bedrock_auth::resolve::{Outcome, Resolution};
use serde::Serialize;

use super::in_runtime;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{checks, print_json};

/// Check the installation, and say how to mend what is wrong
///
/// Policy files and their owners, settings, keychain, certificates and proxies, variables that would mislead an AWS
/// SDK, and the answer itself. Calls nobody unless asked to.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ask AWS STS whom it takes the credentials for, and compare account and ARN with what was foreseen
    #[arg(long)]
    online: bool,
}

#[derive(Serialize)]
struct Answer {
    schema_version: u32,
    outcome: Outcome,
    what_if: bool,
    checks: Vec<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<CallerIdentity>,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let machine = common.machine();
    let resolution = machine.resolve();
    let mut checks = examine(&machine, &resolution);
    let mut caller = None;
    if args.online && resolution.outcome == Outcome::Allowed {
        match ask(machine) {
            Ok(identity) => {
                checks.extend(compared(&identity));
                caller = Some(identity);
            }
            Err(check) => checks.push(check),
        }
    }
    let exit = exit(&resolution, &checks);
    if common.json {
        let outcome = resolution.outcome;
        let what_if = resolution.what_if;
        print_json(&Answer { schema_version: 1, outcome, what_if, checks, caller })?;
    } else {
        checks::page(&checks, resolution.what_if).print()?;
    }
    Ok(exit)
}

/// What is wrong with the answer has a code of its own.
fn exit(resolution: &Resolution, checks: &[Check]) -> Exit {
    let is_broken = checks.iter().any(|check| check.state == CheckState::Problem);
    match Exit::of(resolution) {
        Exit::Fine if is_broken => Exit::Failed,
        exit => exit,
    }
}

fn ask(machine: Machine) -> Result<CallerIdentity, Check> {
    let problem = |message: String| Check::problem(Subject::Caller, message, None);
    let session = Session::builder(machine, BehaviorVersion::latest())
        .open()
        .map_err(|error| problem(Failure::of_error(&error).message))?;
    let asked =
        in_runtime(session.caller_identity()).map_err(|failure| problem(failure.message))?;
    asked.map_err(|error| match error {
        CallerError::ApiKey => Check {
            state: CheckState::Warning,
            ..problem("AWS STS takes no API key, so it cannot say whose this one is".to_owned())
        },
        error => match step_failed(&error) {
            Some(step) => Check::problem(Subject::Caller, error.to_string(), step.remedy.clone()),
            None => problem(Failure::of_error(&error).message),
        },
    })
}

/// One check that names the caller, and one for each difference.
fn compared(identity: &CallerIdentity) -> Vec<Check> {
    let CallerIdentity { account, arn, differences } = identity;
    let mut checks = vec![Check::fine(
        Subject::Caller,
        format!("AWS takes the credentials for {arn} of {account}"),
    )];
    let remedy = "find out who hands out these credentials: it is not what files and variables say";
    checks.extend(
        differences
            .iter()
            .map(|difference| Check::problem(Subject::Caller, difference, Some(remedy.to_owned()))),
    );
    checks
}
