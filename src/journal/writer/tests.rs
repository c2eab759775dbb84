//! A journal on real files, and on a disk that fails.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::disk::{Disk, RealDisk};
use super::*;
use crate::audit::{Event, JournalNote, JournalNoted, Line, PolicyInForce, Text};
use crate::journal::Checkpoint;

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Place { dir: tempfile::tempdir().unwrap() }
    }

    fn layout(&self) -> Layout {
        Layout::of(self.dir.path().join("audit"))
    }

    fn open(&self) -> Journal {
        Journal::open(self.layout(), Rhythm::default()).unwrap()
    }

    fn open_with(&self, rhythm: Rhythm) -> Journal {
        Journal::open(self.layout(), rhythm).unwrap()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.layout().directory().join(name)
    }

    /// Every record of every segment, in order; each has to follow the one before, but for the gaps named.
    fn records(&self) -> Vec<Value> {
        let mut records = Vec::new();
        for segment in self.layout().segments().unwrap() {
            let text = fs::read_to_string(&segment.path).unwrap();
            assert!(
                text.is_empty() || text.ends_with('\n'),
                "{:?} ends in the middle",
                segment.path
            );
            for line in text.lines() {
                Line::read(line.as_bytes()).unwrap();
                records.push(serde_json::from_str(line).unwrap());
            }
        }
        records
    }

    /// What the journal says of itself, in order.
    fn noted(&self) -> Vec<String> {
        let records = self.records();
        let noted = records.iter().filter(|record| record["event"] == "journal");
        noted.map(|record| record["noted"].as_str().unwrap().to_owned()).collect()
    }

    /// Numbers and hashes fit, without any gap.
    fn assert_whole(&self) -> usize {
        let records = self.records();
        let mut previous = "0".repeat(64);
        for (index, record) in records.iter().enumerate() {
            assert_eq!(record["sequence"], index + 1, "{record}");
            assert_eq!(record["previous"], previous.as_str(), "{record}");
            previous = record["hash"].as_str().unwrap().to_owned();
        }
        records.len()
    }
}

/// Something to write: the tests of records look at real ones.
fn event(text: &str) -> Event {
    Event::Journal(JournalNote {
        noted: JournalNoted::Torn,
        journal: Text::new("a test"),
        segment: Text::new(text),
        verifier: None,
        bytes: None,
        kept_in: None,
        records: None,
    })
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

/// From now on a file that was moved is noticed.
fn settle() {
    std::thread::sleep(super::head::NAMES_LAST);
}

fn append(journal: &Journal, text: &str) -> u64 {
    journal.append(at(0), &event(text), Durability::Written).unwrap().sequence
}

#[test]
fn records_follow_each_other_across_openings() {
    let place = Place::new();
    assert_eq!(append(&place.open(), "a"), 2);
    // Between them stands the first checkpoint.
    assert_eq!(append(&place.open(), "b"), 4);
    let journal = place.open();
    let other = place.open();
    assert_eq!(append(&journal, "c"), 5);
    assert_eq!(append(&other, "d"), 6);
    assert_eq!(append(&journal, "e"), 7);
    assert_eq!(place.assert_whole(), 7);
    let first = &place.records()[0];
    assert_eq!(first["noted"], "begun");
    let verifier = fs::read_to_string(place.layout().verifier_key()).unwrap();
    assert_eq!(first["verifier"], verifier.trim_end());
}

#[test]
fn everything_is_for_this_person_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    append(&place.open(), "a");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(place.layout().directory()), 0o700);
    for entry in place.layout().directory().read_dir().unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{path:?}");
    }
}

#[test]
fn a_checkpoint_counts_what_was_written() {
    let place = Place::new();
    let journal = place.open();
    append(&journal, "a");
    append(&journal, "b");
    let verifiers = [place.layout().known_verifier().unwrap().unwrap()];
    let note = journal.checkpoint(at(1)).unwrap();
    let checkpoint = Checkpoint::open(&note, &verifiers).unwrap();
    assert_eq!(checkpoint.records, 4);
    let records = place.records();
    assert_eq!(records[3]["hash"], checkpoint.hash.to_string());
    assert_eq!(records[4]["checkpoint"], note.as_str());
    assert_eq!(fs::read_to_string(place.layout().checkpoint()).unwrap(), note);
    // Nothing new: nothing is signed again.
    assert_eq!(journal.checkpoint(at(2)).unwrap(), note);
    assert_eq!(place.assert_whole(), 5);
}

