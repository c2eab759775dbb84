//! Answers as they follow one another, for people.

use bedrock_auth::resolve::Outcome;
use bedrock_auth::watch::{Answer, Difference, Watching, differences};
use jiff::tz::TimeZone;

use super::{BAD, FAINT, GOOD, Page, STRONG, WARN, WHAT_IF, clean, place, styled};

/// The current answer in a few lines, or what is different about a later one.
pub(crate) fn page(before: Option<&Answer>, answer: &Answer) -> Page {
    let mut page = Page::for_stdout();
    page.note(&headline(before, answer));
    match before {
        None => begin(&mut page, answer),
        Some(before) => {
            let differences = differences(before, answer);
            for difference in &differences {
                show(&mut page, difference);
            }
            if differences.is_empty() {
                page.entry("credential", "replaced by another one");
            }
        }
    }
    page
}

/// The hour in the person's own time; the day where it is another than before.
fn headline(before: Option<&Answer>, answer: &Answer) -> String {
    let local = |answer: &Answer| answer.since.to_zoned(TimeZone::system());
    let since = local(answer);
    let is_same_day = before.is_some_and(|before| local(before).date() == since.date());
    let format = if is_same_day { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    let resolution = &answer.resolution;
    let (style, word) = match resolution.outcome {
        Outcome::Allowed => (GOOD, "✓ allowed"),
        Outcome::Denied => (BAD, "✗ denied"),
        Outcome::Unconfigured => (WARN, "– unconfigured"),
    };
    let when = styled(FAINT, &since.strftime(format).to_string());
    format!("{when}  {}  {}", styled(style, word), clean(&resolution.display))
}

fn begin(page: &mut Page, answer: &Answer) {
    if answer.resolution.what_if {
        page.item(&styled(WARN, WHAT_IF));
    }
    let watching = match &answer.watching {
        Watching::Events => "each change is told from here on".to_owned(),
        Watching::Polling { reason } => {
            format!("the files are looked at every second, because {}", clean(reason))
        }
    };
    page.entry("watching", &watching);
    for warning in &answer.resolution.warnings {
        page.entry("warning", &clean(&warning.message));
    }
}

fn show(page: &mut Page, difference: &Difference) {
    let Difference { what, before, after, place: at } = difference;
    let [before, after] = [before, after].map(|text| text.as_deref().map(clean));
    let mut text = match (before, after) {
        (Some(before), Some(after)) => {
            format!("{} → {}", styled(FAINT, &before), styled(STRONG, &after))
        }
        (None, Some(after)) => styled(STRONG, &after),
        (Some(before), None) => format!("no longer: {}", styled(FAINT, &before)),
        (None, None) => return,
    };
    if let Some(at) = at {
        text += &format!("  {}", place(at));
    }
    page.entry(what, &text);
}
