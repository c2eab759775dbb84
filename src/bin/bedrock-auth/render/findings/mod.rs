//! Findings of checks, as people and CI servers read them.

mod fingerprints;
mod github;
mod gitlab;
mod human;
mod junit;
mod paths;
mod sarif;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bedrock_auth::check::{Code, Finding, Lint, Report, Severity};
use clap::ValueEnum;

use super::{BAD, GOOD, Page, RUNNER_COMMANDS, WARN, counted, harmless, unless_nobody_reads};

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the text underlined
    Human,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, which GitHub shows beside the lines
    Github,
    /// GitLab's Code Quality report
    Gitlab,
    /// A test report, each file a test
    Junit,
}

/// Everything that reports show.
pub(crate) struct Reported {
    pub(crate) report: Report,
    /// What was looked at.
    pub(crate) files: Vec<PathBuf>,
    /// The texts that findings are about, with asterisks for what looks like a secret.
    pub(crate) texts: BTreeMap<Arc<Path>, String>,
}

/// A directory without policies is no pass.
pub(crate) fn nothing_below(directory: &Path) -> Finding {
    Finding::about_file(
        Code::Lint(Lint::NothingToCheck),
        directory,
        "there is no policy below this directory".to_owned(),
        "name a directory with `*.json` files that git does not ignore, or the files",
    )
}

/// A report in a format.
pub(crate) fn text(format: Format, reported: &Reported, deny_warnings: bool) -> io::Result<String> {
    let (text, bracket) = match format {
        Format::Human => return Ok(human::text(reported, Page::for_stdout().width())),
        Format::Json => (harmless(&serde_json::to_string_pretty(&reported.report)?), "\\u005b"),
        Format::Sarif => (harmless(&sarif::text(reported)?), "\\u005b"),
        Format::Gitlab => (harmless(&gitlab::text(reported)?), "\\u005b"),
        Format::Junit => (junit::text(reported, deny_warnings)?, "&#91;"),
        Format::Github => (github::text(&reported.report), "\u{fffd}"),
    };
    // Only texts hold such, and it means the same there. In a log, a runner would take it for a command.
    let mut text = text;
    for command in RUNNER_COMMANDS {
        text = text.replace(&format!("{command}["), &format!("{command}{bracket}"));
    }
    Ok(text)
}

/// Prints what may be coloured.
pub(crate) fn print(text: &str) -> io::Result<()> {
    unless_nobody_reads(anstream::stdout().write_all(text.as_bytes()))
}

/// The result in one line.
pub(crate) fn summary(report: &Report) -> Page {
    let mut page = Page::for_stderr();
    headline(&mut page, report);
    page
}

fn headline(page: &mut Page, report: &Report) {
    let Report { files, errors, warnings, .. } = report;
    let looked_at = counted(*files, "file");
    match (errors, warnings) {
        (0, 0) => page.headline(GOOD, "ok", &format!("nothing is wrong with {looked_at}")),
        (0, warnings) => {
            page.headline(
                WARN,
                "warnings",
                &format!("{} in {looked_at}", counted(*warnings, "warning")),
            );
        }
        (errors, 0) => {
            page.headline(BAD, "failed", &format!("{} in {looked_at}", counted(*errors, "error")));
        }
        (errors, warnings) => {
            let (errors, warnings) = (counted(*errors, "error"), counted(*warnings, "warning"));
            page.headline(BAD, "failed", &format!("{errors} and {warnings} in {looked_at}"));
        }
    }
}

/// What is wrong and what to do, as one text.
fn sentence(finding: &Finding) -> String {
    match &finding.advice {
        Some(advice) => format!("{}\nhelp: {advice}", finding.message),
        None => finding.message.clone(),
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}