#[test]
fn what_a_crash_left_is_put_aside_or_finished() {
    let place = Place::new();
    append(&place.open(), "a");
    let segment = place.layout().segment(1);
    let write = |bytes: &[u8]| {
        OpenOptions::new().append(true).open(&segment).unwrap().write_all(bytes).unwrap();
    };
    // A record that was cut off by a crash.
    write(b"{\"schema_version\":1,\"sequ");
    append(&place.open(), "b");
    assert_eq!(place.noted(), ["begun", "torn", "torn", "torn"]);
    let records = place.records();
    let torn = &records[3];
    assert_eq!(torn["bytes"], 25);
    let kept = fs::read(place.path(torn["kept_in"].as_str().unwrap())).unwrap();
    assert_eq!(kept, b"{\"schema_version\":1,\"sequ");
    // Zeros, as some file systems leave them after a power cut.
    write(&[0; 100]);
    append(&place.open(), "c");
    // Lines of somebody else.
    write(b"{\"forged\":true}\n{\"forged\":true}\n");
    append(&place.open(), "d");
    place.assert_whole();
}

#[test]
fn a_record_whose_head_was_not_written_any_more_counts() {
    let place = Place::new();
    append(&place.open(), "a");
    let head = fs::read(place.layout().head()).unwrap();
    append(&place.open(), "b");
    append(&place.open(), "c");
    fs::write(place.layout().head(), head).unwrap();
    // And the last one without its line break.
    let segment = OpenOptions::new().write(true).open(place.layout().segment(1)).unwrap();
    segment.set_len(segment.metadata().unwrap().len() - 1).unwrap();
    append(&place.open(), "d");
    assert_eq!(place.assert_whole(), 6);
    assert_eq!(place.noted(), ["begun", "torn", "torn", "torn", "torn"]);
}

