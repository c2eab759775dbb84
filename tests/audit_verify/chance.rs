//! Chance tampers with journals of any size; what is intact, a few lines of another language confirm.

use std::io::Write as _;
use std::process::{Command, Stdio};

use bedrock_auth::journal::verify::{Files, Options, verify_files};
use proptest::prelude::*;

use crate::journal::{Journal, in_blocks, verify_texts};

/// What somebody does to the bytes of a journal.
#[derive(Debug, Clone)]
enum Deed {
    Change(usize, u8),
    RemoveBytes(usize, usize),
    InsertBytes(usize, Vec<u8>),
    CopyLine(usize, usize),
    RemoveLine(usize),
    MoveLine(usize, usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let at = any::<usize>;
    prop_oneof![
        (at(), 1_u8..).prop_map(|(at, change)| Deed::Change(at, change)),
        (at(), 1..500_usize).prop_map(|(at, bytes)| Deed::RemoveBytes(at, bytes)),
        (at(), prop::collection::vec(any::<u8>(), 1..50))
            .prop_map(|(at, bytes)| Deed::InsertBytes(at, bytes)),
        (at(), at()).prop_map(|(from, to)| Deed::CopyLine(from, to)),
        at().prop_map(Deed::RemoveLine),
        (at(), at()).prop_map(|(from, to)| Deed::MoveLine(from, to)),
    ]
}

fn tamper(journal: &Journal, segment: usize, deed: &Deed) -> Vec<(String, Vec<u8>)> {
    let mut journal = journal.clone();
    let segment = segment % journal.segments.len();
    let lines = &mut journal.segments[segment];
    let count = lines.len();
    match deed {
        Deed::CopyLine(from, to) => lines.insert(to % (count + 1), lines[from % count].clone()),
        Deed::RemoveLine(at) => drop(lines.remove(at % count)),
        Deed::MoveLine(from, to) => {
            let line = lines.remove(from % count);
            lines.insert(to % count, line);
        }
        Deed::Change(..) | Deed::RemoveBytes(..) | Deed::InsertBytes(..) => {}
    }
    let mut files = journal.files();
    let bytes = &mut files[segment].1;
    match deed {
        Deed::Change(at, change) => {
            let at = at % bytes.len();
            bytes[at] ^= change;
        }
        Deed::RemoveBytes(at, count) => {
            let at = at % bytes.len();
            bytes.drain(at..(at + count).min(bytes.len()));
        }
        Deed::InsertBytes(at, more) => {
            let at = at % (bytes.len() + 1);
            bytes.splice(at..at, more.iter().copied());
        }
        Deed::CopyLine(..) | Deed::RemoveLine(..) | Deed::MoveLine(..) => {}
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tampering_is_never_intact_and_its_absence_always(
        records in 1..60_u64,
        in_segment in 1..30_u64,
        block in prop_oneof![1..2_000_u64, Just(1 << 20)],
        segment in any::<usize>(),
        deed in deed(),
    ) {
        let journal = Journal::of(records, in_segment, 20);
        let options = Options { known_end: Some(journal.head), ..journal.options() };
        let options = in_blocks(block, options);
        prop_assert!(journal.verify_with(&options).intact);
        let files = tamper(&journal, segment, &deed);
        let is_touched = files != journal.files();
        // Which of two like lines is called the second may depend on blocks; whether there are two does not.
        let verification = verify_texts(files.clone(), &options);
        let at_once = verify_texts(files, &Options { block: Options::default().block, ..options });
        prop_assert_eq!(verification.intact, at_once.intact);
        prop_assert_eq!(verification.intact, !is_touched, "{:#?}", verification);
    }
}

#[test]
fn nothing_at_all_is_no_intact_journal() {
    for files in [vec![], vec![("journal-000001.jsonl".to_owned(), Vec::new())]] {
        assert!(verify_files(&Files::in_memory(files), &Options::default()).is_err());
    }
}

/// The program that the page for auditors shows.
fn reader_of_the_page() -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/audit.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (_, program) = page.split_once("```python\n").unwrap();
    program.split_once("```").unwrap().0.to_owned()
}

fn other_reader(bytes: &[u8]) -> Option<String> {
    let mut python = Command::new("python3");
    python
        .args(["-c", &reader_of_the_page()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn another_reader_says_the_same() {
    let journal = Journal::of(120, 50, 50);
    let text = journal.segments.concat().concat();
    let verification = journal.verify();
    let hash = verification.hash.unwrap();
    assert_eq!(other_reader(&text), Some(format!("120 {hash}")));
    let mut changed = text;
    let at = changed.len() / 2;
    changed[at] ^= 1;
    assert_eq!(other_reader(&changed), None);
}
