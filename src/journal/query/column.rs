//! A record as cells of a table.

use std::borrow::Cow;

use super::view::{CodeView, PolicySourceView, SourceView, Str, View};
use crate::words::words;

words! {
    /// The columns of a table, in their order; more may follow, and none is renamed.
    pub enum Column {
        /// The record's number.
        Sequence = "sequence",
        /// When, in UTC.
        Time = "time",
        /// What happened.
        Event = "event",
        /// What became of a wish for a credential.
        Outcome = "outcome",
        /// On which way it left, or would have.
        Door = "door",
        /// The login name.
        User = "user",
        /// The person's number.
        Uid = "uid",
        /// The machine.
        Host = "host",
        /// The number of the program that decided.
        Pid = "pid",
        /// Its file.
        Executable = "executable",
        /// The number of the program that asked.
        CallerPid = "caller_pid",
        /// Its file.
        CallerExecutable = "caller_executable",
        /// What really would sign.
        Method = "method",
        /// Where the credential really comes from.
        Root = "root",
        /// The profile.
        Profile = "profile",
        /// The layer that asked for it.
        Layer = "layer",
        /// Where in the layer: `file:line`, a variable, a keychain item.
        Source = "source",
        /// The account.
        Account = "account",
        /// The access key.
        AccessKeyId = "access_key_id",
        /// What stands for an API key.
        Fingerprint = "fingerprint",
        /// The region to call.
        Region = "region",
        /// The endpoint to call, where it is not the SDK's own.
        Endpoint = "endpoint",
        /// When the credential ends.
        Expires = "expires",
        /// The codes of the policies that enforce, with spaces between.
        Codes = "codes",
        /// The codes of the policies that only report, with spaces between.
        WouldDeny = "would_deny",
        /// Why it could not be had.
        Reason = "reason",
        /// Whether it was a what-if question.
        WhatIf = "what_if",
        /// One digest of all policies.
        PolicyDigest = "policy_digest",
        /// Each policy as `id@revision`, with spaces between.
        Policies = "policies",
        /// What was noticed about the journal.
        Noted = "noted",
        /// The record's hash.
        Hash = "hash",
    }
}

impl Column {
    /// What stands in this column for a record; nothing where the record says nothing.
    pub fn cell<'v>(self, record: &'v View<'_>) -> Cow<'v, str> {
        let text = |field: &'v Option<Str<'_>>| Cow::Borrowed(field.as_deref().unwrap_or_default());
        let policy = record.policy.as_ref();
        match self {
            Column::Sequence => record.sequence.to_string().into(),
            Column::Time => (&*record.time).into(),
            Column::Event => (&*record.event).into(),
            Column::Outcome => text(&record.outcome),
            Column::Door => text(&record.door),
            Column::User => record.user.as_ref().map_or("".into(), |user| text(&user.name)),
            Column::Uid => number(record.user.as_ref().and_then(|user| user.uid)),
            Column::Host => text(&record.host),
            Column::Pid => number(record.process.as_ref().and_then(|process| process.pid)),
            Column::Executable => {
                record.process.as_ref().map_or("".into(), |process| text(&process.executable))
            }
            Column::CallerPid => number(record.caller.as_ref().and_then(|caller| caller.pid)),
            Column::CallerExecutable => {
                record.caller.as_ref().map_or("".into(), |caller| text(&caller.executable))
            }
            Column::Method => text(&record.method),
            Column::Root => text(&record.root),
            Column::Profile => text(&record.profile),
            Column::Layer => {
                record.source.as_ref().map_or("".into(), |source| (&*source.layer).into())
            }
            Column::Source => record.source.as_ref().map_or("".into(), place),
            Column::Account => text(&record.account),
            Column::AccessKeyId => text(&record.access_key_id),
            Column::Fingerprint => text(&record.fingerprint),
            Column::Region => text(&record.region),
            Column::Endpoint => text(&record.endpoint),
            Column::Expires => text(&record.expires),
            Column::Codes => codes(&record.denials),
            Column::WouldDeny => codes(&record.would_deny),
            Column::Reason => text(&record.reason),
            Column::WhatIf => match record.what_if {
                Some(what_if) => if what_if { "true" } else { "false" }.into(),
                None => "".into(),
            },
            Column::PolicyDigest => policy.map_or("".into(), |policy| text(&policy.digest)),
            Column::Policies => {
                let sources = policy.map_or(&[][..], |policy| &policy.sources);
                joined(sources.iter().filter_map(named)).into()
            }
            Column::Noted => text(&record.noted),
            Column::Hash => (&*record.hash).into(),
        }
    }
}

fn number(number: Option<u32>) -> Cow<'static, str> {
    number.map_or("".into(), |number| number.to_string().into())
}

fn place<'v>(source: &'v SourceView<'_>) -> Cow<'v, str> {
    match (&source.file, source.line) {
        (Some(file), Some(line)) => format!("{file}:{line}").into(),
        (Some(file), None) => (&**file).into(),
        (None, _) => {
            let name = source.variable.as_deref().or(source.item.as_deref());
            name.unwrap_or_default().into()
        }
    }
}

fn codes<'v>(reasons: &'v [CodeView<'_>]) -> Cow<'v, str> {
    match reasons {
        [] => "".into(),
        [one] => (&*one.code).into(),
        many => joined(many.iter().map(|reason| reason.code.to_string())).into(),
    }
}

fn named(source: &PolicySourceView<'_>) -> Option<String> {
    let id = source.id.as_ref()?;
    Some(match source.revision {
        Some(revision) => format!("{id}@{revision}"),
        None => id.to_string(),
    })
}

fn joined(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(" ")
}