#[test]
fn a_cut_file_is_noticed_and_the_numbers_go_on() {
    let place = Place::new();
    let journal = place.open();
    for text in ["a", "b", "c"] {
        append(&journal, text);
    }
    let segment = OpenOptions::new().write(true).open(place.layout().segment(1)).unwrap();
    segment.set_len(segment.metadata().unwrap().len() - 10).unwrap();
    // The same program notices, and another one too.
    assert_eq!(append(&journal, "d"), 8);
    let segment = OpenOptions::new().write(true).open(place.layout().segment(2)).unwrap();
    segment.set_len(0).unwrap();
    assert_eq!(append(&place.open(), "e"), 10);
    let records = place.records();
    let sequences: Vec<_> = records.iter().map(|r| r["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, [1, 2, 3, 4, 9, 10]);
    assert_eq!(records[4]["noted"], "truncated");
}

#[test]
fn a_file_that_is_renamed_or_removed_is_noticed() {
    let place = Place::new();
    let journal = place.open();
    append(&journal, "a");
    // Not all that was written is noted in the head.
    append(&journal, "a");
    settle();
    fs::rename(place.layout().segment(1), place.path("journal-000001.jsonl.1")).unwrap();
    append(&journal, "b");
    append(&place.open(), "c");
    assert!(place.layout().segment(2).exists());
    assert_eq!(place.noted(), ["begun", "torn", "torn", "segment_gone", "torn", "torn"]);
    // Renamed, and an empty one put in its place.
    fs::rename(place.layout().segment(2), place.path("journal-000002.jsonl-20261122")).unwrap();
    File::create(place.layout().segment(2)).unwrap();
    settle();
    append(&journal, "d");
    assert_eq!(place.noted()[6..], ["segment_replaced", "torn"]);
    place.assert_whole();
    // A link to somewhere else is not written through.
    let elsewhere = place.dir.path().join("elsewhere");
    fs::write(&elsewhere, "untouched").unwrap();
    fs::rename(place.layout().segment(2), place.path("journal-000002.jsonl.2")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, place.layout().segment(2)).unwrap();
    settle();
    append(&journal, "e");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "untouched");
    fs::remove_file(place.layout().segment(2)).unwrap();
    place.assert_whole();
}

#[test]
fn what_was_written_to_a_file_before_it_was_renamed_counts() {
    let place = Place::new();
    let journal = place.open();
    for text in ["a", "b", "c"] {
        append(&journal, text);
    }
    fs::rename(place.layout().segment(1), place.path("journal-000001.jsonl.1")).unwrap();
    append(&place.open(), "d");
    append(&journal, "e");
    place.assert_whole();
}

#[test]
fn a_directory_that_was_moved_away_is_made_anew() {
    let place = Place::new();
    let journal = place.open();
    append(&journal, "a");
    settle();
    let moved = place.dir.path().join("moved");
    fs::rename(place.layout().directory(), &moved).unwrap();
    append(&journal, "b");
    fs::remove_dir_all(place.layout().directory()).unwrap();
    append(&journal, "c");
    assert!(place.records().iter().any(|record| record["segment"] == "c"));
    assert!(moved.join("journal-000001.jsonl").exists());
}

#[test]
fn a_lost_head_is_found_again() {
    let place = Place::new();
    let journal = place.open();
    append(&journal, "a");
    fs::remove_file(place.layout().head()).unwrap();
    settle();
    append(&journal, "b");
    fs::write(place.layout().head(), "rubbish").unwrap();
    append(&place.open(), "c");
    assert_eq!(place.noted(), ["begun", "torn", "head_lost", "torn", "head_lost", "torn"]);
    place.assert_whole();
}

#[test]
fn without_head_and_tail_a_checkpoint_still_counts() {
    let place = Place::new();
    append(&place.open(), "a");
    append(&place.open(), "b");
    place.open().checkpoint(at(1)).unwrap();
    fs::remove_file(place.layout().head()).unwrap();
    fs::remove_file(place.layout().segment(1)).unwrap();
    let sequence = append(&place.open(), "c");
    assert_eq!(sequence, 7);
    let records = place.records();
    assert_eq!(records[0]["noted"], "head_lost");
    assert_eq!(records[1]["noted"], "tail_missing");
    assert_eq!(records[1]["records"], serde_json::json!([1, 4]));
}

#[test]
fn segments_end_by_size_and_by_age() {
    let place = Place::new();
    let rhythm = Rhythm {
        segment_bytes: 2000,
        segment_age: SignedDuration::from_hours(1),
        ..Rhythm::default()
    };
    let journal = place.open_with(rhythm);
    for _ in 0..20 {
        append(&journal, "a");
    }
    let by_size = place.layout().segments().unwrap().len();
    assert!(by_size >= 3, "{by_size}");
    place.assert_whole();

    let place = Place::new();
    let segment_bytes = Rhythm::default().segment_bytes;
    let journal = place.open_with(Rhythm { segment_bytes, ..rhythm });
    let segments_at = |seconds| {
        journal.append(at(seconds), &event("a"), Durability::Written).unwrap();
        place.layout().segments().unwrap().len()
    };
    assert_eq!(segments_at(0), 1);
    assert_eq!(segments_at(3599), 1);
    assert_eq!(segments_at(3600), 2);
    // A clock that steps back and forth begins no more segments than it has to, and stops nothing.
    assert_eq!(segments_at(-100_000), 2);
    assert_eq!(segments_at(3601), 2);
    assert_eq!(segments_at(-3), 2);
    assert_eq!(segments_at(1_000_000), 3);
    assert_eq!(segments_at(1_000_001), 3);
    place.assert_whole();
}

#[test]
fn a_changed_policy_is_told_once() {
    let place = Place::new();
    let journal = place.open();
    let who = crate::audit::Who {
        user: Default::default(),
        host: None,
        process: crate::audit::Process { pid: Some(1), uid: None, executable: None },
        caller: None,
    };
    let nothing = PolicyInForce::default();
    let digest = crate::policy::Digest::of_bytes(b"x");
    let some = PolicyInForce { digest: Some(digest), ..PolicyInForce::default() };
    let note = |policy| journal.note_policy(at(0), &who, policy).unwrap();
    assert!(!note(&nothing), "there never was one");
    assert!(note(&some));
    assert!(!note(&some));
    assert!(note(&nothing), "it is gone");
    assert!(!note(&nothing));
    assert!(note(&some));
    let policies: Vec<_> =
        place.records().into_iter().filter(|record| record["event"] == "policy").collect();
    assert_eq!(policies.len(), 3);
    assert_eq!(policies[1]["changed_from"], policies[0]["sequence"]);
}

/// Fails at the n-th write or sync, in one of several ways.
struct Faulty {
    fault: Fault,
    left: AtomicU32,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    Short,
    Full,
    Broken,
    /// The write fails, and what was taken of it cannot be taken back either.
    ShortForGood,
    Sync,
}

impl Faulty {
    fn is_due(&self) -> bool {
        self.left.fetch_sub(1, Ordering::Relaxed) == 0
    }
}

impl Disk for Arc<Faulty> {
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        if self.fault == Fault::Sync || !self.is_due() {
            return RealDisk.write(file, bytes);
        }
        match self.fault {
            Fault::Full => Err(io::ErrorKind::StorageFull.into()),
            Fault::Broken => Err(io::Error::from_raw_os_error(5)),
            _ => RealDisk.write(file, &bytes[..bytes.len() / 2]),
        }
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        match self.fault == Fault::Sync && self.is_due() {
            true => Err(io::Error::from_raw_os_error(5)),
            false => RealDisk.sync(file),
        }
    }

    fn cut(&self, file: &File, bytes: u64) -> io::Result<()> {
        match self.fault == Fault::ShortForGood {
            true => Err(io::Error::from_raw_os_error(5)),
            false => RealDisk.cut(file, bytes),
        }
    }
}

