//! Whether a journal is what its writers wrote.
//!
//! Files are read in blocks, by as many threads as there are processors. A block comes down to a few runs of records that
//! follow one another, and to lines that are none; so memory does not grow with the number of records. From runs and lines
//! alone it is told what happened: which records were changed, removed, inserted or moved, and where the tail is missing.
//!
//! A chain shows every change but one: whoever can write all of it can make all of it anew. That, and a tail that is cut
//! off whole, show against a checkpoint that is kept elsewhere.

mod block;
mod breaks;
mod claims;
mod files;
mod finding;
mod marks;
mod report;
mod row;
mod scan;

use std::io;
use std::num::NonZero;
use std::thread::available_parallelism;

use memchr::memmem::Finder;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

pub use files::Files;
pub use finding::{At, Finding, FindingCode, Records};

use super::{Layout, Verifier};
use crate::audit::Hash;
use crate::policy::schema_of_answer;
use block::Look;
use breaks::Breaks;
use report::Report;
use row::Row;

/// What is known of a journal beside its files, and how to go about them.
#[derive(Debug, Clone)]
pub struct Options {
    /// The keys that its checkpoints may be signed with.
    pub verifiers: Vec<Verifier>,
    /// Checkpoints that were kept.
    pub checkpoints: Vec<KeptCheckpoint>,
    /// Its last record, as its writer knows it.
    pub known_end: Option<KnownEnd>,
    /// Whether its first segments may have been moved away.
    pub start_may_be_missing: bool,
    /// How many bytes a thread takes at once.
    pub block: NonZero<u64>,
    /// How many threads work.
    pub threads: NonZero<usize>,
}

/// A checkpoint outside the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// The name of its file.
    pub from: String,
    /// A signed note.
    pub note: String,
}

/// The last record of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownEnd {
    /// Its number.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Small enough for a processor's own memory, large enough that reading is not what takes time.
const BLOCK: NonZero<u64> = NonZero::new(1 << 20).expect("more than none");

impl Default for Options {
    fn default() -> Self {
        Options {
            verifiers: Vec::new(),
            checkpoints: Vec::new(),
            known_end: None,
            start_may_be_missing: false,
            block: BLOCK,
            threads: available_parallelism().unwrap_or(NonZero::<usize>::MIN),
        }
    }
}

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

crate::words::words! {
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

/// Verifies a journal with what lies beside it: the latest checkpoint is added to those that are known.
///
/// What is known of its end must have been read before this is called, so that a writer at work is never ahead of it.
///
/// # Errors
/// When there is no file of a journal, no record in any, or one cannot be read.
pub fn verify(layout: &Layout, options: &Options) -> io::Result<Verification> {
    let mut options = options.clone();
    let path = layout.checkpoint();
    match crate::journal::private::read(&path) {
        Ok(note) => options.checkpoints.push(KeptCheckpoint {
            from: path.to_string_lossy().into_owned(),
            // What is no text opens as no note, and that is told.
            note: String::from_utf8_lossy(&note).into_owned(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            let message = format!("`{}`: {error}", path.display());
            return Err(io::Error::new(error.kind(), message));
        }
    }
    let is_known = options.known_end.is_some() || !options.checkpoints.is_empty();
    let files = match Files::of(layout) {
        // All of it was removed, and what is known of it is left.
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_known => {
            let path = layout.segment(1);
            Files::in_memory([(path.to_string_lossy().into_owned(), Vec::new())])
        }
        files => files?,
    };
    verify_files(&files, &options)
}

/// Verifies these files as one journal.
///
/// # Errors
/// When there is no record in any, or one cannot be read.
pub fn verify_files(files: &Files, options: &Options) -> io::Result<Verification> {
    let mut report = Report::new(files);
    let claims = claims::claims(options, &mut report);
    let look = Look {
        wanted: claims::wanted(&claims),
        verifiers: &options.verifiers,
        event: Finder::new(b",\"event\":\""),
    };
    let scan = scan::scan(files, &look, options.block, options.threads)?;
    let is_empty = scan.pieces.iter().all(Vec::is_empty);
    if is_empty && claims::counted(&claims).is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "there is no record of a journal"));
    }
    let row = Row::of(files, &look, scan.pieces)?;
    let counted = claims::counted(&claims).filter(|_| !scan.is_stopped);
    let start_may_be_missing = options.start_may_be_missing;
    let (notes, told) = (&scan.marks.notes, &mut report);
    Breaks { row: &row, notes, counted, start_may_be_missing, report: told }.tell();
    row.tell_order_of_names(files, &mut report);
    claims::doubts(&scan.marks, options, &mut report);
    let signed = claims::compare(&claims, &row, &scan.marks, &mut report);
    if scan.is_stopped {
        let last = row.own().last().map_or(0, |run| run.last);
        let message =
            format!("the chain breaks so often that nothing was looked at beyond record {last}");
        report.add(FindingCode::TooMany, None, None, last, message);
    }
    let checkpoints = Checkpoints {
        count: scan.marks.true_checkpoints + signed.len() as u64,
        last: scan.marks.signed.iter().chain(&signed).copied().max(),
    };
    let first = row.own().next().map(|run| run.first);
    let last = row.own().last();
    let intact = report.is_empty();
    let (findings, findings_left_out, sound) = report.finish();
    Ok(Verification {
        intact,
        records: row.own().map(|run| run.len()).sum(),
        first,
        last: last.map(|run| run.last),
        hash: last.map(|run| run.hash),
        intact_up_to: last.map(|run| run.last.min(sound)),
        checkpoints,
        findings,
        findings_left_out,
    })
}
