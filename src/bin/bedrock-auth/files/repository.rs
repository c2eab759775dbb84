//! Where git keeps the list of what it tracks.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use bstr::ByteSlice as _;

/// More than any path; git reads no more than this either.
const MOST_BYTES: u64 = 1 << 20;

/// A directory that git looks after.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repository {
    /// What the paths of the index begin at.
    pub(super) root: PathBuf,
    /// It need not be there: in a new repository nothing is tracked.
    pub(super) index: PathBuf,
}

impl Repository {
    /// The nearest one, upward from a directory whose links are resolved.
    pub(super) fn around(directory: &Path) -> io::Result<Option<Self>> {
        for above in directory.ancestors() {
            if let Some(repository) = Repository::at(above)? {
                return Ok(Some(repository));
            }
        }
        Ok(None)
    }

    /// The one whose root is this very directory.
    pub(super) fn at(directory: &Path) -> io::Result<Option<Self>> {
        let link = directory.join(".git");
        let Some(metadata) = unless_absent(fs::metadata(&link))? else { return Ok(None) };
        let git_directory = if metadata.is_file() {
            // Submodules and further work trees have theirs elsewhere.
            led_to(directory, &link)?
        } else if is_git_directory(&link)? {
            link
        } else {
            return Ok(None);
        };
        let index = git_directory.join("index");
        Ok(Some(Repository { root: directory.to_owned(), index }))
    }
}

/// Git looks for more than this, which every repository has and a directory of that name alone has not.
fn is_git_directory(directory: &Path) -> io::Result<bool> {
    Ok(unless_absent(directory.join("HEAD").symlink_metadata())?.is_some())
}

fn led_to(directory: &Path, link: &Path) -> io::Result<PathBuf> {
    let mut text = Vec::new();
    File::open(link)?.take(MOST_BYTES).read_to_end(&mut text)?;
    let target = text.strip_prefix(b"gitdir: ").map(|rest| rest.trim_end_with(is_line_end));
    let target = target.and_then(|target| target.to_path().ok());
    let Some(target) = target.filter(|target| !target.as_os_str().is_empty()) else {
        return Err(io::Error::other(format!("`{}` does not say `gitdir: …`", link.display())));
    };
    let target = directory.join(target);
    match is_git_directory(&target)? {
        true => Ok(target),
        false => {
            let (link, target) = (link.display(), target.display());
            Err(io::Error::other(format!("`{link}` leads to `{target}`, which is no repository")))
        }
    }
}

fn is_line_end(c: char) -> bool {
    c == '\n' || c == '\r'
}

fn unless_absent(metadata: io::Result<fs::Metadata>) -> io::Result<Option<fs::Metadata>> {
    match metadata {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
