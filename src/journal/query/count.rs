//! Records, counted by what they have in common.

use std::collections::HashMap;

use super::damage::Damage;
use super::filter::Prepared;
use super::needles::Needles;
use super::summary::{CodeCount, KeyUse, Outcomes, PolicySeen, Summary, UseCount};
use super::tally::Worker;
use super::view::{Str, View};
use crate::audit::UseOutcome;
use crate::auth::Root;

/// What one thread has counted.
pub(super) struct Counts<'f> {
    prepared: &'f Prepared<'f>,
    needles: &'f Needles,
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

/// How often, and from when to when. Clocks are set back, so the first is the least.
#[derive(Debug, Clone, Default)]
struct Seen {
    count: u64,
    first: String,
    last: String,
}

impl Seen {
    fn at(&mut self, time: &str) {
        self.merge(1, time, time);
    }

    fn merge(&mut self, count: u64, first: &str, last: &str) {
        if self.count == 0 || *first < *self.first {
            first.clone_into(&mut self.first);
        }
        if self.count == 0 || *last > *self.last {
            last.clone_into(&mut self.last);
        }
        self.count += count;
    }
}

/// Rows by what tells them apart.
struct Table<T>(HashMap<Vec<u8>, (T, Seen, Outcomes)>);

impl<T> Table<T> {
    fn new() -> Self {
        Table(HashMap::new())
    }

    fn row(&mut self, key: &[u8], new: impl FnOnce() -> T) -> &mut (T, Seen, Outcomes) {
        // Nearly every row is there already, and then its key need not be kept.
        if !self.0.contains_key(key) {
            self.0.insert(key.to_vec(), (new(), Seen::default(), Outcomes::default()));
        }
        self.0.get_mut(key).expect("it is there, or was put there")
    }

    fn merge(&mut self, other: Table<T>) {
        for (key, (row, seen, outcomes)) in other.0 {
            let (_, here, sum) = self.row(&key, || row);
            here.merge(seen.count, &seen.first, &seen.last);
            sum.add(outcomes);
        }
    }
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

    fn add(&mut self, other: Outcomes) {
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
        let Some(record) = View::of(line) else { return false };
        if self.prepared.matches(&record) {
            self.count(&record);
        }
        true
    }

    fn block(&mut self) {}
}

