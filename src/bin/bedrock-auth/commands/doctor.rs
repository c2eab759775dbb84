use aws_sdk_bedrockruntime::config::BehaviorVersion;
use bedrock_auth::client::{CallerAnswer, CallerError, CallerIdentity, Session, step_failed};
use bedrock_auth::doctor::{Check, CheckCode, CheckState, Report, Subject, examine, of_skew};
use bedrock_auth::load::Machine;
use bedrock_auth::resolve::{Outcome, Resolution};

use super::in_runtime;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{checks, print_json};

/// Check the installation, and say how to mend what is wrong
///
/// Policy files and their owners, settings, AWS's files, this program itself, the clock, the keychain, certificates and
/// proxies, variables that would mislead an AWS SDK, the sign-in, and the answer itself. Calls nobody unless asked to.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ask AWS STS whom it takes the credentials for and what time it is, and compare both with what is here
    #[arg(long)]
    online: bool,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let machine = common.machine().reading_keychain_once();
    let resolution = machine.resolve();
    let mut checks = examine(&machine, &resolution);
    let mut caller = None;
    if args.online && resolution.outcome == Outcome::Allowed {
        match ask(machine) {
            Ok(CallerAnswer { identity, clock_ahead }) => {
                checks.extend(clock_ahead.map(of_skew));
                checks.extend(identity.as_ref().map_or_else(|e| vec![unknown(e)], compared));
                caller = identity.ok();
            }
            Err(check) => checks.push(check),
        }
    }
    let exit = exit(&resolution, &checks);
    if common.json {
        let outcome = resolution.outcome;
        let what_if = resolution.what_if;
        print_json(&Report { schema_version: 1, outcome, what_if, checks, caller })?;
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

fn ask(machine: Machine) -> Result<CallerAnswer, Check> {
    let problem =
        |message: String| Check::found(Subject::Caller, CheckCode::CallerUnknown, message);
    let session = Session::builder(machine, BehaviorVersion::latest())
        .open()
        .map_err(|error| problem(Failure::of_error(&error).message))?;
    in_runtime(session.ask_caller()).map_err(|failure| problem(failure.message))
}

fn unknown(error: &CallerError) -> Check {
    let unknown =
        |message: String| Check::found(Subject::Caller, CheckCode::CallerUnknown, message);
    match (error, step_failed(error)) {
        (CallerError::ApiKey, _) => {
            let message = "AWS STS takes no API key, so it cannot say whose this one is";
            Check::found(Subject::Caller, CheckCode::CallerNotAsked, message)
        }
        (error, Some(step)) => Check { remedy: step.remedy.clone(), ..unknown(error.to_string()) },
        (error, None) => unknown(Failure::of_error(error).message),
    }
}

/// One check that names the caller, and one for each difference.
fn compared(identity: &CallerIdentity) -> Vec<Check> {
    let CallerIdentity { account, arn, differences } = identity;
    let mut checks = vec![Check::fine(
        Subject::Caller,
        format!("AWS takes the credentials for {arn} of {account}"),
    )];
    let remedy = "find out who hands out these credentials: it is not what files and variables say";
    checks.extend(differences.iter().map(|difference| {
        Check::found(Subject::Caller, CheckCode::CallerDiffers, difference).with_remedy(remedy)
    }));
    checks
}
