//! Records, counted by what they have in common.

use std::cmp::Reverse;

use super::damage::Damage;
use super::filter::Prepared;
use super::needles::Needles;
use super::summary::{CodeCount, KeyUse, Outcomes, PolicySeen, Summary, UseColumn, UseCount};
use super::table::{Counted, Seen, Table, push};
use super::tally::Worker;
use super::view::{Outline, Str};
use crate::audit::UseOutcome;
use crate::auth::Root;

/// What one thread has counted.
pub(super) struct Counts<'f> {
    prepared: &'f Prepared<'f>,
    needles: &'f Needles,
    by: &'f [UseColumn],
    records: Seen,
    outcomes: Outcomes,
    uses: Table<UseCount>,
    denials: Table<CodeCount>,
    would_deny: Table<CodeCount>,
    policies: Table<PolicySeen>,
    keys: Table<KeyUse>,
    /// The key of a table, being written.
    key: Vec<u8>,
}

impl Outcomes {
    fn count(&mut self, outcome: &str) {
        match <UseOutcome as crate::words::Word>::from_word(outcome) {
            Some(UseOutcome::Allowed) => self.allowed += 1,
            Some(UseOutcome::Denied) => self.denied += 1,
            Some(UseOutcome::Unconfigured) => self.unconfigured += 1,
            Some(UseOutcome::Failed) => self.failed += 1,
            None => {}
        }
    }

    pub(super) fn add(&mut self, other: Outcomes) {
        self.allowed += other.allowed;
        self.denied += other.denied;
        self.unconfigured += other.unconfigured;
        self.failed += other.failed;
    }
}

impl Worker for Counts<'_> {
    type Block = ();

    fn line(&mut self, line: &[u8]) -> bool {
        if !self.needles.are_in(line) {
            return true;
        }
        let Some(record) = Outline::of(line) else { return false };
        if self.prepared.matches(&record) {
            self.count(&record);
        }
        true
    }

    fn block(&mut self) {}
}

impl<'f> Counts<'f> {
    pub(super) fn new(
        prepared: &'f Prepared<'f>,
        needles: &'f Needles,
        by: &'f [UseColumn],
    ) -> Self {
        Counts {
            prepared,
            needles,
            by,
            records: Seen::default(),
            outcomes: Outcomes::default(),
            uses: Table::new(),
            denials: Table::new(),
            would_deny: Table::new(),
            policies: Table::new(),
            keys: Table::new(),
            key: Vec::new(),
        }
    }

    fn count(&mut self, record: &Outline<'_>) {
        let time = &*record.time;
        self.records.at(time);
        self.count_policies(record);
        let Some(outcome) = record.outcome.as_deref() else { return };
        self.outcomes.count(outcome);
        self.count_use(record, outcome);
        for reason in &record.denials {
            self.denials.row(reason.code.as_bytes(), || code(&reason.code)).seen.at(time);
        }
        for reason in &record.would_deny {
            self.would_deny.row(reason.code.as_bytes(), || code(&reason.code)).seen.at(time);
        }
        if outcome == UseOutcome::Allowed.as_str() {
            self.count_key(record);
        }
    }

    fn count_use(&mut self, record: &Outline<'_>, outcome: &str) {
        self.key.clear();
        for column in self.by {
            push(&mut self.key, column.of(record));
            if *column == UseColumn::User {
                let uid = record.user.as_ref().and_then(|user| user.uid);
                self.key.extend(uid.map_or(u64::MAX, u64::from).to_le_bytes());
            }
        }
        let used = self.uses.row(&self.key, || UseCount::of(self.by, record));
        used.seen.at(&record.time);
        used.outcomes.count(outcome);
    }

    fn count_key(&mut self, record: &Outline<'_>) {
        let Some(root) = record.root.as_deref() else { return };
        if root != Root::LongLivedKeys.as_str() && root != Root::LongTermApiKey.as_str() {
            return;
        }
        self.key.clear();
        push(&mut self.key, record.root.as_ref());
        push(&mut self.key, record.access_key_id.as_ref());
        push(&mut self.key, record.fingerprint.as_ref());
        let used = self.keys.row(&self.key, || KeyUse {
            root: root.to_owned(),
            access_key_id: owned(record.access_key_id.as_ref()),
            fingerprint: owned(record.fingerprint.as_ref()),
            account: None,
            count: 0,
            first: String::new(),
            last: String::new(),
        });
        used.seen.at(&record.time);
        if used.row.account.is_none() {
            used.row.account = owned(record.account.as_ref());
        }
    }

    fn count_policies(&mut self, record: &Outline<'_>) {
        let Some(policy) = &record.policy else { return };
        for source in &policy.sources {
            self.key.clear();
            push(&mut self.key, policy.digest.as_ref());
            push(&mut self.key, Some(&source.file));
            push(&mut self.key, Some(&source.state));
            push(&mut self.key, source.id.as_ref());
            self.key.extend(source.revision.unwrap_or(u64::MAX).to_le_bytes());
            let in_force = self.policies.row(&self.key, || PolicySeen {
                digest: owned(policy.digest.as_ref()),
                file: source.file.to_string(),
                state: source.state.to_string(),
                id: owned(source.id.as_ref()),
                revision: source.revision,
                count: 0,
                first: String::new(),
                last: String::new(),
            });
            in_force.seen.at(&record.time);
        }
    }

    /// What two threads have counted.
    pub(super) fn with(mut self, other: Self) -> Self {
        let Seen { count, first, last } = &other.records;
        if *count > 0 {
            self.records.merge(*count, first, last);
        }
        self.outcomes.add(other.outcomes);
        self.uses.merge(other.uses);
        self.denials.merge(other.denials);
        self.would_deny.merge(other.would_deny);
        self.policies.merge(other.policies);
        self.keys.merge(other.keys);
        self
    }

    pub(super) fn into_summary(self, damage: Damage) -> Summary {
        let Seen { count: records, first, last } = self.records;
        let when = |time: String| (!time.is_empty()).then_some(time);
        let codes = |table: Table<CodeCount>| {
            let whole = |Counted { row, seen: Seen { count, first, last }, .. }| CodeCount {
                count,
                first,
                last,
                ..row
            };
            table.rows(whole, |row| Reverse(row.count))
        };
        Summary {
            schema_version: 1,
            records,
            first: when(first),
            last: when(last),
            outcomes: self.outcomes,
            by: self.by.to_vec(),
            uses: self.uses.rows(
                |Counted { row, seen: Seen { count, first, last }, outcomes }| UseCount {
                    count,
                    first,
                    last,
                    outcomes,
                    ..row
                },
                |row| Reverse(row.count),
            ),
            denials: codes(self.denials),
            would_deny: codes(self.would_deny),
            policies: self.policies.rows(
                |Counted { row, seen: Seen { count, first, last }, .. }| PolicySeen {
                    count,
                    first,
                    last,
                    ..row
                },
                |row| row.first.clone(),
            ),
            long_lived_keys: self.keys.rows(
                |Counted { row, seen: Seen { count, first, last }, .. }| KeyUse {
                    count,
                    first,
                    last,
                    ..row
                },
                |row| row.first.clone(),
            ),
            damage,
        }
    }
}

fn code(code: &str) -> CodeCount {
    CodeCount { code: code.to_owned(), count: 0, first: String::new(), last: String::new() }
}

fn owned(text: Option<&Str<'_>>) -> Option<String> {
    text.map(|text| text.to_string())
}
