//! Every way to tamper with a journal is told, with the number of the record.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bedrock_auth::audit::{Hash, JournalNoted};
use bedrock_auth::journal::verify::{Finding, FindingCode, Options, Verification};

use crate::journal::{Journal, checkpoint, line, note, policy, resealed};

/// Small enough to try every record.
fn small() -> Journal {
    Journal::of(300, 70, 60)
}

/// As large as the promise; all that are tried begin as it.
static LARGE: LazyLock<Journal> = LazyLock::new(|| Journal::of(10_000, 1_999, 1_000));

/// Of the large journal, so many records are tried in each way; `AUDIT_VERIFY_SAMPLE=10000` tries all.
const SAMPLE: usize = 300;

/// Where chance begins, so that whoever tries again tries the same.
const SEED: u64 = 20_261_123;

/// Records of the large journal, by chance, and those at the borders of segments; each once.
fn sample() -> BTreeSet<u64> {
    let sample = std::env::var("AUDIT_VERIFY_SAMPLE").ok().and_then(|sample| sample.parse().ok());
    let sample: usize = sample.unwrap_or(SAMPLE).min(10_000);
    let mut records = BTreeSet::from([1, 2, 1_998, 1_999, 2_000, 2_001, 9_999, 10_000]);
    let mut random = SEED;
    while records.len() < sample {
        // SplitMix64.
        random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (random ^ (random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        records.insert(1 + (mixed ^ (mixed >> 31)) % 10_000);
    }
    records
}

/// Every record of the small journal, and those of the large one that chance has chosen.
fn at_every_record(tamper: impl Fn(&Journal, u64)) {
    let small = small();
    (1..=small.records()).for_each(|record| tamper(&small, record));
    sample().into_iter().for_each(|record| tamper(&LARGE, record));
}

/// The same with a tenth of the sample, for ways that the promise does not name.
fn at_every_record_of_few(tamper: impl Fn(&Journal, u64)) {
    let small = small();
    (1..=small.records()).for_each(|record| tamper(&small, record));
    sample().into_iter().step_by(10).chain([10_000]).for_each(|record| tamper(&LARGE, record));
}

#[track_caller]
fn told<'a>(
    verification: &'a Verification,
    codes: &[FindingCode],
    record: u64,
    what: &str,
) -> &'a Finding {
    assert!(!verification.intact, "{what} {record} passes for intact");
    let is_it = |finding: &&Finding| {
        let holds =
            finding.records.is_some_and(|records| (records.first..=records.last).contains(&record));
        codes.contains(&finding.code) && holds
    };
    let found = verification.findings.iter().find(is_it);
    let found = found.unwrap_or_else(|| panic!("{what} {record}: {:#?}", verification.findings));
    assert!(
        verification.intact_up_to.is_none_or(|last| last < record),
        "{what} {record}: {verification:#?}"
    );
    assert!(verification.findings.len() <= 2, "{what} {record}: {:#?}", verification.findings);
    found
}

fn names(finding: &Finding, record: u64) {
    let names = [format!("record {record}"), format!("records {record} to")];
    assert!(
        names.iter().any(|name| finding.message.contains(name)),
        "{record}: {}",
        finding.message
    );
}

#[test]
fn untouched_journals_are_intact_in_blocks_of_any_size() {
    for records in [1, 2, 69, 70, 71, 300] {
        let journal = Journal::of(records, 70, 25);
        let all = Options {
            known_end: Some(journal.head),
            checkpoints: journal.kept(),
            ..journal.options()
        };
        for bytes in [1, 2, 7, 100, 511, 4096, 1 << 20] {
            let verification = journal.verify_with(&crate::journal::in_blocks(bytes, all.clone()));
            assert!(verification.intact, "{bytes}: {verification:#?}");
            assert_eq!((verification.records, verification.last), (records, Some(records)));
            assert_eq!(verification.intact_up_to, Some(records));
            assert_eq!(verification.hash, Some(journal.head.hash));
            assert_eq!(verification.checkpoints.count, records / 25 + 1, "{bytes}");
            assert_eq!(verification.checkpoints.last, Some(records));
        }
    }
}