#[test]
fn a_disk_that_fails_costs_no_record_that_was_acknowledged() {
    use Fault::*;
    let small = Rhythm { segment_bytes: 1500, ..Rhythm::default() };
    for (fault, rhythm) in [Short, Full, Broken, ShortForGood, Sync]
        .into_iter()
        .flat_map(|fault| [(fault, Rhythm::default()), (fault, small)])
    {
        for when in 0..12 {
            let place = Place::new();
            let faulty = Arc::new(Faulty { fault, left: AtomicU32::new(when) });
            let disk = Box::new(Arc::clone(&faulty));
            let journal = Journal::on(disk, place.layout(), rhythm).unwrap();
            let mut acknowledged = Vec::new();
            let mut failures = 0;
            for number in 0..10 {
                let text = format!("record {number}");
                match journal.append(at(0), &event(&text), Durability::Durable) {
                    Ok(written) => acknowledged.push((written.sequence, text)),
                    Err(error) => {
                        failures += 1;
                        assert!(matches!(error.doing, Doing::Writing | Doing::Syncing), "{error}");
                    }
                }
            }
            assert!(failures <= 1, "{fault:?} {when}: {failures}");
            // Whoever comes next mends what was left.
            append(&place.open(), "after");
            place.assert_whole();
            let records = place.records();
            for (sequence, text) in acknowledged {
                let record = &records[usize::try_from(sequence).unwrap() - 1];
                assert_eq!(record["segment"], text.as_str(), "{fault:?} {when}");
            }
            let is_noted = place.noted().iter().any(|noted| noted == "sync_failed");
            assert!(fault != Sync || when > 9 || is_noted, "{when}");
        }
    }
}

#[test]
fn threads_share_the_wait_for_the_disk() {
    struct Counting(AtomicU32);
    impl Disk for Arc<Counting> {
        fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
            RealDisk.write(file, bytes)
        }
        fn sync(&self, file: &File) -> io::Result<()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(std::time::Duration::from_millis(5));
            RealDisk.sync(file)
        }
        fn cut(&self, file: &File, bytes: u64) -> io::Result<()> {
            RealDisk.cut(file, bytes)
        }
    }
    let place = Place::new();
    let counting = Arc::new(Counting(AtomicU32::new(0)));
    let disk = Box::new(Arc::clone(&counting));
    let journal = Journal::on(disk, place.layout(), Rhythm::default()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    journal.append(at(0), &event("x"), Durability::Durable).unwrap();
                }
            });
        }
    });
    let syncs = counting.0.load(Ordering::Relaxed);
    assert!(syncs < 60, "{syncs} waits for 80 records");
    assert_eq!(place.assert_whole(), 82);
}

