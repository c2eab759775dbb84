//! The bytes that are verified: files, opened once, as long as they were then.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::copies::{Copy, set_apart};
use crate::journal::Layout;
use crate::journal::layout::is_compressed;
use crate::journal::positioned::read_at;

/// How long a line that is being written may take to end.
const PATIENCE: u32 = 10;
const PAUSE: Duration = Duration::from_millis(5);

/// Files of one journal. What is renamed or grows after they were opened changes nothing.
///
/// What holds nothing but what another one of them holds is set apart as a copy; what is compressed is not read.
#[derive(Debug)]
pub struct Files {
    parts: Vec<Part>,
    copies: Vec<Copy>,
    compressed: Vec<String>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) bytes: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    File(File),
    Memory(Vec<u8>),
}

impl Files {
    /// The segments of a journal.
    ///
    /// # Errors
    /// When there is none that can be read, or one cannot be opened.
    pub fn of(layout: &Layout) -> io::Result<Self> {
        let segments = layout.segments()?.into_iter().map(|segment| segment.path);
        let files = segments.chain(layout.compressed()?).collect();
        Files::named(files, layout.directory())
    }

    /// These files.
    ///
    /// # Errors
    /// When there is none that can be read, or one cannot be opened.
    pub fn at<'a>(paths: impl IntoIterator<Item = &'a Path>) -> io::Result<Self> {
        Files::named(paths.into_iter().map(Path::to_owned).collect(), Path::new(""))
    }

    fn named(mut paths: Vec<PathBuf>, place: &Path) -> io::Result<Self> {
        paths.sort();
        paths.dedup();
        let (compressed, plain): (Vec<_>, Vec<_>) =
            paths.into_iter().partition(|path| is_compressed(path));
        if plain.is_empty() {
            let message = match compressed.first() {
                None => format!("there is no file of a journal in `{}`", place.display()),
                Some(path) => format!("`{}` is compressed: decompress it", path.display()),
            };
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        let parts = plain.iter().map(|path| Part::open(path)).collect::<io::Result<_>>()?;
        let name = |path: PathBuf| path.to_string_lossy().into_owned();
        Ok(Files::without_copies(parts, compressed.into_iter().map(name).collect()))
    }

    fn without_copies(parts: Vec<Part>, compressed: Vec<String>) -> Self {
        let (parts, copies) = set_apart(parts);
        Files { parts, copies, compressed }
    }

    /// Of a journal whose files are all gone, or compressed.
    pub(super) fn none_of(layout: &Layout) -> Self {
        let name = |path: &Path| path.to_string_lossy().into_owned();
        let compressed = layout.compressed().unwrap_or_default();
        Files {
            compressed: compressed.iter().map(|path| name(path)).collect(),
            ..Files::in_memory([(name(&layout.segment(1)), Vec::new())])
        }
    }

    /// Texts in memory, by the names of their files.
    pub fn in_memory(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut parts: Vec<_> = files
            .into_iter()
            .map(|(name, content)| Part {
                name,
                bytes: content.len() as u64,
                content: Content::Memory(content),
            })
            .collect();
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        Files::without_copies(parts, Vec::new())
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn copies(&self) -> &[Copy] {
        &self.copies
    }

    /// The names of files that are not read.
    pub(super) fn compressed(&self) -> &[String] {
        &self.compressed
    }
}

impl Part {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path).map_err(|error| named(path, &error))?;
        let bytes = file.metadata().and_then(|metadata| {
            // Opening a directory succeeds, and reading it is told less well.
            let is_file = metadata.is_file();
            is_file.then_some(metadata.len()).ok_or(io::ErrorKind::IsADirectory.into())
        });
        let bytes = bytes.map_err(|error| named(path, &error))?;
        let name = path.to_string_lossy().into_owned();
        let mut part = Part { name, bytes, content: Content::File(file) };
        part.await_its_last_line()?;
        Ok(part)
    }

    /// A writer may be at work: its line is not torn because it is looked at too early.
    fn await_its_last_line(&mut self) -> io::Result<()> {
        for _ in 0..PATIENCE {
            let mut last = [0];
            if self.bytes > 0 {
                self.read(self.bytes - 1, &mut last)?;
            }
            if self.bytes == 0 || last == *b"\n" {
                break;
            }
            sleep(PAUSE);
            if let Content::File(file) = &self.content {
                self.bytes = file.metadata()?.len().max(self.bytes);
            }
        }
        Ok(())
    }

    /// Fills the buffer from there on.
    pub(super) fn read(&self, from: u64, buffer: &mut [u8]) -> io::Result<()> {
        let read = match &self.content {
            Content::File(file) => read_exact_at(file, buffer, from),
            Content::Memory(bytes) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX);
                let wanted = bytes.get(from..).and_then(|rest| rest.get(..buffer.len()));
                wanted.map(|wanted| buffer.copy_from_slice(wanted)).ok_or_else(ended_early)
            }
        };
        read.map_err(|error| named(Path::new(&self.name), &error))
    }
}

fn read_exact_at(file: &File, mut buffer: &mut [u8], mut from: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match read_at(file, buffer, from) {
            Ok(0) => return Err(ended_early()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                from += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn ended_early() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it was made shorter while it was read")
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
}
