//! The questions, on a real terminal.

use std::fs;

use crate::document;
use crate::support::program::program;
use crate::support::terminal::Terminal;

const NUMBER: &str = "Number, 1 to 11: ";
const CONTACT: &str = "Whom do people ask who are denied (URL or mail address)? ";
const ACCOUNTS: &str = "AWS accounts, twelve digits each, with blanks between: ";

#[test]
fn a_policy_is_made_of_answers_and_wrong_ones_are_asked_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program(&["policy", "init"]);
    command.current_dir(dir.path());
    let mut terminal = Terminal::run(100, &command);
    terminal.answer_at(NUMBER, "12");
    terminal.answer_at(NUMBER, "2");
    terminal.answer_at("Name for audit records [sso-one-portal-two-accounts]: ", "");
    terminal.answer_at(CONTACT, "it@acme.test");
    let portal = "Start URL of your Identity Center portal: ";
    terminal.answer_at(portal, "acme");
    terminal.answer_at(portal, "https://acme.awsapps.com/start");
    terminal.answer_at(ACCOUNTS, "999988887777 12");
    terminal.answer_at(ACCOUNTS, "999988887777, 000000000012");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("this is none of them"), "{screen}");
    assert!(screen.contains("an AWS account id is exactly twelve digits"), "{screen}");
    assert!(screen.contains("wrote policy.json"), "{screen}");
    assert_eq!(document(dir.path()).id.as_str(), "sso-one-portal-two-accounts");
    let text = fs::read_to_string(dir.path().join("policy.json")).unwrap();
    for value in ["it@acme.test", "https://acme.awsapps.com/start", "999988887777", "000000000012"]
    {
        assert!(text.contains(&format!("\"{value}\"")), "{text}");
    }
}

#[test]
fn only_what_is_missing_is_asked_for_and_an_end_of_input_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program(&["policy", "init", "--id", "acme", "--contact", "it@acme.test"]);
    command.current_dir(dir.path());
    let mut terminal = Terminal::run(60, &command);
    terminal.answer_at(NUMBER, "no-long-lived-keys");
    terminal.answer_at("Start URL of your Identity Center portal (nothing: any portal): ", "");
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(document(dir.path()).id.as_str(), "acme");

    command.args(["--output", "other.json"]);
    let mut terminal = Terminal::run(60, &command);
    // Ctrl-D, which ends the input at the start of a line.
    terminal.answer_at(NUMBER, "3x");
    terminal.answer_at(NUMBER, "\u{4}");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 1, "{screen}");
    assert!(!dir.path().join("other.json").exists());
}

#[test]
fn a_trial_is_asked_for_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = program(&["policy", "init", "--id=acme", "--contact=it@acme.test"]);
    command.args(["--start-url=https://acme.awsapps.com/start", "--account=999988887777"]);
    command.arg("--region=eu-west-1").current_dir(dir.path());
    let mut terminal = Terminal::run(100, &command);
    let end = "In how many days does it end, and denies everything (nothing: never)? ";
    terminal.answer_at(NUMBER, "report-only-migration");
    terminal.answer_at(end, "soon");
    terminal.answer_at(end, "90");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    let valid = document(dir.path()).valid.unwrap().value;
    assert!(valid.expires.is_some() && valid.not_before.is_none(), "{screen}");
}
