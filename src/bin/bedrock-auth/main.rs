//! The program: commands around the library, each in a file of its own.

#![warn(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod commands;
mod exit;
mod files;
mod log;
mod options;
mod render;
mod replace;
#[cfg(unix)]
mod serve;

use std::process::ExitCode;

use bedrock_auth::targets::COMMAND;
use clap::Parser;

use crate::exit::{Exit, Failure};

/// Checks of many files allocate much, and several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = commands::Cli::parse();
    cli.common.color.write_global();
    let command = cli.name();
    log::begin(cli.usual_log());
    tracing::info!(target: COMMAND, command, "a command begins");
    let exit = cli.run().unwrap_or_else(Failure::report);
    tracing::info!(target: COMMAND, command, code = exit as u8, "a command ends");
    exit.into()
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
