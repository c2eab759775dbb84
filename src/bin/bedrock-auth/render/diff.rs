//! What would change in a file, as `diff -u` shows it.

use std::path::Path;
use std::time::Duration;

use bedrock_auth::check::mask;
use similar::{ChangeTag, TextDiff};

use super::{BAD, FAINT, GOOD, PLAIN, Page, STRONG, no_command};

const CONTEXT_LINES: usize = 3;
/// For texts that have nothing in common; the diff is coarser then, and as true.
const PATIENCE: Duration = Duration::from_secs(1);

/// Adds the difference between two texts of a file. Characters that steer a terminal are escaped, and what looks like a
/// secret is masked.
pub(crate) fn unified(page: &mut Page, file: &Path, old: &str, new: &str) {
    let name = file.display().to_string();
    page.line(STRONG, &format!("--- {name}"));
    page.line(STRONG, &format!("+++ {name} (formatted)"));
    let (old, new) = (mask(old), mask(new));
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(&old, &new);
    for hunk in diff.unified_diff().context_radius(CONTEXT_LINES).iter_hunks() {
        page.line(FAINT, &hunk.header().to_string());
        for change in hunk.iter_changes() {
            let (style, sign) = match change.tag() {
                ChangeTag::Delete => (BAD, '-'),
                ChangeTag::Insert => (GOOD, '+'),
                ChangeTag::Equal => (PLAIN, ' '),
            };
            let text: &str = change.value();
            let text = text.strip_suffix('\n').unwrap_or(text);
            page.line(style, &no_command(&format!("{sign}{text}")));
            if change.missing_newline() {
                page.line(FAINT, "\\ No newline at end of file");
            }
        }
    }
}
