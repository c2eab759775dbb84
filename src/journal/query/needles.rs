//! Bytes that a line must hold to be of interest, looked for before its JSON is read.
//!
//! Why no record is missed: a line is looked at only where its hash is that of its bytes, and then it is as `seal` writes
//! lines, compact and with each text escaped in one way. So a member of a value stands there as `"key":value` and in no
//! other way. The reverse does not hold, as the same member may stand elsewhere in the record, so what is
//! found is read and judged by the filter. No text can hide a member: a quote inside of it is escaped.

use memchr::memmem::Finder;

use super::filter::Filter;
use crate::audit::as_written;

/// For each constraint the members of which one must be there.
pub(super) struct Needles(Vec<Vec<Finder<'static>>>);

impl Needles {
    pub(super) fn of(filter: &Filter) -> Self {
        let words = |key, words: Vec<&'static str>| {
            words.into_iter().map(|word| text_member(key, word)).collect()
        };
        let texts = |keys: &[&str], texts: &[String]| {
            let pairs = texts.iter().flat_map(|text| keys.iter().map(move |key| (key, text)));
            pairs.map(|(key, text)| text_member(key, text)).collect::<Vec<_>>()
        };
        let mut users = texts(&["name"], &filter.users);
        let uids = filter.users.iter().filter_map(|user| user.parse::<u32>().ok());
        users.extend(uids.map(|uid| member("uid", uid.to_string().as_bytes())));
        let accounts: Vec<_> = filter.accounts.iter().map(ToString::to_string).collect();
        let mut reasons: Vec<_> =
            words("code", filter.codes.iter().map(|it| it.as_str()).collect());
        if filter.would_deny && reasons.is_empty() {
            reasons.push(member("would_deny", b"["));
        }
        // Those that say most come first.
        let mut constraints = vec![
            texts(&["access_key_id", "fingerprint"], &filter.access_keys),
            users,
            texts(&["host"], &filter.hosts),
            reasons,
            words("outcome", filter.outcomes.iter().map(|it| it.as_str()).collect()),
            words("method", filter.methods.iter().map(|it| it.as_str()).collect()),
            words("root", filter.roots.iter().map(|it| it.as_str()).collect()),
            words("door", filter.doors.iter().map(|it| it.as_str()).collect()),
            texts(&["account"], &accounts),
            texts(&["id", "digest"], &filter.policies),
            words("event", filter.events.iter().map(|it| it.as_str()).collect()),
        ];
        constraints.retain(|members| !members.is_empty());
        Needles(constraints)
    }

    /// Whether the line may be of interest.
    pub(super) fn are_in(&self, line: &[u8]) -> bool {
        self.0.iter().all(|members| members.iter().any(|member| member.find(line).is_some()))
    }
}

fn text_member(key: &str, text: &str) -> Finder<'static> {
    member(key, &as_written(text))
}

fn member(key: &str, value: &[u8]) -> Finder<'static> {
    let mut member = format!("\"{key}\":").into_bytes();
    member.extend_from_slice(value);
    Finder::new(&member).into_owned()
}
