//! Writing: one process at a time, one write a record.

use std::fs;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::commit::{Commits, Ticket};
use super::disk::{Disk, RealDisk};
use super::error::{Doing, JournalError};
use super::head::{HeadFile, HexHash, LockedHead};
use super::keys::{self, FingerprintKey};
use super::layout::Layout;
use super::note::{Checkpoint, Signer, Verifier};
use super::tail::{Finder, Tail, note};
use crate::audit::{
    CheckpointMade, Event, Fingerprint, Hash, JournalNote, JournalNoted, PolicyChange,
    PolicyInForce, Record, Text, Who, seal,
};
use crate::targets::JOURNAL as TARGET;

/// When a segment is full, and when all records so far are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Bytes of a segment, after which the next one begins; 16 MiB by default.
    pub segment_bytes: u64,
    /// How old a segment becomes; 30 days by default.
    pub segment_age: SignedDuration,
    /// Records between two checkpoints; 4,096 by default.
    pub checkpoint_records: u64,
    /// Time between two checkpoints, as far as there are records; one hour by default.
    pub checkpoint_age: SignedDuration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Rhythm {
            segment_bytes: 16 << 20,
            segment_age: SignedDuration::from_hours(30 * 24),
            checkpoint_records: 4096,
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

/// So many records are found by their hashes, where a process ended before it could say where it stopped.
const UNSAVED: u32 = 64;

impl Journal {
    /// Opens the journal in this directory, or begins one.
    ///
    /// # Errors
    /// When the directory is somebody else's or cannot be made, or when the key of fingerprints cannot be read or made.
    pub fn open(layout: Layout, rhythm: Rhythm) -> Result<Self, JournalError> {
        Journal::on(Box::new(RealDisk), layout, rhythm)
    }

    pub(super) fn on(
        disk: Box<dyn Disk>,
        layout: Layout,
        rhythm: Rhythm,
    ) -> Result<Self, JournalError> {
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
        let mut entry = self.begin(&mut writer, time)?;
        let is_new = entry.note_policy(who, policy)?;
        if is_new {
            entry.finish();
        }
        Ok(is_new)
    }

    /// Signs all records so far, if there are any since the last time, and gives the latest checkpoint.
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn checkpoint(&self, time: Timestamp) -> Result<String, JournalError> {
        let mut writer = self.lock();
        let mut entry = self.begin(&mut writer, time)?;
        let note = entry.sign()?;
        entry.finish();
        Ok(note)
    }

    /// The public key of checkpoints.
    ///
    /// # Errors
    /// When the signing key cannot be read, or a new one cannot be made.
    pub fn verifier(&self, time: Timestamp) -> Result<Verifier, JournalError> {
        let mut writer = self.lock();
        let mut entry = self.begin(&mut writer, time)?;
        let verifier = entry.load_signer()?.verifier();
        entry.finish();
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
            keys::write_privately(&path, pem.as_bytes())
                .map_err(JournalError::of(Doing::Keys, &path))?;
        }
        drop(locked);
        let mut entry = self.begin(&mut writer, time)?;
        // A key that is lost already signs nothing.
        let _ = entry.sign();
        keys::write_privately(&path, pem.as_bytes())
            .map_err(JournalError::of(Doing::Keys, &path))?;
        *entry.signer = None;
        let verifier = entry.load_signer()?.verifier();
        entry.finish();
        Ok(verifier)
    }

    fn write(&self, time: Timestamp, event: &Event) -> Result<(Written, Ticket), JournalError> {
        let mut writer = self.lock();
        let mut entry = self.begin(&mut writer, time)?;
        if let Event::Credential(made) = event
            && !made.what_if
        {
            entry.note_policy(&made.who, &made.policy)?;
        }
        let written = entry.put(event)?;
        if entry.is_due()
            && let Err(error) = entry.sign()
        {
            // The record is there, whether it is signed or not.
            tracing::warn!(target: TARGET, %error, "the journal is not signed");
        }
        Ok((written, entry.finish()))
    }

    /// Takes the turn among all processes, and finds the end of the journal.
    fn begin<'a>(
        &'a self,
        writer: &'a mut Writer,
        time: Timestamp,
    ) -> Result<Entry<'a>, JournalError> {
        let Writer { head: file, tail: slot, unsaved, signer, policy, line } = writer;
        let mut locked = file.lock(&self.layout)?;
        let directory = self.layout.directory();
        let found = self.find(&mut locked, slot.take(), time);
        let (tail, notes, is_known) =
            found.map_err(JournalError::of(Doing::Settling, directory))?;
        let mut entry = Entry {
            journal: self,
            locked,
            tail,
            slot,
            unsaved,
            signer,
            policy,
            line,
            time,
            ticket: 0,
            is_to_be_saved: !is_known,
        };
        if entry.tail.head.bytes == 0 {
            entry.save().map_err(JournalError::of(Doing::Settling, directory))?;
        }
        entry.begin_segment_where_due()?;
        for note in notes {
            entry.put(&Event::Journal(note))?;
        }
        Ok(entry)
    }

    /// The end, what has to be told of it, and whether it is where this process left it.
    fn find(
        &self,
        locked: &mut LockedHead<'_>,
        known: Option<Tail>,
        time: Timestamp,
    ) -> io::Result<(Tail, Vec<JournalNote>, bool)> {
        let known = match known {
            Some(tail)
                if tail.is_still_the_end()?
                    && (!locked.names_are_stale()
                        || locked.is_as_seen()? && tail.is_in_place()?) =>
            {
                return Ok((tail, Vec::new(), true));
            }
            known => known,
        };
        let verifiers = |name: &str| {
            let (key, _) = keys::signing_key(&self.layout)?;
            Ok(vec![Signer::new(name, key).verifier()])
        };
        let (tail, notes) = Finder::new(&self.layout, &verifiers, time).find(locked, known)?;
        Ok((tail, notes, false))
    }

    /// What is kept is found anew where it was left in the middle.
    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One turn among all processes.
