use std::io;
use std::path::{Path, PathBuf};

use bedrock_auth::jsonc::{Finding, FormatError, SourceText, format};
use bedrock_auth::load::{read_text_file, read_text_from};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::files::{Found, STDIN, STDIN_NAME, is_json, policy_files};
use crate::options::Common;
use crate::render::{PLAIN, Page, counted, diff, print_json, print_raw};
use crate::replace::replace;

/// Format policies, settings and scenarios: JSON with comments
///
/// Two spaces, lines of at most 110 columns, line ends of LF. Lists and objects stay on one line where you have
/// them there and they fit. Every value and every comment stays, in their order; a text for which that cannot be
/// proven is left alone. A file is replaced whole, with its mode and owner, and only where something changes.
///
/// Links are not written through: name the file behind one. A value behind a comment with
/// `dprint-ignore` keeps its layout, and so does a file with `dprint-ignore-file` at its beginning.
///
/// Exit code 4: with `--check`, a file would change; always, a file has faults of syntax or cannot be read.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, directories (`*.json` and `*.jsonc` below them, without names that begin with a dot and what git
    /// ignores and does not track), or `-` for standard input to standard output
    #[arg(required = true, value_name = "FILE|DIR|-")]
    paths: Vec<PathBuf>,

    /// Write nothing; show what would change, and exit with 4 if anything would
    #[arg(long)]
    check: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    schema_version: u32,
    files: &'a [File],
    problems: Vec<String>,
}

#[derive(Serialize)]
struct File {
    file: PathBuf,
    result: FileResult,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum FileResult {
    Unchanged,
    Formatted,
    WouldChange,
    Invalid,
    /// The new text could not be written, or the formatter failed.
    Failed,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let (stdin, named): (Vec<PathBuf>, Vec<PathBuf>) =
        args.paths.iter().cloned().partition(|path| path == Path::new(STDIN));
    if common.json && !stdin.is_empty() && !args.check {
        return Err(Failure::usage(
            "`--json` and the formatted text would both be on standard output",
        )
        .with_advice("add `--check`, or leave `--json` out"));
    }
    let Found { files, faults } = policy_files(&named, is_json);
    let mut told = Told::default();
    if !stdin.is_empty() {
        let (file, text) = format_stdin(args.check, &mut told.diffs);
        if let Some(text) = text {
            print_raw(text.as_bytes())?;
        }
        told.files.push(file);
    }
    for path in files {
        let file = format_file(&path, args.check, &mut told.diffs);
        told.files.push(file);
    }
    told.problems = faults.iter().map(ToString::to_string).collect();
    if common.json {
        print_json(&Answer {
            schema_version: 1,
            files: &told.files,
            problems: told.problems.clone(),
        })?;
    } else {
        told.diffs.print()?;
        told.page().print_to_stderr()?;
    }
    Ok(told.exit())
}

/// What would become of a text.
enum Outcome {
    AsItIs(String),
    New { old: String, new: String },
    Invalid(Vec<Finding>),
    Failed(String),
}

fn outcome(text: Result<SourceText, Finding>) -> Outcome {
    let text = match text {
        Ok(text) => text,
        Err(finding) => return Outcome::Invalid(vec![finding]),
    };
    match format(&text) {
        Ok(new) if new == text.as_str() => Outcome::AsItIs(new),
        Ok(new) => Outcome::New { old: text.into_string(), new },
        Err(FormatError::Faulty(findings)) => Outcome::Invalid(findings),
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

/// The text to write, unless only a verdict is wanted.
fn format_stdin(check: bool, diffs: &mut Page) -> (File, Option<String>) {
    let path = Path::new(STDIN_NAME);
    let file = |result| File::of(path, result);
    match outcome(read_text_from(io::stdin().lock(), path)) {
        Outcome::AsItIs(text) => (file(FileResult::Unchanged), Some(text).filter(|_| !check)),
        Outcome::New { old, new } if check => {
            diff::unified(diffs, path, &old, &new);
            (file(FileResult::WouldChange), None)
        }
        Outcome::New { old: _, new } => (file(FileResult::Formatted), Some(new)),
        Outcome::Invalid(findings) => (File::invalid(path, findings), None),
        Outcome::Failed(reason) => (File::failed(path, reason), None),
    }
}

fn format_file(path: &Path, check: bool, diffs: &mut Page) -> File {
    match outcome(read_text_file(path)) {
        Outcome::AsItIs(_) => File::of(path, FileResult::Unchanged),
        Outcome::New { old, new } if check => {
            diff::unified(diffs, path, &old, &new);
            File::of(path, FileResult::WouldChange)
        }
        Outcome::New { old: _, new } => match replace(path, &new) {
            Ok(()) => File::of(path, FileResult::Formatted),
            Err(error) => File::failed(path, format!("it cannot be written: {error}")),
        },
        Outcome::Invalid(findings) => File::invalid(path, findings),
        Outcome::Failed(reason) => File::failed(path, reason),
    }
}

impl File {
    fn of(path: &Path, result: FileResult) -> Self {
        File { file: path.to_owned(), result, findings: Vec::new(), reason: None }
    }

    fn invalid(path: &Path, findings: Vec<Finding>) -> Self {
        File { findings, ..File::of(path, FileResult::Invalid) }
    }

    fn failed(path: &Path, reason: String) -> Self {
        File { reason: Some(reason), ..File::of(path, FileResult::Failed) }
    }
}

/// What there is to tell at the end.
struct Told {
    files: Vec<File>,
    problems: Vec<String>,
    diffs: Page,
}

impl Default for Told {
    fn default() -> Self {
        Told { files: Vec::new(), problems: Vec::new(), diffs: Page::for_stdout() }
    }
}

impl Told {
    fn page(&self) -> Page {
        let mut page = Page::for_stderr();
        for file in &self.files {
            for finding in &file.findings {
                page.problem("error", &finding.to_string(), finding.advice.as_deref());
            }
            if let Some(reason) = &file.reason {
                page.problem("error", &format!("{}: {reason}", file.file.display()), None);
            }
        }
        for problem in &self.problems {
            page.problem("error", problem, None);
        }
        for file in self.of(FileResult::Formatted).filter(|file| file.file != Path::new(STDIN_NAME))
        {
            page.line(PLAIN, &format!("formatted {}", file.file.display()));
        }
        let would_change = self.of(FileResult::WouldChange).count();
        if would_change > 0 {
            let files = counted(would_change, "file");
            page.note(&format!("{files} of {} would change", self.files.len()));
        }
        page
    }

    fn of(&self, result: FileResult) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.result == result)
    }

    fn exit(&self) -> Exit {
        let any = |result| self.of(result).next().is_some();
        let is_incomplete = any(FileResult::Invalid) || !self.problems.is_empty();
        if is_incomplete || any(FileResult::WouldChange) {
            Exit::PolicyUnusable
        } else if any(FileResult::Failed) {
            Exit::Failed
        } else {
            Exit::Fine
        }
    }
}
