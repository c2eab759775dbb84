//! What scripts rely on: 0 for nothing wrong, 4 for the rest, and never 0 where nothing was checked.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::support::program::{Answer, program};
use crate::{FORMATS, SOUND, check, codes, directory};

#[test]
fn nothing_wrong_is_0_and_anything_wrong_is_4() {
    let dir = directory(&[
        ("sound.json", SOUND),
        ("broken.json", "{"),
        ("open.json", r#"{ "schema_version": 1, "id": "open", "methods": { "automatic": {} } }"#),
    ]);
    for format in FORMATS {
        let code =
            |words: &[&str]| check(dir.path(), &[words, &["--format", format]].concat()).code;
        assert_eq!(code(&["sound.json"]), 0, "{format}");
        assert_eq!(code(&["broken.json"]), 4, "{format}");
        assert_eq!(code(&["sound.json", "broken.json"]), 4, "{format}");
        assert_eq!(code(&["open.json"]), 0, "{format}: warnings alone");
        assert_eq!(code(&["open.json", "--deny-warnings"]), 4, "{format}");
        let allowed = ["open.json", "--deny-warnings", "--allow", "automatic_without_roots"];
        assert_eq!(code(&allowed), 0, "{format}");
    }
}

#[test]
fn where_nothing_is_checked_nothing_passes() {
    let dir = directory(&[
        ("empty/readme.md", ""),
        ("ignored/policy.json", SOUND),
        ("ignored/.gitignore", "*.json\n"),
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("hidden/.policy.json", SOUND),
        ("zero.json", ""),
        ("comment.json", "// nothing\n"),
        ("scenarios/scenario.json", SOUND),
    ]);
    for (named, code) in [
        ("empty", "nothing_to_check"),
        ("ignored", "nothing_to_check"),
        ("hidden", "nothing_to_check"),
        ("scenarios", "nothing_to_check"),
        ("missing.json", "unreadable"),
        ("zero.json", "no_value"),
        ("comment.json", "no_value"),
    ] {
        let answer = check(dir.path(), &[named, "--json"]);
        assert_eq!((answer.code, codes(&answer)), (4, vec![code.to_owned()]), "{named}");
        for format in FORMATS {
            assert_eq!(check(dir.path(), &[named, "--format", format]).code, 4, "{named} {format}");
        }
    }
    assert_eq!(check(dir.path(), &["ignored/policy.json"]).code, 0, "what is named counts");
    assert_eq!(check(dir.path(), &[]).code, 2);
}

#[test]
fn what_is_too_large_for_a_machine_is_too_large_here() {
    let comment = format!("// {}\n{SOUND}", "x".repeat(1 << 20));
    let dir = directory(&[("large.json", &comment)]);
    let answer = check(dir.path(), &["large.json", "--json"]);
    assert_eq!((answer.code, codes(&answer)), (4, vec!["unreadable".to_owned()]));
    let mut command = program(&["policy", "check", "-", "--json"]);
    assert_eq!(codes(&with_input(&mut command, &comment)), ["unreadable"]);
}

fn with_input(command: &mut std::process::Command, input: &str) -> Answer {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The program may have seen enough before the end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Answer::of(&child.wait_with_output().unwrap())
}

#[test]
fn standard_input_is_a_file_like_others() {
    let mut command = program(&["policy", "check", "-"]);
    assert_eq!(with_input(&mut command, SOUND).code, 0);
    let mut command = program(&["policy", "check", "-", "--format", "json"]);
    let answer = with_input(&mut command, "{ \"schema_version\": 1, \"id\": \"a b\" }");
    assert_eq!(answer.code, 4);
    assert_eq!(answer.json()["findings"][0]["file"], "<stdin>");
    assert_eq!(answer.json()["findings"][0]["column"], 30);
}

#[test]
fn what_cannot_be_asked_is_2() {
    let dir = directory(&[("sound.json", SOUND)]);
    for words in [
        &["sound.json", "--format", "xml"][..],
        &["sound.json", "--allow", "expired"],
        &["sound.json", "--allow", "expires_son"],
        &["sound.json", "--managed", "sound.json"],
        &["--explain", "nonsense"],
        &["sound.json", "--expires-within", "-1"],
    ] {
        assert_eq!(check(dir.path(), words).code, 2, "{words:?}");
    }
    let answer = check(dir.path(), &["sound.json", "--allow", "expires_son"]);
    assert!(answer.stderr.contains("expires_soon"), "{answer:#?}");
}

#[test]
fn a_report_can_go_to_a_file() {
    let dir = directory(&[("broken.json", "{")]);
    let words = ["broken.json", "--format", "sarif", "--output", "report.sarif"];
    let answer = check(dir.path(), &words);
    assert_eq!((answer.code, answer.stdout.as_str()), (4, ""));
    assert!(answer.stderr.contains("1 error in 1 file"), "{answer:#?}");
    let report = fs::read_to_string(dir.path().join("report.sarif")).unwrap();
    assert!(report.contains("\"ruleId\": \"syntax\""), "{report}");
    let nowhere = ["broken.json", "--output", "no/such/report"];
    assert_eq!(check(dir.path(), &nowhere).code, 1);
}

/// A page for each code, and it is the one in the documentation.
#[test]
fn each_code_is_explained() {
    use bedrock_auth::check::Code;
    let dir = directory(&[]);
    for code in Code::all() {
        let answer = check(dir.path(), &["--explain", code.as_str()]);
        let page = crate::catalogue::root().join(format!("docs/findings/{code}.md"));
        assert_eq!(answer.code, 0);
        assert_eq!(answer.stdout, fs::read_to_string(page).unwrap(), "{code}");
    }
}

#[test]
fn a_report_overwrites_nothing_that_is_checked() {
    let dir = directory(&[("policy.json", SOUND), ("settings.json", "{}")]);
    for words in [
        &["policy.json", "--output", "./policy.json"][..],
        &[".", "--output", "policy.json"],
        &["policy.json", "--settings", "settings.json", "--output", "settings.json"],
    ] {
        assert_eq!(check(dir.path(), words).code, 2, "{words:?}");
    }
    assert_eq!(fs::read_to_string(dir.path().join("policy.json")).unwrap(), SOUND);
}

/// One line with thousands of findings is shown as soon as as many lines are.
#[test]
fn a_long_line_is_cut() {
    let regions = vec!["\"xx-west-1\""; 1_500].join(", ");
    let policy = format!(r#"{{ "schema_version": 1, "id": "a", "regions": [{regions}] }}"#);
    let dir = directory(&[("policy.json", &policy)]);
    let answer = check(dir.path(), &["policy.json"]);
    let longest = answer.stdout.lines().map(str::len).max();
    assert!(longest < Some(3_000), "{longest:?}");
    assert!(answer.stdout.contains("--> policy.json:1:1"), "{}", &answer.stdout[..2_000]);
}
