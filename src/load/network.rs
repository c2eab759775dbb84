//! CA bundles and proxies, as the variables name them; each file is read once.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::trusted::{FileRead, Ownership, read_file};
use crate::network::{Certificates, NetworkFacts, SSL_CERT_DIR};
use crate::prose::quoted;

/// The bundles of all public authorities together are a quarter of a megabyte.
const MAX_BYTES: u64 = 16 << 20;

/// A folder with a certificate a file has some hundreds of them, each under several names.
const MAX_FILES: usize = 10_000;

/// What the variables of an environment say about connections.
pub(super) fn read(environment: &Environment) -> NetworkFacts {
    NetworkFacts::of(|name| environment.get(name), certificates)
}

fn certificates(variable: &'static str, path: &Path) -> Result<Certificates, String> {
    let texts = match variable {
        SSL_CERT_DIR => read_folders(path)?,
        _ => vec![read_one(path)?],
    };
    Certificates::parse(texts.iter().map(Vec::as_slice))
}

fn read_one(path: &Path) -> Result<Vec<u8>, String> {
    match read_file(path, Ownership::Waived, MAX_BYTES) {
        FileRead::Read { bytes } => Ok(bytes),
        FileRead::Absent => Err(format!("there is no file {}", quoted(&path.to_string_lossy()))),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => Err(problem.reason),
    }
}

/// Every file of the folders. Such folders hold links that lead nowhere, so what cannot be read is passed over.
fn read_folders(list: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut paths = Vec::new();
    for folder in std::env::split_paths(list).filter(|folder| !folder.as_os_str().is_empty()) {
        paths.extend(files_in(&folder)?);
    }
    Ok(paths.iter().filter_map(|path| read_one(path).ok()).collect())
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let shown = || quoted(&folder.to_string_lossy());
    let failed = |error: std::io::Error| format!("{} cannot be listed: {}", shown(), error.kind());
    let entries: Vec<_> = folder
        .read_dir()
        .map_err(failed)?
        .take(MAX_FILES + 1)
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    match entries.len() > MAX_FILES {
        true => Err(format!("{} holds more than {MAX_FILES} files", shown())),
        false => Ok(entries.iter().map(std::fs::DirEntry::path).collect()),
    }
}
