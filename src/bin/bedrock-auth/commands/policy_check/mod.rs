mod files;
mod progress;
mod sets;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bedrock_auth::check::{self, Code, Finding, Report, Rules, Severity};
use bedrock_auth::jsonc::{FindingCode, SourceText};
use bedrock_auth::load::{SettingsPlace, fault_of_drop_ins, read_text_file};
use bedrock_auth::words::did_you_mean;
use jiff::Timestamp;
use serde::Serialize;

use self::files::{Looked, look_at};
use self::sets::managed_places;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::findings::{self, Format, Reported};
use crate::render::{print_json, print_raw};

/// How soon the end of a policy is told, unless another time is asked for.
pub(super) const EXPIRES_WITHIN_DAYS: u16 = 30;

/// Check policies before they reach a machine: every fault, and what no schema can find
///
/// Files in a directory that has the shape of a managed place, `policy.json` and `policy.d`, are also judged together, as
/// one machine has them in force. Exit code 0: nothing is wrong. 4: something is, or nothing was there to be checked.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Policies, or `-` for standard input; below directories `*.json` and `*.jsonc`, but scenarios, names that begin with a dot, and what git ignores and does not track
    #[arg(value_name = "FILE", required_unless_present_any = ["settings", "explain"])]
    files: Vec<PathBuf>,

    /// Check a person's settings too, and hold them against the policies; may be named again
    #[arg(long, value_name = "FILE[#/pointer]", value_parser = SettingsPlace::named)]
    settings: Vec<SettingsPlace>,

    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,

    /// Write them to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// End with 4 for warnings too
    #[arg(long)]
    deny_warnings: bool,

    /// Warn of policies that expire within so many days
    #[arg(long, value_name = "DAYS", default_value_t = EXPIRES_WITHIN_DAYS)]
    expires_within: u16,

    /// Judge all policies together, as one machine that has them in force
    #[arg(long)]
    together: bool,

    /// Leave out warnings of this code; may be named again
    #[arg(long, value_name = "CODE", value_parser = warning_code)]
    allow: Vec<Code>,

    /// Say what a code means, and how to mend what it found
    #[arg(long, value_name = "CODE", value_parser = code, conflicts_with_all = ["files", "settings", "format", "output", "deny_warnings", "expires_within", "together", "allow"])]
    explain: Option<Code>,
}

#[derive(Serialize)]
struct Explained {
    schema_version: u32,
    code: Code,
    page: &'static str,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    if let Some(code) = args.explain {
        let page = check::page(code);
        if common.json {
            print_json(&Explained { schema_version: 1, code, page })?;
        } else {
            print_raw(page.as_bytes())?;
        }
        return Ok(Exit::Fine);
    }
    if common.managed.is_some() || common.user_settings.is_some() {
        return Err(Failure::usage("what is to be checked is named without an option")
            .with_advice("name policies as arguments, and settings with `--settings`"));
    }
    let rules = Rules::at(Timestamp::now(), args.expires_within);
    let output = args.output.as_deref().and_then(|path| fs::canonicalize(path).ok());
    let reported = check_all(args, &rules, output.as_deref())?;
    let format = if common.json { Format::Json } else { args.format };
    let fails = fails(&reported.report, args.deny_warnings);
    let text = findings::text(format, &reported, args.deny_warnings)?;
    match &args.output {
        None if format == Format::Human => findings::print(&text)?,
        None => print_raw(text.as_bytes())?,
        Some(path) => {
            let plain = anstream::adapter::strip_str(&text).to_string();
            fs::write(path, plain).map_err(|error| {
                Failure::new(format!("`{}` cannot be written: {error}", path.display()))
            })?;
            findings::summary(&reported.report).print_to_stderr()?;
        }
    }
    Ok(if fails { Exit::PolicyUnusable } else { Exit::Fine })
}

fn fails(report: &Report, deny_warnings: bool) -> bool {
    report.errors > 0 || (deny_warnings && report.warnings > 0)
}

fn check_all(args: &Args, rules: &Rules, output: Option<&Path>) -> Result<Reported, Failure> {
    let settings = each_once(&args.settings);
    let Looked { mut files, policies, mut findings } =
        look_at(&args.files, rules, args.together || !settings.is_empty());
    files.extend(settings.iter().map(|place| place.path().to_owned()));
    if let Some(output) = output
        && files.iter().any(|file| fs::canonicalize(file).is_ok_and(|file| file == output))
    {
        return Err(Failure::usage("the report would overwrite a file that is checked")
            .with_advice("name another file with `--output`"));
    }
    let places = managed_places(&policies);
    findings
        .extend(places.keys().filter_map(|place| fault_of_drop_ins(place)).map(Finding::of_file));
    let sets = match args.together {
        true => vec![policies.iter().collect()],
        false => places.into_values().collect(),
    };
    for set in sets.iter().filter(|set| set.len() > 1) {
        findings.extend(check::together(set, rules));
    }
    let held_against: Vec<_> = policies.iter().collect();
    let mut sources = Vec::new();
    for place in settings {
        match read_text_file(place.path()) {
            Ok(text) => {
                findings.extend(check::settings(&text, place.pointer(), &held_against));
                sources.push(text);
            }
            Err(fault) => findings.push(Finding::of_file(fault)),
        }
    }
    for policy in policies {
        sources.push(policy.text);
        findings.extend(policy.findings);
    }
    findings.retain(|finding| {
        finding.severity == Severity::Error || !args.allow.contains(&finding.code)
    });
    let texts = masked_texts(&findings, &sources);
    Ok(Reported { report: Report::of(files.len(), findings), files, texts })
}

fn each_once(places: &[SettingsPlace]) -> Vec<&SettingsPlace> {
    let mut once: Vec<&SettingsPlace> = Vec::new();
    for place in places {
        if !once.contains(&place) {
            once.push(place);
        }
    }
    once
}

/// The texts that findings are about, as reports may show them.
fn masked_texts(findings: &[Finding], sources: &[SourceText]) -> BTreeMap<Arc<Path>, String> {
    let told: HashSet<&Path> = findings
        .iter()
        .flat_map(|finding| {
            let related = finding.related.iter().map(|related| related.at.file.as_ref());
            related.chain([finding.at.file.as_ref()])
        })
        .collect();
    sources
        .iter()
        .filter(|text| told.contains(text.path().as_ref()))
        .map(|text| (Arc::clone(text.path()), check::mask(text.as_str())))
        .collect()
}

fn code(word: &str) -> Result<Code, String> {
    let otherwise = || "the codes stand in docs/findings".to_owned();
    Code::from_word(word)
        .ok_or_else(|| did_you_mean(word, Code::all().map(Code::as_str), otherwise))
}

/// An error is mended, not left out.
fn warning_code(word: &str) -> Result<Code, String> {
    let code = code(word)?;
    // In settings, a key that means nothing is a warning.
    let is_in_settings = code == Code::Text(FindingCode::UnknownKey);
    match code.severity() {
        Severity::Error if !is_in_settings => {
            Err("it is an error, and errors cannot be left out".to_owned())
        }
        _ => Ok(code),
    }
}
