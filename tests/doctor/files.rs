//! Owners and modes of the person's files.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use crate::support::program::Answer;
use crate::{Person, about};

pub(crate) const SETTINGS: &str = ".config/bedrock-auth/settings.json";
pub(crate) const CONFIG: &str = ".aws/config";
pub(crate) const CREDENTIALS: &str = ".aws/credentials";
pub(crate) const SIGN_IN: &str = ".aws/sso/cache/aa.json";
pub(crate) const LOGIN: &str = ".aws/login/cache/aa.json";

/// Somebody no account is of.
const ANOTHER: u32 = 42_099;

pub(crate) fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Somebody with every file, whose modes are as they should be.
pub(crate) fn tidy() -> Person {
    let files = [(SETTINGS, "{}"), (CONFIG, ""), (CREDENTIALS, ""), (SIGN_IN, "{}"), (LOGIN, "{}")];
    let person = Person::with(&files, &[]);
    for (file, _) in files {
        set_mode(&person.path(file), 0o600);
        set_mode(person.path(file).parent().unwrap(), 0o700);
    }
    person
}

pub(crate) fn with_mode(file: &str, mode: u32) -> Person {
    let person = tidy();
    set_mode(&person.path(file), mode);
    person
}

pub(crate) fn of_another(file: &str) -> Person {
    let person = tidy();
    chown(person.path(file), Some(ANOTHER), None)
        .expect("run these tests as root: they give files to others");
    person
}

fn examined(person: &Person) -> Answer {
    person.asks_the_doctor(&["--json"])
}

/// What is said of that file, and the remedy with the home directory as `~`.
fn said_of(person: &Person, file: &str) -> Vec<(String, String)> {
    let answer = examined(person).json();
    let path = person.path(file);
    let text = |value: &serde_json::Value| {
        value.as_str().unwrap_or_default().replace(person.home.path().to_str().unwrap(), "~")
    };
    let checks = answer["checks"].as_array().unwrap().iter();
    let here = checks.filter(|check| check["at"]["file"] == path.to_str().unwrap());
    here.map(|check| (text(&check["code"]), text(&check["remedy"]))).collect()
}

#[test]
fn files_that_are_yours_alone_are_fine() {
    let answer = examined(&tidy());
    for subject in ["settings", "aws_files"] {
        let told = about(&answer, subject);
        assert!(told.iter().all(|line| line.starts_with(&format!("{subject} fine "))), "{told:?}");
    }
}

#[test]
fn modes_that_let_others_in() {
    const READ: &str = "file_readable_by_others";
    const WRITE: &str = "file_writable_by_others";
    for (file, mode, code) in [
        (SETTINGS, 0o644, None),
        (SETTINGS, 0o646, Some(WRITE)),
        (SETTINGS, 0o662, Some(WRITE)),
        (CONFIG, 0o644, None),
        (CONFIG, 0o666, Some(WRITE)),
        (CREDENTIALS, 0o604, Some(READ)),
        (CREDENTIALS, 0o602, Some(WRITE)),
        (SIGN_IN, 0o644, Some(READ)),
        (SIGN_IN, 0o646, Some(WRITE)),
        (LOGIN, 0o644, Some(READ)),
    ] {
        let said = said_of(&with_mode(file, mode), file);
        let remedy = match code {
            Some(WRITE) => format!("look at what is in it, then run `chmod 600 ~/{file}`"),
            _ => format!("run `chmod 600 ~/{file}`"),
        };
        let expected: Vec<_> =
            code.into_iter().map(|code| (code.to_owned(), remedy.clone())).collect();
        assert_eq!(said, expected, "{file} {mode:o}");
    }
}

/// Whoever may write to a directory may replace what is in it, unless only owners may.
#[test]
fn directories_that_let_others_in() {
    for (folder, mode, is_told) in [
        (".config/bedrock-auth", 0o755, false),
        (".config/bedrock-auth", 0o777, true),
        (".aws", 0o757, true),
        (".aws", 0o1777, false),
        (".aws/sso/cache", 0o707, true),
        (".aws/login/cache", 0o707, true),
    ] {
        let said = said_of(&with_mode(folder, mode), folder);
        let remedy = format!("look at what is in it, then run `chmod go-w ~/{folder}`");
        let expected = is_told.then(|| ("file_writable_by_others".to_owned(), remedy));
        assert_eq!(said, expected.into_iter().collect::<Vec<_>>(), "{folder} {mode:o}");
    }
}

#[test]
fn what_belongs_to_somebody_else() {
    for file in [SETTINGS, CONFIG, CREDENTIALS, SIGN_IN, ".aws"] {
        let said = said_of(&of_another(file), file);
        let remedy = format!("look at what is in it, then run `chown root ~/{file}` as root");
        assert_eq!(said, [("file_of_another".to_owned(), remedy)], "{file}");
    }
}

/// A group of the same name as its one member is nobody else.
#[test]
fn a_group_counts_where_others_are_in_it() {
    for (group, is_told) in [(0, false), (ANOTHER, true)] {
        let person = with_mode(CREDENTIALS, 0o640);
        chown(person.path(CREDENTIALS), None, Some(group)).unwrap();
        assert_eq!(!said_of(&person, CREDENTIALS).is_empty(), is_told, "{group}");
    }
}

/// `/dev/null` means nothing, and a pipe is never waited for.
#[test]
fn what_is_no_file() {
    let mut person = tidy();
    let pipe = person.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o666.into(), 0)
        .unwrap();
    person.variables.push(("AWS_CONFIG_FILE", "/dev/null".to_owned()));
    person.variables.push(("AWS_SHARED_CREDENTIALS_FILE", pipe.to_str().unwrap().to_owned()));
    let answer = examined(&person);
    let [said] = &about(&answer, "aws_files")[..] else { panic!("{answer:?}") };
    assert!(said.contains("is a named pipe, not a regular file"), "{said}");
}

/// A path that a shell would take apart is one word in the remedy.
#[test]
fn remedies_can_be_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it's mine.json");
    std::fs::write(&path, "{}").unwrap();
    set_mode(&path, 0o666);
    let answer = tidy().asks_the_doctor(&["--json", "--user-settings", path.to_str().unwrap()]);
    let json = answer.json();
    let is_it = |check: &&serde_json::Value| check["code"] == "file_writable_by_others";
    let check = json["checks"].as_array().unwrap().iter().find(is_it).unwrap();
    let remedy = check["remedy"].as_str().unwrap();
    let command = remedy.split('`').nth(1).unwrap();
    let status = std::process::Command::new("sh").args(["-c", command]).status().unwrap();
    assert!(status.success(), "{command}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
