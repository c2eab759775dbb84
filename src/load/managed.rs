//! The managed places: where IT puts policies, and what is found there.

#[cfg(feature = "watch")]
use std::fs::{self, DirEntry};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

#[cfg(feature = "watch")]
use super::machine::Places;
use super::named;
#[cfg(feature = "watch")]
use super::trusted::is_drop_in;
use super::trusted::{
    DROP_INS, DirectoryRead, FileRead, MAIN_POLICY, Ownership, Problem, list_directory, read_file,
};
use crate::jsonc::{Finding, SourceText};
use crate::policy::{ManagedContent, ManagedSource, Obstacle};

/// A policy is a page or two; a larger file is a mistake or an attack.
const MAX_BYTES: u64 = 1 << 20;
/// More drop-ins than this are a mistake or an attack.
const MAX_DROP_INS: usize = 1_000;

const MAIN_FILE: u32 = 0;
const DROP_IN: u32 = 1;
#[cfg(any(windows, target_os = "macos"))]
const DEVICE_MANAGEMENT: u32 = 2;

/// Where managed policies are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Managed {
    /// The places of this platform. No environment variable moves them.
    System,
    /// A file or directory instead, for what-if questions; who could have written it does not matter.
    WhatIf(PathBuf),
    /// Sources that are at hand.
    Given(Vec<ManagedSource>),
}

/// The directory of this platform that holds `policy.json` and `policy.d`.
fn default_directory() -> PathBuf {
    #[cfg(windows)]
    return windows::program_data().join("bedrock-auth");
    #[cfg(target_os = "macos")]
    return PathBuf::from("/Library/Application Support/bedrock-auth");
    #[cfg(not(any(windows, target_os = "macos")))]
    return PathBuf::from("/etc/bedrock-auth");
}

impl Managed {
    /// Reads all sources, in order.
    pub fn read(&self) -> Vec<ManagedSource> {
        match self {
            Managed::System => {
                let mut sources = read_directory(&default_directory(), Ownership::Judged);
                sources.extend(read_device_management());
                sources
            }
            Managed::WhatIf(path) => read_what_if(path),
            Managed::Given(sources) => sources.clone(),
        }
    }
}

impl Managed {
    fn directory(&self) -> Option<PathBuf> {
        match self {
            Managed::System => Some(default_directory()),
            Managed::WhatIf(path) => Some(path.clone()),
            Managed::Given(_) => None,
        }
    }

    /// The directories whose files are sources, and which are themselves only where something is wrong with them.
    pub(super) fn directories(&self) -> Vec<PathBuf> {
        let Some(directory) = self.directory() else { return Vec::new() };
        let mut directories = vec![directory.join(DROP_INS)];
        if let Managed::WhatIf(path) = self {
            directories.push(path.clone());
        }
        directories
    }
}

#[cfg(feature = "watch")]
impl Managed {
    /// What tells of a change to the policies, as far as files do.
    pub(super) fn places(&self) -> Places {
        let Some(directory) = self.directory() else { return Places::default() };
        let listed = self.directories();
        let mut files = vec![directory.join(MAIN_POLICY)];
        if let Managed::WhatIf(path) = self {
            files.push(path.clone());
        }
        files.extend(listed.iter().flat_map(|directory| linked_drop_ins(directory)));
        Places { files, listed }
    }
}

/// The drop-ins that are links to files elsewhere. Of the others, their directory tells.
#[cfg(feature = "watch")]
fn linked_drop_ins(directory: &Path) -> Vec<PathBuf> {
    let is_linked = |entry: &DirEntry| {
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        is_link && is_drop_in(&entry.file_name())
    };
    // Where it cannot be listed, nothing in it counts.
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().filter(is_linked);
    entries.map(|entry| entry.path()).take(MAX_DROP_INS).collect()
}

/// Whether this machine has a managed policy of its own, be it one that cannot be used or is not for this person.
pub(super) fn machine_has_policy() -> bool {
    let is_nothing = |content: &ManagedContent| {
        matches!(content, ManagedContent::Absent | ManagedContent::Empty)
    };
    Managed::System.read().iter().any(|source| !is_nothing(&source.content))
}

/// `policy.json`, then `policy.d/*.json` by name.
fn read_directory(dir: &Path, ownership: Ownership) -> Vec<ManagedSource> {
    let mut sources = vec![read_source(MAIN_FILE, &dir.join(MAIN_POLICY), ownership)];
    let drop_ins = dir.join(DROP_INS);
    match list_directory(&drop_ins, ownership, MAX_DROP_INS) {
        DirectoryRead::Absent => {}
        DirectoryRead::Listed { paths } => {
            sources.extend(paths.iter().map(|path| read_listed(DROP_IN, path, ownership)));
        }
        DirectoryRead::Unreadable(problem) => {
            sources.push(source(DROP_IN, &drop_ins, ManagedContent::Unreadable(problem.into())));
        }
        DirectoryRead::Untrusted(problem) => {
            sources.push(source(DROP_IN, &drop_ins, ManagedContent::Untrusted(problem.into())));
        }
    }
    sources
}

