//! What else stands in the directory or in a file: copies, compressed files, empty lines.

use std::fs;

use bedrock_auth::journal::Layout;
use bedrock_auth::journal::verify::{FindingCode, Options, Verification, WarningCode, verify};

use crate::journal::{Journal, line, policy, resealed, verify_texts};

fn journal() -> Journal {
    Journal::of(40, 15, 10)
}

/// Beside the segments of a journal.
fn with_file(journal: &Journal, name: &str, bytes: &[u8]) -> Verification {
    let mut files = journal.files();
    files.push((name.to_owned(), bytes.to_vec()));
    let options = Options { known_end: Some(journal.head), ..journal.options() };
    verify_texts(files, &options)
}

#[test]
fn a_copy_is_told_as_one_and_takes_nothing_from_the_journal() {
    let journal = journal();
    let segment = &journal.files()[1].1;
    for name in [
        "journal-000002.jsonl.bak",
        "journal-000002.jsonl.old~",
        "journal-000009.jsonl",
        "journal-000000.jsonl-20260101",
        "copy-of-journal.jsonl",
    ] {
        for length in [segment.len(), segment.len() - 1, segment.len() / 2, 300] {
            let verification = with_file(&journal, name, &segment[..length]);
            assert!(verification.intact, "{name} {length}: {verification:#?}");
            assert_eq!(verification.records, 40);
            let [warning] = &verification.warnings[..] else { panic!("{verification:#?}") };
            assert_eq!(warning.code, WarningCode::Copy);
            assert_eq!(warning.at.as_ref().unwrap().file, name);
            let of = match length == segment.len() {
                true => "a copy of `journal-000002.jsonl`",
                false => "a copy of the beginning of `journal-000002.jsonl`",
            };
            assert!(warning.message.contains(of), "{warning:?}");
        }
    }
}

#[test]
fn a_copy_that_differs_is_none() {
    let journal = journal();
    let segment = &journal.files()[1].1;
    for at in (0..segment.len()).step_by(97) {
        let mut changed = segment.clone();
        changed[at] ^= 1;
        let verification = with_file(&journal, "journal-000002.jsonl.bak", &changed);
        assert!(!verification.intact, "byte {at}");
    }
    // A record sealed anew, and a record more than the original has.
    let mut tampered = journal.segments[1].clone();
    let at = tampered[5].windows(8).position(|part| part == b",\"time\":").unwrap() + 12;
    tampered[5][at] ^= 1;
    tampered[5] = resealed(&tampered[5]);
    let verification = with_file(&journal, "journal-000002.jsonl.bak", &tampered.concat());
    assert!(!verification.intact, "{verification:#?}");
    let (more, _) = line(31, bedrock_auth::audit::Hash::NONE, policy(1));
    let longer = [&segment[..], &more].concat();
    let verification = with_file(&journal, "journal-000002.jsonl.bak", &longer);
    assert!(!verification.intact, "{verification:#?}");
}

#[test]
fn a_copy_in_place_of_another_segment_hides_nothing() {
    let journal = journal();
    let mut files = journal.files();
    files[1].1 = files[0].1.clone();
    let options = Options { known_end: Some(journal.head), ..journal.options() };
    let verification = verify_texts(files, &options);
    let [finding] = &verification.findings[..] else { panic!("{verification:#?}") };
    assert_eq!(finding.code, FindingCode::Removed);
    assert_eq!(finding.records.map(|it| (it.first, it.last)), Some((16, 30)));
}

/// Files with these names, in a directory.
fn in_directory(journal: &Journal, named: impl Fn(&str) -> String) -> Verification {
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in journal.files() {
        fs::write(directory.path().join(named(&name)), bytes).unwrap();
    }
    let options = Options { known_end: Some(journal.head), ..journal.options() };
    verify(&Layout::of(directory.path()), &options).unwrap()
}

#[test]
fn what_is_compressed_is_told_and_what_it_may_hold_is_missing() {
    let journal = journal();
    for ending in ["gz", "xz", "bz2", "zst", "Z", "1.gz", "1-20260101.zst"] {
        for (number, code) in
            [(1, FindingCode::StartMissing), (2, FindingCode::Removed), (3, FindingCode::TailCut)]
        {
            let compressed = format!("journal-00000{number}.jsonl");
            let named = |name: &str| match name == compressed {
                true => format!("{name}.{ending}"),
                false => name.to_owned(),
            };
            let verification = in_directory(&journal, named);
            let [finding] = &verification.findings[..] else { panic!("{verification:#?}") };
            assert_eq!(finding.code, code);
            assert!(finding.remedy.starts_with("decompress"), "{finding:?}");
            let [warning] = &verification.warnings[..] else { panic!("{verification:#?}") };
            assert_eq!(warning.code, WarningCode::Compressed);
            let file = &warning.at.as_ref().unwrap().file;
            assert!(file.ends_with(&format!("{compressed}.{ending}")), "{file}");
        }
    }
    // All of them.
    let verification = in_directory(&journal, |name| format!("{name}.gz"));
    assert_eq!(verification.findings[0].code, FindingCode::TailCut);
    assert_eq!(verification.warnings.len(), 3);
}

#[test]
fn what_logrotate_renames_is_read() {
    let journal = journal();
    for ending in ["", ".1", ".12", "-20260101", "-20260101.old"] {
        let verification = in_directory(&journal, |name| format!("{name}{ending}"));
        assert!(verification.intact, "{ending}: {verification:#?}");
        assert_eq!(verification.warnings, []);
    }
}

#[test]
fn empty_lines_are_told_as_what_they_are() {
    let told = |journal: &Journal, what: &str| {
        let verification = journal.verify();
        let [finding] = &verification.findings[..] else { panic!("{what}: {verification:#?}") };
        assert_eq!(finding.code, FindingCode::Inserted, "{what}");
        assert_eq!(finding.message, what);
        verification
    };
    for empty in ["\n", "\r\n", "  \n"] {
        let mut middle = journal();
        middle.insert(21, empty.into());
        let verification = told(&middle, "an empty line was inserted after record 20");
        assert_eq!(verification.findings[0].at.as_ref().unwrap().line, Some(6));
        assert_eq!(verification.intact_up_to, Some(20));
        let mut front = journal();
        front.insert(1, empty.into());
        told(&front, "an empty line was inserted before the first record");
        let mut end = journal();
        end.segments[2].extend([empty.into(), empty.into()]);
        told(&end, "2 empty lines were inserted after record 40");
        let mut between = journal();
        between.segments[0].push(empty.into());
        told(&between, "an empty line was inserted after record 15");
    }
    // In place of a record, it is that record that is not there any more.
    let mut blanked = journal();
    *blanked.line_mut(20) = b"\n".to_vec();
    let verification = blanked.verify();
    assert_eq!(verification.findings[0].code, FindingCode::Changed);
    assert_eq!(
        verification.findings[0].message,
        "record 20 was changed: an empty line stands in place of it"
    );
    // Without a head, nobody knows of the last; with it, the last was changed.
    let mut last = journal();
    *last.line_mut(40) = b"\n".to_vec();
    assert_eq!(last.verify().findings[0].code, FindingCode::Changed);
    let options = Options { known_end: None, ..last.options() };
    assert_eq!(last.verify_with(&options).findings[0].code, FindingCode::Inserted);
}
