//! What an audit journal comes to, for people.

use bedrock_auth::journal::query::{CodeCount, Outcomes, Summary, UseColumn, UseCount};

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
    let uses = summary
        .uses
        .iter()
        .map(|row| (row.count, who_used_what(&summary.by, row), &row.first, &row.last));
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

fn who_used_what(by: &[UseColumn], row: &UseCount) -> String {
    let words: Vec<_> = by.iter().map(|column| part(by, *column, row)).collect();
    let mut text = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
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

/// What a row has in a column; a person and a machine are one word, and so are a method and its root.
fn part(by: &[UseColumn], column: UseColumn, row: &UseCount) -> String {
    let known = |text: &Option<String>| text.as_deref().map(clean);
    let or_unknown = |text: &Option<String>| known(text).unwrap_or_else(|| "unknown".to_owned());
    let has = |other: UseColumn| by.contains(&other);
    match column {
        UseColumn::User => {
            let uid = || row.uid.map(|uid| uid.to_string());
            let user = known(&row.user).or_else(uid).unwrap_or_else(|| "somebody".to_owned());
            if has(UseColumn::Host) { format!("{user}@{}", or_unknown(&row.host)) } else { user }
        }
        UseColumn::Host if has(UseColumn::User) => String::new(),
        UseColumn::Host => or_unknown(&row.host),
        UseColumn::Method => match known(&row.method) {
            Some(method) if has(UseColumn::Root) => format!("{method} ({})", or_unknown(&row.root)),
            Some(method) => method,
            None => "no method".to_owned(),
        },
        UseColumn::Root if has(UseColumn::Method) => String::new(),
        UseColumn::Root => known(&row.root).unwrap_or_else(|| "no root".to_owned()),
        UseColumn::Door => format!("for {}", or_unknown(&row.door)),
        UseColumn::Profile => known(&row.profile)
            .map_or_else(|| "without profile".to_owned(), |profile| format!("as {profile}")),
        UseColumn::Account => format!("of account {}", or_unknown(&row.account)),
        UseColumn::Region => format!("in {}", or_unknown(&row.region)),
    }
}

fn code(row: &CodeCount) -> (u64, String, &String, &String) {
    (row.count, clean(&row.code), &row.first, &row.last)
}

fn seconds(time: &str) -> String {
    let seconds = time.split_once('.').map_or(time, |(seconds, _)| seconds);
    clean(&seconds.replace('T', " "))
}
