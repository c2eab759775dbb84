//! Audit records: one that is written, beside a bare write and the SHA-256 of the same line; durable ones of eight threads,
//! beside one thread that writes and waits for the disk.
//!
//! `append [DIRECTORY]`: on which file system.

use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use bedrock_auth::audit::{CredentialUse, Door, Event, Person, Process, Text, Who};
use bedrock_auth::journal::{Durability, Journal, Layout, Rhythm};
use bedrock_auth::load::{Environment, Machine, Managed};
use bedrock_auth::policy::ManagedSource;
use jiff::Timestamp;
use rounds::{Contestant, Spread, Target, compare};
use sha2::{Digest as _, Sha256};

const THREADS: usize = 8;
/// Of each thread in one round.
const RECORDS: usize = 40;
const ROUNDS: usize = 11;
const TARGET: f64 = 5.0;

fn main() {
    let directory = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let scratch = tempfile::Builder::new().tempdir_in(directory).expect("a directory");
    written(scratch.path());
    durable(scratch.path());
}

/// What a client's use of an access key comes to.
fn event() -> Event {
    let environment = Environment::from_pairs([
        ("ZED_ACCESS_KEY_ID", "AKIARZPUZDIKEWS2LJNF"),
        ("ZED_SECRET_ACCESS_KEY", "not-a-secret"),
    ]);
    let policy = br#"{ "schema_version": 1, "id": "corp-bedrock", "revision": 7, "methods": { "iam_credentials": {} } }"#;
    let file = Path::new("/etc/bedrock-auth/policy.json");
    let managed = Managed::Given(vec![ManagedSource::of_bytes(0, file, policy.to_vec())]);
    let machine = Machine::empty().with_environment(environment).with_managed(managed);
    let resolution = machine.resolve();
    let executable = Some(Text::new("/usr/local/bin/bedrock-auth"));
    let who = Who {
        user: Person { name: Some(Text::new("ann")), uid: Some(1000) },
        host: Some(Text::new("laptop-4711")),
        process: Process { pid: Some(4711), uid: None, executable },
        caller: None,
    };
    Event::Credential(Box::new(CredentialUse::of_answer(Door::Client, who, &resolution)))
}

fn journal(directory: &Path, name: &str) -> Journal {
    Journal::open(Layout::of(directory.join(name)), Rhythm::default()).expect("a journal")
}

/// A line of the journal, for those who only write it.
fn line(journal: &Journal) -> Vec<u8> {
    journal.append(Timestamp::now(), &event(), Durability::Written).expect("a record");
    let text = std::fs::read(journal.layout().segment(1)).expect("the segment");
    let is_it = |line: &&[u8]| line.windows(11).any(|word| word == b"\"credential");
    text.split_inclusive(|byte| *byte == b'\n').find(is_it).expect("the record").to_vec()
}

fn file(directory: &Path, name: &str) -> File {
    let path = directory.join(name);
    OpenOptions::new().create(true).append(true).open(path).expect("a file")
}

fn written(directory: &Path) {
    let journal = journal(directory, "written");
    let line = line(&journal);
    println!("a record has {} bytes", line.len());
    let event = event();
    let mut bare = file(directory, "bare");
    let ours = Contestant::new("ours", || {
        let written = journal.append(Timestamp::now(), &event, Durability::Written);
        black_box(written.expect("a record"));
    });
    let peer = Contestant::new("write and SHA-256", || {
        black_box(Sha256::digest(&line));
        bare.write_all(&line).expect("a line");
    });
    compare("record", Target::Within(3.0), vec![ours, peer]);
}

/// Records in a second.
fn rate(records: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    records as f64 / start.elapsed().as_secs_f64()
}

fn durable(directory: &Path) {
    let journal = journal(directory, "durable");
    let line = line(&journal);
    let mut bare = file(directory, "bare-durable");
    let event = event();
    let (mut ours, mut alone, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let append = |count: usize| {
            for _ in 0..count {
                let now = Timestamp::now();
                journal.append(now, &event, Durability::Durable).expect("a record");
            }
        };
        ours.push(rate(THREADS * RECORDS, || {
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| append(RECORDS));
                }
            });
        }));
        alone.push(rate(RECORDS, || append(RECORDS)));
        theirs.push(rate(RECORDS, || {
            for _ in 0..RECORDS {
                bare.write_all(&line).expect("a line");
                bare.sync_data().expect("a disk");
            }
        }));
    }
    let times = |rates: &[f64]| Spread::of(rates.iter().zip(&theirs).map(|(a, b)| a / b));
    let median = |rates: &[f64]| Spread::of(rates.iter().copied()).median;
    let ratio = times(&ours);
    println!(
        "durable records: ours by {THREADS} threads {:.0}/s, write and fdatasync by one {:.0}/s; ratio {ratio}, target at least {TARGET}: {}",
        median(&ours),
        median(&theirs),
        if ratio.median >= TARGET { "met" } else { "MISSED" },
    );
    println!(
        "durable records: ours by one thread {:.0}/s; ratio {}, no target",
        median(&alone),
        times(&alone)
    );
}
