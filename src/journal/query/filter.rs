//! Which records are meant.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::view::View;
use crate::audit::{Door, UseOutcome};
use crate::auth::{AccountId, Method, Root};
use crate::policy::DenialCode;
use crate::words::words;

words! {
    /// The kinds of records.
    pub enum EventKind {
        /// A credential was handed out, or was not.
        Credential = "credential",
        /// Other policies are in force than before.
        Policy = "policy",
        /// Something about the journal itself.
        Journal = "journal",
        /// All records so far, signed.
        Checkpoint = "checkpoint",
    }
}

/// Which records are meant: of each list any value, of the lists all; an empty list means no constraint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// Of these people, by login name or number.
    pub users: Vec<String>,
    /// On these machines.
    pub hosts: Vec<String>,
    /// By these methods.
    pub methods: Vec<Method>,
    /// With credentials that come from there.
    pub roots: Vec<Root>,
    /// That ended so.
    pub outcomes: Vec<UseOutcome>,
    /// That left on these ways.
    pub doors: Vec<Door>,
    /// Denied for these reasons.
    pub codes: Vec<DenialCode>,
    /// With what policies that only report would have denied: for the codes, if there are any, and for any reason if not.
    pub would_deny: bool,
    /// For these accounts.
    pub accounts: Vec<AccountId>,
    /// Under these policies, by id or digest.
    pub policies: Vec<String>,
    /// With these access keys or API keys, by id or fingerprint.
    pub access_keys: Vec<String>,
    /// Of these kinds.
    pub events: Vec<EventKind>,
}

impl Filter {
    /// The same, made ready for many records.
    pub(super) fn prepared(&self) -> Prepared<'_> {
        let texts = |texts: Vec<&'static str>| texts;
        Prepared {
            filter: self,
            since: self.since.and_then(as_recorded),
            until: self.until.and_then(as_recorded),
            codes: texts(self.codes.iter().map(|code| code.as_str()).collect()),
            accounts: self.accounts.iter().map(ToString::to_string).collect(),
        }
    }
}

/// An instant as records write it. A record is at or after an instant if it is at or after the next microsecond.
fn as_recorded(instant: Timestamp) -> Option<String> {
    let up = TimestampRound::new().smallest(Unit::Microsecond).mode(RoundMode::Ceil);
    instant.round(up).ok().map(|instant| format!("{instant:.6}"))
}

/// A filter whose values have been written as records write them.
pub(super) struct Prepared<'f> {
    filter: &'f Filter,
    since: Option<String>,
    until: Option<String>,
    codes: Vec<&'static str>,
    accounts: Vec<String>,
}

impl Prepared<'_> {
    pub(super) fn matches<P, C, S>(&self, record: &View<'_, P, C, S>) -> bool {
        let filter = self.filter;
        let text =
            |field: &Option<super::view::Str<'_>>, wanted: &str| field.as_deref() == Some(wanted);
        one_of(&filter.events, |kind| &*record.event == kind.as_str())
            && self.since.as_deref().is_none_or(|since| &*record.time >= since)
            && self.until.as_deref().is_none_or(|until| &*record.time < until)
            && one_of(&filter.outcomes, |outcome| text(&record.outcome, outcome.as_str()))
            && one_of(&filter.methods, |method| text(&record.method, method.as_str()))
            && one_of(&filter.roots, |root| text(&record.root, root.as_str()))
            && one_of(&filter.doors, |door| text(&record.door, door.as_str()))
            && one_of(&filter.users, |user| is_user(record, user))
            && one_of(&filter.hosts, |host| text(&record.host, host))
            && one_of(&self.accounts, |account| text(&record.account, account))
            && one_of(&filter.access_keys, |key| {
                text(&record.access_key_id, key) || text(&record.fingerprint, key)
            })
            && one_of(&filter.policies, |policy| is_under(record, policy))
            && self.has_codes(record)
    }

    fn has_codes<P, C, S>(&self, record: &View<'_, P, C, S>) -> bool {
        let would_deny = self.filter.would_deny;
        if self.codes.is_empty() {
            return !would_deny || !record.would_deny.is_empty();
        }
        let reported = record.would_deny.iter().filter(|_| would_deny);
        record.denials.iter().chain(reported).any(|reason| self.codes.contains(&&*reason.code))
    }
}

fn one_of<T>(wanted: &[T], is: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(is)
}

fn is_user<P, C, S>(record: &View<'_, P, C, S>, wanted: &str) -> bool {
    record.user.as_ref().is_some_and(|user| {
        user.name.as_deref() == Some(wanted)
            || user.uid.is_some_and(|uid| wanted.parse() == Ok(uid))
    })
}

fn is_under<P, C, S>(record: &View<'_, P, C, S>, wanted: &str) -> bool {
    record.policy.as_ref().is_some_and(|policy| {
        policy.digest.as_deref() == Some(wanted)
            || policy.sources.iter().any(|source| source.id.as_deref() == Some(wanted))
    })
}
