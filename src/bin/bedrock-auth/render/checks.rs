//! The checks of an installation, for people.

use bedrock_auth::doctor::{Check, CheckState, Owner};
use bedrock_auth::provenance::Place;

use super::{BAD, FAINT, GOOD, Page, WARN, WHAT_IF, clean, place, styled};

/// As wide as the longest subject, and a gap.
const SUBJECT_WIDTH: usize = 11;
const MARK_WIDTH: usize = 3;

pub(crate) fn page(checks: &[Check], what_if: bool) -> Page {
    let mut page = Page::for_stdout();
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    let (problems, warnings) = (count(CheckState::Problem), count(CheckState::Warning));
    match (problems, warnings) {
        (0, 0) => page.headline(GOOD, "✓ fine", "nothing to mend"),
        (0, _) => page.headline(WARN, "– fine", &format!("{} worth knowing", things(warnings))),
        (_, _) => page.headline(BAD, "✗ broken", &format!("{} to mend", things(problems))),
    }
    if what_if {
        page.note(&styled(WARN, WHAT_IF));
    }
    page.blank();
    for check in checks {
        let mark = match check.state {
            CheckState::Fine => styled(GOOD, "✓"),
            CheckState::Warning => styled(WARN, "–"),
            CheckState::Problem => styled(BAD, "✗"),
        };
        let subject = check.subject.as_str();
        page.row(subject, SUBJECT_WIDTH, &mark, MARK_WIDTH, &clean(&check.message));
        let below = |page: &mut Page, text: &str| {
            page.entry_at("  ", SUBJECT_WIDTH + MARK_WIDTH, "", text);
        };
        if check.state == CheckState::Fine {
            continue;
        }
        let is_told = |place: &Place| check.message.contains(&place.to_string());
        if let Some(at) = check.at.as_ref().filter(|at| !is_told(at)) {
            below(&mut page, &place(at));
        }
        for Owner { path, owner, mode } in &check.owners {
            below(&mut page, &styled(FAINT, &format!("{mode} {owner:<8} {}", clean(path))));
        }
        if let Some(remedy) = &check.remedy {
            below(&mut page, &format!("{} {}", styled(FAINT, "→"), clean(remedy)));
        }
    }
    page
}

fn things(count: usize) -> String {
    if count == 1 { "one thing".to_owned() } else { format!("{count} things") }
}
