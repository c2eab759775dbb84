//! Writing: one process at a time, one write a record.

mod commit;
mod disk;
mod head;
mod left_over;
mod lost_head;
mod segment;
mod tail;
#[cfg(test)]
mod tests;
mod turn;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use self::commit::{Commits, Ticket};
use self::disk::{Disk, RealDisk};
use self::head::{HeadFile, HexHash, LockedHead};
use self::segment::LockedSegment;
use self::tail::{Finder, FoundTail, Tail};
use self::turn::Turn;
use super::directory::leading_to;
use super::error::{Doing, JournalError};
use super::keys::{self, FingerprintKey};
use super::layout::Layout;
use super::note::{Signer, Verifier};
use super::private;
use crate::audit::{Event, Fingerprint, Hash, PolicyInForce, Who};
use crate::targets::JOURNAL as TARGET;

pub use self::head::known_end;
pub(super) use self::head::known_policy;

/// When a segment is full, and when all records so far are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Bytes of a segment, after which the next one begins; 16 MiB by default.
    pub segment_bytes: u64,
    /// How old a segment becomes; 30 days by default.
    pub segment_age: SignedDuration,
    /// Records between two checkpoints; 16,384 by default.
    pub checkpoint_records: u64,
    /// Time between two checkpoints, as far as there are records; one hour by default.
    pub checkpoint_age: SignedDuration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Rhythm {
            segment_bytes: 16 << 20,
            segment_age: SignedDuration::from_hours(30 * 24),
            checkpoint_records: 16_384,
            checkpoint_age: SignedDuration::from_hours(1),
        }
    }
}

/// Whether a record has to outlive a power cut before anything else happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It is in the file, for every other process to see.
    Written,
    /// It is on the disk.
    Durable,
}

/// A record that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Its number.
    pub sequence: u64,
    /// Its hash.
    pub hash: Hash,
}

/// A journal, open for records of this process. Other processes write to it at the same time.
pub struct Journal {
    layout: Layout,
    rhythm: Rhythm,
    disk: Box<dyn Disk>,
    writer: Mutex<Writer>,
    commits: Commits,
    fingerprints: FingerprintKey,
}

/// What is kept from record to record.
#[derive(Default)]
struct Writer {
    head: HeadFile,
    tail: Option<Tail>,
    /// Records since the head was written.
    unsaved: u32,
    signer: Option<Signer>,
    /// The last policies that were asked about, and what tells them from others.
    policy: Option<(PolicyInForce, HexHash)>,
    line: Vec<u8>,
}

impl Journal {
    /// Opens the journal in this directory, or begins one.
    ///
    /// # Errors
    /// When the directory is somebody else's or cannot be made, or when the key of fingerprints cannot be read or made.
    pub fn open(layout: Layout, rhythm: Rhythm) -> Result<Self, JournalError> {
        Journal::on(Box::new(RealDisk), layout, rhythm)
    }

    fn on(disk: Box<dyn Disk>, layout: Layout, rhythm: Rhythm) -> Result<Self, JournalError> {
        // Of processes that begin at the same moment, one makes the keys.
        let mut writer = Writer::default();
        let locked = writer.head.lock(&layout)?;
        let path = layout.fingerprint_key();
        let fingerprints =
            FingerprintKey::of(&layout).map_err(JournalError::of(Doing::Keys, &path))?;
        drop(locked);
        tracing::debug!(target: TARGET, directory = ?layout.directory(), "the journal is open");
        Ok(Journal {
            layout,
            rhythm,
            disk,
            writer: Mutex::new(writer),
            commits: Commits::default(),
            fingerprints,
        })
    }

    /// The files.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What stands for a secret in records.
    pub fn fingerprint(&self, secret: &SecretString) -> Fingerprint {
        self.fingerprints.fingerprint(secret)
    }

    /// Writes a record, after one of the policies where other ones are in force than the journal knows.
    ///
    /// # Errors
    /// When it is not in the file, or, where that is asked for, not known to be durable.
    pub fn append(
        &self,
        time: Timestamp,
        event: &Event,
        durability: Durability,
    ) -> Result<Written, JournalError> {
        let (written, ticket) = match self.write(time, event) {
            // What is open may have been moved away as a whole: once more, by the names.
            Err(error) if matches!(error.doing, Doing::Opening | Doing::Settling) => {
                self.lock().head = HeadFile::default();
                self.write(time, event)?
            }
            written => written?,
        };
        if durability == Durability::Durable {
            let waited = self.commits.wait(ticket, |file| self.disk.sync(file));
            if let Err(error) = &waited {
                tracing::error!(target: TARGET, %error, "records are not known to be durable");
            }
            waited.map_err(JournalError::of(Doing::Syncing, self.layout.directory()))?;
        }
        Ok(written)
    }