#[test]
fn a_key_that_was_given_signs_and_a_changed_one_is_told_of() {
    use ed25519_dalek::SigningKey;
    use ed25519_dalek::pkcs8::{EncodePrivateKey as _, spki::der::pem::LineEnding};
    let place = Place::new();
    let put = |seed| {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        fs::create_dir_all(place.layout().directory()).unwrap();
        fs::write(place.layout().signing_key(), pem.as_bytes()).unwrap();
        key.verifying_key()
    };
    put(7);
    append(&place.open(), "a");
    let first = place.layout().known_verifier().unwrap().unwrap();
    put(8);
    place.open().checkpoint(at(1)).unwrap();
    append(&place.open(), "b");
    place.open().checkpoint(at(2)).unwrap();
    assert_ne!(place.layout().known_verifier().unwrap().unwrap(), first);
    assert!(place.noted().iter().any(|noted| noted == "key_changed"), "{:?}", place.noted());
    fs::write(place.layout().signing_key(), "rubbish").unwrap();
    let error = place.open().checkpoint(at(99_999)).unwrap_err();
    assert_eq!(error.doing, Doing::Keys, "{error}");
    // Records do not depend on it, but for the first.
    place.open().append(at(99_999), &event("c"), Durability::Durable).unwrap();
    place.assert_whole();
}

#[test]
fn a_head_that_a_power_cut_took_back_forks_nothing() {
    let place = Place::new();
    let rhythm = Rhythm { segment_bytes: 2000, ..Rhythm::default() };
    append(&place.open_with(rhythm), "a");
    let head = fs::read(place.layout().head()).unwrap();
    for rename in [false, true] {
        for _ in 0..12 {
            append(&place.open_with(rhythm), "b");
        }
        if rename {
            fs::rename(place.layout().segment(1), place.path("journal-000001.jsonl.1")).unwrap();
        }
        fs::write(place.layout().head(), &head).unwrap();
        append(&place.open_with(rhythm), "c");
        place.assert_whole();
    }
    assert!(place.layout().segments().unwrap().len() > 5);
}

#[test]
fn a_head_that_is_moved_under_writers_forks_nothing() {
    let place = Place::new();
    let rhythm = Rhythm { segment_bytes: 20_000, ..Rhythm::default() };
    append(&place.open_with(rhythm), "first");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let journal = place.open_with(rhythm);
                    for _ in 0..150 {
                        journal.append(at(0), &event("x"), Durability::Written).unwrap();
                        std::thread::sleep(std::time::Duration::from_micros(500));
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            for number in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                // Between two turns it may not be there.
                let _ = fs::rename(place.layout().head(), place.path(&format!("moved-{number}")));
                std::thread::sleep(std::time::Duration::from_millis(7));
            }
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    let records = place.records();
    assert_eq!(records.iter().filter(|record| record["segment"] == "x").count(), 600);
    place.assert_whole();
}

/// Which files hold what was not made durable.
#[derive(Default)]
struct Dirty(std::sync::Mutex<std::collections::BTreeSet<u64>>);

fn number(file: &File) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&file.metadata().unwrap())
}

impl Disk for Arc<Dirty> {
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().insert(number(file));
        RealDisk.write(file, bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.0.lock().unwrap().remove(&number(file));
        RealDisk.sync(file)
    }

    fn cut(&self, file: &File, bytes: u64) -> io::Result<()> {
        RealDisk.cut(file, bytes)
    }
}

#[test]
fn what_comes_before_a_durable_record_is_durable_in_whichever_file() {
    let place = Place::new();
    let dirty = Arc::new(Dirty::default());
    let journal =
        |_| Journal::on(Box::new(Arc::clone(&dirty)), place.layout(), Rhythm::default()).unwrap();
    let [one, other] = [0, 1].map(journal);
    let mut growing = 1;
    for round in 0..12 {
        append(&one, "not durable");
        if round % 3 == 0 {
            let moved = place.path(&format!("journal-{growing:06}.jsonl.{round}"));
            fs::rename(place.layout().segment(growing), moved).unwrap();
            growing += 1;
            settle();
        }
        let writer = if round % 2 == 0 { &one } else { &other };
        writer.append(at(0), &event("durable"), Durability::Durable).unwrap();
        assert_eq!(*dirty.0.lock().unwrap(), Default::default(), "round {round}");
    }
    place.assert_whole();
}

