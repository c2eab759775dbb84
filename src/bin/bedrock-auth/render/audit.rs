//! Records of the audit journal, for people.

use bedrock_auth::journal::query::{CodeView, Damage, Str, View};

use super::{BAD, FAINT, GOOD, PLAIN, Page, STRONG, WARN, clean, styled};

const TIME_WIDTH: usize = 22;
const WORD_WIDTH: usize = 14;

/// One record: when, what became of it, and the rest in a sentence.
pub(crate) fn record(mut page: Page, record: &View<'_>) -> Page {
    let time = record.time.split_once('.').map_or(&*record.time, |(seconds, _)| seconds);
    let time = clean(&time.replace('T', " "));
    let (style, word) = match record.outcome.as_deref() {
        Some(outcome) => (style_of(outcome), outcome),
        None => (STRONG, &*record.event),
    };
    page.row(&time, TIME_WIDTH, &styled(style, &clean(word)), WORD_WIDTH, &sentence(record));
    page
}

fn style_of(outcome: &str) -> anstyle::Style {
    match outcome {
        "allowed" => GOOD,
        "denied" => BAD,
        "failed" | "unconfigured" => WARN,
        _ => PLAIN,
    }
}

fn sentence(record: &View<'_>) -> String {
    let mut parts = Vec::new();
    let shown = |text: &Option<Str<'_>>| text.as_deref().map(clean);
    let user = record
        .user
        .as_ref()
        .and_then(|user| shown(&user.name).or_else(|| user.uid.map(|uid| uid.to_string())));
    match (user, shown(&record.host)) {
        (Some(user), Some(host)) => parts.push(format!("{}@{host}", styled(STRONG, &user))),
        (one, other) => parts.extend(one.or(other)),
    }
    match (shown(&record.method), shown(&record.root)) {
        (Some(method), Some(root)) if method != root => parts.push(format!("{method} ({root})")),
        (one, other) => parts.extend(one.or(other)),
    }
    parts.extend(shown(&record.door).map(|door| format!("for {door}")));
    let key = shown(&record.access_key_id).or_else(|| shown(&record.fingerprint));
    parts.extend(key.map(|key| styled(FAINT, &key)));
    parts.extend(codes("", &record.denials));
    parts.extend(codes("would be denied: ", &record.would_deny));
    parts.extend(shown(&record.reason));
    if record.outcome.is_none() {
        let sources = record.policy.iter().flat_map(|policy| &policy.sources);
        parts.extend(sources.map(|source| {
            let name = source.id.as_deref().unwrap_or(&source.file);
            let revision = source.revision.map(|revision| format!(" {revision}"));
            format!("{}{} {}", clean(name), revision.unwrap_or_default(), clean(&source.state))
        }));
    }
    parts.extend(shown(&record.noted));
    parts.extend(shown(&record.segment).map(|segment| styled(FAINT, &segment)));
    parts.extend(record.checkpoint.as_deref().and_then(signed));
    parts.join(" · ")
}

/// What a checkpoint says on its first two lines.
fn signed(note: &str) -> Option<String> {
    let (journal, rest) = note.split_once('\n')?;
    let (records, _) = rest.split_once('\n')?;
    Some(format!("{} records signed by {}", clean(records), clean(journal)))
}

fn codes(before: &str, reasons: &[CodeView<'_>]) -> Option<String> {
    let codes: Vec<_> = reasons.iter().map(|reason| styled(BAD, &clean(&reason.code))).collect();
    (!codes.is_empty()).then(|| format!("{before}{}", codes.join(", ")))
}

/// What is amiss with the journal; nothing where nothing is.
pub(crate) fn damage(damage: &Damage) -> Page {
    let mut page = not_read(&damage.not_read);
    let records = damage.to_string();
    if !records.is_empty() {
        warn(&mut page, &format!("{records}: run `bedrock-auth audit verify`"));
    }
    page
}

/// Files whose records are in no answer.
pub(crate) fn not_read(compressed: &[String]) -> Page {
    let mut page = Page::for_stderr();
    match compressed {
        [] => {}
        [one] => {
            warn(&mut page, &format!("`{one}` is compressed, and was not read: decompress it"));
        }
        [first, ..] => {
            let count = compressed.len();
            let text = format!(
                "{count} files are compressed, and were not read: decompress them (`{first}` is the first)"
            );
            warn(&mut page, &text);
        }
    }
    page
}

pub(crate) fn warning(text: &str) -> Page {
    let mut page = Page::for_stderr();
    warn(&mut page, text);
    page
}

fn warn(page: &mut Page, text: &str) {
    page.note(&format!("{}: {}", styled(WARN, "warning"), clean(text)));
}
