//! What the system tells of changes to files, and what it does not.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use notify::event::{AccessKind, AccessMode};
use notify::{Config, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use schemars::JsonSchema;
use serde::Serialize;

use super::engine::Signal;
use super::places::Way;
use crate::prose::quoted;

/// How changes are noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Watching {
    /// The system tells of them.
    Events,
    /// The files are looked at regularly, because the system does not tell of all changes.
    Polling {
        /// Why it does not.
        reason: String,
    },
}

/// The directories that are watched.
pub(super) struct Events {
    watcher: Result<RecommendedWatcher, String>,
    armed: BTreeMap<PathBuf, Armed>,
}

/// A directory as it was when the system was asked to tell of it; another one of its name tells nothing.
struct Armed {
    identity: Option<Identity>,
    /// Why it tells nothing.
    obstacle: Option<String>,
}

type Identity = (u64, u64);

impl Events {
    /// Sends the paths of every change.
    pub(super) fn send_to(signals: mpsc::Sender<Signal>) -> Self {
        let tell = move |event: notify::Result<Event>| {
            let signal = match event {
                Ok(event) if event.need_rescan() => Signal::LookAgain,
                Ok(event) if is_a_change(event.kind) => Signal::Changed(event.paths),
                Ok(_) => return,
                Err(error) => Signal::WatcherFailed(told(&error)),
            };
            // Nobody listens once the watch has stopped.
            let _ = signals.send(signal);
        };
        let config = Config::default().with_follow_symlinks(false);
        let watcher = RecommendedWatcher::new(tell, config).map_err(|error| told(&error));
        Events { watcher, armed: BTreeMap::new() }
    }

    /// Watches the directories of a way and no others.
    pub(super) fn arm(&mut self, way: &Way) -> Watching {
        let watcher = match &mut self.watcher {
            Ok(watcher) => watcher,
            Err(reason) => return Watching::Polling { reason: reason.clone() },
        };
        let is_done_with = |dir: &Path| !way.directories.contains(dir);
        for dir in self.armed.keys().filter(|dir| is_done_with(dir)) {
            // One that is gone is not watched any more.
            let _ = watcher.unwatch(dir);
        }
        self.armed.retain(|dir, _| !is_done_with(dir));
        for dir in &way.directories {
            let identity = dir.metadata().ok().as_ref().and_then(identity);
            let is_armed = |armed: &Armed| armed.identity == identity && armed.obstacle.is_none();
            if !self.armed.get(dir).is_some_and(is_armed) {
                let _ = watcher.unwatch(dir);
                let obstacle = obstacle(watcher, dir);
                self.armed.insert(dir.clone(), Armed { identity, obstacle });
            }
        }
        let obstacle_of = |dir: &PathBuf| {
            let reason = self.armed.get(dir)?.obstacle.as_ref()?;
            Some(format!("{}: {reason}", quoted(&dir.to_string_lossy())))
        };
        match way.nearest.iter().find_map(obstacle_of) {
            Some(reason) => Watching::Polling { reason },
            None => Watching::Events,
        }
    }

    /// A directory to which something happened may be another one by now, even of the same number.
    pub(super) fn forget(&mut self, dir: &Path) {
        self.armed.remove(dir);
    }

    /// The system tells nothing any more.
    pub(super) fn give_up(&mut self, reason: String) {
        self.watcher = Err(reason);
        self.armed.clear();
    }
}

/// Why the system does not tell of changes in a directory.
fn obstacle(watcher: &mut RecommendedWatcher, dir: &Path) -> Option<String> {
    match watcher.watch(dir, RecursiveMode::NonRecursive) {
        Ok(()) => changes_elsewhere(dir).map(str::to_owned),
        Err(error) => Some(told(&error)),
    }
}

/// Reading tells nothing new, and we read ourselves.
fn is_a_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

fn told(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "the limit of watches is reached (`fs.inotify.max_user_watches`)".to_owned()
        }
        ErrorKind::Io(error) => error.kind().to_string(),
        ErrorKind::PathNotFound => "there is no such directory".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

/// Windows does not let go of a directory that is watched.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<Identity> {
    None
}

/// File systems whose changes on other machines no kernel tells of, by their `f_type` (statfs(2)).
#[cfg(target_os = "linux")]
fn changes_elsewhere(dir: &Path) -> Option<&'static str> {
    const NETWORK: &[(i64, &str)] = &[
        (0x6969, "NFS"),
        (0x517b, "SMB"),
        (0xfe53_4d42, "SMB"),
        (0xff53_4d42, "CIFS"),
        (0x0102_1997, "9P"),
        (0x6573_5546, "FUSE"),
        (0x5346_414f, "AFS"),
        (0x00c3_6400, "Ceph"),
    ];
    // The width of the field differs between platforms; the numbers have 32 bits.
    let kind = i64::from(rustix::fs::statfs(dir).ok()?.f_type as u32);
    NETWORK
        .iter()
        .any(|(known, _)| *known == kind)
        .then_some("it is on a network or user-space file system, which need not tell of changes")
}

#[cfg(not(target_os = "linux"))]
fn changes_elsewhere(_: &Path) -> Option<&'static str> {
    None
}
