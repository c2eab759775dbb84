//! What was found amiss on the way.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// As many gaps as anybody reads.
const MOST_NAMED: usize = 16;

/// What was found amiss on the way; `audit verify` says more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Damage {
    /// How many lines are no records.
    pub no_records: u64,
    /// How many lines are not those that their hash was made of.
    pub changed: u64,
    /// How many records stand where they do not belong: doubled, inserted, or in another order.
    pub out_of_place: u64,
    /// How many records are not there, though later ones are.
    pub missing: u64,
    /// The first gaps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Missing>,
    /// Files that are compressed, and were not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_read: Vec<String>,
}

/// Records that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Missing {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

impl Damage {
    /// Whether nothing is amiss.
    pub fn is_none(&self) -> bool {
        *self == Damage::default()
    }

    pub(super) fn add(&mut self, other: Damage) {
        let Damage { no_records, changed, out_of_place, missing, gaps, not_read } = other;
        self.no_records += no_records;
        self.changed += changed;
        self.out_of_place += out_of_place;
        self.missing += missing;
        let room = MOST_NAMED.saturating_sub(self.gaps.len());
        self.gaps.extend(gaps.into_iter().take(room));
        self.not_read.extend(not_read);
    }

    /// Notes that this record follows that one.
    pub(super) fn follows(&mut self, before: u64, sequence: u64) {
        let expected = before.saturating_add(1);
        if sequence < expected {
            self.out_of_place += 1;
        } else if sequence > expected {
            let gap = Missing { first: expected, last: sequence - 1 };
            let missing = gap.last - gap.first + 1;
            self.add(Damage { missing, gaps: vec![gap], ..Damage::default() });
        }
    }
}

/// What there is to say, as parts of a sentence.
impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let mut say = |count: u64, one: &str, many: &str| match count {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            _ => parts.push(format!("{count} {many}")),
        };
        let lines = self.no_records + self.changed;
        say(lines, "line is no record or was changed", "lines are no records or were changed");
        say(self.out_of_place, "record is out of place", "records are out of place");
        say(self.missing, "record is missing", "records are missing");
        let mut text = parts.join(", ");
        if let (Some(gap), 1..) = (self.gaps.first(), self.missing) {
            let Missing { first, last } = gap;
            let more = if self.gaps.len() > 1 { " and others" } else { "" };
            text += &match first == last {
                true => format!(" ({first}{more})"),
                false => format!(" ({first} to {last}{more})"),
            };
        }
        f.write_str(&text)
    }
}