struct Entry<'a> {
    journal: &'a Journal,
    locked: LockedHead<'a>,
    tail: Tail,
    slot: &'a mut Option<Tail>,
    unsaved: &'a mut u32,
    signer: &'a mut Option<Signer>,
    policy: &'a mut Option<(PolicyInForce, HexHash)>,
    line: &'a mut Vec<u8>,
    time: Timestamp,
    /// Of the last record.
    ticket: Ticket,
    /// Whether the head has to say so.
    is_to_be_saved: bool,
}

impl Entry<'_> {
    /// One write at the end of the segment. What was only half taken is taken back.
    fn put(&mut self, event: &Event) -> Result<Written, JournalError> {
        let record = Record {
            schema_version: 1,
            sequence: self.tail.head.sequence + 1,
            previous: self.tail.head.hash.0,
            time: self.time,
            event,
        };
        self.line.clear();
        let hash = seal(&record, self.line);
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
    fn begin_segment_where_due(&mut self) -> Result<(), JournalError> {
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
        self.journal.commits.doubt_is_told();
        self.is_to_be_saved = true;
        // Before the next one begins: others may have this one open.
        let _ = self.tail.segment.finish();
        let next = self.tail.head.next_segment(&self.journal.layout, self.time);
        let directory = self.journal.layout.directory();
        let opened = next.and_then(|segment| {
            self.tail.segment = segment;
            self.save()
        });
        opened.map_err(JournalError::of(Doing::Opening, directory))?;
        let begun = note(noted, &self.tail.head, &self.journal.layout);
        self.put(&Event::Journal(begun))?;
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
    fn note_policy(&mut self, who: &Who, policy: &PolicyInForce) -> Result<bool, JournalError> {
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
    fn is_due(&self) -> bool {
        let Rhythm { checkpoint_records, checkpoint_age, .. } = self.journal.rhythm;
        let since = self.time.duration_since(self.tail.head.signed_at);
        // A clock that was set back must not put it off.
        since.is_negative()
            || since >= checkpoint_age
            || self.tail.head.sequence - self.tail.head.signed > checkpoint_records
    }

    /// Makes all records so far durable and signs them; the latest checkpoint, where there are no others.
    fn sign(&mut self) -> Result<String, JournalError> {
        let path = self.journal.layout.checkpoint();
        if self.tail.head.sequence == self.tail.head.signed + 1
            && let Ok(latest) = fs::read_to_string(&path)
        {
            return Ok(latest);
        }
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
        let _ = keys::write_privately(&path, note.as_bytes());
        Ok(note)
    }

    /// Reads the signing key, or makes one, and tells where it is another one than before.
    fn load_signer(&mut self) -> Result<&Signer, JournalError> {
        if self.signer.as_ref().is_none_or(|signer| signer.name() != self.tail.head.journal) {
            let layout = &self.journal.layout;
            let path = layout.signing_key();
            let failed = |error| JournalError::new(Doing::Keys, &path, &error);
            let (key, _) = keys::signing_key(layout).map_err(failed)?;
            let signer = Signer::new(self.tail.head.journal.clone(), key);
            let known = layout.known_verifier().map_err(failed)?;
            let verifier = signer.verifier();
            if known.as_ref() != Some(&verifier) {
                let text = verifier.to_string();
                keys::write_privately(&layout.verifier_key(), format!("{text}\n").as_bytes())
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
    fn finish(mut self) -> Ticket {
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
    fn save(&mut self) -> io::Result<()> {
        self.locked.write(&self.tail.head)?;
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

/// Says where the journal ends, for those who come next.
impl Drop for Journal {
    fn drop(&mut self) {
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Writer { head, tail: Some(tail), unsaved: 1.., .. } = writer else { return };
        let Ok(mut locked) = head.lock(&self.layout) else { return };
        if locked.is_as_seen().is_ok_and(|as_seen| as_seen)
            && tail.is_still_the_end().is_ok_and(|is_the_end| is_the_end)
        {
            // Where this fails, they find it by its hashes.
            let _ = locked.write(&tail.head);
        }
    }
}
