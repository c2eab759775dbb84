//! GitLab's Code Quality report.

use std::io;

use bedrock_auth::check::Finding;
use serde::Serialize;

use super::fingerprints::fingerprints;
use super::{Reported, is_error, paths, sentence};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    /// The same as long as the finding is the same, wherever its line moves to.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

pub(super) fn text(reported: &Reported) -> io::Result<String> {
    let prints = fingerprints(reported);
    let findings = reported.report.findings.iter().zip(prints);
    let issues: Vec<_> = findings.map(|(finding, print)| issue(finding, print)).collect();
    Ok(serde_json::to_string_pretty(&issues)?)
}

fn issue(finding: &Finding, fingerprint: String) -> Issue {
    let at = |line, column| Position { line, column };
    // The report knows no file without a line.
    let positions = match &finding.at.lines {
        Some(lines) => Positions {
            begin: at(lines.line, lines.column),
            end: at(lines.end_line, lines.end_column),
        },
        None => Positions { begin: at(1, 1), end: at(1, 1) },
    };
    Issue {
        description: sentence(finding),
        check_name: finding.code.as_str(),
        fingerprint,
        severity: if is_error(finding) { "critical" } else { "minor" },
        location: Location { path: paths::of_checkout(&finding.at.file), positions },
    }
}
