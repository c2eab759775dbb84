//! What writers know of a journal's end: a small file that is locked while one of them writes.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::audit::Hash;
use crate::journal::directory::prepare;
use crate::journal::identity::is_named;
use crate::journal::private::{self, privately};
use crate::journal::{Doing, JournalError, Layout};

/// Always as long, so that a full disk has room for it.
const LENGTH: usize = 1024;

/// Longer than any write takes; a program that holds the lock for more is stopped or stuck.
const PATIENCE: Duration = Duration::from_secs(10);

/// The end of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The journal's name.
    pub(super) journal: String,
    /// How many records it has.
    pub(super) sequence: u64,
    /// The hash of the last one.
    pub(super) hash: HexHash,
    /// The number of the segment that grows.
    pub(super) segment: u64,
    /// Which file that is.
    pub(super) file: u64,
    /// Its length in bytes.
    pub(super) bytes: u64,
    /// When it began.
    pub(super) begun: Timestamp,
    /// The policies of the last record that told of them, and its number.
    pub(super) policy: Option<(HexHash, u64)>,
    /// How many records the last checkpoint counts.
    pub(super) signed: u64,
    /// When that was made.
    pub(super) signed_at: Timestamp,
}

/// A hash as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HexHash(pub(super) Hash);

impl Serialize for HexHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for HexHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        let hash = Hash::from_hex(text.as_bytes());
        hash.map(HexHash).ok_or_else(|| serde::de::Error::custom("it is no hash"))
    }
}

impl Head {
    /// JSON and its check sum on one line, and blanks up to the length.
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LENGTH);
        // It holds nothing that JSON cannot.
        let _ = serde_json::to_writer(&mut bytes, self);
        let check = Hash::of(&bytes);
        let _ = write!(bytes, " {check}");
        bytes.resize(LENGTH - 1, b' ');
        bytes.push(b'\n');
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.trim_end();
        let (json, check) = text.rsplit_once(' ')?;
        (Hash::from_hex(check.as_bytes())? == Hash::of(json.as_bytes())).then_some(())?;
        let head: Head = serde_json::from_str(json).ok()?;
        // Whoever wrote anything else did not count records.
        let counts = |head: &Head| head.sequence < 1 << 53 && head.signed <= head.sequence;
        Some(head).filter(counts)
    }
}

/// The file, while its lock is held, or that of the segment that grows.
pub(super) struct LockedHead<'a> {
    slot: &'a HeadFile,
    is_locked: bool,
}

/// The file, open.
#[derive(Default)]
pub(super) struct HeadFile {
    file: Option<File>,
    /// When its name was looked at last.
    looked: Option<Instant>,
}

/// How long a file that was moved may still be taken for the one of its name: nothing is lost, it is written to as before.
pub(super) const NAMES_LAST: Duration = Duration::from_millis(50);

impl HeadFile {
    /// Waits until nobody else looks for the end. Makes directory and file where they are not there, or not any more.
    pub(super) fn lock(&mut self, layout: &Layout) -> Result<LockedHead<'_>, JournalError> {
        let path = &layout.head();
        loop {
            let file = match self.file.take() {
                Some(file) => file,
                None => prepare(layout.directory())
                    .and_then(|()| open(path))
                    .map_err(JournalError::of(Doing::Opening, layout.directory()))?,
            };
            lock(&file).map_err(JournalError::of(Doing::Waiting, path))?;
            // Somebody may have removed it, so that others lock another one.
            if is_named(&file, path).map_err(JournalError::of(Doing::Opening, path))? {
                self.file = Some(file);
                self.looked = Some(Instant::now());
                return Ok(LockedHead { slot: self, is_locked: true });
            }
        }
    }

    /// Whether the names of the files were looked at a moment ago.
    pub(super) fn names_are_fresh(&self) -> bool {
        self.file.is_some() && self.looked.is_some_and(|looked| looked.elapsed() < NAMES_LAST)
    }

    /// For who holds the lock of the segment that grows, and found its end there.
    pub(super) fn without_lock(&mut self) -> LockedHead<'_> {
        LockedHead { slot: self, is_locked: false }
    }
}

impl LockedHead<'_> {
    /// What it says; none where it is new or torn.
    pub(super) fn read(&self) -> io::Result<Option<Head>> {
        let mut file = self.file()?;
        file.rewind()?;
        let mut bytes = Vec::with_capacity(LENGTH + 1);
        file.take(LENGTH as u64 + 1).read_to_end(&mut bytes)?;
        Ok(Head::from_bytes(&bytes))
    }

    /// Whether nothing was ever written to it.
    pub(super) fn is_new(&self) -> io::Result<bool> {
        Ok(self.file()?.metadata()?.len() == 0)
    }

    pub(super) fn write(&self, head: &Head) -> io::Result<()> {
        let bytes = head.to_bytes();
        let mut file = self.file()?;
        file.rewind()?;
        file.write_all(&bytes)
    }

    /// Returns when what was written would outlive a power cut.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file()?.sync_data()
    }

    fn file(&self) -> io::Result<&File> {
        self.slot.file.as_ref().ok_or_else(|| io::Error::from(ErrorKind::NotFound))
    }
}

impl Drop for LockedHead<'_> {
    fn drop(&mut self) {
        if self.is_locked
            && let Some(file) = &self.slot.file
        {
            // The lock goes with the file in any case.
            let _ = file.unlock();
        }
    }
}

/// What a head says of its journal's end, read while others may write: none where there is none, or it is just changing.
fn glance(path: &Path) -> Option<Head> {
    Head::from_bytes(&private::read(path).ok()?)
}

/// The number and the hash of the last record, by what writers have noted.
pub fn known_end(layout: &Layout) -> Option<(u64, Hash)> {
    glance(&layout.head()).map(|head| (head.sequence, head.hash.0))
}

/// The policies that the journal knows of.
pub(in crate::journal) fn known_policy(path: &Path) -> Option<Hash> {
    glance(path)?.policy.map(|(key, _)| key.0)
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    privately(&mut options);
    options.open(path)
}

/// Waits for the lock of a file, with a bound.
pub(super) fn lock(file: &File) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_micros(20);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(pause),
            Err(TryLockError::WouldBlock) => {
                let seconds = PATIENCE.as_secs();
                let why = format!("another program has held it for more than {seconds} seconds");
                return Err(io::Error::new(ErrorKind::TimedOut, why));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        pause = (pause * 2).min(Duration::from_millis(2));
    }
}
