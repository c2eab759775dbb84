//! A signing key that is given, as `openssl` writes it.

use std::fs;

use crate::home::Home;
use crate::support::program::bare;

fn openssl_key(home: &Home) {
    let mut openssl = bare("openssl");
    openssl.args(["genpkey", "-algorithm", "ed25519", "-out"]).arg(home.path("key.pem"));
    assert!(openssl.status().unwrap().success());
}

fn import(home: &Home) -> String {
    let answer = home.run(&["audit", "key", "--import", "key.pem"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    answer.stdout.trim().to_owned()
}

fn is_intact(home: &Home, keys: &[&str]) -> bool {
    let keys = keys.iter().flat_map(|key| ["--key", *key]);
    let words: Vec<_> = ["audit", "verify", "--json"].into_iter().chain(keys).collect();
    let answer = home.run_freely(&words);
    let is_intact = answer.json()["intact"] == true;
    assert_eq!(answer.code == 0, is_intact, "{answer:?}");
    is_intact
}

#[test]
fn a_journal_that_begins_has_the_given_key_and_no_other() {
    let home = Home::new("");
    openssl_key(&home);
    let key = import(&home);
    assert_eq!(home.run(&["export"]).code, 0);
    assert_eq!(home.run(&["audit", "checkpoint"]).code, 0);
    let noted: Vec<_> = home.records_of("journal").iter().map(|r| r["noted"].clone()).collect();
    assert_eq!(noted, ["begun"]);
    assert!(is_intact(&home, &[]) && is_intact(&home, &[&key]));
}

#[test]
fn a_key_that_is_given_later_is_noted_and_vouches_for_what_was_before() {
    let home = Home::new("");
    openssl_key(&home);
    assert_eq!(home.run(&["export"]).code, 0);
    let before = fs::read_to_string(home.layout().verifier_key()).unwrap();
    let key = import(&home);
    // At once, and later on.
    for _ in 0..2 {
        assert!(is_intact(&home, &[]) && is_intact(&home, &[&key]));
        assert!(is_intact(&home, &[before.trim(), &key]));
        // Who knows no other key than the one before does not know who signed last.
        assert!(!is_intact(&home, &[before.trim()]));
        assert_eq!(home.run(&["export"]).code, 0);
    }
    let noted: Vec<_> = home.records_of("journal").iter().map(|r| r["noted"].clone()).collect();
    assert_eq!(noted, ["begun", "key_changed"]);
    let answer = home.run_freely(&["audit", "verify", "--key", &key, "--json"]);
    let answer = answer.json();
    let codes: Vec<_> =
        answer["warnings"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["earlier_key"]);
}

#[test]
fn a_journal_made_anew_with_its_own_key_is_not_what_the_given_key_signed() {
    let home = Home::new("");
    openssl_key(&home);
    let key = import(&home);
    assert_eq!(home.run(&["export"]).code, 0);
    assert!(is_intact(&home, &[&key]));
    // Without a checkpoint, and without the others that lie there.
    let segment = home.layout().segment(1);
    let text = fs::read_to_string(&segment).unwrap();
    let unsigned = text.lines().next().unwrap().to_owned() + "\n";
    fs::remove_file(&segment).unwrap();
    fs::write(&segment, unsigned).unwrap();
    fs::remove_file(home.layout().checkpoint()).unwrap();
    fs::remove_file(home.layout().head()).unwrap();
    assert!(is_intact(&home, &[]));
    let answer = home.run_freely(&["audit", "verify", "--key", &key, "--json"]);
    assert_eq!((answer.code, &answer.json()["findings"][0]["code"]), (4, &"unsigned".into()));
}
