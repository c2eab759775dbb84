//! What an audit journal comes to, for people.

use bedrock_auth::journal::query::{CodeCount, Outcomes, Summary, UseCount};

use super::{BAD, FAINT, GOOD, Page, clean, styled};

/// More rows than a screen has; `--json` gives all.
const MOST_ROWS: usize = 50;

pub(crate) fn page(summary: &Summary) -> Page {
    let mut page = Page::for_stdout();
    let of = |time: &Option<String>| time.as_deref().map(seconds).unwrap_or_default();
    let Outcomes { allowed, denied, unconfigured, failed } = summary.outcomes;
    page.note(&match summary.records {
        0 => "no record is meant".to_owned(),
        1 => format!("1 record, {}", of(&summary.first)),
        records => format!("{records} records, {} to {}", of(&summary.first), of(&summary.last)),
    });
    page.note(&format!(
        "{}, {}, {unconfigured} unconfigured, {failed} failed",
        styled(GOOD, &format!("{allowed} allowed")),
        styled(if denied > 0 { BAD } else { FAINT }, &format!("{denied} denied")),
    ));
    let uses =
        summary.uses.iter().map(|row| (row.count, who_used_what(row), &row.first, &row.last));
    section(&mut page, "Who used what", uses);
    section(&mut page, "Denials", summary.denials.iter().map(code));
    section(&mut page, "Would be denied", summary.would_deny.iter().map(code));
    let policies = summary.policies.iter().map(|row| {
        let name = row.id.as_deref().unwrap_or(&row.file);
        let revision = row.revision.map(|revision| format!(" {revision}")).unwrap_or_default();
        let digest = row.digest.as_deref().unwrap_or("no digest");
        let text = format!(
            "{}{revision} {}  {}",
            clean(name),
            clean(&row.state),
            styled(FAINT, &clean(digest))
        );
        (row.count, text, &row.first, &row.last)
    });
    section(&mut page, "Policies", policies);
    let keys = summary.long_lived_keys.iter().map(|row| {
        let key = row.access_key_id.as_deref().or(row.fingerprint.as_deref()).unwrap_or("unknown");
        let account = row.account.as_deref().map(|it| format!(" of {}", clean(it)));
        let text = format!("{}{}  {}", clean(key), account.unwrap_or_default(), row.root);
        (row.count, text, &row.first, &row.last)
    });
    section(&mut page, "Long-lived keys that were handed out", keys);
    page
}

fn section<'s>(
    page: &mut Page,
    title: &str,
    rows: impl ExactSizeIterator<Item = (u64, String, &'s String, &'s String)>,
) {
    let more = rows.len().saturating_sub(MOST_ROWS);
    if rows.len() == 0 {
        return;
    }
    page.section(title);
    for (count, text, first, last) in rows.take(MOST_ROWS) {
        let when = match first == last {
            true => seconds(first),
            false => format!("{} to {}", seconds(first), seconds(last)),
        };
        page.entry_at("  ", 10, &count.to_string(), &format!("{text}  {}", styled(FAINT, &when)));
    }
    if more > 0 {
        page.item(&format!("and {more} more, which `--json` tells"));
    }
}

fn who_used_what(row: &UseCount) -> String {
    let uid = row.uid.map(|uid| uid.to_string());
    let user = row.user.as_deref().or(uid.as_deref()).map_or_else(|| "somebody".to_owned(), clean);
    let or_unknown =
        |text: &Option<String>| text.as_deref().map_or_else(|| "unknown".to_owned(), clean);
    let mut text = format!("{user}@{}", or_unknown(&row.host));
    match &row.method {
        Some(method) => text += &format!(" {} ({})", clean(method), or_unknown(&row.root)),
        None => text += " no method",
    }
    text += &format!(" for {}", or_unknown(&row.door));
    let Outcomes { allowed, denied, unconfigured, failed } = row.outcomes;
    for (count, word) in [(denied, "denied"), (unconfigured, "unconfigured"), (failed, "failed")] {
        if count > 0 {
            text += &match allowed == 0 && count == row.count {
                true => format!(", {}", styled(BAD, word)),
                false => format!(", {}", styled(BAD, &format!("{count} {word}"))),
            };
        }
    }
    text
}

fn code(row: &CodeCount) -> (u64, String, &String, &String) {
    (row.count, clean(&row.code), &row.first, &row.last)
}

fn seconds(time: &str) -> String {
    let seconds = time.split_once('.').map_or(time, |(seconds, _)| seconds);
    clean(&seconds.replace('T', " "))
}
