//! The files that git tracks below a directory, out of the indexes of its repositories.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bedrock_auth::prose::as_tail;
use bstr::{BStr, ByteSlice as _};
use gix_index::decode::Options;
use gix_index::entry::Mode;
use gix_index::hash::Kind;

use super::Fault;
use super::repository::Repository;

/// Indexes that are yet to be read.
#[derive(Debug, Default)]
pub(super) struct Tracked {
    views: Vec<View>,
    looked_at: HashSet<PathBuf>,
    /// Where tracked files may be missing, and why.
    pub(super) faults: Vec<Fault>,
}

/// What an index says of a directory.
#[derive(Debug)]
struct View {
    index: PathBuf,
    /// Empty, or the directory's path in the repository with `/` at its end.
    prefix: Vec<u8>,
    /// The directory, as people named it.
    shown: PathBuf,
}

impl Tracked {
    /// Whatever the repository around a directory tracks below it.
    pub(super) fn add_around(&mut self, directory: &Path) {
        match view_around(directory) {
            Ok(view) => self.views.extend(view),
            Err(error) => self.add_fault(directory, &error),
        }
    }

    /// Whatever a repository tracks whose root is this directory, if it is one.
    pub(super) fn add_nested(&mut self, directory: &Path) {
        if !self.looked_at.insert(directory.to_owned()) {
            return;
        }
        match Repository::at(directory) {
            Ok(None) => {}
            Ok(Some(Repository { root, index })) => {
                self.views.push(View { index, prefix: Vec::new(), shown: root });
            }
            // Whoever walks there is told the same.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            Err(error) => self.add_fault(directory, &error),
        }
    }

    /// The paths of another repository whose names are wanted, whether those files are there or not.
    pub(super) fn next(&mut self, is_wanted: impl Fn(&str) -> bool) -> Option<Vec<PathBuf>> {
        let view = self.views.pop()?;
        let mut paths = Vec::new();
        match read_index(&view.index) {
            Ok(index) => self.read(&view, &index, is_wanted, &mut paths),
            Err(error) => self.add_fault(&view.shown, &error),
        }
        Some(paths)
    }

    fn read(
        &mut self,
        view: &View,
        index: &gix_index::State,
        is_wanted: impl Fn(&str) -> bool,
        paths: &mut Vec<PathBuf>,
    ) {
        for entry in index.prefixed_entries(BStr::new(&view.prefix)).unwrap_or_default() {
            let path = entry.path(index);
            let inside = &path[view.prefix.len()..];
            let name = inside.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let is_submodule = entry.mode == Mode::COMMIT;
            if !is_submodule && !is_wanted(&name.to_str_lossy()) {
                continue;
            }
            let Ok(inside) = inside.to_path() else {
                let error = io::Error::other(format!("`{path}` is no path on this system"));
                self.add_fault(&view.shown, &error);
                continue;
            };
            let path = view.shown.join(inside);
            match is_submodule {
                true => self.add_nested(&path),
                false => paths.push(path),
            }
        }
    }

    fn add_fault(&mut self, directory: &Path, error: &io::Error) {
        let (directory, reason) = (directory.to_owned(), error.to_string());
        self.faults.push(Fault::TrackedUnknown { directory, reason });
    }
}

fn view_around(directory: &Path) -> io::Result<Option<View>> {
    let real = fs::canonicalize(directory)?;
    let Some(Repository { root, index }) = Repository::around(&real)? else { return Ok(None) };
    let mut prefix = Vec::new();
    for part in real.strip_prefix(&root).unwrap_or(Path::new("")) {
        let part = <[u8]>::from_os_str(part)
            .ok_or_else(|| io::Error::other(format!("`{}` is not Unicode", real.display())))?;
        prefix.extend_from_slice(part);
        prefix.push(b'/');
    }
    Ok(Some(View { index, prefix, shown: directory.to_owned() }))
}

fn read_index(path: &Path) -> io::Result<gix_index::State> {
    // Its own threads are for indexes that are larger by far.
    let options = Options { thread_limit: Some(1), ..Options::default() };
    let read = |kind| gix_index::File::at_or_default(path, kind, false, options);
    // Only the repository's configuration says by which hash it goes, and no index passes for one of the other.
    let index = read(Kind::Sha1).or_else(|error| read(Kind::Sha256).map_err(|_| error));
    index.map(gix_index::State::from).map_err(|error| {
        let reason = as_tail(&error.to_string());
        io::Error::other(format!("`{}` cannot be read: {reason}", path.display()))
    })
}
