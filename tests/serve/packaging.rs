//! The files that start the agent, read by those who read them on a person's machine.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::program::{PROGRAM, answer, bare};

fn dist(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dist").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(dist(name)).unwrap()
}

/// What systemd complains about in a unit, after a change to the text of the service.
fn complaints(unit: &str, change: impl Fn(&str) -> String) -> String {
    let dir = tempfile::tempdir().unwrap();
    // The program is not where a package puts it.
    let service = text("bedrock-auth.service").replace("/usr/bin/bedrock-auth", PROGRAM);
    fs::write(dir.path().join("bedrock-auth.service"), change(&service)).unwrap();
    fs::write(dir.path().join("bedrock-auth.socket"), text("bedrock-auth.socket")).unwrap();
    let mut verify = bare("systemd-analyze");
    verify.args(["verify", "--user", "--man=no"]).arg(dir.path().join(unit));
    verify.env("HOME", dir.path()).env("XDG_RUNTIME_DIR", dir.path());
    answer(&mut verify).stderr
}

#[test]
fn systemd_takes_the_units() {
    for unit in ["bedrock-auth.service", "bedrock-auth.socket"] {
        assert_eq!(complaints(unit, str::to_owned), "", "{unit}");
    }
    // It would complain.
    let misspelt = complaints("bedrock-auth.service", |text| text.replace("UMask", "UMusk"));
    assert!(misspelt.contains("UMusk"), "{misspelt}");
    let absent = complaints("bedrock-auth.service", |text| text.replace(PROGRAM, "/no/such"));
    assert!(absent.contains("/no/such"), "{absent}");
}

/// In a user namespace no file would belong to root, and no policy could be trusted.
#[test]
fn the_unit_asks_for_no_namespace() {
    let service = text("bedrock-auth.service");
    for key in ["ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateUsers", "ReadOnlyPaths"] {
        assert!(!service.lines().any(|line| line.starts_with(&format!("{key}="))), "{key}");
    }
    assert!(service.contains("\nNoNewPrivileges=yes\n"));
}

#[test]
fn launchd_takes_the_agent() {
    let script =
        "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
    let mut parse = bare("/usr/bin/python3");
    let job = answer(parse.args(["-c", script]).arg(dist("bedrock-auth.plist"))).json();
    assert_eq!(job["Label"], "bedrock-auth");
    assert_eq!(job["Umask"], json!(0o077));
    let words: Vec<_> =
        job["ProgramArguments"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(words[1..], ["serve"]);
    // A stop by hand ends with 0, and only anything else starts it again.
    assert_eq!(job["KeepAlive"], json!({ "SuccessfulExit": false }));
}
