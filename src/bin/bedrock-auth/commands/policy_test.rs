use std::path::{Path, PathBuf};

use bedrock_auth::scenario::{Report, RunResult, run_file};
use serde::Serialize;
use walkdir::WalkDir;

use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, print_json, scenarios};

/// Run scenarios: given settings, environment, keychain and AWS files, expect an answer
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files, or directories: `scenario.json` and `*.scenario.json` below them are run
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Answer {
    schema_version: u32,
    scenarios: Vec<Report>,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    if common.managed.is_some() || common.user_settings.is_some() {
        return Err(Failure::usage("a scenario names its own policies and settings").with_advice(
            "write them into `managed`, `settings` or `settings_file` of the scenario",
        ));
    }
    let files = scenario_files(&args.files)?;
    let reports: Vec<_> = files.iter().map(|file| run_file(file)).collect();
    let exit = exit_of(&reports);
    if common.json {
        print_json(&Answer { schema_version: 1, scenarios: reports })?;
    } else {
        let page: Page = scenarios::page(&reports);
        page.print()?;
    }
    Ok(exit)
}

fn exit_of(reports: &[Report]) -> Exit {
    let any = |verdict| reports.iter().any(|report| report.result == verdict);
    if any(RunResult::Invalid) {
        Exit::PolicyUnusable
    } else if any(RunResult::Failed) {
        Exit::Failed
    } else {
        Exit::Fine
    }
}

fn scenario_files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let before = files.len();
            add_scenarios_below(path, &mut files)?;
            if files.len() == before {
                return Err(Failure::new(format!(
                    "there is no scenario below `{}`",
                    path.display()
                ))
                .with_advice("name scenarios `scenario.json` or `*.scenario.json`"));
            }
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn add_scenarios_below(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in WalkDir::new(dir).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            Failure::new(format!("`{}` cannot be searched: {error}", dir.display()))
        })?;
        let name = entry.file_name().to_string_lossy();
        if !entry.file_type().is_dir()
            && (name == "scenario.json" || name.ends_with(".scenario.json"))
        {
            files.push(entry.into_path());
        }
    }
    Ok(())
}
