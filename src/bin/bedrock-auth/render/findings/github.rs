//! Workflow commands of GitHub Actions, which it shows beside the lines.

use std::fmt::Write as _;

use bedrock_auth::check::{Finding, Report};
use bedrock_auth::prose::Harmless;

use super::{is_error, paths, sentence};

pub(super) fn text(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let _ = writeln!(text, "{}", command(finding));
    }
    text
}

fn command(finding: &Finding) -> String {
    let word = if is_error(finding) { "error" } else { "warning" };
    let mut command = format!("::{word} file={}", property(&paths::of_checkout(&finding.at.file)));
    if let Some(at) = &finding.at.lines {
        let _ = write!(command, ",line={},endLine={}", at.line, at.end_line);
        // GitHub takes columns within one line alone.
        if at.line == at.end_line {
            let _ = write!(command, ",col={},endColumn={}", at.column, at.end_column);
        }
    }
    let _ = write!(command, ",title={}::", property(&format!("policy check: {}", finding.code)));
    command + &message(&sentence(finding))
}

/// Escapes as the runner undoes it, after what steers a terminal was made harmless.
fn message(text: &str) -> String {
    let lines = text.split('\n').map(|line| Harmless(line).to_string().replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_or_begins_one() {
        assert_eq!(message("a%0Ab\n::error::x\r\u{1b}[1m"), "a%250Ab%0A::error::x\\u{d}\\u{1b}[1m");
        assert_eq!(property("a,b:c%\u{202e}"), "a%2Cb%3Ac%25\\u{202e}");
    }
}
