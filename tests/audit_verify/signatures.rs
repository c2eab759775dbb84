//! What signatures prove, to somebody who knows a key from elsewhere.

use bedrock_auth::audit::Hash;
use bedrock_auth::journal::verify::{FindingCode, KnownEnd, Options, Verification, WarningCode};

use crate::journal::{Journal, checkpoint, line, verify_texts};

fn codes(verification: &Verification) -> Vec<FindingCode> {
    verification.findings.iter().map(|finding| finding.code).collect()
}

/// Of somebody who says which key signs.
fn with_given_key(journal: &Journal) -> Options {
    Options { must_be_signed: true, known_end: Some(journal.head), ..journal.options() }
}

#[test]
fn a_journal_without_any_true_checkpoint_is_not_what_the_given_key_signed() {
    let unsigned = Journal::of(30, 12, 100);
    let options = with_given_key(&unsigned);
    let verification = unsigned.verify_with(&options);
    let [finding] = &verification.findings[..] else { panic!("{verification:#?}") };
    assert_eq!(finding.code, FindingCode::Unsigned);
    assert_eq!(finding.records.map(|it| (it.first, it.last)), Some((1, 30)));
    assert_eq!(verification.intact_up_to, Some(0));
    // Who only has the key beside the records learns no more than that the chain has no break.
    assert!(unsigned.verify().intact);
    // A checkpoint of the key that is kept elsewhere vouches as well as one among the records.
    let kept = Options { checkpoints: unsigned.kept(), ..options.clone() };
    assert!(unsigned.verify_with(&kept).intact);
    // One of other records does not.
    let other = Options { checkpoints: Journal::of(30, 12, 7).kept(), ..options };
    let found = codes(&unsigned.verify_with(&other));
    assert_eq!(found, [FindingCode::CheckpointFalse, FindingCode::Unsigned]);
}

#[test]
fn what_vouches_for_records_that_were_moved_away_says_nothing_of_these() {
    let journal = Journal::of(30, 12, 100);
    let files = journal.files().split_off(1);
    let kept = |records| Options {
        start_may_be_missing: true,
        checkpoints: Journal::of(records, 12, 100).kept(),
        ..with_given_key(&journal)
    };
    assert_eq!(codes(&verify_texts(files.clone(), &kept(12))), [FindingCode::Unsigned]);
    assert_eq!(codes(&verify_texts(files, &kept(13))), []);
}

#[test]
fn checkpoints_that_do_not_count_vouch_for_nothing() {
    let forged = Journal::signed_by(30, 12, |sequence| sequence.is_multiple_of(10).then_some(8));
    let found = codes(&forged.verify_with(&with_given_key(&forged)));
    assert_eq!(found, [FindingCode::KeyUnknown, FindingCode::Unsigned]);
    // By the key that was given, and of other records.
    let mut replayed = Journal::of(30, 40, 100);
    let (line, hash) = line(31, replayed.head.hash, checkpoint(30, Hash::NONE, 7));
    replayed.segments[0].push(line);
    replayed.head = KnownEnd { sequence: 31, hash };
    let found = codes(&replayed.verify_with(&with_given_key(&replayed)));
    assert_eq!(found, [FindingCode::CheckpointFalse, FindingCode::Unsigned]);
}

#[test]
fn records_after_the_last_checkpoint_are_not_signed_yet() {
    let journal = Journal::of(30, 12, 13);
    let verification = journal.verify_with(&with_given_key(&journal));
    assert!(verification.intact, "{verification:#?}");
    assert_eq!((verification.checkpoints.last, verification.last), (Some(25), Some(30)));
}

/// Records 10 and 20 by the key before, then one checkpoint at 30 by the key that is known, then the key before again.
fn of_two_keys(records: u64) -> Journal {
    Journal::signed_by(records, 12, |sequence| match sequence {
        30 => Some(7),
        _ => sequence.is_multiple_of(10).then_some(8),
    })
}

#[test]
fn what_an_earlier_key_signed_is_vouched_for_by_the_later_one() {
    let journal = of_two_keys(35);
    for block in [1, 300, 2_000, 1 << 20] {
        let options = crate::journal::in_blocks(block, with_given_key(&journal));
        let verification = journal.verify_with(&options);
        assert!(verification.intact, "{block}: {verification:#?}");
        let [warning] = &verification.warnings[..] else { panic!("{block}: {verification:#?}") };
        assert_eq!(warning.code, WarningCode::EarlierKey);
        assert!(warning.message.contains("2 checkpoints in records 10 to 20"), "{warning:?}");
    }
}

#[test]
fn what_an_unknown_key_signed_last_is_a_finding() {
    let journal = of_two_keys(55);
    for block in [1, 300, 2_000, 1 << 20] {
        let options = crate::journal::in_blocks(block, with_given_key(&journal));
        let verification = journal.verify_with(&options);
        let [finding] = &verification.findings[..] else { panic!("{block}: {verification:#?}") };
        assert_eq!(finding.code, FindingCode::KeyUnknown);
        assert_eq!(finding.records.map(|it| (it.first, it.last)), Some((40, 50)));
        assert_eq!(verification.warnings.len(), 1, "{verification:#?}");
    }
    // Unless somebody kept a later checkpoint by the key that is known.
    let kept = Options { checkpoints: journal.kept(), ..with_given_key(&journal) };
    let verification = journal.verify_with(&kept);
    assert!(verification.intact, "{verification:#?}");
}

#[test]
fn an_earlier_key_is_no_excuse_for_a_changed_record() {
    let mut journal = of_two_keys(35);
    journal.remove(15);
    let found = codes(&journal.verify_with(&with_given_key(&journal)));
    assert_eq!(found, [FindingCode::Removed]);
}
