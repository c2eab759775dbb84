//! Text that is not text, and text that would steer a terminal.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::support::program::{answer, files, program};

/// A colour, the bell, a cursor movement in one byte of C1, a mark that turns text round, and a line break.
const STEERING: &str = "\\u001b[31mred\\u0007\\u009b2J\\u202egnitrevni\\u2066\\n";

fn steers(text: &str) -> bool {
    let marks = ['\u{9b}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{feff}'];
    text.contains(|c: char| (c.is_control() && c != '\n') || marks.contains(&c))
}

#[test]
fn names_from_files_do_not_steer_the_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| fs::write(dir.path().join(name), text).unwrap();
    write(
        "policy.json",
        format!(
            r#"{{ "schema_version": 1, "id": "odd", "description": "{STEERING}", "contact": "{STEERING}",
                 "methods": {{ "sso": {{ "profiles": ["{STEERING}"] }} }}, "regions": ["{STEERING}"] }}"#
        ),
    );
    write("key.json", format!(r#"{{ "schema_version": 1, "id": "odd", "{STEERING}": 1 }}"#));
    write("id.json", format!(r#"{{ "schema_version": 1, "id": "{STEERING}" }}"#));
    write("raw.json", "{ \"schema_version\": 1, \"id\": \"\u{1b}[2J\u{202e}\" \u{9b} }".to_owned());
    write(
        "settings.json",
        format!(
            r#"{{ "authentication_method": "sso", "profile": "{STEERING}", "region": "{STEERING}",
                 "endpoint_url": "{STEERING}", "{STEERING}": 1 }}"#
        ),
    );
    write(
        "odd.scenario.json",
        format!(
            r#"{{ "description": "{STEERING}", "settings": {{ "profile": "{STEERING}" }},
                 "expect": {{ "profile": "{STEERING}x", "region": "{STEERING}" }} }}"#
        ),
    );
    let config = "[profile \u{1b}[31m]\nsso_start_url = \u{202e}\u{9b}\n";
    write("config", config.to_owned());
    let mut runs = 0;
    for managed in ["policy.json", "key.json", "id.json", "raw.json", "\u{1b}[31m\u{202e}.json"] {
        for command in [&["status"][..], &["explain"], &["policy", "show"]] {
            for form in [&[][..], &["--json"]] {
                let words = [command, &["--managed", managed], form].concat();
                let mut run =
                    program(&[&words[..], &["--user-settings", "settings.json"]].concat());
                run.current_dir(dir.path()).env("AWS_CONFIG_FILE", "config");
                run.env("ZED_AWS_PROFILE", "\u{1b}]0;title\u{7}");
                let answer = answer(&mut run);
                let told = answer.stdout + &answer.stderr;
                assert!(!steers(&told), "{words:?}: {told:?}");
                runs += 1;
            }
        }
    }
    assert_eq!(runs, 30);
    for form in [&[][..], &["--json"]] {
        let words =
            [&["policy", "test", "odd.scenario.json", "\u{1b}[31m\u{202e}"][..], form].concat();
        let answer = answer(program(&words).current_dir(dir.path()));
        let told = answer.stdout + &answer.stderr;
        assert!(!steers(&told), "{words:?}: {told:?}");
    }
}

#[test]
fn escapes_in_json_mean_what_they_replace() {
    let dir = tempfile::tempdir().unwrap();
    let settings = r#"{ "authentication_method": "sso", "region": "\u202e\u009b\u007f" }"#;
    fs::write(dir.path().join("settings.json"), settings).unwrap();
    let mut run = program(&["status", "--json", "--user-settings", "settings.json"]);
    let answer = answer(run.current_dir(dir.path()));
    assert!(answer.stdout.contains(r"\u202e\u009b\u007f"), "{}", answer.stdout);
    assert_eq!(answer.json()["region"]["value"], "\u{202e}\u{9b}\u{7f}");
}

#[test]
fn variables_that_are_no_text_are_no_crash() {
    let bytes = OsStr::from_bytes(b"/\xff\xfe\x80");
    for name in [
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
        "COLUMNS",
        "NO_COLOR",
        "TERM",
        "AWS_CONFIG_FILE",
        "AWS_PROFILE",
        "ZED_AWS_PROFILE",
        "ZED_AWS_REGION",
        "ZED_AWS_ENDPOINT",
        "ZED_ACCESS_KEY_ID",
        "ZED_SECRET_ACCESS_KEY",
        "ZED_BEDROCK_BEARER_TOKEN",
        "DBUS_SESSION_BUS_ADDRESS",
        "LANG",
    ] {
        for words in [&["explain"][..], &["explain", "--json"]] {
            let answer = answer(program(words).env(name, bytes));
            assert!(matches!(answer.code, 0 | 5), "{name}: {answer:?}");
        }
    }
    let mut run = program(&["status", "--json"]);
    let damaged = answer(run.env("ZED_BEDROCK_BEARER_TOKEN", OsStr::from_bytes(b"ABSK\xff")));
    assert_eq!(damaged.code, 5, "{damaged:?}");
    assert_eq!(damaged.json()["warnings"][0]["code"], "credential_unusable");
}

#[test]
fn paths_that_are_no_text_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let odd = dir.path().join(Path::new(OsStr::from_bytes(b"\xff\xfe.json")));
    fs::copy(files().join("policies/corp.json"), &odd).unwrap();
    let shown = answer(program(&["policy", "show", "--json", "--managed"]).arg(&odd));
    assert_eq!(shown.code, 0, "{shown:?}");
    assert_eq!(shown.json()["sources"][0]["id"], "corp-bedrock");
    let settings = dir.path().join(Path::new(OsStr::from_bytes(b"\xfd.json")));
    fs::copy(files().join("settings/sso.json"), &settings).unwrap();
    let status = answer(program(&["status", "--user-settings"]).arg(&settings));
    assert!(matches!(status.code, 0 | 2), "{status:?}");
}