#[test]
fn a_removed_line() {
    at_every_record(|journal, record| {
        let mut journal = journal.clone();
        journal.remove(record);
        let verification = journal.verify();
        let code = match record {
            1 => FindingCode::StartMissing,
            last if last == journal.records() => FindingCode::TailCut,
            _ => FindingCode::Removed,
        };
        if code == FindingCode::StartMissing {
            assert_eq!(verification.findings[0].code, code);
            names(&verification.findings[0], record);
            return;
        }
        let finding = told(&verification, &[code], record, "removed");
        if code == FindingCode::Removed {
            names(finding, record);
        } else {
            names(finding, record - 1);
        }
    });
}

#[test]
fn swapped_neighbours() {
    at_every_record(|journal, record| {
        if record == journal.records() {
            return;
        }
        let mut journal = journal.clone();
        journal.swap(record, record + 1);
        let verification = journal.verify();
        let moved = verification.findings.first().map(|finding| (finding.code, finding.records));
        let (code, records) = moved.unwrap_or_else(|| panic!("{record} passes for intact"));
        assert_eq!(code, FindingCode::Reordered, "{verification:#?}");
        let first = records.unwrap().first;
        assert!(first == record || first == record + 1, "{record}: {verification:#?}");
        assert_eq!(verification.findings.len(), 1, "{verification:#?}");
        names(&verification.findings[0], first);
    });
}

#[test]
fn a_tail_that_is_cut() {
    at_every_record(|journal, record| {
        let (segment, at) = journal.place(record);
        let length = journal.line(record).len();
        let known_end = Options { known_end: Some(journal.head), ..journal.options() };
        let checkpoint = Options { checkpoints: journal.kept(), ..journal.options() };
        let mut ways: Vec<_> = [0, 1, length / 2, length - 1].map(|it| (it, &known_end)).into();
        ways.extend([0, 1, length / 2, length - 1].map(|it| (it, &checkpoint)));
        // Of the large journal, each record in one of the eight ways.
        if journal.records() > 300 {
            ways = vec![ways[record as usize % ways.len()]];
        }
        for (within, options) in ways {
            let mut journal = journal.clone();
            journal.segments.truncate(segment + 1);
            journal.segments[segment].truncate(at + 1);
            journal.segments[segment][at].truncate(within);
            let verification = journal.verify_with(options);
            let finding = told(&verification, &[FindingCode::TailCut], record, "cut before");
            assert_eq!(finding.records.unwrap().last, journal.records(), "{finding:#?}");
            assert_eq!(verification.intact_up_to.unwrap_or(0), record - 1);
            names(
                finding,
                if within == 0 && record > 1 { record - 1 } else { record.min(journal.records()) },
            );
        }
    });
}

#[test]
fn a_changed_byte() {
    let changes: [fn(u8) -> u8; 9] = [
        |byte| byte ^ 1,
        |byte| byte ^ 2,
        |byte| byte ^ 4,
        |byte| byte ^ 8,
        |byte| byte ^ 16,
        |byte| byte ^ 32,
        |byte| byte ^ 64,
        |byte| byte ^ 128,
        |_| b'\n',
    ];
    let try_byte = |journal: &Journal, record: u64, at: usize, change: fn(u8) -> u8| {
        let mut changed = journal.clone();
        let byte = &mut changed.line_mut(record)[at];
        let (before, after) = (*byte, change(*byte));
        *byte = after;
        if before == after {
            return;
        }
        let verification = changed.verify();
        let codes = [FindingCode::Changed, FindingCode::TailCut];
        let finding = told(&verification, &codes, record, "changed");
        let named = finding.records.unwrap();
        assert!(named.last - named.first <= 1, "{record}, byte {at}: {finding:#?}");
    };
    // One record has all of its bytes changed in every way, those of others in two of them.
    let journal = Journal::of(12, 5, 4);
    for record in [1, 4, 5, 6, 11, 12] {
        for at in 0..journal.line(record).len() {
            let ways = if record == 5 { changes.len() } else { 2 };
            (0..ways).for_each(|way| try_byte(&journal, record, at, changes[(at + way) % 9]));
        }
    }
    at_every_record(|journal, record| {
        let length = journal.line(record).len();
        let steps = if journal.records() > 300 { 1 } else { 3 };
        for step in 0..steps {
            let at = (usize::try_from(record).unwrap() * 37 + step * 101) % length;
            try_byte(journal, record, at, changes[(at + step) % changes.len()]);
        }
        if journal.records() <= 300 {
            try_byte(journal, record, length - 1, |_| b' ');
        }
    });
}