#[test]
fn a_head_that_is_lost_while_others_write_costs_none_of_their_records() {
    const LOSSES: u32 = 100;
    let place = Place::new();
    let rhythm = Rhythm { segment_bytes: 100_000, checkpoint_records: 20, ..Rhythm::default() };
    append(&place.open_with(rhythm), "first");
    let (done, written) = (std::sync::atomic::AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let journal = place.open_with(rhythm);
                while !done.load(Ordering::Relaxed) {
                    append(&journal, "x");
                    written.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut lost = 0;
        while lost < LOSSES {
            let moved = place.path(&format!("moved-{lost}"));
            lost += u32::from(fs::rename(place.layout().head(), moved).is_ok());
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        done.store(true, Ordering::Relaxed);
    });
    let records = place.records();
    let there = records.iter().filter(|record| record["segment"] == "x").count();
    assert_eq!(there, usize::try_from(written.into_inner()).unwrap());
    place.assert_whole();
}

/// What `logrotate` does with `copytruncate`.
fn copy_and_truncate(place: &Place) {
    fs::copy(place.layout().segment(1), place.path("journal-000001.jsonl.1")).unwrap();
    OpenOptions::new().write(true).open(place.layout().segment(1)).unwrap().set_len(0).unwrap();
}

#[test]
fn what_was_copied_before_it_was_cut_counts() {
    let place = Place::new();
    let (one, other) = (place.open(), place.open());
    for _ in 0..6 {
        append(&one, "not noted in the head yet");
    }
    copy_and_truncate(&place);
    append(&other, "next");
    append(&one, "and next");
    assert_eq!(place.records().iter().filter(|r| r["noted"] == "truncated").count(), 1);
    place.assert_whole();
}

#[test]
fn who_knows_of_records_that_were_cut_leaves_those_of_others_alone() {
    let place = Place::new();
    let (one, other) = (place.open(), place.open());
    for _ in 0..12 {
        append(&one, "short");
    }
    OpenOptions::new().write(true).open(place.layout().segment(1)).unwrap().set_len(0).unwrap();
    for _ in 0..8 {
        append(&other, &"long".repeat(500));
    }
    append(&one, "next");
    let records = place.records();
    let is_long = |r: &&Value| r["segment"].as_str().is_some_and(|s| s.starts_with("longlong"));
    assert_eq!(records.iter().filter(is_long).count(), 8);
    assert!(records.iter().all(|r| r["kept_in"].is_null()), "{records:?}");
}

#[test]
fn what_could_not_be_put_aside_is_put_aside_later() {
    for [is_read_only, head_is_lost] in [[false, false], [true, false], [false, true], [true, true]]
    {
        let place = Place::new();
        append(&place.open(), "a");
        let segment = place.layout().segment(1);
        let end = fs::metadata(&segment).unwrap().len();
        let mut file = OpenOptions::new().append(true).open(&segment).unwrap();
        file.write_all(b"{\"half\":").unwrap();
        if is_read_only {
            let mut permissions = file.metadata().unwrap().permissions();
            permissions.set_readonly(true);
            file.set_permissions(permissions).unwrap();
        } else if !head_is_lost {
            fs::rename(&segment, place.path("journal-000001.jsonl.1")).unwrap();
        }
        if head_is_lost {
            fs::remove_file(place.layout().head()).unwrap();
        }
        // As a disk that is full.
        let in_the_way = place.path(&format!("torn-000001-{end}"));
        fs::create_dir_all(in_the_way.join("x")).unwrap();
        place.open().append(at(0), &event("b"), Durability::Written).unwrap_err();
        fs::remove_dir_all(&in_the_way).unwrap();
        append(&place.open(), "c");
        place.assert_whole();
        assert!(in_the_way.exists());
    }
}

#[test]
fn a_file_that_was_made_read_only_is_told_of() {
    let place = Place::new();
    let journal = place.open();
    append(&journal, "a");
    let segment = place.layout().segment(1);
    let mut permissions = fs::metadata(&segment).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&segment, permissions).unwrap();
    append(&journal, "b");
    append(&place.open(), "c");
    assert_eq!(place.noted(), ["begun", "torn", "segment_closed", "torn", "torn"]);
    place.assert_whole();
}

