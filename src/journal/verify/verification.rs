//! How a journal came out.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::finding::Finding;
use super::warning::Warning;
use crate::audit::Hash;
use crate::policy::schema_of_answer;
use crate::words::words;

/// How a journal came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verification {
    /// Whether nothing was found.
    pub intact: bool,
    /// How many records it has.
    pub records: u64,
    /// The number of the first record that is here; null without any.
    pub first: Option<u64>,
    /// The number of the last record that is here.
    pub last: Option<u64>,
    /// The hash of that record.
    pub hash: Option<Hash>,
    /// The last record before everything that was found; null where no record is.
    pub intact_up_to: Option<u64>,
    /// Its checkpoints.
    pub checkpoints: Checkpoints,
    /// What is worth knowing, and nothing wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// What was found, in the order of the records.
    pub findings: Vec<Finding>,
    /// How many more findings there are than are told.
    #[serde(skip_serializing_if = "is_none")]
    pub findings_left_out: u64,
}

/// Checkpoints that are true, by a key that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Checkpoints {
    /// How many of them are true, among the records and beside them.
    pub count: u64,
    /// How many records the greatest of them counts.
    pub last: Option<u64>,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What `audit verify --json` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VerifyReport {
    /// The version of this shape: 1.
    pub schema_version: u32,
    /// Where the key is from that signatures were compared with; null where none is known.
    pub key: Option<KeyOrigin>,
    /// How the journal came out.
    #[serde(flatten)]
    pub verification: Verification,
}

words! {
    /// Where a key is from.
    pub enum KeyOrigin {
        /// It was given, so that nobody who can write the journal could have replaced it.
        Given = "given",
        /// It lies beside the journal.
        Directory = "directory",
    }
}

/// The JSON Schema of what `audit verify --json` prints.
pub fn audit_verify_schema() -> Schema {
    schema_of_answer::<VerifyReport>("bedrock-auth audit verify")
}
