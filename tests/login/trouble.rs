//! Keychains that are locked, silent, missing or not to be asked: reported, and never a hang.

use std::time::{Duration, Instant};

use crate::support::session::Session;
use crate::{API_KEY, OWN, display, run};

/// The bound on one look into the keychain, and what a busy machine adds.
const BOUND: Duration = Duration::from_secs(10);

#[test]
fn a_locked_keychain_is_reported() {
    let session = Session::unlocked();
    run(&session, &["login"], API_KEY);
    session.lock();
    for words in [&["login"][..], &["logout"]] {
        let answer = run(&session, words, API_KEY);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{answer:?}");
        assert!(answer.stderr.starts_with("error: the keychain is locked\n"), "{answer:?}");
        assert!(answer.stderr.contains("help: unlock the keychain"), "{answer:?}");
    }
    let status = run(&session, &["status"], "");
    assert_eq!(status.code, 5);
    assert!(status.stdout.starts_with("– unconfigured  the keychain is locked\n"), "{status:?}");
}

#[test]
fn a_silent_keychain_is_given_up() {
    let session = Session::unlocked();
    session.freeze();
    for (words, code) in [(&["login"][..], 1), (&["logout"], 1), (&["status"], 5)] {
        let start = Instant::now();
        let answer = run(&session, words, API_KEY);
        assert!(start.elapsed() < BOUND, "{words:?} took {:?}", start.elapsed());
        assert_eq!(answer.code, code, "{answer:?}");
        let told = answer.stdout + &answer.stderr;
        assert!(told.contains("did not answer within"), "{told}");
    }
    session.thaw();
}

#[test]
fn no_keychain_is_reported() {
    let session = Session::without_service();
    for words in ["login", "logout"] {
        let answer = run(&session, &[words], API_KEY);
        assert_eq!(answer.code, 1, "{answer:?}");
        assert!(answer.stderr.starts_with("error: there is no keychain: "), "{answer:?}");
    }
    assert_eq!(run(&session, &["status"], "").code, 5);
}

#[test]
fn a_keychain_that_is_not_to_be_asked_is_not_asked() {
    let session = Session::unlocked();
    run(&session, &["login"], API_KEY);
    assert_eq!(run(&session, &["status", "--no-keychain"], "").code, 5);
    for words in ["login", "logout"] {
        let answer = run(&session, &[words, "--no-keychain"], API_KEY);
        assert_eq!(answer.code, 1, "{answer:?}");
        assert!(answer.stderr.contains("leave out `--no-keychain`"), "{answer:?}");
    }
    assert!(session.lookup(&OWN).is_some());
    assert_eq!(display(&session), "Using Bedrock API Key");
}