#[test]
fn a_lost_head_of_a_finished_file() {
    let place = Place::new();
    append(&place.open(), "a");
    let segment = place.layout().segment(1);
    let mut permissions = fs::metadata(&segment).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&segment, permissions).unwrap();
    fs::remove_file(place.layout().head()).unwrap();
    append(&place.open(), "b");
    assert_eq!(place.noted(), ["begun", "torn", "head_lost", "torn"]);
    place.assert_whole();
}

#[test]
fn what_was_moved_elsewhere_is_durable_before_what_follows_it() {
    let place = Place::new();
    let dirty = Arc::new(Dirty::default());
    let journal =
        Journal::on(Box::new(Arc::clone(&dirty)), place.layout(), Rhythm::default()).unwrap();
    append(&journal, "not durable");
    append(&journal, "not durable");
    let who = crate::audit::Who {
        user: Default::default(),
        host: None,
        process: crate::audit::Process { pid: Some(1), uid: None, executable: None },
        caller: None,
    };
    assert!(!journal.note_policy(at(0), &who, &PolicyInForce::default()).unwrap());
    fs::rename(place.layout().segment(1), place.dir.path().join("elsewhere")).unwrap();
    settle();
    journal.append(at(0), &event("durable"), Durability::Durable).unwrap();
    assert_eq!(*dirty.0.lock().unwrap(), Default::default());
}

/// Refuses one sync, and the first write after that.
#[derive(Default)]
struct FailsTwice {
    syncs: AtomicU32,
    writes: AtomicU32,
}

impl Disk for Arc<FailsTwice> {
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        let is_due = self.syncs.load(Ordering::Relaxed) > 1;
        match is_due && self.writes.fetch_add(1, Ordering::Relaxed) == 0 {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => RealDisk.write(file, bytes),
        }
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        match self.syncs.fetch_add(1, Ordering::Relaxed) == 1 {
            true => Err(io::Error::from_raw_os_error(5)),
            false => RealDisk.sync(file),
        }
    }

    fn cut(&self, file: &File, bytes: u64) -> io::Result<()> {
        RealDisk.cut(file, bytes)
    }
}

#[test]
fn that_the_disk_failed_is_told_also_where_that_fails_at_first() {
    let place = Place::new();
    let disk = Arc::new(FailsTwice::default());
    let journal =
        Journal::on(Box::new(Arc::clone(&disk)), place.layout(), Rhythm::default()).unwrap();
    let try_to = |text| journal.append(at(0), &event(text), Durability::Durable);
    let results = ["a", "b", "c", "d", "e"].map(try_to);
    assert_eq!(results.iter().filter(|result| result.is_err()).count(), 2, "{results:?}");
    assert!(place.noted().iter().any(|noted| noted == "sync_failed"), "{:?}", place.noted());
    place.assert_whole();
}

/// Which directories were made durable before the first record was written.
#[derive(Default)]
struct Directories {
    synced: std::sync::Mutex<Vec<std::path::PathBuf>>,
    before_records: std::sync::Mutex<Vec<std::path::PathBuf>>,
}

impl Disk for Arc<Directories> {
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        let mut synced = self.synced.lock().unwrap();
        self.before_records.lock().unwrap().append(&mut synced);
        RealDisk.write(file, bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        RealDisk.sync(file)
    }

    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.synced.lock().unwrap().push(directory.to_owned());
        RealDisk.sync_directory(directory)
    }

    fn cut(&self, file: &File, bytes: u64) -> io::Result<()> {
        RealDisk.cut(file, bytes)
    }
}

#[test]
fn directories_that_are_as_new_as_the_journal_are_durable_before_its_first_record() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().canonicalize().unwrap();
    let state = top.join("state");
    let layout = Layout::of(state.join("bedrock-auth/audit"));
    let disk = Arc::new(Directories::default());
    let journal =
        Journal::on(Box::new(Arc::clone(&disk)), layout.clone(), Rhythm::default()).unwrap();
    let led_to = || {
        append(&journal, "a");
        let synced = std::mem::take(&mut *disk.before_records.lock().unwrap());
        [&top, &state, &state.join("bedrock-auth")].map(|directory| synced.contains(directory))
    };
    assert_eq!(led_to(), [true; 3]);
    assert_eq!(led_to(), [false; 3], "they are not new any more");
    settle();
    fs::rename(&state, top.join("moved")).unwrap();
    assert_eq!(led_to(), [true; 3]);
}
