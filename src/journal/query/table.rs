//! Rows of counts, by what tells them apart.

use hashbrown::HashMap;

use super::summary::Outcomes;
use super::view::Str;

/// How often, and from when to when. Clocks are set back, so the first is the least.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) count: u64,
    pub(super) first: String,
    pub(super) last: String,
}

impl Seen {
    pub(super) fn at(&mut self, time: &str) {
        self.merge(1, time, time);
    }

    pub(super) fn merge(&mut self, count: u64, first: &str, last: &str) {
        if self.count == 0 || *first < *self.first {
            first.clone_into(&mut self.first);
        }
        if self.count == 0 || *last > *self.last {
            last.clone_into(&mut self.last);
        }
        self.count += count;
    }
}

/// What is counted of a row beside what tells it apart.
pub(super) struct Counted<T> {
    pub(super) row: T,
    pub(super) seen: Seen,
    pub(super) outcomes: Outcomes,
}

/// Rows by what tells them apart.
pub(super) struct Table<T>(HashMap<Vec<u8>, Counted<T>>);

impl<T> Table<T> {
    pub(super) fn new() -> Self {
        Table(HashMap::new())
    }

    /// Nearly every row is there already, and then its key is only compared.
    pub(super) fn row(&mut self, key: &[u8], new: impl FnOnce() -> T) -> &mut Counted<T> {
        self.0.entry_ref(key).or_insert_with(|| Counted {
            row: new(),
            seen: Seen::default(),
            outcomes: Outcomes::default(),
        })
    }

    pub(super) fn merge(&mut self, other: Table<T>) {
        for (key, Counted { row, seen, outcomes }) in other.0 {
            let here = self.row(&key, || row);
            here.seen.merge(seen.count, &seen.first, &seen.last);
            here.outcomes.add(outcomes);
        }
    }

    /// The rows, ordered by what `order` says of them, and among equals by their keys.
    pub(super) fn rows<O: Ord>(
        self,
        whole: impl Fn(Counted<T>) -> T,
        order: impl Fn(&T) -> O,
    ) -> Vec<T> {
        let mut rows: Vec<_> = self.0.into_iter().map(|(key, row)| (key, whole(row))).collect();
        rows.sort_unstable_by(|(key, row), (other_key, other)| {
            order(row).cmp(&order(other)).then_with(|| key.cmp(other_key))
        });
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

/// Adds a field in such a way that no two records with different fields come to the same bytes.
pub(super) fn push(key: &mut Vec<u8>, text: Option<&Str<'_>>) {
    match text {
        Some(text) => {
            key.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
            key.extend_from_slice(text.as_bytes());
        }
        None => key.extend([0xff; 4]),
    }
}
