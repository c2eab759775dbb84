use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{answer, print_json};

/// Show every candidate and every value, in order, and what decided
///
/// Each with its source, its fate, and the line of the policy that decided.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(common: &Common, _: &Args) -> Result<Exit, Failure> {
    let resolution = common.machine().resolve();
    if common.json {
        print_json(&resolution)?;
    } else {
        answer::explain(&resolution).print()?;
    }
    Ok(Exit::of(&resolution))
}
