//! One turn among all processes: the records that are written before others have theirs.

use std::io::{self, ErrorKind};

use jiff::Timestamp;

use super::commit::Ticket;
use super::head::{HexHash, LockedHead};
use super::segment::LockedSegment;
use super::tail::{Tail, note};
use super::{Journal, Rhythm, Written};
use crate::audit::{
    CheckpointMade, Event, JournalNote, JournalNoted, PolicyChange, PolicyInForce, Record, Text,
    Who, seal,
};
use crate::journal::layout::LONGEST_LINE;
use crate::journal::{Checkpoint, Doing, JournalError, Signer, keys, private};
use crate::targets::JOURNAL as TARGET;

/// So many records are found by their hashes, where a process ended before it could say where it stopped.
const UNSAVED: u32 = 64;

/// One turn among all processes.
pub(super) struct Turn<'a> {
    pub(super) journal: &'a Journal,
    pub(super) locked: LockedHead<'a>,
    pub(super) tail: Tail,
    /// Of every file that was touched, until others have their turn.
    pub(super) locks: Vec<LockedSegment>,
    pub(super) slot: &'a mut Option<Tail>,
    pub(super) unsaved: &'a mut u32,
    pub(super) signer: &'a mut Option<Signer>,
    pub(super) policy: &'a mut Option<(PolicyInForce, HexHash)>,
    pub(super) line: &'a mut Vec<u8>,
    pub(super) time: Timestamp,
    /// Of the last record.
    pub(super) ticket: Ticket,
    /// Whether the head has to say so.
    pub(super) is_to_be_saved: bool,
}

