use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::answer;

/// Show every candidate and every value, in order, and what decided
///
/// Each with its source, its fate, and the line of the policy that decided.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(common: &Common, _: &Args) -> Result<Exit, Failure> {
    super::answer(common, answer::explain)
}