#[test]
fn a_changed_record_with_a_hash_made_anew() {
    at_every_record_of_few(|journal, record| {
        let mut journal = journal.clone();
        let line = journal.line_mut(record);
        let at = line.windows(8).position(|part| part == b",\"time\":").unwrap() + 12;
        line[at] ^= 1;
        *line = resealed(line);
        let verification = journal.verify();
        let finding = told(&verification, &[FindingCode::Changed], record, "sealed anew");
        names(finding, record);
    });
}

#[test]
fn a_line_that_stands_twice() {
    at_every_record_of_few(|journal, record| {
        let mut journal = journal.clone();
        let line = journal.line(record).to_vec();
        journal.insert(record, line);
        let verification = journal.verify();
        let finding = told(&verification, &[FindingCode::Inserted], record, "doubled");
        names(finding, record);
    });
}

/// Chained to the record before it, so that only what comes after betrays it.
#[test]
fn a_forged_line() {
    at_every_record_of_few(|journal, record| {
        let previous = if record == 1 { Hash::NONE } else { hash_of(journal.line(record - 1)) };
        let (forged, _) = line(record, previous, note(JournalNoted::SegmentBegun, None));
        let mut journal = journal.clone();
        journal.insert(record, forged);
        let verification = journal.verify();
        assert!(!verification.intact);
        if record == journal.records() {
            // Nothing comes after, and the head knows which it is.
            assert!(
                verification.findings.iter().any(|finding| finding.records.unwrap().last == record)
            );
            return;
        }
        names(told(&verification, &[FindingCode::Inserted], record, "forged"), record);
    });
}

#[test]
fn a_forged_line_in_place_of_the_true_one() {
    at_every_record_of_few(|journal, record| {
        let previous = if record == 1 { Hash::NONE } else { hash_of(journal.line(record - 1)) };
        let (forged, _) = line(record, previous, note(JournalNoted::SegmentBegun, None));
        let mut journal = journal.clone();
        *journal.line_mut(record) = forged;
        names(told(&journal.verify(), &[FindingCode::Changed], record, "forged"), record);
    });
}

fn hash_of(line: &[u8]) -> Hash {
    let text = std::str::from_utf8(line).unwrap();
    let hash = text.trim_end().strip_suffix("\"}").unwrap();
    Hash::from_hex(&hash.as_bytes()[hash.len() - 64..]).unwrap()
}

/// Everything from a record on, made anew by somebody who has not the key.
#[test]
fn a_rest_that_is_made_anew_shows_against_checkpoints() {
    let journal = Journal::of(60, 25, 20);
    for record in 1..=60 {
        let mut forged = journal.clone();
        let mut previous = if record == 1 { Hash::NONE } else { hash_of(journal.line(record - 1)) };
        for number in record..=60 {
            let (line, hash) = line(number, previous, policy(number + 1));
            *forged.line_mut(number) = line;
            previous = hash;
        }
        let kept = Options { checkpoints: journal.kept(), ..journal.options() };
        let verification = forged.verify_with(&kept);
        let finding = told(&verification, &[FindingCode::CheckpointFalse], 60, "made anew");
        names(finding, 60);
        assert_eq!(
            verification.intact_up_to,
            Some((record - 1) / 20 * 20).map(|signed| signed.saturating_sub(1))
        );
        // The head alone shows it as well, and a chain without either shows nothing.
        assert!(!forged.verify().intact);
        assert!(forged.verify_with(&journal.options()).intact);
    }
}

