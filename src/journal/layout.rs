//! Which files make up a journal.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::note::Verifier;
use super::private;
use crate::audit::Line;

/// How far into a file its first record is looked for, behind lines that are none.
const FARTHEST: u64 = 64 << 10;

/// Longer than any record.
pub(crate) const LONGEST_LINE: u64 = 1 << 20;

/// How the names of files end that `logrotate` or a person compressed, in small letters.
const COMPRESSED: &[&str] =
    &[".7z", ".br", ".bz2", ".gz", ".lz", ".lz4", ".lzma", ".lzo", ".xz", ".z", ".zip", ".zst"];

/// The files of a journal, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    directory: PathBuf,
}

/// A file of a journal that holds records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFile {
    /// The file, which somebody may have renamed: `journal-000001.jsonl`, `journal-000001.jsonl.1`.
    pub path: PathBuf,
    /// The number of the first record that can be read near its beginning; none where there is none.
    pub first: Option<u64>,
    /// Its length in bytes.
    pub bytes: u64,
    /// Whether a line in it has an end.
    has_lines: bool,
}

impl Layout {
    /// A journal in this directory.
    pub fn of(directory: impl Into<PathBuf>) -> Self {
        Layout { directory: directory.into() }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The segment of this number, as it is named while it grows.
    pub fn segment(&self, number: u64) -> PathBuf {
        self.directory.join(format!("journal-{number:06}.jsonl"))
    }

    /// The number of a segment by its name, if it has the name with which it grows.
    pub(super) fn number_of(path: &Path) -> Option<u64> {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("journal-")?.strip_suffix(".jsonl")?.parse().ok()
    }

    /// What is known of the end, as of some of the last records. Writers who look for the end lock it; who knows the end
    /// locks only the segment that grows.
    pub fn head(&self) -> PathBuf {
        self.directory.join("head")
    }

    /// The latest checkpoint, a signed note.
    pub fn checkpoint(&self) -> PathBuf {
        self.directory.join("checkpoint")
    }

    /// The private key of checkpoints (PKCS #8, PEM).
    pub fn signing_key(&self) -> PathBuf {
        self.directory.join("signing-key.pem")
    }

    /// Its public half, as C2SP writes verifier keys.
    pub fn verifier_key(&self) -> PathBuf {
        self.directory.join("verifier-key")
    }

    /// The key of fingerprints.
    pub fn fingerprint_key(&self) -> PathBuf {
        self.directory.join("fingerprint-key")
    }

    /// Where bytes are kept that were cut off a segment.
    pub(super) fn torn(&self, segment: u64, at: u64) -> PathBuf {
        self.directory.join(format!("torn-{segment:06}-{at}"))
    }

    /// The public key of checkpoints; none where there is no file of it.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no such key.
    pub fn known_verifier(&self) -> io::Result<Option<Verifier>> {
        let path = self.verifier_key();
        match private::read_text(&path) {
            Ok(text) => Verifier::from_text(&text)
                .map(Some)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every file that holds records, in the order of the first that can be read. A file of which none can follows the one before
    /// it by name; what has no line yet comes last.
    ///
    /// # Errors
    /// When the directory cannot be listed, or a file in it cannot be read.
    pub fn segments(&self) -> io::Result<Vec<SegmentFile>> {
        let plain = self.files()?.into_iter().filter(|path| !is_compressed(path));
        let segments = plain.map(|path| SegmentFile::at(&path)).collect::<io::Result<_>>()?;
        Ok(in_order(segments))
    }

    /// Every file that would hold records, but is compressed, so that nothing here reads it; by name.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn compressed(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = self.files()?;
        files.retain(|path| is_compressed(path));
        files.sort();
        Ok(files)
    }

    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in self.directory.read_dir()? {
            let entry = entry?;
            let name = entry.file_name();
            // What logrotate adds to a name, a date or a number, changes nothing.
            let name = name.to_string_lossy();
            let is_one = name.strip_prefix("journal-").is_some_and(|rest| rest.contains(".jsonl"));
            if is_one && entry.file_type()?.is_file() {
                files.push(entry.path());
            }
        }
        Ok(files)
    }

    /// Whether there is a journal, were it only its end.
    pub fn holds_a_journal(&self) -> bool {
        let files = || self.files().is_ok_and(|files| !files.is_empty());
        self.head().exists() || files()
    }
}

/// Whether a file is compressed, by its name.
pub(super) fn is_compressed(path: &Path) -> bool {
    let name = path.to_string_lossy().to_ascii_lowercase();
    COMPRESSED.iter().any(|ending| name.ends_with(ending))
}

impl SegmentFile {
    /// A file that holds records.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn at(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let (first, has_lines) = beginning_of(file)?;
        Ok(SegmentFile { path: path.to_owned(), first, bytes, has_lines })
    }
}