impl Turn<'_> {
    /// One write at the end of the segment. What was only half taken is taken back.
    pub(super) fn put(&mut self, event: &Event) -> Result<Written, JournalError> {
        let record = Record {
            schema_version: 1,
            sequence: self.tail.head.sequence + 1,
            previous: self.tail.head.hash.0,
            time: self.time,
            event,
        };
        self.line.clear();
        let hash = seal(&record, self.line);
        if self.line.len() as u64 > LONGEST_LINE {
            let error =
                io::Error::new(ErrorKind::InvalidData, "the record is longer than any may be");
            return Err(JournalError::new(Doing::Writing, &self.tail.segment.path, &error));
        }
        let failed = JournalError::of(Doing::Writing, &self.tail.segment.path);
        let disk = self.journal.disk.as_ref();
        let taken = match disk.write(&self.tail.segment.file, self.line) {
            Ok(taken) if taken == self.line.len() => Ok(()),
            Ok(_) => Err(io::Error::new(ErrorKind::StorageFull, "the disk took only a part of it")),
            Err(error) => Err(error),
        };
        if let Err(error) = taken {
            // Whoever writes next finds what is left of it, if this fails too.
            let _ = disk.cut(&self.tail.segment.file, self.tail.head.bytes);
            return Err(failed(error));
        }
        self.tail.head.sequence = record.sequence;
        self.tail.head.hash = HexHash(hash);
        self.tail.head.bytes += self.line.len() as u64;
        *self.unsaved += 1;
        self.ticket = self.journal.commits.written(&self.tail.segment.file);
        tell(event, record.sequence);
        Ok(Written { sequence: record.sequence, hash })
    }

    /// The next segment, where this one is full, old, or may have lost what was written to it.
    pub(super) fn begin_segment_where_due(&mut self) -> Result<(), JournalError> {
        let is_in_doubt = self.journal.commits.is_in_doubt();
        let Rhythm { segment_bytes, segment_age, .. } = self.journal.rhythm;
        let age = self.time.duration_since(self.tail.head.begun);
        let is_over = self.tail.head.bytes >= segment_bytes || age >= segment_age;
        if self.tail.head.bytes == 0 || !(is_over || is_in_doubt) {
            return self.tell_of_beginning();
        }
        let mut noted = JournalNoted::SyncFailed;
        if !is_in_doubt {
            let synced = self.journal.disk.sync(&self.tail.segment.file);
            noted = if synced.is_ok() { JournalNoted::SegmentBegun } else { noted };
            self.journal.commits.settled(synced);
        }
        self.is_to_be_saved = true;
        // Before the next one begins: others may have this one open.
        let _ = self.tail.segment.finish();
        let next = self.tail.head.next_segment(&self.journal.layout, self.time);
        let directory = self.journal.layout.directory();
        let opened = next.and_then(|(segment, lock)| {
            self.tail.segment = segment;
            self.locks.push(lock);
            self.save()
        });
        opened.map_err(JournalError::of(Doing::Opening, directory))?;
        let begun = note(noted, &self.tail.head, &self.journal.layout);
        self.put(&Event::Journal(begun))?;
        if noted == JournalNoted::SyncFailed {
            self.journal.commits.doubt_is_told();
        }
        // What ends with the segment before is signed in this one.
        self.tail.head.signed_at = Timestamp::MIN;
        Ok(())
    }

    /// The first record of a journal names its key.
    fn tell_of_beginning(&mut self) -> Result<(), JournalError> {
        if self.tail.head.sequence > 0 {
            return Ok(());
        }
        let verifier = self.load_signer()?.verifier();
        let begun = note(JournalNoted::Begun, &self.tail.head, &self.journal.layout);
        let verifier = Some(Text::new(&verifier.to_string()));
        self.put(&Event::Journal(JournalNote { verifier, ..begun })).map(drop)
    }

    /// Tells of the policies, unless they are those that the journal knows of; says whether it did.
    pub(super) fn note_policy(
        &mut self,
        who: &Who,
        policy: &PolicyInForce,
    ) -> Result<bool, JournalError> {
        let key = match &*self.policy {
            Some((same, key)) if same == policy => *key,
            _ => self.policy.insert((policy.clone(), HexHash(policy.key()))).1,
        };
        let known = self.tail.head.policy;
        let is_nothing_new = match known {
            Some((known, _)) => known == key,
            // A machine that never had any.
            None => policy.is_nothing(),
        };
        if is_nothing_new {
            return Ok(false);
        }
        let changed_from = known.map(|(_, sequence)| sequence);
        let who = Who { caller: None, ..who.clone() };
        let change = PolicyChange { who, policy: policy.clone(), changed_from };
        let written = self.put(&Event::Policy(change))?;
        self.tail.head.policy = Some((key, written.sequence));
        self.is_to_be_saved = true;
        Ok(true)
    }

    /// Whether all records so far are to be signed.
    pub(super) fn is_due(&self) -> bool {
        let Rhythm { checkpoint_records, checkpoint_age, .. } = self.journal.rhythm;
        let since = self.time.duration_since(self.tail.head.signed_at);
        // A clock that was set back must not put it off.
        since.is_negative()
            || since >= checkpoint_age
            || self.tail.head.sequence - self.tail.head.signed > checkpoint_records
    }

    /// Makes all records so far durable and signs them; the latest checkpoint, where there are no others.
    pub(super) fn sign(&mut self) -> Result<String, JournalError> {
        let path = self.journal.layout.checkpoint();
        if self.tail.head.sequence == self.tail.head.signed + 1
            && let Ok(latest) = private::read_text(&path)
        {
            return Ok(latest);
        }
        // Another key may have been given meanwhile.
        *self.signer = None;
        let synced = self.journal.disk.sync(&self.tail.segment.file);
        let copy = synced.as_ref().copied().map_err(|e| io::Error::new(e.kind(), e.to_string()));
        self.journal.commits.settled(copy);
        synced.map_err(JournalError::of(Doing::Syncing, &self.tail.segment.path))?;
        let records = self.tail.head.sequence;
        let origin = self.tail.head.journal.clone();
        let checkpoint = Checkpoint { origin, records, hash: self.tail.head.hash.0 };
        let note = checkpoint.sign(self.load_signer()?);
        self.put(&Event::Checkpoint(CheckpointMade { checkpoint: note.clone() }))?;
        tracing::info!(target: TARGET, records, "the records so far are signed");
        (self.tail.head.signed, self.tail.head.signed_at) = (records, self.time);
        self.is_to_be_saved = true;
        // The record holds it too: where this fails, the next one comes in time.
        let _ = private::write(&path, note.as_bytes());
        Ok(note)
    }

    /// Reads the signing key, or makes one, and tells where it is another one than before.
    pub(super) fn load_signer(&mut self) -> Result<&Signer, JournalError> {
        if self.signer.as_ref().is_none_or(|signer| signer.name() != self.tail.head.journal) {
            let layout = &self.journal.layout;
            let path = layout.signing_key();
            let failed = |error| JournalError::new(Doing::Keys, &path, &error);
            let key = keys::signing_key(layout).map_err(failed)?;
            let signer = Signer::new(self.tail.head.journal.clone(), key);
            let known = layout.known_verifier().map_err(failed)?;
            let verifier = signer.verifier();
            if known.as_ref() != Some(&verifier) {
                let text = verifier.to_string();
                private::write(&layout.verifier_key(), format!("{text}\n").as_bytes())
                    .map_err(failed)?;
                if known.is_some() {
                    let changed = note(JournalNoted::KeyChanged, &self.tail.head, layout);
                    let verifier = Some(Text::new(&text));
                    self.put(&Event::Journal(JournalNote { verifier, ..changed }))?;
                }
            }
            *self.signer = Some(signer);
        }
        let missing = || io::Error::from(ErrorKind::NotFound);
        let signer = self.signer.as_ref().ok_or_else(missing);
        signer.map_err(JournalError::of(Doing::Keys, &self.journal.layout.signing_key()))
    }

    /// Leaves the turn to others, and says from time to time where the journal ends.
    pub(super) fn finish(mut self) -> Ticket {
        if (self.is_to_be_saved || *self.unsaved >= UNSAVED)
            && let Err(error) = self.save()
        {
            // Whoever comes next finds the end by what follows.
            tracing::warn!(target: TARGET, %error, "the end of the journal is not noted");
        }
        *self.slot = Some(self.tail);
        self.ticket
    }

    /// Before the first record of a segment, so that nobody goes on in the one before.
    pub(super) fn save(&mut self) -> io::Result<()> {
        self.locked.write(&self.tail.head)?;
        if self.tail.head.bytes == 0 {
            self.locked.sync()?;
        }
        *self.unsaved = 0;
        Ok(())
    }
}

/// What happens to the journal itself, for who operates it.
fn tell(event: &Event, sequence: u64) {
    let Event::Journal(note) = event else {
        return tracing::trace!(target: TARGET, sequence, "a record is written");
    };
    let (noted, segment) = (note.noted, note.segment.as_str());
    match noted {
        JournalNoted::Begun | JournalNoted::SegmentBegun => {
            tracing::info!(target: TARGET, sequence, %noted, segment, "the journal goes on in a new file");
        }
        _ => {
            tracing::warn!(target: TARGET, sequence, %noted, segment, "the journal is not as it was left")
        }
    }
}
