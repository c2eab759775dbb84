//! Lines that are no records are told of, and end nothing.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use bedrock_auth::journal::Layout;
use bedrock_auth::journal::query::{Damage, Filter, Missing, Snapshot, UseColumn, summarize};
use bedrock_auth::journal::reader::{Found, Reader};

use crate::support::journal::Generator;
use crate::support::program::{answer, program};

fn lines(records: u64) -> Vec<Vec<u8>> {
    let lines = Generator::new(3).lines(records);
    lines.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// The damage that a summary tells of, and what the reader finds besides records, in order.
fn found(lines: &[Vec<u8>]) -> (Damage, u64, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("journal-000001.jsonl"), lines.concat()).unwrap();
    let layout = Layout::of(directory.path());
    let summary =
        summarize(&Snapshot::of(&layout).unwrap(), &Filter::default(), &UseColumn::USUAL).unwrap();
    let mut reader = Reader::of(&layout);
    let (mut records, mut amiss) = (0, Vec::new());
    while let Some(found) = reader.read().unwrap() {
        match found {
            Found::Record { .. } => records += 1,
            other => amiss.push(format!("{other:?}")),
        }
    }
    assert_eq!(
        summary.records,
        records + amiss.iter().filter(|it| it.contains("OutOfPlace")).count() as u64
    );
    (summary.damage, records, amiss)
}

#[test]
fn a_changed_line() {
    let mut lines = lines(50);
    let at = lines[20].windows(3).position(|bytes| bytes == b"202").unwrap();
    lines[20][at + 3] = b'9';
    let (damage, records, amiss) = found(&lines);
    assert_eq!((damage.changed, damage.no_records, records), (1, 0, 49));
    assert_eq!(damage.gaps, [Missing { first: 21, last: 21 }]);
    assert_eq!(amiss, ["NoRecord(Changed { sequence: 21 })", "Missing { first: 21, last: 21 }"]);
}

#[test]
fn lines_that_are_none_even_long_ones() {
    let mut lines = lines(50);
    lines.insert(10, b"{}\n".to_vec());
    lines.insert(20, vec![b'x'; 5 << 20]);
    lines[20].push(b'\n');
    lines.insert(30, b"\n".to_vec());
    let (damage, records, amiss) = found(&lines);
    assert_eq!(damage, Damage { no_records: 3, ..Damage::default() });
    assert_eq!((records, amiss.len()), (50, 3));
}

#[test]
fn removed_doubled_and_moved_records() {
    let mut removed = lines(50);
    removed.drain(10..15);
    let (damage, _, amiss) = found(&removed);
    let gap = Missing { first: 11, last: 15 };
    assert_eq!(damage, Damage { missing: 5, gaps: vec![gap], ..Damage::default() });
    assert_eq!(amiss, ["Missing { first: 11, last: 15 }"]);

    let mut doubled = lines(50);
    doubled.insert(10, doubled[9].clone());
    let (damage, records, amiss) = found(&doubled);
    assert_eq!((damage.out_of_place, records), (1, 50));
    assert_eq!(amiss, ["OutOfPlace { sequence: 10 }"]);

    let mut moved = lines(50);
    moved.swap(9, 10);
    let (damage, records, amiss) = found(&moved);
    assert_eq!((damage.out_of_place, records), (1, 49));
    assert_eq!(amiss, ["Missing { first: 10, last: 10 }", "OutOfPlace { sequence: 10 }"]);
}

#[test]
fn an_unfinished_last_line_is_no_record_and_no_damage() {
    let mut lines = lines(50);
    let cut = lines[49].len() - 1;
    lines[49].truncate(cut);
    let (damage, records, amiss) = found(&lines);
    assert_eq!((damage, records, amiss), (Damage::default(), 49, Vec::new()));
}

#[test]
fn every_command_tells_of_what_is_compressed() {
    let directory = tempfile::tempdir().unwrap();
    Generator::new(3).journal(directory.path(), 100, 40);
    let segment = |name: &str| directory.path().join(name);
    fs::rename(segment("journal-000001.jsonl"), segment("journal-000001.jsonl.gz")).unwrap();
    let commands = [
        &["audit", "query", "--format", "json"][..],
        &["audit", "summary"],
        &["audit", "export", "--format", "ocsf"],
        &["audit", "tail", "-n", "100"],
    ];
    for words in commands {
        let told = answer(program(words).arg(directory.path()));
        assert_eq!(told.code, 0, "{told:?}");
        let words = told.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        let sentence = "journal-000001.jsonl.gz` is compressed, and was not read: decompress it";
        assert!(words.contains(sentence), "{told:?}");
        assert!(!told.stdout.is_empty(), "{told:?}");
    }
    let told = answer(program(&["audit", "summary", "--json"]).arg(directory.path())).json();
    assert_eq!(told["damage"]["not_read"].as_array().unwrap().len(), 1, "{told}");
    // Nothing that can be read is left.
    for number in 2..=3 {
        let name = format!("journal-00000{number}.jsonl");
        fs::rename(segment(&name), segment(&format!("{name}.xz"))).unwrap();
    }
    for words in &commands[..3] {
        let told = answer(program(words).arg(directory.path()));
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.stderr.contains("is compressed"), "{told:?}");
    }
}

#[test]
fn every_command_tells_on_stderr_and_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    Generator::new(3).journal(directory.path(), 100, 60);
    let path = directory.path().join("journal-000001.jsonl");
    OpenOptions::new().append(true).open(path).unwrap().write_all(b"not a record\n").unwrap();
    for words in [
        &["audit", "query", "--format", "json"][..],
        &["audit", "summary"],
        &["audit", "export", "--format", "ocsf"],
        &["audit", "tail", "-n", "100"],
    ] {
        let told = answer(program(words).arg(directory.path()));
        assert_eq!(told.code, 0, "{told:?}");
        assert!(told.stderr.contains("is no record"), "{told:?}");
        if words[1] != "tail" {
            assert!(
                told.stderr.contains(
                    "1 line is no record or was changed: run `bedrock-auth audit verify`"
                ),
                "{told:?}"
            );
        }
        let last = told.stdout.lines().last().unwrap_or_default();
        assert!(!last.is_empty(), "{told:?}");
    }
}
