//! `audit key` and `audit checkpoint`: what somebody elsewhere keeps, and what it proves later.

use std::fs;

use bedrock_auth::journal::{Checkpoint, Verifier};

use crate::home::Home;

/// Ed25519 in PKCS #8, as `openssl genpkey -algorithm ed25519` writes it; it signs nothing but this test's journals.
const PEM: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH
-----END PRIVATE KEY-----
";

fn key_of(home: &Home) -> String {
    let answer = home.run_freely(&["audit", "key"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    answer.stdout
}

#[test]
fn a_checkpoint_that_is_kept_shows_what_was_changed_before_it() {
    let home = Home::new("");
    for _ in 0..3 {
        assert_eq!(home.run(&["export"]).code, 0);
    }
    let key = key_of(&home);
    let verifier = Verifier::from_text(key.trim()).unwrap();
    let made = home.run_freely(&["audit", "checkpoint"]);
    assert_eq!(made.code, 0, "{made:?}");
    let checkpoint = Checkpoint::open(&made.stdout, std::slice::from_ref(&verifier)).unwrap();
    let records = home.records();
    let counted = usize::try_from(checkpoint.records).unwrap();
    assert_eq!(records[counted - 1]["hash"], checkpoint.hash.to_string());
    assert!(records.iter().filter(|it| it["event"] == "credential").count() == 3);
    fs::write(home.path("kept"), &made.stdout).unwrap();
    fs::write(home.path("key"), &key).unwrap();
    let verify = ["audit", "verify", "--checkpoint", "kept", "--key", "key"];
    let answer = home.run_freely(&verify);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.stdout.contains("intact"), "{answer:?}");
    // Whoever makes all of it anew, with a key of theirs, does not get by what was kept.
    fs::remove_dir_all(home.layout().directory()).unwrap();
    for _ in 0..9 {
        assert_eq!(home.run(&["export"]).code, 0);
    }
    assert_eq!(home.run_freely(&["audit", "verify"]).code, 0);
    let answer = home.run_freely(&verify);
    assert_eq!(answer.code, 4, "{answer:?}");
}

#[test]
fn a_key_of_ones_own_signs_from_then_on() {
    let home = Home::new("");
    let made = key_of(&home);
    fs::write(home.path("own.pem"), PEM).unwrap();
    let answer = home.run_freely(&["audit", "key", "--import", "own.pem"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert_ne!(answer.stdout, made);
    assert_eq!(key_of(&home), answer.stdout);
    let verifier = Verifier::from_text(answer.stdout.trim()).unwrap();
    let note = home.run_freely(&["audit", "checkpoint"]).stdout;
    Checkpoint::open(&note, &[verifier]).unwrap();
    Checkpoint::open(&note, &[Verifier::from_text(made.trim()).unwrap()]).unwrap_err();
    for answer in [home.run_freely(&["audit", "key"]), home.run_freely(&["audit", "checkpoint"])] {
        assert!(!answer.stdout.contains("BwcHBwcH"), "{answer:?}");
    }
}

#[test]
fn only_the_persons_own_journal_is_begun_by_asking_for_its_key() {
    let home = Home::new("");
    fs::create_dir(home.path("empty")).unwrap();
    for (command, directory) in
        [("key", "mistyped"), ("key", "empty"), ("checkpoint", "mistyped"), ("checkpoint", "empty")]
    {
        let answer = home.run_freely(&["audit", command, "--journal", directory]);
        assert_eq!(answer.code, 1, "{answer:?}");
        assert!(
            answer.stderr.contains(&format!("there is no journal in `{directory}`")),
            "{answer:?}"
        );
    }
    assert!(!home.path("mistyped").exists());
    assert_eq!(fs::read_dir(home.path("empty")).unwrap().count(), 0);
    // A key is given to one that is to begin.
    fs::write(home.path("own.pem"), PEM).unwrap();
    let import = ["audit", "key", "--journal", "provided", "--import", "own.pem"];
    let imported = home.run_freely(&import);
    assert_eq!(imported.code, 0, "{imported:?}");
    let asked = home.run_freely(&["audit", "key", "--journal", "provided"]);
    assert_eq!((asked.code, asked.stdout), (0, imported.stdout));
    key_of(&home);
}

#[test]
fn what_is_no_key_is_refused_and_changes_nothing() {
    let home = Home::new("");
    let made = key_of(&home);
    fs::write(home.path("no.pem"), "hush-not-a-key").unwrap();
    for file in ["no.pem", "none.pem"] {
        let answer = home.run_freely(&["audit", "key", "--import", file]);
        assert_eq!(answer.code, 1, "{answer:?}");
        assert!(!answer.stderr.contains("hush"), "{answer:?}");
    }
    assert_eq!(key_of(&home), made);
}
