//! SARIF 2.1.0 (OASIS), within the limits of GitHub's code scanning.

use std::collections::BTreeMap;
use std::io;

use bedrock_auth::check::{Code, Finding, Severity, Span, page};
use serde_json::{Value, json};

use super::fingerprints::fingerprints;
use super::{Reported, paths, sentence};

/// GitHub takes no more results of a run.
const MOST_RESULTS: usize = 25_000;
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn text(reported: &Reported) -> io::Result<String> {
    let prints = fingerprints(reported);
    let mut findings: Vec<_> = reported.report.findings.iter().zip(prints).collect();
    // Where not all can be told, errors are.
    findings.sort_by_key(|(finding, _)| finding.severity);
    let left_out = findings.len().saturating_sub(MOST_RESULTS);
    findings.truncate(MOST_RESULTS);
    let codes: BTreeMap<&str, Code> =
        findings.iter().map(|(finding, _)| (finding.code.as_str(), finding.code)).collect();
    let rules: Vec<_> = codes.values().map(|code| rule(*code)).collect();
    let index = |code: Code| codes.keys().position(|name| *name == code.as_str());
    let results: Vec<_> = findings
        .iter()
        .map(|(finding, print)| result(finding, print, index(finding.code)))
        .collect();
    let mut notifications = Vec::new();
    if left_out > 0 {
        notifications.push(json!({
            "level": "warning",
            "message": { "text": format!("{left_out} further findings are left out") },
        }));
    }
    let sarif = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "bedrock-auth",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "automationDetails": { "id": "bedrock-auth/policy-check/" },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    Ok(serde_json::to_string_pretty(&sarif)?)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn rule(code: Code) -> Value {
    let page = page(code);
    json!({
        "id": code.as_str(),
        "name": code.as_str(),
        "shortDescription": { "text": summary_of(page).unwrap_or(code.as_str()) },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(code.severity()) },
        "properties": { "tags": ["security", "policy"] },
    })
}

/// The first sentence of a page below its title.
fn summary_of(page: &str) -> Option<&str> {
    page.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', '*', '_']))
}

fn result(finding: &Finding, fingerprint: &str, rule: Option<usize>) -> Value {
    let related: Vec<_> = finding
        .related
        .iter()
        .enumerate()
        .map(|(id, related)| {
            let mut location = location(&related.at);
            location["id"] = json!(id);
            location["message"] = json!({ "text": related.message });
            location
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.code.as_str(),
        "level": level(finding.severity),
        "message": { "text": sentence(finding) },
        "locations": [location(&finding.at)],
        "partialFingerprints": { "bedrockAuthFinding/v1": fingerprint },
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = json!(rule);
    }
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    result
}

fn location(at: &Span) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": paths::as_uri(&at.file) } });
    if let Some(lines) = &at.lines {
        physical["region"] = json!({
            "startLine": lines.line,
            "startColumn": lines.column,
            "endLine": lines.end_line,
            "endColumn": lines.end_column,
        });
    }
    json!({ "physicalLocation": physical })
}
