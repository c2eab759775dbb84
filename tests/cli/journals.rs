//! The journals among the shared files are made up; this is how, and that nobody has changed them since.
//!
//! `JOURNALS=overwrite cargo test --test cli journals` writes them anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bedrock_auth::journal::Signer;
use ed25519_dalek::SigningKey;

use crate::support::journal::{Generator, NAME};
use crate::support::program::files;

type Files = BTreeMap<PathBuf, Vec<u8>>;

fn journals() -> Files {
    let signer = Signer::new(NAME, SigningKey::from_bytes(&[7; 32]));
    let mut generator = Generator::plain(seed());
    let first = generator.lines(8);
    let mut second = generator.lines(5);
    let checkpoint = generator.checkpoint(&signer, &mut second).into_bytes();
    let verifier = format!("{}\n", signer.verifier()).into_bytes();
    let mut files = Files::new();
    let mut journal = |name: &str, segments: &[Vec<u8>], is_signed: bool| {
        let place = Path::new(name);
        for (number, lines) in segments.iter().enumerate() {
            files.insert(place.join(format!("journal-{:06}.jsonl", number + 1)), lines.clone());
        }
        if is_signed {
            files.insert(place.join("checkpoint"), checkpoint.clone());
            files.insert(place.join("verifier-key"), verifier.clone());
        }
    };
    journal("intact", &[first.clone(), second.clone()], true);
    journal("unsigned", std::slice::from_ref(&first), false);
    // Somebody makes a denial of it.
    let text = String::from_utf8(first.clone()).unwrap();
    let changed = text.replacen("\"allowed\"", "\"denied\"", 1);
    assert_ne!(changed, text);
    journal("changed", &[changed.into_bytes(), second.clone()], true);
    let lines = second.split_inclusive(|byte| *byte == b'\n').take(3);
    let cut = lines.collect::<Vec<_>>().concat();
    journal("cut", &[first.clone(), cut], true);
    journal("beside", &[first.clone(), second], true);
    // What a person leaves there, and what `logrotate` makes of the files before.
    let beside = Path::new("beside");
    files.insert(beside.join("journal-000001.jsonl.bak"), first);
    files.insert(beside.join("journal-000000.jsonl.gz"), b"\x1f\x8b\x08".to_vec());
    files
}

/// The first with a failure, a long-lived key and a change of policy, and without notes about the journal besides the first.
fn seed() -> u64 {
    let is_of_interest = |seed: &u64| {
        let lines = Generator::plain(*seed).lines(13);
        let count = |part: &[u8]| memchr::memmem::find_iter(&lines, part).count();
        count(b"\"event\":\"policy\"") == 1
            && count(b"\"event\":\"credential\"") == 11
            && count(b"\"outcome\":\"failed\"") == 1
            && count(b"\"outcome\":\"denied\"") == 3
            && count(b"\"root\":\"long_lived_keys\"") > 1
    };
    (1..).find(is_of_interest).unwrap()
}

fn committed(place: &Path) -> Files {
    let mut found = Files::new();
    for journal in place.read_dir().unwrap() {
        for file in journal.unwrap().path().read_dir().unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(place).unwrap().to_owned();
            found.insert(name, std::fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn journals_are_those_of_their_seed() {
    let place = files().join("audit");
    let made = journals();
    if std::env::var("JOURNALS").is_ok_and(|mode| mode == "overwrite") {
        for (name, bytes) in &made {
            std::fs::create_dir_all(place.join(name).parent().unwrap()).unwrap();
            std::fs::write(place.join(name), bytes).unwrap();
        }
    }
    let committed = committed(&place);
    assert!(committed.keys().eq(made.keys()), "{:?}", committed.keys());
    for (name, bytes) in made {
        assert!(committed[&name] == bytes, "{}", name.display());
    }
}
