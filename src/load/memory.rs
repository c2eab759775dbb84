//! What a running program remembers of the files that it read.
//!
//! A machine with a memory never acts upon a file that is only half written, and a managed file that turns bad does
//! not undo the last good policy. A machine without one takes each file as it is: what starts now denies.

mod last_good;
mod steady;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use secrecy::ExposeSecret;

use self::last_good::LastGoods;
use self::steady::{Look, Steady};
use super::managed::Managed;
use crate::aws::{FileText, SignInName};
use crate::policy::{ManagedContent, ManagedSource};
use crate::settings::SettingsRead;
use crate::signer::SignIn;

/// Shared by all clones of a machine: who judges a use sees what the answer was made of. Of one machine alone: one that
/// is given another environment or other settings has none.
#[derive(Clone)]
pub struct Memory {
    settle: Duration,
    remembered: Arc<Mutex<Remembered>>,
}

/// Writing a file takes a few milliseconds; nobody notices this much.
const SETTLE: Duration = Duration::from_millis(200);

impl Default for Memory {
    fn default() -> Self {
        Memory::that_settles_within(SETTLE)
    }
}

#[derive(Default)]
struct Remembered {
    /// The managed places, and the machine's own where the former are those of a what-if question.
    managed: Vec<(Managed, ManagedMemory)>,
    settings: Option<Steady<SettingsRead>>,
    aws: Option<[Steady<AwsFile>; 2]>,
    sign_ins: BTreeMap<SignInName, Steady<SignIn>>,
    changes: u64,
}

#[derive(Default)]
struct ManagedMemory {
    sources: BTreeMap<Arc<Path>, Steady<ManagedContent>>,
    last_goods: LastGoods,
    /// What the last look came to; none before the first.
    seen: Option<Vec<ManagedSource>>,
}

/// One of AWS's files, which may be absent.
type AwsFile = Option<FileText>;

impl Memory {
    /// A memory of nothing yet. A file that seems half written counts when it has not changed for so long; 200 ms
    /// by default.
    pub fn that_settles_within(settle: Duration) -> Self {
        Memory { settle, remembered: Arc::default() }
    }

    /// How often something that counts has changed. Equal numbers: the same files.
    pub fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// When a file that is being written counts as it is, if nothing changes until then.
    pub fn settles_at(&self) -> Option<Instant> {
        let memory = self.lock();
        let managed =
            memory.managed.iter().flat_map(|(_, m)| m.sources.values()).map(Steady::settles_at);
        let settings = memory.settings.iter().map(Steady::settles_at);
        let aws = memory.aws.iter().flatten().map(Steady::settles_at);
        let sign_ins = memory.sign_ins.values().map(Steady::settles_at);
        managed.chain(settings).chain(aws).chain(sign_ins).flatten().min()
    }

    /// The sources as they count, after they were read anew.
    pub(super) fn managed(
        &self,
        place: &Managed,
        read: Vec<ManagedSource>,
        now: Timestamp,
    ) -> Vec<ManagedSource> {
        let mut memory = self.lock();
        let Remembered { managed, changes, .. } = &mut *memory;
        let index = managed.iter().position(|(known, _)| known == place).unwrap_or_else(|| {
            managed.push((place.clone(), ManagedMemory::default()));
            managed.len() - 1
        });
        let (sources, changed) =
            managed[index].1.see(read, Instant::now(), self.settle, &place.directories(), now);
        *changes += u64::from(changed);
        sources
    }

    pub(super) fn settings(&self, read: SettingsRead) -> SettingsRead {
        let mut memory = self.lock();
        let Remembered { settings, changes, .. } = &mut *memory;
        let steady = settings.get_or_insert_with(|| Steady::new(read.clone()));
        self.see(steady, read, changes)
    }

    pub(super) fn aws(&self, read: [AwsFile; 2]) -> [AwsFile; 2] {
        let mut memory = self.lock();
        let Remembered { aws, changes, .. } = &mut *memory;
        let [config, credentials] = aws.get_or_insert_with(|| read.clone().map(Steady::new));
        let [read_config, read_credentials] = read;
        [self.see(config, read_config, changes), self.see(credentials, read_credentials, changes)]
    }

    pub(super) fn sign_in(&self, name: &SignInName, read: SignIn) -> SignIn {
        let mut memory = self.lock();
        let Remembered { sign_ins, changes, .. } = &mut *memory;
        let steady = sign_ins.entry(name.clone()).or_insert_with(|| Steady::new(read.clone()));
        self.see(steady, read, changes)
    }