    /// Writes that other policies are in force, if the journal knows of others; says whether it did.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn note_policy(
        &self,
        time: Timestamp,
        who: &Who,
        policy: &PolicyInForce,
    ) -> Result<bool, JournalError> {
        let mut writer = self.lock();
        let mut turn = self.begin(&mut writer, time)?;
        let is_new = turn.note_policy(who, policy)?;
        turn.finish();
        Ok(is_new)
    }

    /// Signs all records so far, if there are any since the last time, and gives the latest checkpoint.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn checkpoint(&self, time: Timestamp) -> Result<String, JournalError> {
        let mut writer = self.lock();
        let mut turn = self.begin(&mut writer, time)?;
        let note = turn.sign()?;
        turn.finish();
        Ok(note)
    }

    /// The public key of checkpoints.
    ///
    /// # Errors
    /// When the signing key cannot be read, or a new one cannot be made.
    pub fn verifier(&self, time: Timestamp) -> Result<Verifier, JournalError> {
        let mut writer = self.lock();
        let mut turn = self.begin(&mut writer, time)?;
        let verifier = turn.load_signer()?.verifier();
        turn.finish();
        Ok(verifier)
    }

    /// Signs with this private key from now on (Ed25519, PKCS #8, PEM), and gives its public half. What the key before was
    /// to sign is signed with it first.
    ///
    /// # Errors
    /// When the text is no such key, or as [`append`](Self::append).
    pub fn sign_with(&self, time: Timestamp, pem: &str) -> Result<Verifier, JournalError> {
        let path = self.layout.signing_key();
        keys::check(pem, &path).map_err(JournalError::of(Doing::Keys, &path))?;
        let mut writer = self.lock();
        let locked = writer.head.lock(&self.layout)?;
        if !path.exists() {
            // A journal that begins is to have no other key.
            private::write(&path, pem.as_bytes()).map_err(JournalError::of(Doing::Keys, &path))?;
        }
        drop(locked);
        let mut turn = self.begin(&mut writer, time)?;
        // A key that is lost already signs nothing.
        let _ = turn.sign();
        private::write(&path, pem.as_bytes()).map_err(JournalError::of(Doing::Keys, &path))?;
        *turn.signer = None;
        let verifier = turn.load_signer()?.verifier();
        // Who knows this key alone can verify everything before it at once.
        if let Err(error) = turn.sign() {
            tracing::warn!(target: TARGET, %error, "the journal is not signed");
        }
        turn.finish();
        Ok(verifier)
    }

    fn write(&self, time: Timestamp, event: &Event) -> Result<(Written, Ticket), JournalError> {
        let mut writer = self.lock();
        let mut turn = self.begin(&mut writer, time)?;
        if let Event::Credential(made) = event
            && !made.what_if
        {
            turn.note_policy(&made.who, &made.policy)?;
        }
        let written = turn.put(event)?;
        if turn.is_due()
            && let Err(error) = turn.sign()
        {
            // The record is there, whether it is signed or not.
            tracing::warn!(target: TARGET, %error, "the journal is not signed");
        }
        Ok((written, turn.finish()))
    }

    /// Takes the turn among all processes, and finds the end of the journal.
    fn begin<'a>(
        &'a self,
        writer: &'a mut Writer,
        time: Timestamp,
    ) -> Result<Turn<'a>, JournalError> {
        let Writer { head: file, tail: slot, unsaved, signer, policy, line } = writer;
        let directory = self.layout.directory();
        let known = slot.take();
        let at_once = match &known {
            Some(tail) if file.names_are_fresh() => tail.lock_if_still_the_end(),
            _ => Ok(None),
        };
        let is_known = at_once.map_err(JournalError::of(Doing::Settling, directory))?;
        let (locked, found, is_to_be_saved) = match (is_known, known) {
            (Some(lock), Some(tail)) => {
                let found = FoundTail { tail, notes: Vec::new(), locks: vec![lock] };
                (file.without_lock(), found, false)
            }
            (_, known) => {
                let locked = file.lock(&self.layout)?;
                let found = self.find(&locked, known, time);
                (locked, found.map_err(JournalError::of(Doing::Settling, directory))?, true)
            }
        };
        let FoundTail { tail, notes, locks } = found;
        let mut turn = Turn {
            journal: self,
            locked,
            tail,
            locks,
            slot,
            unsaved,
            signer,
            policy,
            line,
            time,
            ticket: 0,
            is_to_be_saved,
        };
        if turn.tail.head.bytes == 0 {
            turn.save().map_err(JournalError::of(Doing::Settling, directory))?;
        }
        turn.begin_segment_where_due()?;
        for note in notes {
            turn.put(&Event::Journal(note))?;
        }
        Ok(turn)
    }

    fn find(
        &self,
        locked: &LockedHead<'_>,
        known: Option<Tail>,
        time: Timestamp,
    ) -> io::Result<FoundTail> {
        let verifiers = |name: &str| {
            let key = keys::signing_key(&self.layout)?;
            Ok(vec![Signer::new(name, key).verifier()])
        };
        if locked.is_new()? {
            for directory in leading_to(self.layout.directory())? {
                self.disk.sync_directory(&directory)?;
            }
        }
        let before = self.commits.file();
        let found = Finder::new(&self.layout, &verifiers, time).find(locked, known)?;
        // Whoever waits for the disk waits for the file of the last record; those before it are made durable here.
        let current = &found.tail.segment.file;
        let others = found.locks.iter().map(LockedSegment::file);
        let left = others.chain(&before).filter(|file| !Arc::ptr_eq(file, current));
        let synced = left.collect::<Vec<_>>().into_iter().try_for_each(|file| self.disk.sync(file));
        match before {
            Some(before) if !Arc::ptr_eq(&before, current) => self.commits.settled(synced),
            // Nothing of this process is in any other file.
            _ => synced?,
        }
        Ok(found)
    }

    /// What is kept is found anew where it was left in the middle.
    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says where the journal ends, for those who come next.
impl Drop for Journal {
    fn drop(&mut self) {
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Writer { head, tail: Some(tail), unsaved: 1.., .. } = writer else { return };
        let Ok(locked) = head.lock(&self.layout) else { return };
        if let Ok(Some(_lock)) = tail.lock_if_still_the_end() {
            // Where this fails, they find it by its hashes.
            let _ = locked.write(&tail.head);
        }
    }
}