/// A file, a directory laid out like the managed one, or a directory of policies.
fn read_what_if(path: &Path) -> Vec<ManagedSource> {
    if !path.is_dir() {
        return vec![read_listed(MAIN_FILE, path, Ownership::Waived)];
    }
    let is_laid_out = |name: &str| path.join(name).symlink_metadata().is_ok();
    if is_laid_out(MAIN_POLICY) || is_laid_out(DROP_INS) {
        return read_directory(path, Ownership::Waived);
    }
    match list_directory(path, Ownership::Waived, MAX_DROP_INS) {
        DirectoryRead::Listed { paths } if !paths.is_empty() => {
            paths.iter().map(|path| read_listed(DROP_IN, path, Ownership::Waived)).collect()
        }
        DirectoryRead::Listed { .. } | DirectoryRead::Absent => vec![missing(MAIN_FILE, path)],
        DirectoryRead::Unreadable(problem) | DirectoryRead::Untrusted(problem) => {
            vec![source(MAIN_FILE, path, ManagedContent::Unreadable(problem.into()))]
        }
    }
}

/// The text of a policy file, wherever it is and whoever could have written it, as a machine would read it.
///
/// # Errors
/// When there is no such file, or it cannot be read, is too large for a policy, or is not text.
pub fn read_policy_file(path: &Path) -> Result<SourceText, Finding> {
    // Most files can simply be read; what is wrong with one is told with care.
    if let Some(bytes) = read_plainly(path) {
        return SourceText::from_bytes(path, bytes);
    }
    match read_file(path, Ownership::Waived, MAX_BYTES) {
        FileRead::Read { bytes } => SourceText::from_bytes(path, bytes),
        FileRead::Absent => Err(named::absent(path)),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => {
            Err(named::unreadable(path, problem, MAX_BYTES))
        }
    }
}

/// Why a machine could not use the drop-ins of a managed place, whoever may write there.
pub fn fault_of_drop_ins(place: &Path) -> Option<Finding> {
    match list_directory(&place.join(DROP_INS), Ownership::Waived, MAX_DROP_INS) {
        DirectoryRead::Absent | DirectoryRead::Listed { .. } => None,
        DirectoryRead::Unreadable(problem) | DirectoryRead::Untrusted(problem) => {
            Some(Finding::unreadable(&problem.path, problem.reason).with_advice(problem.remedy))
        }
    }
}

/// A regular file that is not too large; it is looked at before it is opened, so that no pipe is waited for.
fn read_plainly(path: &Path) -> Option<Vec<u8>> {
    let metadata = std::fs::metadata(path).ok()?;
    let length = usize::try_from(metadata.len()).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return None;
    }
    // One more than it should hold: less than what is asked for comes at the end of a file alone.
    let mut bytes = vec![0; length + 1];
    let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut bytes)).ok()?;
    bytes.truncate(read);
    (read == length).then_some(bytes)
}

/// The text of a policy that stands in no file, as long as one in a file may be.
///
/// # Errors
/// When it cannot be read, is too large for a policy, or is not text.
pub fn read_policy_from(source: impl Read, name: &Path) -> Result<SourceText, Finding> {
    named::read_from(source, name, MAX_BYTES)
}

/// How long an empty file is waited for that has just been written: most likely its writer is not done.
const EMPTY_FOR: Duration = Duration::from_millis(200);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// Who writes a file in place truncates it first, and an empty one forbids nothing.
fn read_when_written(path: &Path, ownership: Ownership) -> FileRead {
    let is_empty = |read: &FileRead| matches!(read, FileRead::Read { bytes } if bytes.is_empty());
    let begun = Instant::now();
    loop {
        let read = read_file(path, ownership, MAX_BYTES);
        let waits = is_empty(&read) && begun.elapsed() < EMPTY_FOR && is_just_written(path);
        if !waits {
            return read;
        }
        thread::sleep(LOOK_AGAIN_AFTER);
    }
}

fn is_just_written(path: &Path) -> bool {
    let age = path.metadata().and_then(|file| file.modified()).ok().map(|at| at.elapsed());
    matches!(age, Some(Ok(age)) if age < EMPTY_FOR)
}

fn read_source(rank: u32, path: &Path, ownership: Ownership) -> ManagedSource {
    match read_when_written(path, ownership) {
        FileRead::Absent => source(rank, path, ManagedContent::Absent),
        FileRead::Read { bytes } => ManagedSource::of_bytes(rank, path, bytes),
        FileRead::Unreadable(problem) => {
            source(rank, path, ManagedContent::Unreadable(problem.into()))
        }
        FileRead::Untrusted(problem) => {
            source(rank, path, ManagedContent::Untrusted(problem.into()))
        }
    }
}

/// A file that was listed or named must be there: without it, less would be forbidden than IT meant.
fn read_listed(rank: u32, path: &Path, ownership: Ownership) -> ManagedSource {
    let read = read_source(rank, path, ownership);
    match read.content {
        ManagedContent::Absent => missing(rank, path),
        _ => read,
    }
}

