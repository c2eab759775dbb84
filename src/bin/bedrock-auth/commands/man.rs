use std::path::PathBuf;

use clap::CommandFactory;

use super::Cli;
use crate::exit::{Exit, Failure};
use crate::render::print_raw;

/// Print the manual page, or write those of all commands
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let command = Cli::command();
    match &args.out {
        Some(dir) => clap_mangen::generate_to(command, dir).map_err(|error| {
            Failure::new(format!("the pages cannot be written to `{}`: {error}", dir.display()))
        })?,
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            print_raw(&page)?;
        }
    }
    Ok(Exit::Fine)
}
