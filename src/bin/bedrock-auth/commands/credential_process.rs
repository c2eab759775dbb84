use bedrock_auth::audit::Door;
use jiff::Timestamp;

use super::hand_out::hand_out;
use super::process::Process;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::print_secret_json;

/// Print the allowed credentials as AWS SDKs expect it of a `credential_process`
///
/// For a profile in `~/.aws/config`: credential_process = bedrock-auth credential-process
///
/// The end that is printed may come before that of the credentials, so that whoever asks does so again: after a minute
/// where they were at hand, after twenty where a service or a process was asked.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(common: &Common, _: &Args) -> Result<Exit, Failure> {
    let handed = hand_out(common, Door::CredentialProcess)?;
    let until = handed.ask_again(Timestamp::now());
    print_secret_json(&Process::of(&handed, Some(until))?)?;
    Ok(Exit::Fine)
}
