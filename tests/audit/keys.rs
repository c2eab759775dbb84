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
fn a_key_that_is_given_later_is_noted_and_what_was_before_needs_the_one_before() {
    let home = Home::new("");
    openssl_key(&home);
    assert_eq!(home.run(&["export"]).code, 0);
    let before = fs::read_to_string(home.layout().verifier_key()).unwrap();
    let key = import(&home);
    assert_eq!(home.run(&["export"]).code, 0);
    let noted: Vec<_> = home.records_of("journal").iter().map(|r| r["noted"].clone()).collect();
    assert_eq!(noted, ["begun", "key_changed"]);
    assert!(is_intact(&home, &[before.trim(), &key]));
    assert!(!is_intact(&home, &[&key]));
}
