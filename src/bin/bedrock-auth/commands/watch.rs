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

/// As `tail --follow` does: the next change may be days away.
#[cfg(unix)]
pub(super) fn end_when_nobody_reads() {
    use rustix::event::{PollFd, PollFlags, poll};
    std::thread::spawn(|| {
        let stdout = io::stdout();
        // Nothing is asked for but what is always told: that the other end is gone.
        let mut closed = [PollFd::new(&stdout, PollFlags::empty())];
        while poll(&mut closed, None).is_err() {}
        std::process::exit(Exit::Fine as i32);
    });
}

/// The next change tells.
#[cfg(not(unix))]
pub(super) fn end_when_nobody_reads() {}

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
    end_when_nobody_reads();
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
