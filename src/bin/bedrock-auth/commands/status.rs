use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::answer;

/// Show what is in force now, on one screen
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(common: &Common, _: &Args) -> Result<Exit, Failure> {
    super::answer(common, answer::status)
}
