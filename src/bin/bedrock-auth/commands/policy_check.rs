use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use bedrock_auth::check::{self, Checked, Code, Finding, Report, Rules, Severity};
use bedrock_auth::jsonc::{self, FindingCode, SourceText};
use bedrock_auth::load::{SettingsPlace, read_policy_file, read_policy_from, read_text_file};
use bedrock_auth::words::nearest;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::{SignedDuration, Timestamp};

use crate::exit::{Exit, Failure};
use crate::files::{DROP_INS, Fault, policy_files};
use crate::options::Common;
use crate::render::findings::{self, Format, Reported};
use crate::render::print_raw;

/// What is checked where no file is named by a path.
const STDIN: &str = "-";
const STDIN_NAME: &str = "<stdin>";
/// What counts as soon, unless said otherwise.
pub(super) const EXPIRES_WITHIN_DAYS: u16 = 30;
/// So many are checked before a person would look for a sign of life.
const MANY_FILES: usize = 500;

/// Check policies before they reach a machine: every fault, and what no schema can find
///
/// Files in a directory that has the shape of a managed place, `policy.json` and `policy.d`, are also judged together, as
/// one machine has them in force. Exit code 0: nothing is wrong. 4: something is, or nothing was there to be checked.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Policies, or `-` for standard input; below directories `*.json` and `*.jsonc`, but scenarios and what git ignores and does not track
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
    #[arg(long, value_name = "CODE", value_parser = code, exclusive = true)]
    explain: Option<Code>,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    if let Some(code) = args.explain {
        print_raw(check::page(code).as_bytes())?;
        return Ok(Exit::Fine);
    }
    if common.managed.is_some() || common.user_settings.is_some() {
        return Err(Failure::usage("what is to be checked is named without an option")
            .with_advice("name policies as arguments, and settings with `--settings`"));
    }
    let rules = Rules {
        now: Timestamp::now(),
        expires_within: SignedDuration::from_hours(24 * i64::from(args.expires_within)),
    };
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
    let (read_stdin, named): (Vec<_>, Vec<_>) =
        args.files.iter().cloned().partition(|path| path.as_os_str() == STDIN);
    let found = policy_files(&named, is_policy_name);
    let mut settings: Vec<&SettingsPlace> = Vec::new();
    for place in &args.settings {
        if !settings.contains(&place) {
            settings.push(place);
        }
    }
    let inputs = found.files.iter().map(PathBuf::as_path).chain(settings.iter().map(|s| s.path()));
    if let Some(output) = output
        && inputs
            .into_iter()
            .any(|input| fs::canonicalize(input).is_ok_and(|input| input == output))
    {
        return Err(Failure::usage("the report would overwrite a file that is checked")
            .with_advice("name another file with `--output`"));
    }
    let mut findings: Vec<_> = found.faults.iter().map(of_fault).collect();
    let mut policies = Vec::new();
    if !read_stdin.is_empty() {
        let name = Path::new(STDIN_NAME);
        match read_policy_from(io::stdin().lock(), name) {
            Ok(text) => policies.push(check::policy(text, rules)),
            Err(fault) => findings.push(Finding::of_file(fault)),
        }
    }
    let is_asked_again = args.together || !settings.is_empty();
    for checked in check_files(&found.files, rules, is_asked_again) {
        match checked {
            Ok(policy) => policies.push(policy),
            Err(fault) => findings.push(Finding::of_file(fault)),
        }
    }
    for set in sets(&policies, args.together) {
        findings.extend(check::together(&set, rules));
    }
    let held_against: Vec<_> = policies.iter().collect();
    let mut files: Vec<_> =
        read_stdin.first().map(|_| PathBuf::from(STDIN_NAME)).into_iter().collect();
    files.extend(found.files);
    let mut sources: Vec<SourceText> = Vec::new();
    for place in settings {
        files.push(place.path().to_owned());
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
    let told: HashSet<&Path> = findings
        .iter()
        .flat_map(|finding| {
            let related = finding.related.iter().map(|related| related.at.file.as_ref());
            related.chain([finding.at.file.as_ref()])
        })
        .collect();
    let texts = sources
        .iter()
        .filter(|text| told.contains(text.path().as_ref()))
        .map(|text| (Arc::clone(text.path()), check::mask(text.as_str())))
        .collect();
    Ok(Reported { report: Report::of(files.len(), findings), files, texts })
}

fn is_policy_name(name: &str) -> bool {
    let is_json = name.ends_with(".json") || name.ends_with(".jsonc");
    is_json && name != "scenario.json" && !name.ends_with(".scenario.json")
}

fn of_fault(fault: &Fault) -> Finding {
    match fault {
        Fault::NothingBelow { directory } => findings::nothing_below(directory),
        Fault::Unsearchable { path, reason } => Finding::about_file(
            Code::Text(FindingCode::Unreadable),
            path,
            format!("this cannot be searched: {reason}"),
            "make it readable for who runs the check, or leave it out",
        ),
        Fault::TrackedUnknown { directory, reason } => Finding::about_file(
            Code::Text(FindingCode::Unreadable),
            directory,
            format!("what git tracks here cannot be found out: {reason}"),
            "mend the repository until `git ls-files` works there, or name the files",
        ),
    }
}

/// All at once, in the order of the paths. Of thousands, those are kept of which there is something to tell or to ask.
fn check_files(
    files: &[PathBuf],
    rules: &Rules,
    keep_all: bool,
) -> Vec<Result<Checked, jsonc::Finding>> {
    let next = AtomicUsize::new(0);
    let progress = progress(files.len());
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else { return done };
            let checked = read_policy_file(file).map(|text| check::policy(text, rules));
            let is_sound = checked.as_ref().is_ok_and(|policy| policy.findings.is_empty());
            if keep_all || !is_sound || managed_place(file).is_some() {
                done.push((index, checked));
            }
            progress.inc(1);
        }
    };
    let workers =
        thread::available_parallelism().map_or(1, usize::from).min(files.len().div_ceil(16));
    let mut all = thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    progress.finish_and_clear();
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, checked)| checked).collect()
}

/// Only a person who waits sees it.
fn progress(files: usize) -> ProgressBar {
    if files < MANY_FILES || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar =
        ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("checked {pos} of {len} files {wide_bar}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Policies that one machine has in force at once.
fn sets(policies: &[Checked], all_together: bool) -> Vec<Vec<&Checked>> {
    if all_together {
        return vec![policies.iter().collect()];
    }
    let mut places: BTreeMap<&Path, Vec<&Checked>> = BTreeMap::new();
    for policy in policies {
        if let Some(place) = managed_place(policy.text.path()) {
            places.entry(place).or_default().push(policy);
        }
    }
    places.into_values().filter(|policies| policies.len() > 1).collect()
}

/// The directory that would be `/etc/bedrock-auth`.
fn managed_place(file: &Path) -> Option<&Path> {
    let directory = file.parent()?;
    if directory.file_name()? == DROP_INS {
        // Another ending is passed over there.
        return (file.extension()? == "json").then(|| directory.parent())?;
    }
    let has_drop_ins = || directory.join(DROP_INS).is_dir();
    (file.file_name()? == "policy.json" && has_drop_ins()).then_some(directory)
}

fn code(word: &str) -> Result<Code, String> {
    Code::from_word(word).ok_or_else(|| match nearest(word, Code::all().map(Code::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "the codes stand in docs/findings".to_owned(),
    })
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
