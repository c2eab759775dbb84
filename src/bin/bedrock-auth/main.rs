//! The program: commands around the library, each in a file of its own.

#![warn(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod commands;
mod exit;
mod options;
mod render;
#[cfg(unix)]
mod serve;

use std::process::ExitCode;

use clap::Parser;

use crate::exit::{Exit, Failure};

fn main() -> ExitCode {
    let cli = commands::Cli::parse();
    cli.common.color.write_global();
    let exit = cli.run().unwrap_or_else(Failure::report);
    exit.into()
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
