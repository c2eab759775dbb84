//! A JUnit report: each file is a test.

use std::io;
use std::path::Path;

use bedrock_auth::check::Finding;
use bedrock_auth::prose::Harmless;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Reported, is_error, paths, sentence};

const NAME: &str = "bedrock-auth policy check";

pub(super) fn text(reported: &Reported, deny_warnings: bool) -> io::Result<String> {
    let mut suite = TestSuite::new(NAME);
    for file in tested(reported) {
        let is_here = |finding: &&Finding| *finding.at.file == *file;
        let findings: Vec<_> = reported.report.findings.iter().filter(is_here).collect();
        suite.add_test_case(test_case(file, &findings, deny_warnings));
    }
    let mut report = Report::new(NAME);
    report.add_test_suite(suite);
    report.to_string().map_err(io::Error::other)
}

/// Directories in which nothing was found count too, so that a report without files is no success.
fn tested(reported: &Reported) -> Vec<&Path> {
    let mut paths: Vec<_> = reported.files.iter().map(|file| file.as_path()).collect();
    paths.extend(reported.report.findings.iter().map(|finding| finding.at.file.as_ref()));
    paths.sort_unstable();
    paths.dedup();
    paths
}

fn test_case(file: &Path, findings: &[&Finding], deny_warnings: bool) -> TestCase {
    let fails = |finding: &Finding| deny_warnings || is_error(finding);
    let (wrong, other): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().copied().partition(|finding| fails(finding));
    let mut case = match wrong.as_slice() {
        [] => TestCase::new(name(file), TestCaseStatus::success()),
        [first, ..] => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(Harmless(&first.message).to_string());
            status.set_type(first.code.as_str());
            status.set_description(told(&wrong));
            TestCase::new(name(file), status)
        }
    };
    case.set_classname(NAME);
    if !other.is_empty() {
        case.set_system_out(told(&other));
    }
    case
}

fn name(file: &Path) -> String {
    Harmless(&paths::of_checkout(file)).to_string()
}

fn told(findings: &[&Finding]) -> String {
    let lines = findings.iter().map(|finding| {
        let word = finding.severity;
        let place = match &finding.at.lines {
            Some(at) => format!("{}:{}:{}", name(&finding.at.file), at.line, at.column),
            None => name(&finding.at.file),
        };
        let text = sentence(finding);
        let text: Vec<_> = text.split('\n').map(|line| Harmless(line).to_string()).collect();
        format!("{word}[{}] {place}: {}", finding.code, text.join("\n  "))
    });
    lines.collect::<Vec<_>>().join("\n")
}
