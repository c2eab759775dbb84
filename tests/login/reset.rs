//! `logout` removes what `login` stored, and nothing else.

use crate::support::session::Session;
use crate::{API_KEY, OWN, ZED, display, run};

#[test]
fn what_was_stored_is_removed() {
    let session = Session::unlocked();
    run(&session, &["login"], API_KEY);
    let answer = run(&session, &["logout"], "");
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert_eq!(answer.stdout, "removed the credentials from the keychain\n");
    assert_eq!(session.lookup(&OWN), None);
    assert_eq!(run(&session, &["status"], "").code, 5);
}

#[test]
fn nothing_to_remove_is_no_fault() {
    let session = Session::unlocked();
    let answer = run(&session, &["logout"], "");
    assert_eq!(answer.code, 0, "{answer:?}");
    assert_eq!(answer.stdout, "the keychain held no credentials of bedrock-auth\n");
    let value = run(&session, &["logout", "--json"], "").json();
    let expected = serde_json::json!({
        "schema_version": 1, "removed": false, "zed_item_remains": false
    });
    assert_eq!(value, expected);
}

#[test]
fn the_item_of_zed_remains_and_is_read_again() {
    let session = Session::unlocked();
    session.plant("zed-github-account", &ZED, r#"{"bearer_token":"token-of-zed"}"#);
    run(&session, &["login"], API_KEY);
    let answer = run(&session, &["logout"], "");
    assert_eq!(answer.code, 0);
    assert!(answer.stdout.contains("Zed's own item is still there"), "{}", answer.stdout);
    assert!(session.lookup(&ZED).is_some());
    assert_eq!(display(&session), "Using Bedrock API Key");
    let value = run(&session, &["logout", "--json"], "").json();
    assert_eq!((&value["removed"], &value["zed_item_remains"]), (&false.into(), &true.into()));
}

/// A policy binds what is used, not what is given up.
#[test]
fn a_policy_does_not_keep_anybody_from_logging_out() {
    let session = Session::unlocked();
    run(&session, &["login"], API_KEY);
    let answer = run(&session, &["logout", "--managed", "policies/broken.json"], "");
    assert_eq!(answer.code, 0, "{answer:?}");
    assert_eq!(session.lookup(&OWN), None);
}