fn missing(rank: u32, path: &Path) -> ManagedSource {
    let obstacle = Obstacle {
        path: Arc::from(path),
        reason: format!("there is no policy at {}", crate::prose::quoted(&path.to_string_lossy())),
        remedy: "name a policy file, or a directory that holds some".to_owned(),
    };
    source(rank, path, ManagedContent::Unreadable(obstacle))
}

fn source(rank: u32, path: &Path, content: ManagedContent) -> ManagedSource {
    ManagedSource { rank, path: Arc::from(path), content }
}

impl From<Problem> for Obstacle {
    fn from(problem: Problem) -> Self {
        let Problem { path, reason, remedy } = problem;
        Obstacle { path: Arc::from(path), reason, remedy }
    }
}

/// What device management delivers besides files.
#[cfg(not(any(windows, target_os = "macos")))]
fn read_device_management() -> Vec<ManagedSource> {
    Vec::new()
}

#[cfg(target_os = "macos")]
use macos::read_device_management;
#[cfg(windows)]
use windows::read_device_management;

/// Each text under the key is a policy; its name stands in for a file's.
#[cfg(any(windows, target_os = "macos"))]
fn of_named_texts(place: &Path, texts: Vec<(String, Option<String>)>) -> Vec<ManagedSource> {
    let read = |(name, text): (String, Option<String>)| {
        let path = place.join(&name);
        match text {
            Some(text) => ManagedSource::of_bytes(DEVICE_MANAGEMENT, path, text.into_bytes()),
            None => {
                let obstacle = Obstacle {
                    path: Arc::from(path.as_path()),
                    reason: format!("{} is not a text", crate::prose::quoted(&name)),
                    remedy: "deliver each policy as one text that holds its JSON".to_owned(),
                };
                source(DEVICE_MANAGEMENT, &path, ManagedContent::Unreadable(obstacle))
            }
        }
    };
    texts.into_iter().map(read).collect()
}

#[cfg(target_os = "macos")]
mod macos {
    use std::io::Cursor;
    use std::path::Path;

    use super::*;

    const PREFERENCES: &str = "/Library/Managed Preferences/dev.bedrock-auth.plist";

    pub(super) fn read_device_management() -> Vec<ManagedSource> {
        let path = Path::new(PREFERENCES);
        match read_file(path, Ownership::Judged, MAX_BYTES) {
            FileRead::Absent => Vec::new(),
            FileRead::Read { bytes } => match plist::Value::from_reader(Cursor::new(bytes)) {
                Ok(plist::Value::Dictionary(preferences)) => {
                    let text = |value: plist::Value| value.into_string();
                    let texts = preferences.into_iter().map(|(name, value)| (name, text(value)));
                    of_named_texts(path, texts.collect())
                }
                Ok(_) | Err(_) => {
                    let obstacle = Obstacle {
                        path: Arc::from(path),
                        reason: format!("`{PREFERENCES}` is not a property list"),
                        remedy: "deliver the configuration profile again".to_owned(),
                    };
                    vec![source(DEVICE_MANAGEMENT, path, ManagedContent::Unreadable(obstacle))]
                }
            },
            FileRead::Unreadable(problem) => {
                vec![source(DEVICE_MANAGEMENT, path, ManagedContent::Unreadable(problem.into()))]
            }
            FileRead::Untrusted(problem) => {
                vec![source(DEVICE_MANAGEMENT, path, ManagedContent::Untrusted(problem.into()))]
            }
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::path::{Path, PathBuf};

    use windows_registry::LOCAL_MACHINE;

    use super::*;

    const POLICIES: &str = r"SOFTWARE\Policies\BedrockAuth";
    const FOLDERS: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders";
    /// `HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)`.
    const NOT_FOUND: u32 = 0x8007_0002;

    /// Asked of the registry: a person can set `%ProgramData%`.
    pub(super) fn program_data() -> PathBuf {
        let folder = LOCAL_MACHINE.open(FOLDERS).and_then(|key| key.get_string("Common AppData"));
        folder.map_or(PathBuf::from(r"C:\ProgramData"), PathBuf::from)
    }

    /// Only administrators may write below `HKLM\SOFTWARE\Policies`, so nobody else is judged here.
    pub(super) fn read_device_management() -> Vec<ManagedSource> {
        let place = PathBuf::from(format!(r"HKLM\{POLICIES}"));
        let values = LOCAL_MACHINE.open(POLICIES).and_then(|key| {
            let values = key.values()?;
            Ok(values.map(|(name, value)| (name, String::try_from(value).ok())).collect())
        });
        match values {
            Ok(texts) => of_named_texts(&place, texts),
            Err(error) if error.code().0 as u32 == NOT_FOUND => Vec::new(),
            Err(_) => vec![unreadable(&place)],
        }
    }

    fn unreadable(place: &Path) -> ManagedSource {
        let obstacle = Obstacle {
            path: Arc::from(place),
            reason: format!("`{}` cannot be read", place.display()),
            remedy: "let everybody read the key".to_owned(),
        };
        source(DEVICE_MANAGEMENT, place, ManagedContent::Unreadable(obstacle))
    }
}