    /// Takes a look in, and says what counts now.
    fn see<L: Look>(&self, steady: &mut Steady<L>, read: L, changes: &mut u64) -> L {
        *changes += u64::from(steady.see(read, Instant::now(), self.settle));
        steady.look().clone()
    }

    /// What is remembered stays true when somebody panicked beside it.
    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ManagedMemory {
    /// The sources that count, and whether they are others than before.
    fn see(
        &mut self,
        mut read: Vec<ManagedSource>,
        at: Instant,
        settle: Duration,
        directories: &[PathBuf],
        now: Timestamp,
    ) -> (Vec<ManagedSource>, bool) {
        let listed = read.len();
        let vanished = self.vanished(&read);
        read.extend(vanished);
        for source in &mut read {
            let fresh = source.content.clone();
            // Of what is new, nothing counted before; but the first look of all takes things as they are.
            let before = if self.seen.is_some() { ManagedContent::Absent } else { fresh.clone() };
            let steady =
                self.sources.entry(Arc::clone(&source.path)).or_insert_with(|| Steady::new(before));
            steady.see(fresh, at, settle);
            source.content = steady.look().clone();
        }
        let is_first = self.seen.is_none();
        self.last_goods.stand_in(&mut read, directories, is_first, now);
        let unlisted = read.split_off(listed);
        read.extend(unlisted.into_iter().filter(|s| s.content != ManagedContent::Absent));
        self.sources.retain(|path, steady| {
            // What is gone for good is forgotten.
            read.iter().any(|source| source.path == *path) || steady.settles_at().is_some()
        });
        let changed = self.seen.as_ref() != Some(&read);
        self.seen = Some(read.clone());
        (read, changed)
    }

    /// Files that are listed no more: gone, or in a directory that cannot be looked into.
    fn vanished(&self, read: &[ManagedSource]) -> Vec<ManagedSource> {
        let is_listed = |path: &Path| read.iter().any(|source| *source.path == *path);
        let unlisted = self.sources.iter().filter(|(path, _)| !is_listed(path));
        let of = |(path, steady): (&Arc<Path>, &Steady<ManagedContent>)| {
            let above = read.iter().find(|s| s.content.is_bad() && path.starts_with(&s.path));
            let content = above.map_or(ManagedContent::Absent, |above| above.content.clone());
            let is_over = matches!(
                (&content, steady.look()),
                (ManagedContent::Absent, ManagedContent::Absent)
            );
            let rank = self.last_goods.rank_of(path);
            (!is_over).then(|| ManagedSource { rank, path: Arc::clone(path), content })
        };
        unlisted.filter_map(of).collect()
    }
}

impl Look for ManagedContent {
    /// Good content counts at once; what takes a policy away or denies everything does not.
    fn may_be_half_done(&self, before: &Self) -> bool {
        let is_nothing =
            |content: &Self| matches!(content, ManagedContent::Absent | ManagedContent::Empty);
        // Behind a bad file a last good policy may stand, which a loss would take away as well.
        let is_loss = is_nothing(self) && !is_nothing(before);
        is_loss || (self.is_bad() && !before.is_bad())
    }
}

impl Look for SettingsRead {
    fn may_be_half_done(&self, before: &Self) -> bool {
        let is_loss = self.settings.is_none() && before.settings.is_some();
        is_loss || (!self.faults.is_empty() && before.faults.is_empty())
    }
}

impl Look for AwsFile {
    /// AWS's format does not show where it ends, but whoever writes it ends its lines.
    fn may_be_half_done(&self, before: &Self) -> bool {
        let ends_a_line = |file: &AwsFile| text(file).is_some_and(|text| text.ends_with('\n'));
        let is_loss =
            text(self).is_none_or(|text| text.trim().is_empty()) && text(before).is_some();
        is_loss || (ends_a_line(before) && !ends_a_line(self))
    }
}

impl Look for SignIn {
    fn may_be_half_done(&self, before: &Self) -> bool {
        !matches!(self, SignIn::Until { .. }) && matches!(before, SignIn::Until { .. })
    }
}

fn text(file: &AwsFile) -> Option<&str> {
    file.as_ref()?.text().map(ExposeSecret::expose_secret)
}
