//! For each code a journal that provokes it.

use bedrock_auth::audit::Hash;
use bedrock_auth::journal::Signer;
use bedrock_auth::journal::verify::{FindingCode, KnownEnd, Options, Verification};
use ed25519_dalek::SigningKey;

use crate::journal::{Journal, checkpoint, line, resealed, verify_texts};

/// There is no way around the `match` for a code that is new.
fn provoked(code: FindingCode) -> Verification {
    let mut journal = Journal::of(40, 15, 10);
    let known = |journal: &Journal| Options { known_end: Some(journal.head), ..journal.options() };
    match code {
        FindingCode::Changed => {
            let line = journal.line_mut(17);
            let at = line.windows(4).position(|part| part == b"host").unwrap();
            line[at] ^= 1;
            *line = resealed(line);
            journal.verify()
        }
        FindingCode::Removed => {
            journal.remove(17);
            journal.verify()
        }
        FindingCode::Inserted => {
            let copy = journal.line(17).to_vec();
            journal.insert(17, copy);
            journal.verify()
        }
        FindingCode::Reordered => {
            journal.swap(17, 18);
            journal.verify()
        }
        FindingCode::TailCut => {
            journal.remove(40);
            journal.verify()
        }
        FindingCode::StartMissing => {
            journal.remove(1);
            journal.verify()
        }
        FindingCode::CheckpointFalse => {
            let (line, hash) = line(41, journal.head.hash, checkpoint(40, Hash::NONE, 7));
            journal.segments.last_mut().unwrap().push(line);
            journal.head = KnownEnd { sequence: 41, hash };
            journal.verify()
        }
        FindingCode::KeyUnknown => {
            let options = Options { verifiers: Vec::new(), ..known(&journal) };
            journal.verify_with(&options)
        }
        FindingCode::Unsigned => {
            let journal = Journal::of(40, 15, 100);
            journal.verify_with(&Options { must_be_signed: true, ..known(&journal) })
        }
        FindingCode::OtherJournal => {
            let other = Signer::new("another", SigningKey::from_bytes(&[7; 32]));
            let options = Options { verifiers: vec![other.verifier()], ..known(&journal) };
            journal.verify_with(&options)
        }
        FindingCode::TooMany => {
            let mut files = journal.files();
            files.push(("journal-000009.jsonl".to_owned(), b"?\n".repeat(2 << 20)));
            verify_texts(files, &known(&journal))
        }
    }
}

#[test]
fn every_code_is_provoked() {
    for code in FindingCode::ALL {
        let verification = provoked(*code);
        let found = verification.findings.iter().find(|finding| finding.code == *code);
        let found = found.unwrap_or_else(|| panic!("`{code}`: {:#?}", verification.findings.len()));
        assert!(!verification.intact, "`{code}`");
        assert_eq!(found.remedy, code.remedy());
    }
}