/// The number of the first record that can be read, unless it is far from the beginning; and whether there is any line.
pub(super) fn beginning_of(file: impl io::Read) -> io::Result<(Option<u64>, bool)> {
    let mut lines = BufReader::new(file.take(FARTHEST + LONGEST_LINE));
    let (mut line, mut at, mut has_lines) = (Vec::new(), 0, false);
    while at < FARTHEST {
        line.clear();
        let read = lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        let ended = line.strip_suffix(b"\n");
        // A record may lack nothing but its line break.
        if let Ok(line) = Line::read(ended.unwrap_or(&line)) {
            return Ok((Some(line.sequence), true));
        }
        if ended.is_none() {
            break;
        }
        has_lines = true;
        at += read as u64;
    }
    Ok((None, has_lines))
}

fn in_order(mut segments: Vec<SegmentFile>) -> Vec<SegmentFile> {
    segments.sort_by(|a, b| a.path.cmp(&b.path));
    let mut before = 0;
    let place_of = |segment: &SegmentFile| {
        before = match segment.first {
            Some(first) => first,
            None if segment.has_lines => before,
            None => return (u64::MAX, true),
        };
        (before, segment.first.is_none())
    };
    let places: Vec<_> = segments.iter().map(place_of).collect();
    let mut ordered: Vec<_> = places.into_iter().zip(segments).collect();
    // Files of one place keep the order of their names.
    ordered.sort_by_key(|(place, _)| *place);
    ordered.into_iter().map(|(_, segment)| segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Event, Hash, JournalNote, JournalNoted, Record, Text, seal};

    fn line(sequence: u64) -> Vec<u8> {
        let event = Event::Journal(JournalNote {
            noted: JournalNoted::SegmentBegun,
            journal: Text::new("x"),
            segment: Text::new("y"),
            verifier: None,
            bytes: None,
            kept_in: None,
            records: None,
        });
        let (previous, time) = (Hash::NONE, jiff::Timestamp::UNIX_EPOCH);
        let mut line = Vec::new();
        seal(&Record { schema_version: 1, sequence, previous, time, event: &event }, &mut line);
        line
    }

    fn order(files: &[(&str, &[u8])]) -> Vec<(String, Option<u64>)> {
        let directory = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(directory.path().join(name), bytes).unwrap();
        }
        let segments = Layout::of(directory.path()).segments().unwrap();
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        segments.iter().map(|segment| (name(&segment.path), segment.first)).collect()
    }

    #[test]
    fn a_segment_with_a_damaged_first_line_keeps_its_place() {
        let damaged = [&b"{\"garbled\n"[..], &line(11), &line(12)].concat();
        let files: [(&str, &[u8]); 4] = [
            ("journal-000001.jsonl", &line(1)),
            ("journal-000002.jsonl", &damaged),
            ("journal-000003.jsonl", &line(20)),
            ("journal-000004.jsonl", b""),
        ];
        let firsts: Vec<_> = order(&files).into_iter().map(|(_, first)| first).collect();
        assert_eq!(firsts, [Some(1), Some(11), Some(20), None]);
    }

    #[test]
    fn a_segment_without_any_record_stays_where_its_name_puts_it() {
        let far = [b"?\n".repeat(FARTHEST as usize), line(5)].concat();
        let files: [(&str, &[u8]); 4] = [
            ("journal-000001.jsonl", &line(1)),
            ("journal-000002.jsonl", b"garbled\nand more\n"),
            ("journal-000003.jsonl", &far),
            ("journal-000004.jsonl", &line(20)),
        ];
        let names: Vec<_> = order(&files).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, files.map(|(name, _)| name.to_owned()));
    }

    #[test]
    fn renamed_segments_come_by_their_records_and_what_only_begins_comes_last() {
        let half = &line(30)[..40];
        let files: [(&str, &[u8]); 3] = [
            ("journal-000001.jsonl", half),
            ("journal-000001.jsonl.1", &line(20)),
            ("journal-000001.jsonl.2", &line(1)),
        ];
        let names: Vec<_> = order(&files).into_iter().map(|(name, _)| name).collect();
        let by_records =
            ["journal-000001.jsonl.2", "journal-000001.jsonl.1", "journal-000001.jsonl"];
        assert_eq!(names, by_records);
    }
}
