//! What can be wrong with a journal.

use schemars::JsonSchema;
use serde::Serialize;

use crate::words::words;

words! {
    /// What was found.
    pub enum FindingCode {
        /// Records are not what they were when they were written.
        Changed = "changed",
        /// Records are missing between others.
        Removed = "removed",
        /// A line was put in that is no record of the row, or a number stands there twice.
        Inserted = "inserted",
        /// Records or files do not stand in their order.
        Reordered = "reordered",
        /// The end is missing.
        TailCut = "tail_cut",
        /// The first records are missing.
        StartMissing = "start_missing",
        /// A checkpoint is no true one, or not of these records.
        CheckpointFalse = "checkpoint_false",
        /// A checkpoint is signed with a key that is not known, and no later one that is true vouches for its records.
        KeyUnknown = "key_unknown",
        /// A key was given, and nothing that is signed with it vouches for any of these records.
        Unsigned = "unsigned",
        /// Records or a checkpoint are of another journal.
        OtherJournal = "other_journal",
        /// So much is wrong that not all of it was looked at.
        TooMany = "too_many",
    }
}

impl FindingCode {
    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            FindingCode::Changed
            | FindingCode::Removed
            | FindingCode::Inserted
            | FindingCode::TailCut => {
                "compare with a copy that was collected elsewhere, and find out who could write the file"
            }
            FindingCode::Reordered => {
                "put the records back in the order of their numbers, and find out who moved them"
            }
            FindingCode::StartMissing => {
                "verify it together with the segments that were moved away, or say `--start-may-be-missing` if they were"
            }
            FindingCode::CheckpointFalse => {
                "trust the checkpoint that was kept elsewhere; records that it does not count may have been made up"
            }
            FindingCode::KeyUnknown => {
                "name the key that the journal had at that time with `--key`; without it the signature proves nothing"
            }
            FindingCode::Unsigned => {
                "on the machine, `bedrock-auth audit checkpoint` signs a journal that is too young to have been signed; otherwise, compare with a copy that was collected elsewhere: it may have been made anew by somebody without the key"
            }
            FindingCode::OtherJournal => {
                "verify each journal by itself, with its own checkpoints and key"
            }
            FindingCode::TooMany => "collect the journal anew: this one is not worth a closer look",
        }
    }
}

impl FindingCode {
    /// Whether records are missing, so that a file which is not read may hold them.
    pub(super) fn is_of_missing_records(self) -> bool {
        matches!(self, FindingCode::Removed | FindingCode::TailCut | FindingCode::StartMissing)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// What it is.
    pub code: FindingCode,
    /// The records that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<Records>,
    /// What was found, in words.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// The record in which the writer itself tells of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noticed_at: Option<u64>,
    /// What to do about it.
    pub remedy: String,
}

/// Records, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Records {
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
}

/// A place in a journal's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct At {
    /// The file.
    pub file: String,
    /// The line, from 1; none where the whole file is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// How many bytes of the file stand before the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// As a sentence names them: `record 7`, `records 7 to 9`.
impl std::fmt::Display for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.first == self.last {
            write!(f, "record {}", self.first)
        } else {
            write!(f, "records {} to {}", self.first, self.last)
        }
    }
}

impl Records {
    pub(super) fn one(number: u64) -> Self {
        Records { first: number, last: number }
    }

    pub(super) fn were(self) -> &'static str {
        if self.first == self.last { "was" } else { "were" }
    }

    pub(super) fn stand(self) -> &'static str {
        if self.first == self.last { "stands" } else { "stand" }
    }

    pub(super) fn count(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }
}
