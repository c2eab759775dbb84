//! What whoever wrote a new policy is told: what is left to do, and what a check will say.

use std::path::Path;

use bedrock_auth::check::{self, Code, Rules};
use bedrock_auth::jsonc::SourceText;
use jiff::Timestamp;
use serde::Serialize;

use super::starting_policy::invented;
use crate::commands::policy_check::EXPIRES_WITHIN_DAYS;
use crate::render::{PLAIN, Page, STRONG, clean, styled};

#[derive(Serialize)]
pub(super) struct Warning {
    code: Code,
    message: String,
    line: Option<u32>,
}

/// What `policy check` will say of it, whose word it is.
pub(super) fn warnings(text: &SourceText, now: Timestamp) -> Vec<Warning> {
    let checked = check::policy(text.clone(), &Rules::at(now, EXPIRES_WITHIN_DAYS));
    let warning = |finding: check::Finding| Warning {
        code: finding.code,
        message: finding.message,
        line: finding.at.lines.map(|lines| lines.line),
    };
    checked.findings.into_iter().map(warning).collect()
}

pub(super) fn next_steps(
    path: &Path,
    text: &SourceText,
    warnings: &[Warning],
    leaves_europe: bool,
    to_stdout: bool,
) -> Page {
    let mut page = Page::for_stderr();
    let file = if to_stdout { "FILE".to_owned() } else { path.display().to_string() };
    if !to_stdout {
        page.line(PLAIN, &format!("wrote {file}"));
    }
    let invented = invented(text);
    if !invented.is_empty() {
        page.section("Still those of an invented company, for you to replace");
        for (line, value) in invented {
            page.line(PLAIN, &format!("  line {line}: {value}"));
        }
    }
    if !warnings.is_empty() {
        page.section("`policy check` will find");
        for Warning { code, message, line } in warnings {
            let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            page.item(&format!("{line}{code}, {message}"));
        }
    }
    if leaves_europe {
        page.section("No longer true");
        page.item("the comments and the description speak of the European Union, and your regions are others: rewrite them");
    }
    page.section("Next");
    page.item("read the comments and the description: they say what the policy does not stop");
    for (command, does) in [
        (format!("bedrock-auth policy check {file}"), "finds what is wrong in it, also in CI"),
        (
            format!("bedrock-auth explain --managed {file}"),
            "shows what it would mean for you, here",
        ),
        ("bedrock-auth policy test DIRECTORY".to_owned(), "runs scenarios that you write for it"),
    ] {
        page.item(&format!("{}  {does}", styled(STRONG, &clean(&command))));
    }
    page.item(
        "then deploy it to /etc/bedrock-auth/policy.json, owned by root and writable by root alone",
    );
    page
}
