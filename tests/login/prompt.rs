//! `login` on a terminal asks without echo.

use crate::support::session::Session;
use crate::support::terminal::Terminal;
use crate::{API_KEY, OWN, SECRET, SESSION_TOKEN, command, display, shows_no_secret};

const FIRST: &str = "API key or access key id: ";

#[test]
fn an_api_key_is_asked_for_once_and_not_echoed() {
    let session = Session::unlocked();
    let mut terminal = Terminal::run(80, &command(&session, &["login"]));
    terminal.type_at(FIRST, API_KEY);
    let (code, screen) = terminal.finish();
    shows_no_secret(&screen);
    assert_eq!((code, screen), (0, format!("{FIRST}\nstored the credentials in the keychain\n")));
    assert_eq!(display(&session), "Using Bedrock API Key");
}

#[test]
fn the_parts_of_an_access_key_are_asked_for_in_turn() {
    let session = Session::unlocked();
    let mut long_lived = Terminal::run(80, &command(&session, &["login"]));
    long_lived.type_at(FIRST, "AKIAIOSFODNN7EXAMPLE");
    long_lived.type_at("Secret access key: ", SECRET);
    let (code, screen) = long_lived.finish();
    shows_no_secret(&screen);
    assert_eq!(code, 0, "{screen}");

    let mut temporary = Terminal::run(80, &command(&session, &["login"]));
    temporary.type_at(FIRST, "ASIAIOSFODNN7EXAMPLE");
    temporary.type_at("Secret access key: ", SECRET);
    temporary.type_at("Session token: ", SESSION_TOKEN);
    let (code, screen) = temporary.finish();
    shows_no_secret(&screen);
    assert_eq!(code, 0, "{screen}");
    assert!(session.lookup(&OWN).unwrap().contains(SESSION_TOKEN));
    assert_eq!(display(&session), "Using IAM credentials");
}

#[test]
fn nothing_entered_is_nothing_stored() {
    let session = Session::unlocked();
    let mut terminal = Terminal::run(80, &command(&session, &["login"]));
    terminal.type_at(FIRST, "");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 1);
    assert!(screen.contains("nothing was entered"), "{screen}");
    assert_eq!(session.lookup(&OWN), None);
}

#[test]
fn a_mistyped_key_is_not_repeated_on_the_screen() {
    let session = Session::unlocked();
    let mut terminal = Terminal::run(80, &command(&session, &["login"]));
    terminal.type_at(FIRST, "ABSK!never-shown");
    let (code, screen) = terminal.finish();
    shows_no_secret(&screen);
    assert_eq!(code, 1, "{screen}");
}
