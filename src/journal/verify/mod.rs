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
mod copies;
mod files;
mod finding;
mod gap;
mod marks;
mod moved;
mod report;
mod row;
mod scan;
mod verification;
mod warning;

use std::io;
use std::num::NonZero;
use std::thread::available_parallelism;

use memchr::memmem::Finder;

pub use files::Files;
pub use finding::{At, Finding, FindingCode, Records};
pub use verification::{Checkpoints, KeyOrigin, Verification, VerifyReport, audit_verify_schema};
pub use warning::{Warning, WarningCode};

use super::{Layout, Verifier};
use crate::audit::Hash;
use block::Look;
use breaks::Breaks;
use report::{Report, Reported};
use row::Row;

/// What is known of a journal beside its files, and how to go about them.
#[derive(Debug, Clone)]
pub struct Options {
    /// The keys that its checkpoints may be signed with.
    pub verifiers: Vec<Verifier>,
    /// Whether something that is signed with one of these keys must vouch for records: the keys are known from elsewhere, so
    /// that a journal without it may have been made anew.
    pub must_be_signed: bool,
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
            must_be_signed: false,
            checkpoints: Vec::new(),
            known_end: None,
            start_may_be_missing: false,
            block: BLOCK,
            threads: available_parallelism().unwrap_or(NonZero::<usize>::MIN),
        }
    }
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
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_known => Files::none_of(layout),
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
    let signed = claims::compare(&claims, &row, &scan.marks, &mut report);
    let checkpoints = Checkpoints {
        count: scan.marks.true_checkpoints + signed.len() as u64,
        last: scan.marks.signed.iter().chain(&signed).copied().filter(|last| *last > 0).max(),
    };
    claims::doubts(&scan.marks, checkpoints.last.unwrap_or(0), options, &mut report);
    if options.must_be_signed {
        tell_if_unsigned(&row, checkpoints.last, options, &mut report);
    }
    report.tell_of_files();
    if scan.is_stopped {
        let last = row.own().last().map_or(0, |run| run.last);
        let message =
            format!("the chain breaks so often that nothing was looked at beyond record {last}");
        report.add(FindingCode::TooMany, None, None, last, message);
    }
    let first = row.own().next().map(|run| run.first);
    let last = row.own().last();
    let intact = report.is_empty();
    let Reported { findings, left_out, sound, warnings } = report.finish();
    Ok(Verification {
        intact,
        records: row.own().map(|run| run.len()).sum(),
        first,
        last: last.map(|run| run.last),
        hash: last.map(|run| run.hash),
        intact_up_to: last.map(|run| run.last.min(sound)),
        checkpoints,
        warnings,
        findings,
        findings_left_out: left_out,
    })
}

/// Whoever can write all of a journal can make all of it anew, but for what is signed.
fn tell_if_unsigned(row: &Row, signed: Option<u64>, options: &Options, report: &mut Report<'_>) {
    let first = row.own().next().map(|run| run.first);
    // What is signed may all have been moved away.
    if signed.is_some_and(|signed| first.is_some_and(|first| first <= signed)) {
        return;
    }
    let last = row.own().last().map(|run| run.last);
    let records = first.zip(last).map(|(first, last)| Records { first, last });
    let key = match options.verifiers.len() {
        1 => "the key that was given",
        _ => "a key that was given",
    };
    let message = format!("nothing that is signed with {key} vouches for any of these records");
    report.add(FindingCode::Unsigned, records, None, 0, message);
}