#[test]
fn segments_that_are_gone_or_change_names() {
    let journal = small();
    for segment in 0..journal.segments.len() {
        let (first, last) = (segment as u64 * 70 + 1, (segment as u64 * 70 + 70).min(300));
        let mut files = journal.files();
        files.remove(segment);
        let options = Options { known_end: Some(journal.head), ..journal.options() };
        let verification = crate::journal::verify_texts(files, &options);
        assert_eq!(verification.findings.len(), 1, "{verification:#?}");
        let finding = &verification.findings[0];
        let code = match segment {
            0 => FindingCode::StartMissing,
            4 => FindingCode::TailCut,
            _ => FindingCode::Removed,
        };
        assert_eq!(
            (finding.code, finding.records.map(|r| (r.first, r.last))),
            (code, Some((first, last)))
        );
        for other in segment + 1..journal.segments.len() {
            let mut files = journal.files();
            let name = files[segment].0.clone();
            files[segment].0 = std::mem::replace(&mut files[other].0, name);
            let verification = crate::journal::verify_texts(files, &options);
            assert!(!verification.intact);
            assert!(
                verification.findings.iter().all(|finding| finding.code == FindingCode::Reordered)
            );
        }
    }
}

#[test]
fn first_segments_may_be_missing_where_that_is_said() {
    let journal = small();
    let files = journal.files().split_off(2);
    let options =
        Options { known_end: Some(journal.head), start_may_be_missing: true, ..journal.options() };
    let verification = crate::journal::verify_texts(files.clone(), &options);
    assert!(verification.intact, "{verification:#?}");
    assert_eq!((verification.first, verification.records), (Some(141), 160));
    // What the first record says of the one before it is still compared.
    let (_, hash) = line(140, Hash::NONE, policy(1));
    let known_end = Some(bedrock_auth::journal::verify::KnownEnd { sequence: 140, hash });
    let verification = crate::journal::verify_texts(files, &Options { known_end, ..options });
    assert_eq!(verification.findings[0].code, FindingCode::Changed, "{verification:#?}");
}

/// The writer goes on after a tail that it did not find, and says so; that is no intact journal.
#[test]
fn what_the_writer_noticed_is_told() {
    let mut journal = Journal::of(50, 100, 100);
    let missing = note(JournalNoted::TailMissing, Some((41, 50)));
    let (noticed, hash) = line(51, journal.head.hash, missing);
    journal.segments[0].truncate(40);
    journal.segments[0].push(noticed);
    journal.head = bedrock_auth::journal::verify::KnownEnd { sequence: 51, hash };
    let verification = journal.verify();
    let finding = told(&verification, &[FindingCode::Removed], 41, "noticed");
    assert_eq!((finding.noticed_at, verification.intact_up_to), (Some(51), Some(40)));
    assert!(
        finding.message.contains("noticed it (`tail_missing`) at record 51"),
        "{}",
        finding.message
    );
}

#[test]
fn checkpoints_that_do_not_count() {
    let end = Journal::of(9, 100, 100);
    for (event, code) in [
        (checkpoint(9, end.head.hash, 8), FindingCode::KeyUnknown),
        (checkpoint(8, end.head.hash, 7), FindingCode::CheckpointFalse),
        (checkpoint(9, Hash::NONE, 7), FindingCode::CheckpointFalse),
        (checkpoint(9, end.head.hash, 7), FindingCode::OtherJournal),
    ] {
        let mut journal = end.clone();
        let (line, hash) = line(10, end.head.hash, event);
        journal.segments[0].push(line);
        journal.head = bedrock_auth::journal::verify::KnownEnd { sequence: 10, hash };
        let mut options = Options { known_end: Some(journal.head), ..journal.options() };
        if code == FindingCode::OtherJournal {
            let other = bedrock_auth::journal::Signer::new(
                "another",
                ed25519_dalek::SigningKey::from_bytes(&[7; 32]),
            );
            options.verifiers = vec![other.verifier()];
            let verification = journal.verify_with(&options);
            assert!(
                verification.findings.iter().any(|finding| finding.code == code),
                "{verification:#?}"
            );
            continue;
        }
        let verification = journal.verify_with(&options);
        let [finding] = &verification.findings[..] else { panic!("{verification:#?}") };
        assert_eq!((finding.code, finding.at.as_ref().unwrap().line), (code, Some(10)));
        names(finding, 10);
        // A key that is not known takes nothing from the chain.
        let sound = if code == FindingCode::KeyUnknown { 10 } else { 9 };
        assert_eq!(verification.intact_up_to, Some(sound));
    }
}
