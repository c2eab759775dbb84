use std::io::{self, IsTerminal};
use std::sync::Arc;

use bedrock_auth::watch::{Answer, Watch};

use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{changes, print_json_line};

/// Stay, and print each change of the answer
///
/// One JSON line for each answer, beginning with the current one. On a terminal, unless `--json` is given, what is
/// different about it: how it was, how it is, and which file says so.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(common: &Common, _: &Args) -> Result<Exit, Failure> {
    let watch = Watch::builder(common.machine()).start()?;
    let mut answers = watch.changes();
    let mut last = watch.current();
    let for_people = !common.json && io::stdout().is_terminal();
    let print = |before: Option<&Answer>, answer: &Answer| match for_people {
        true => changes::page(before, answer).print_one_of_many(),
        false => print_json_line(answer),
    };
    let mut is_read = print(None, &last)?;
    while is_read {
        let Some(next) = answers.next_blocking() else {
            return Err(Failure::new("nobody watches any more"));
        };
        if next.number > last.number {
            is_read = print(Some(&last), &next)?;
            last = Arc::clone(&next);
        }
    }
    Ok(Exit::Fine)
}
