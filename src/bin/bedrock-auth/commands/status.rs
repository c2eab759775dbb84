use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{answer, print_json};

/// Show what is in force now, on one screen
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(common: &Common, _: &Args) -> Result<Exit, Failure> {
    let resolution = common.machine().resolve();
    if common.json {
        print_json(&resolution)?;
    } else {
        answer::status(&resolution).print()?;
    }
    Ok(Exit::of(&resolution))
}
