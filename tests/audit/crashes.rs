//! Writers that are killed: what was acknowledged is there, once, in a chain that holds.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bedrock_auth::audit::{Event, Line, Person, PolicyChange, PolicyInForce, Process, Text, Who};
use bedrock_auth::journal::verify::{KnownEnd, Options, verify};
use bedrock_auth::journal::{Durability, Journal, Layout, Rhythm, known_end};
use jiff::Timestamp;

const WRITERS: usize = 8;

/// `CRASH_ROUNDS` sets how often all of them are killed.
fn rounds() -> usize {
    std::env::var("CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1_000)
}

/// Small segments, so that many a writer dies while one begins.
fn rhythm() -> Rhythm {
    Rhythm { segment_bytes: 256 << 10, checkpoint_records: 500, ..Rhythm::default() }
}

pub(crate) fn event(text: &str) -> Event {
    let process = Process { pid: None, uid: None, executable: None };
    let host = Some(Text::new(text));
    let who = Who { user: Person::default(), host, process, caller: None };
    let policy = PolicyInForce::default();
    Event::Policy(PolicyChange { who, policy, changed_from: None })
}

/// Writes until it is killed, and tells of each record once it is written.
#[test]
#[ignore = "run by the test below in processes of their own"]
fn writer() {
    let Some(directory) = std::env::var_os("JOURNAL") else {
        panic!("no journal: this is not a test of its own");
    };
    let name = std::env::var("NAME").unwrap();
    let durability = match name.ends_with('0') {
        true => Durability::Durable,
        false => Durability::Written,
    };
    let journal = Journal::open(Layout::of(directory), rhythm()).unwrap();
    let mut stderr = std::io::stderr();
    for number in 0_u64.. {
        let text = format!("{name}-{number}");
        let written = journal.append(Timestamp::now(), &event(&text), durability).unwrap();
        // One write, so that a line that is cut off is none.
        let line = format!("@{} {text}\n", written.sequence);
        stderr.write_all(line.as_bytes()).unwrap();
    }
}

fn start(layout: &Layout, name: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "crashes::writer", "--nocapture", "-q"]);
    command.env("JOURNAL", layout.directory()).env("NAME", name);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What the writer told of, by number.
fn acknowledged(child: Child) -> Vec<(u64, String)> {
    let mut told = Vec::new();
    let mut reader = BufReader::new(child.stderr.unwrap());
    let mut line = String::new();
    while reader.read_line(&mut line).unwrap() > 0 {
        let whole = line.strip_suffix('\n').and_then(|line| line.strip_prefix('@'));
        let record = whole.and_then(|line| line.split_once(' '));
        let (sequence, text) = record.unwrap_or_else(|| panic!("a writer says: {line}"));
        told.push((sequence.parse().unwrap(), text.to_owned()));
        line.clear();
    }
    told
}

#[test]
fn what_was_acknowledged_is_there_once_in_a_chain_that_holds() {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::of(dir.path().join("audit"));
    let mut expected = BTreeMap::new();
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..rounds() {
        let mut writers: Vec<_> =
            (0..WRITERS).map(|writer| start(&layout, &format!("r{round}w{writer}"))).collect();
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        std::thread::sleep(Duration::from_micros(2_000 + chance % 25_000));
        for writer in &mut writers {
            writer.kill().unwrap();
        }
        for mut writer in writers {
            writer.wait().unwrap();
            for (sequence, text) in acknowledged(writer) {
                let before = expected.insert(sequence, text);
                assert_eq!(before, None, "two records have the number {sequence}");
            }
        }
    }
    assert!(expected.len() > rounds(), "only {} records in {} rounds", expected.len(), rounds());
    // Whoever comes next finds the end.
    let journal = Journal::open(layout.clone(), rhythm()).unwrap();
    journal.append(Timestamp::now(), &event("last"), Durability::Durable).unwrap();
    drop(journal);

    let mut next = 1;
    for segment in layout.segments().unwrap() {
        let text = std::fs::read_to_string(&segment.path).unwrap();
        for line in text.lines() {
            let read = Line::read(line.as_bytes()).unwrap();
            assert_eq!(read.sequence, next, "{:?}", segment.path);
            next += 1;
            if let Some(text) = expected.remove(&read.sequence) {
                assert!(line.contains(&format!("\"host\":\"{text}\"")), "{line}");
            }
        }
    }
    assert!(expected.is_empty(), "{} are lost: {expected:?}", expected.len());
    let (sequence, hash) = known_end(&layout).unwrap();
    let known_end = Some(KnownEnd { sequence, hash });
    let verifiers = vec![layout.known_verifier().unwrap().unwrap()];
    let verification = verify(&layout, &Options { known_end, verifiers, ..Options::default() });
    let verification = verification.unwrap();
    assert!(verification.intact, "{:?}", verification.findings);
    assert_eq!(sequence + 1, next);
}
