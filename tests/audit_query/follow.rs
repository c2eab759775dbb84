//! Reading on while records are written, and files are rotated, renamed, copied and truncated: none is lost, none comes twice.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bedrock_auth::journal::Layout;
use bedrock_auth::journal::reader::{Found, Reader};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::journal::Generator;
use crate::support::program::program;

/// Somebody who writes, and somebody who rotates behind their back.
struct Writer {
    directory: TempDir,
    generator: Generator,
    file: File,
    path: PathBuf,
    number: u64,
    renamed: u64,
    /// The second half of a line whose first half is written.
    half: Vec<u8>,
}

impl Writer {
    fn new(seed: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal-000001.jsonl");
        let generator = Generator::new(seed);
        Writer {
            generator,
            file: open(&path),
            path,
            number: 1,
            renamed: 0,
            half: Vec::new(),
            directory,
        }
    }

    fn act(&mut self) {
        match self.generator.below(12) {
            0 => self.rotate(),
            1 => self.rename(),
            2 => self.copy_and_truncate(),
            3 | 4 => self.write_half(),
            _ => {
                for _ in 0..=self.generator.below(5) {
                    self.write();
                }
            }
        }
    }

    fn write(&mut self) {
        self.finish();
        let mut line = Vec::new();
        self.generator.line(&mut line);
        self.file.write_all(&line).unwrap();
    }

    fn write_half(&mut self) {
        self.finish();
        let mut line = Vec::new();
        self.generator.line(&mut line);
        let middle = 1 + self.generator.below(line.len() as u64 - 1) as usize;
        self.file.write_all(&line[..middle]).unwrap();
        self.half = line.split_off(middle);
    }

    fn finish(&mut self) {
        self.file.write_all(&std::mem::take(&mut self.half)).unwrap();
    }

    /// As the journal does when a segment is full.
    fn rotate(&mut self) {
        self.finish();
        self.number += 1;
        self.path = self.directory.path().join(format!("journal-{:06}.jsonl", self.number));
        self.file = open(&self.path);
    }

    /// As logrotate does: what is written before the writer notices goes to the renamed file.
    fn rename(&mut self) {
        let aside = self.aside();
        fs::rename(&self.path, aside).unwrap();
        for _ in 0..self.generator.below(3) {
            self.write();
        }
        self.finish();
        self.file = open(&self.path);
    }

    /// As logrotate does with `copytruncate`.
    fn copy_and_truncate(&mut self) {
        self.finish();
        let aside = self.aside();
        fs::copy(&self.path, aside).unwrap();
        self.file.set_len(0).unwrap();
    }

    fn aside(&mut self) -> PathBuf {
        self.renamed += 1;
        let name = self.path.file_name().unwrap().to_str().unwrap();
        self.directory.path().join(format!("{name}-20260101-{}", self.renamed))
    }
}

fn open(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).unwrap()
}

/// Reads at most so many, and says of each that it is the next one.
fn read(reader: &mut Reader, most: u64, seen: &mut u64) {
    for _ in 0..most {
        match reader.read().unwrap() {
            Some(Found::Record { line, bytes }) => {
                *seen += 1;
                assert_eq!(line.sequence, *seen);
                let record: Value = serde_json::from_slice(bytes).unwrap();
                assert_eq!(record["sequence"], *seen);
            }
            Some(other) => panic!("after record {seen}: {other:?}"),
            None => return,
        }
    }
}

#[test]
fn step_by_step() {
    for seed in 0..25 {
        let mut writer = Writer::new(seed);
        let layout = Layout::of(writer.directory.path());
        let (mut reader, mut seen) = (Reader::of(&layout), 0);
        for _ in 0..120 {
            writer.act();
            if writer.generator.below(3) == 0 {
                let most = writer.generator.below(12);
                read(&mut reader, most, &mut seen);
            }
            // Whoever reads may be another program by now.
            if writer.generator.below(40) == 0 {
                reader = Reader::after(&layout, reader.cursor()).unwrap();
            }
        }
        writer.finish();
        read(&mut reader, u64::MAX, &mut seen);
        assert_eq!(seen, writer.generator.sequence(), "seed {seed}");
    }
}

#[test]
fn at_the_same_time() {
    for seed in 1_000..1_002 {
        let mut writer = Writer::new(seed);
        let layout = Layout::of(writer.directory.path());
        let writing = thread::spawn(move || {
            for _ in 0..400 {
                writer.act();
            }
            writer.finish();
            writer
        });
        let (mut reader, mut seen) = (Reader::of(&layout), 0);
        while !writing.is_finished() {
            read(&mut reader, u64::MAX, &mut seen);
        }
        let writer = writing.join().unwrap();
        read(&mut reader, u64::MAX, &mut seen);
        assert_eq!(seen, writer.generator.sequence());
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_command_shows_each_line_as_it_stands() {
    let mut writer = Writer::new(7);
    for _ in 0..30 {
        writer.write();
    }
    let mut command = program(&["audit", "tail", "--follow", "--json", "-n", "5"]);
    let mut tail =
        Running(command.arg(writer.directory.path()).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(tail.0.stdout.take().unwrap()).lines();
    let mut expected = 25;
    for _ in 0..20 {
        for _ in 0..5 {
            expected += 1;
            let line = lines.next().unwrap().unwrap();
            let record: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(record["sequence"], expected);
            assert!(bedrock_auth::audit::Line::read(line.as_bytes()).is_ok());
        }
        while writer.generator.sequence() < expected + 5 {
            writer.act();
        }
        writer.finish();
    }
}

#[test]
fn it_ends_when_nobody_reads() {
    let mut writer = Writer::new(8);
    writer.write();
    let mut command = program(&["audit", "tail", "--follow", "--json"]);
    let mut tail =
        Running(command.arg(writer.directory.path()).stdout(Stdio::piped()).spawn().unwrap());
    let mut stdout = BufReader::new(tail.0.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    let begin = Instant::now();
    while tail.0.try_wait().unwrap().is_none() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it goes on");
        thread::sleep(Duration::from_millis(20));
    }
}
