//! What records of a journal say about the journal itself: checkpoints, and what its writers noticed.

use serde::Deserialize;

use super::block::Position;
use super::finding::FindingCode;
use crate::audit::{Hash, JournalNoted, Line};
use crate::journal::{Checkpoint, NoteError, Verifier};
use crate::words::Word as _;

/// What was seen in passing.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Records that were asked for, and their hashes.
    pub(super) hashes: Vec<(u64, Hash)>,
    /// How many checkpoints are true.
    pub(super) true_checkpoints: u64,
    /// How many records the greatest true checkpoint of each block counts.
    pub(super) signed: Vec<u64>,
    pub(super) doubts: Vec<Doubt>,
    pub(super) notes: Vec<Note>,
}

/// Records about the journal that are not as they should be, one below the other and for one reason.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    pub(super) why: Why,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) count: u64,
    /// How many true checkpoints stand before it.
    pub(super) signed_before: u64,
    pub(super) file: usize,
    pub(super) at: Position,
}

/// Why a record about the journal does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    Note(NoteError),
    /// It does not count the records before it, or has another hash of the last.
    Mismatch,
    /// It names another journal.
    OtherJournal,
}

impl Why {
    pub(super) fn code(&self) -> FindingCode {
        match self {
            Why::Note(NoteError::UnknownKey) => FindingCode::KeyUnknown,
            Why::OtherJournal => FindingCode::OtherJournal,
            Why::Note(_) | Why::Mismatch => FindingCode::CheckpointFalse,
        }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Why::Note(error) => error.fmt(f),
            Why::Mismatch => f.write_str("it does not match the records before it"),
            Why::OtherJournal => f.write_str("it is of another journal"),
        }
    }
}

/// What a writer noticed about records that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) sequence: u64,
    pub(super) noted: JournalNoted,
    pub(super) records: Option<(u64, u64)>,
}

#[derive(Deserialize)]
struct CheckpointLine {
    checkpoint: String,
}

#[derive(Deserialize)]
struct NoteLine {
    noted: String,
    journal: String,
    records: Option<(u64, u64)>,
}

impl Doubt {
    /// Why the checkpoint in a record does not count; none if it does.
    pub(super) fn of_checkpoint(line: &[u8], record: Line, verifiers: &[Verifier]) -> Option<Why> {
        let Ok(CheckpointLine { checkpoint }) = serde_json::from_slice(line) else {
            return Some(Why::Note(NoteError::Form));
        };
        match open(&checkpoint, verifiers) {
            Err(why) => Some(why),
            Ok(Checkpoint { records, hash, .. }) => {
                let is_true = records == record.sequence - 1 && hash == record.previous;
                (!is_true).then_some(Why::Mismatch)
            }
        }
    }
}

impl Doubt {
    /// Whether both are one finding. Another key is one thing before a true checkpoint, and another thing after it.
    fn is_like(&self, other: &Doubt) -> bool {
        let is_about_a_key = self.why.code() == FindingCode::KeyUnknown;
        self.why == other.why && (!is_about_a_key || self.signed_before == other.signed_before)
    }
}

/// Opens a checkpoint by these keys, of their journal.
pub(super) fn open(note: &str, verifiers: &[Verifier]) -> Result<Checkpoint, Why> {
    let origin = note.lines().next().unwrap_or_default();
    let is_ours = |name: &str| verifiers.iter().any(|verifier| verifier.name() == name);
    match Checkpoint::open(note, verifiers) {
        Ok(checkpoint) if !is_ours(&checkpoint.origin) => Err(Why::OtherJournal),
        Err(NoteError::UnknownKey) if !verifiers.is_empty() && !is_ours(origin) => {
            Err(Why::OtherJournal)
        }
        opened => opened.map_err(Why::Note),
    }
}

impl Note {
    /// What the writer says here, if it explains records that are missing.
    pub(super) fn read(
        line: &[u8],
        sequence: u64,
        verifiers: &[Verifier],
    ) -> Result<Option<Self>, Why> {
        let Ok(NoteLine { noted, journal, records }) = serde_json::from_slice(line) else {
            return Ok(None);
        };
        let is_ours = |verifier: &Verifier| {
            let front = verifier.name().strip_suffix(journal.as_str());
            front.is_some_and(|front| front.is_empty() || front.ends_with('/'))
        };
        if !verifiers.is_empty() && !verifiers.iter().any(is_ours) {
            return Err(Why::OtherJournal);
        }
        let noted = JournalNoted::from_word(&noted).filter(|noted| {
            matches!(
                noted,
                JournalNoted::SegmentGone
                    | JournalNoted::SegmentReplaced
                    | JournalNoted::Truncated
                    | JournalNoted::Torn
                    | JournalNoted::TailMissing
                    | JournalNoted::HeadLost
                    | JournalNoted::SyncFailed
            )
        });
        Ok(noted.map(|noted| Note { sequence, noted, records }))
    }
}

impl Marks {
    pub(super) fn signed(&mut self, records: u64) {
        self.true_checkpoints += 1;
        match self.signed.last_mut() {
            Some(last) => *last = records.max(*last),
            None => self.signed.push(records),
        }
    }

    /// Many for one reason are one finding.
    pub(super) fn doubt(&mut self, record: u64, (file, at): (usize, Position), why: Why) {
        let (first, last, signed_before) = (record, record, self.true_checkpoints);
        self.add(Doubt { why, first, last, count: 1, signed_before, file, at });
    }

    /// Takes those of the blocks that come after.
    pub(super) fn append(&mut self, mut more: Marks) {
        self.hashes.append(&mut more.hashes);
        let signed_before = self.true_checkpoints;
        self.true_checkpoints += more.true_checkpoints;
        self.signed.append(&mut more.signed);
        self.notes.append(&mut more.notes);
        for mut doubt in more.doubts {
            doubt.signed_before += signed_before;
            self.add(doubt);
        }
    }

    fn add(&mut self, doubt: Doubt) {
        match self.doubts.last_mut() {
            Some(last) if last.is_like(&doubt) => {
                last.first = last.first.min(doubt.first);
                last.last = last.last.max(doubt.last);
                last.count += doubt.count;
            }
            _ => self.doubts.push(doubt),
        }
    }
}
