//! The effective policy for people.

use bedrock_auth::policy::{Denial, Part, Policy, SourceState};

use super::{BAD, FAINT, GOOD, Page, WARN, clean, place, styled};

/// `denials` are the reasons why nothing at all is allowed.
pub(crate) fn page(policy: &Policy, denials: &[Denial], what_if: bool) -> Page {
    let mut page = Page::for_stdout();
    let documents = policy.documents().count();
    match (denials.first(), documents) {
        (Some(fault), _) => {
            page.headline(BAD, "✗ denies everything", &clean(&fault.message));
        }
        (None, 0) if policy.sources().iter().any(|source| source.id.is_some()) => {
            page.headline(
                WARN,
                "– nothing in force",
                "no policy counts for this person, here and now",
            );
        }
        (None, 0) => page.headline(WARN, "– no policy", "everything is allowed on this machine"),
        (None, _) if !policy.documents().any(|document| document.enforces()) => {
            page.headline(
                WARN,
                "– only reports",
                "what would be denied is reported, and nothing is denied",
            );
        }
        (None, 1) => page.headline(GOOD, "✓ in force", "one policy"),
        (None, n) => {
            page.headline(
                GOOD,
                "✓ in force",
                &format!("{n} policies; what all of them allow is allowed"),
            );
        }
    }
    if what_if {
        page.note(&styled(WARN, "what if: these are not the policies of this machine"));
    }
    show_sources(&mut page, policy);
    for document in policy.documents() {
        let enforcement = if document.enforces() { "" } else { " (only reports)" };
        page.section(&format!("{}{enforcement}", document.id.value));
        let parts = document.parts();
        let row = |part: &Part| {
            (part.key.clone(), format!("{}  {}", clean(&part.value), place(&part.at)))
        };
        page.entries(&parts.iter().map(row).collect::<Vec<_>>());
    }
    for fault in denials {
        page.section(fault.code.as_str());
        page.item(&clean(&fault.message));
        if let Some(at) = &fault.forbidden_by {
            page.entry("where", &place(at));
        }
        page.entry("what to do", &clean(&fault.remedy));
    }
    page
}

fn show_sources(page: &mut Page, policy: &Policy) {
    page.section("Sources");
    for source in policy.sources() {
        let style = match source.state {
            SourceState::Loaded => GOOD,
            state if state.is_harmless() => FAINT,
            _ => BAD,
        };
        let file = clean(&source.file.display().to_string());
        let id = source.id.as_ref().map(|id| format!("  {id}")).unwrap_or_default();
        let revision = source.revision.map(|n| format!(" revision {n}")).unwrap_or_default();
        let why = source.reason.as_ref().map(|why| format!("  {}", clean(why))).unwrap_or_default();
        page.item(&format!("{}  {file}{id}{revision}{why}", styled(style, source.state.as_str())));
    }
    if policy.sources().is_empty() {
        page.item("none");
    }
}
