//! The outcome of scenarios for people.

use bedrock_auth::jsonc::Finding;
use bedrock_auth::scenario::{Mismatch, Report, Verdict};

use super::{BAD, FAINT, GOOD, Page, clean, place, styled};

pub(crate) fn page(reports: &[Report]) -> Page {
    let mut page = Page::for_stdout();
    for report in reports {
        let description = report.description.as_deref().unwrap_or_default();
        let (style, word) = match report.result {
            Verdict::Passed => (GOOD, "ok"),
            Verdict::Failed => (BAD, "FAILED"),
            Verdict::Invalid => (BAD, "INVALID"),
        };
        let file = clean(&report.file);
        let line =
            format!("{}  {file}  {}", styled(style, word), styled(FAINT, &clean(description)));
        page.note(line.trim_end());
        for mismatch in &report.mismatches {
            show_mismatch(&mut page, mismatch);
        }
        for finding in &report.findings {
            show_finding(&mut page, finding);
        }
    }
    let count = |verdict| reports.iter().filter(|report| report.result == verdict).count();
    page.blank();
    let mut total = format!("{} passed, {} failed", count(Verdict::Passed), count(Verdict::Failed));
    if count(Verdict::Invalid) > 0 {
        total += &format!(", {} invalid", count(Verdict::Invalid));
    }
    page.note(&total);
    page
}

fn show_mismatch(page: &mut Page, mismatch: &Mismatch) {
    let Mismatch { key, expected, actual, at } = mismatch;
    let text = format!("expected {}, got {}  {}", clean(expected), clean(actual), place(at));
    page.entry_at("    ", 12, key, &text);
}

fn show_finding(page: &mut Page, finding: &Finding) {
    let text = format!("{}  {}", clean(&finding.message), place(&finding.place));
    page.entry_at("    ", 16, finding.code.as_str(), &text);
    if let Some(advice) = &finding.advice {
        page.entry_at("    ", 16, "", &format!("→ {}", clean(advice)));
    }
}
