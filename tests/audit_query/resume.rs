//! A cursor leads on from every record, and from no other journal.

use bedrock_auth::journal::Layout;
use bedrock_auth::journal::reader::{Cursor, Found, ReadError, Reader};

use crate::support::journal::Generator;
use crate::support::program::{answer, program};

fn sequences(reader: &mut Reader) -> Vec<u64> {
    let mut sequences = Vec::new();
    while let Some(found) = reader.read().unwrap() {
        match found {
            Found::Record { line, .. } => sequences.push(line.sequence),
            other => panic!("{other:?}"),
        }
    }
    sequences
}

#[test]
fn from_every_record_on() {
    let directory = tempfile::tempdir().unwrap();
    Generator::new(4).journal(directory.path(), 60, 13);
    let layout = Layout::of(directory.path());
    let mut first = Reader::of(&layout);
    for sequence in 1..=60 {
        assert!(matches!(first.read(), Ok(Some(Found::Record { .. }))));
        let cursor: Cursor = first.cursor().to_string().parse().unwrap();
        assert_eq!(cursor.sequence, sequence);
        let mut resumed = Reader::after(&layout, cursor).unwrap();
        assert_eq!(resumed.cursor(), cursor);
        assert_eq!(sequences(&mut resumed), (sequence + 1..=60).collect::<Vec<_>>());
        let mut last = Reader::of_last(&layout, 60 - sequence).unwrap();
        assert_eq!(sequences(&mut last), (sequence + 1..=60).collect::<Vec<_>>());
    }
}

#[test]
fn another_journal_and_a_record_that_is_gone_are_errors() {
    let [one, other] = [4, 5].map(|seed| {
        let directory = tempfile::tempdir().unwrap();
        Generator::new(seed).journal(directory.path(), 40, 10);
        directory
    });
    let mut reader = Reader::of(&Layout::of(one.path()));
    for _ in 0..15 {
        reader.read().unwrap();
    }
    let cursor = reader.cursor();
    let after = |cursor| Reader::after(&Layout::of(other.path()), cursor);
    assert!(matches!(after(cursor), Err(ReadError::OtherRecord { sequence: 15 })));
    std::fs::remove_file(other.path().join("journal-000002.jsonl")).unwrap();
    assert!(matches!(after(cursor), Err(ReadError::Gone { sequence: 15 })));
    let later = "99:0000000000000000".parse().unwrap();
    assert!(matches!(after(later), Err(ReadError::Gone { sequence: 99 })));
    for wrong in [
        "",
        "5",
        "5:",
        "5:xyz",
        "-1:0000000000000000",
        "5:00000000000000000",
        "+5:0000000000000000",
    ] {
        assert!(wrong.parse::<Cursor>().is_err(), "{wrong}");
    }

    let tail =
        answer(program(&["audit", "tail", "--after"]).arg(cursor.to_string()).arg(other.path()));
    assert_eq!((tail.code, tail.stdout.as_str()), (1, ""));
    assert!(tail.stderr.contains("record 15, after which to go on, is not there"), "{tail:?}");
    let tail = answer(
        program(&["audit", "tail", "--json", "--show-cursor", "--after"])
            .arg(cursor.to_string())
            .arg(one.path()),
    );
    assert_eq!((tail.code, tail.stdout.lines().count()), (0, 25));
    let told = tail.stderr.trim().strip_prefix("cursor: ").unwrap();
    assert!(told.starts_with("40:"), "{tail:?}");
}