impl<'f> Counts<'f> {
    pub(super) fn new(prepared: &'f Prepared<'f>, needles: &'f Needles) -> Self {
        Counts {
            prepared,
            needles,
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

    fn count(&mut self, record: &View<'_>) {
        let time = &*record.time;
        self.records.at(time);
        self.count_policies(record);
        let Some(outcome) = record.outcome.as_deref() else { return };
        self.outcomes.count(outcome);
        self.count_use(record, outcome);
        for reason in &record.denials {
            self.denials.row(reason.code.as_bytes(), || code(&reason.code)).1.at(time);
        }
        for reason in &record.would_deny {
            self.would_deny.row(reason.code.as_bytes(), || code(&reason.code)).1.at(time);
        }
        if outcome == UseOutcome::Allowed.as_str() {
            self.count_key(record);
        }
    }

    fn count_use(&mut self, record: &View<'_>, outcome: &str) {
        let user = record.user.as_ref();
        let (name, uid) =
            (user.and_then(|user| user.name.as_ref()), user.and_then(|user| user.uid));
        self.key.clear();
        push(&mut self.key, name);
        for field in [&record.host, &record.method, &record.root, &record.door] {
            push(&mut self.key, field.as_ref());
        }
        self.key.extend(uid.map_or([0xff; 5], |uid| {
            let [a, b, c, d] = uid.to_le_bytes();
            [0, a, b, c, d]
        }));
        let (_, seen, outcomes) = self.uses.row(&self.key, || UseCount {
            user: owned(name),
            uid,
            host: owned(record.host.as_ref()),
            method: owned(record.method.as_ref()),
            root: owned(record.root.as_ref()),
            door: owned(record.door.as_ref()),
            count: 0,
            outcomes: Outcomes::default(),
            first: String::new(),
            last: String::new(),
        });
        seen.at(&record.time);
        outcomes.count(outcome);
    }

    fn count_key(&mut self, record: &View<'_>) {
        let Some(root) = record.root.as_deref() else { return };
        if root != Root::LongLivedKeys.as_str() && root != Root::LongTermApiKey.as_str() {
            return;
        }
        self.key.clear();
        push(&mut self.key, record.root.as_ref());
        push(&mut self.key, record.access_key_id.as_ref());
        push(&mut self.key, record.fingerprint.as_ref());
        let (row, seen, _) = self.keys.row(&self.key, || KeyUse {
            root: root.to_owned(),
            access_key_id: owned(record.access_key_id.as_ref()),
            fingerprint: owned(record.fingerprint.as_ref()),
            account: None,
            count: 0,
            first: String::new(),
            last: String::new(),
        });
        seen.at(&record.time);
        if row.account.is_none() {
            row.account = owned(record.account.as_ref());
        }
    }

    fn count_policies(&mut self, record: &View<'_>) {
        let Some(policy) = &record.policy else { return };
        for source in &policy.sources {
            self.key.clear();
            push(&mut self.key, policy.digest.as_ref());
            push(&mut self.key, Some(&source.file));
            push(&mut self.key, Some(&source.state));
            push(&mut self.key, source.id.as_ref());
            self.key.extend(source.revision.unwrap_or(u64::MAX).to_le_bytes());
            let (_, seen, _) = self.policies.row(&self.key, || PolicySeen {
                digest: owned(policy.digest.as_ref()),
                file: source.file.to_string(),
                state: source.state.to_string(),
                id: owned(source.id.as_ref()),
                revision: source.revision,
                count: 0,
                first: String::new(),
                last: String::new(),
            });
            seen.at(&record.time);
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
        let mut uses = self.uses.rows(|row, seen, outcomes| {
            let Seen { count, first, last } = seen;
            UseCount { count, first, last, outcomes, ..row }
        });
        uses.sort_by_key(|(key, row)| (std::cmp::Reverse(row.count), key.clone()));
        let codes = |table: Table<CodeCount>| {
            let mut rows = table.rows(|row, Seen { count, first, last }, _| CodeCount {
                count,
                first,
                last,
                ..row
            });
            rows.sort_by_key(|(key, row)| (std::cmp::Reverse(row.count), key.clone()));
            unkeyed(rows)
        };
        let mut policies = self.policies.rows(|row, Seen { count, first, last }, _| PolicySeen {
            count,
            first,
            last,
            ..row
        });
        policies.sort_by_key(|(key, row)| (row.first.clone(), key.clone()));
        let mut keys = self.keys.rows(|row, Seen { count, first, last }, _| KeyUse {
            count,
            first,
            last,
            ..row
        });
        keys.sort_by_key(|(key, row)| (row.first.clone(), key.clone()));
        Summary {
            schema_version: 1,
            records,
            first: when(first),
            last: when(last),
            outcomes: self.outcomes,
            uses: unkeyed(uses),
            denials: codes(self.denials),
            would_deny: codes(self.would_deny),
            policies: unkeyed(policies),
            long_lived_keys: unkeyed(keys),
            damage,
        }
    }
}

impl<T> Table<T> {
    fn rows(self, whole: impl Fn(T, Seen, Outcomes) -> T) -> Vec<(Vec<u8>, T)> {
        let rows = self.0.into_iter();
        rows.map(|(key, (row, seen, outcomes))| (key, whole(row, seen, outcomes))).collect()
    }
}

fn unkeyed<T>(rows: Vec<(Vec<u8>, T)>) -> Vec<T> {
    rows.into_iter().map(|(_, row)| row).collect()
}

fn code(code: &str) -> CodeCount {
    CodeCount { code: code.to_owned(), count: 0, first: String::new(), last: String::new() }
}

fn owned(text: Option<&Str<'_>>) -> Option<String> {
    text.map(|text| text.to_string())
}

/// Adds a field in such a way that no two records with different fields come to the same bytes.
fn push(key: &mut Vec<u8>, text: Option<&Str<'_>>) {
    match text {
        Some(text) => {
            key.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
            key.extend_from_slice(text.as_bytes());
        }
        None => key.extend([0xff; 4]),
    }
}
