//! Any bytes as files of a journal, and records that are sealed as they should be in any order: never a panic, and intact
//! only if a loop of a few lines says so.
#![no_main]

use std::num::NonZero;

use bedrock_auth::audit::{Hash, Line};
use bedrock_auth::journal::verify::{Files, KnownEnd, Options, verify_files};
use libfuzzer_sys::fuzz_target;

/// Bytes of a block, and of each line: its file, the step to its number, whom it follows, and what else it says.
type Input<'a> = (u16, bool, Vec<(u8, i8, u8, &'a str)>, &'a [u8]);

fuzz_target!(|input: Input<'_>| {
    let (block, start_may_be_missing, lines, bytes) = input;
    let mut files = vec![Vec::new(); 3];
    let (mut sequence, mut hashes) = (0_u64, vec![Hash::NONE]);
    for (file, step, back, text) in lines {
        sequence = sequence.wrapping_add_signed(i64::from(step));
        let previous = hashes[hashes.len() - 1 - usize::from(back) % hashes.len()];
        let text = text.replace('\n', " ");
        let body = format!(
            "{{\"schema_version\":1,\"sequence\":{sequence},\"previous\":\"{previous}\",\"time\":\"{text}"
        );
        let hash = Hash::of(body.as_bytes());
        hashes.push(hash);
        let line = format!("{body},\"hash\":\"{hash}\"}}\n");
        files[usize::from(file) % 3].extend_from_slice(line.as_bytes());
    }
    files[2].extend_from_slice(bytes);
    let named = files.iter().enumerate();
    let named = named.map(|(number, bytes)| (format!("journal-{number:06}.jsonl"), bytes.clone()));
    let options = Options {
        start_may_be_missing,
        block: NonZero::new(u64::from(block) + 1).expect("more than none"),
        known_end: bytes.first().map(|last| KnownEnd { sequence: (*last).into(), hash: Hash::NONE }),
        ..Options::default()
    };
    let Ok(verification) = verify_files(&Files::in_memory(named), &options) else { return };
    assert_eq!(verification.intact, verification.findings.is_empty());
    if !verification.intact {
        return;
    }
    files.retain(|file| !file.is_empty());
    // A copy of another file, or of its beginning, is told and not counted.
    let all = files.clone();
    let mut at = 0;
    files.retain(|file| {
        let is_copy = all.iter().enumerate().any(|(other, text)| {
            other != at && text.starts_with(file) && (text.len() > file.len() || other < at)
        });
        at += 1;
        !is_copy
    });
    files.sort_by_key(|file| read(file).first().map(|line| line.sequence));
    let text = files.concat();
    assert!(text.ends_with(b"\n"));
    let lines = read(&text);
    assert_eq!(lines.len(), text.split(|byte| *byte == b'\n').count() - 1, "a line is no record");
    let first = lines[0];
    let begins = first.sequence == 1 && first.previous == Hash::NONE;
    assert!(begins || start_may_be_missing && first.sequence > 1);
    for pair in lines.windows(2) {
        assert_eq!((pair[0].sequence.wrapping_add(1), pair[0].hash), (pair[1].sequence, pair[1].previous));
    }
    assert_eq!(verification.records, lines.len() as u64);
});

fn read(text: &[u8]) -> Vec<Line> {
    text.split(|byte| *byte == b'\n').filter_map(|line| Line::read(line).ok()).collect()
}
