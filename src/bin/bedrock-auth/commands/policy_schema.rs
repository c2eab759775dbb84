use bedrock_auth::audit::audit_event_schema;
use bedrock_auth::check::report_schema;
use bedrock_auth::policy::{policy_schema, settings_schema};
use bedrock_auth::resolve::answer_schema;
use bedrock_auth::scenario::scenario_schema;
use clap::ValueEnum;

use crate::exit::{Exit, Failure};
use crate::render::print_json;

/// Print the JSON Schema (draft-07) of a file
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which file
    #[arg(value_enum, default_value_t = File::Policy)]
    file: File,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum File {
    /// A managed policy
    Policy,
    /// A person's settings
    Settings,
    /// A scenario of `policy test`
    Scenario,
    /// An answer of `status --json`
    Answer,
    /// A report of `policy check --format json`
    Check,
    /// A record of the audit journal
    AuditEvent,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let schema = match args.file {
        File::Policy => policy_schema(),
        File::Settings => settings_schema(),
        File::Scenario => scenario_schema(),
        File::Answer => answer_schema(),
        File::Check => report_schema(),
        File::AuditEvent => audit_event_schema(),
    };
    print_json(&schema)?;
    Ok(Exit::Fine)
}
