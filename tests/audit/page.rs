//! The page about the journal: its commands do what it says.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::home::{Home, KEY};
use crate::schema::faults;
use crate::support::program::{Answer, PROGRAM, answer, bare};

const LONG_LIVED: &str = "AKIARZPUZDIKEWS2LJNF";

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// What stands behind `$ ` on the page.
fn commands() -> Vec<String> {
    let lines = page("docs/audit.md");
    let commands: Vec<_> =
        lines.lines().filter_map(|line| line.strip_prefix("$ ").map(str::to_owned)).collect();
    assert!(commands.len() >= 8, "{commands:?}");
    commands
}

/// A line of a shell, where the program is installed.
fn shell(home: &Home, line: &str) -> Command {
    let programs = Path::new(PROGRAM).parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let mut shell = bare("sh");
    home.furnish(shell.args(["-c", line])).env("PATH", path);
    shell
}

/// Somebody with uses of both kinds and a refusal, whose journal was collected, too.
fn with_a_collection() -> Home {
    let mut home = Home::new("");
    assert_eq!(home.run(&["export"]).code, 0);
    home.variables[0].1 = LONG_LIVED;
    home.variables.pop();
    assert_eq!(home.run(&["exec", "--", "true"]).code, 0);
    home.policy(r#", "methods": { "sso": {} }"#);
    assert_eq!(home.run(&["export"]).code, 3);
    let collect = "mkdir collected && cp -r state/bedrock-auth/audit collected/laptop-7";
    assert_eq!(answer(&mut shell(&home, collect)).code, 0);
    home
}

#[test]
fn every_command_of_the_page_works() {
    let home = with_a_collection();
    let mut said = String::new();
    for command in commands() {
        // The quarter of this test is all of time.
        let line = command.replace("2026-07-01", "2020-01-01").replace("2026-10-01", "2199-01-01");
        let Answer { code, stdout, stderr } = match line.contains("--follow") {
            true => answer(&mut shell(&home, &format!("timeout 2 {line}; test $? = 124"))),
            false => answer(&mut shell(&home, &line)),
        };
        assert_eq!((code, stderr.as_str()), (0, ""), "{line}");
        said += &stdout;
    }
    assert!(said.contains(&format!("{LONG_LIVED},,exec")), "{said}");
    assert!(!said.contains(&format!(",{KEY},")), "{said}");
    assert!(said.contains("method_not_allowed"), "{said}");
    assert!(said.contains("✓ intact"), "{said}");
    // The one that follows showed each record.
    assert!(said.contains(r#""noted":"begun""#) && said.contains(r#""outcome":"denied""#));
    let ocsf = fs::read_to_string(home.path("yesterday.ocsf.jsonl")).unwrap();
    assert!(ocsf.lines().count() >= 4, "{ocsf}");
}

#[test]
fn the_record_of_the_page_is_one() {
    let page = page("docs/audit.md");
    let record = page.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
    let record: Value = serde_json::from_str(record).unwrap();
    assert_eq!(faults(std::slice::from_ref(&record)), Vec::<String>::new());
    let home = Home::new("");
    assert_eq!(home.run(&["export"]).code, 0);
    let real = home.records_of("credential").remove(0);
    let keys = |record: &Value| -> Vec<_> { record.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&record), keys(&real));
    // And each field is explained.
    let table = page.split_once("| field | says |").unwrap().1;
    for key in keys(&real) {
        let told = ["schema_version", "event", "what_if"].contains(&key.as_str());
        assert!(told || table.contains(&format!("`{key}`")), "{key}");
    }
}

/// Renaming loses nothing; copying and cutting loses what came between, and the journal says which records.
#[test]
fn what_logrotate_does() {
    let home = Home::new("");
    let first = home.layout().segment(1);
    let export = || assert_eq!(home.run(&["export"]).code, 0);
    let verify = || home.run_freely(&["audit", "verify", "--json"]);
    export();
    fs::rename(&first, first.with_extension("jsonl.1")).unwrap();
    export();
    let renamed = verify();
    assert_eq!((renamed.code, &renamed.json()["intact"]), (0, &json!(true)), "{renamed:?}");

    let home = Home::new("");
    let first = home.layout().segment(1);
    let export = || assert_eq!(home.run(&["export"]).code, 0);
    export();
    fs::copy(&first, first.with_extension("jsonl.1")).unwrap();
    let copied = home.records().len() / 2;
    export();
    fs::OpenOptions::new().write(true).truncate(true).open(&first).unwrap();
    export();
    let cut = home.run_freely(&["audit", "verify", "--json"]);
    assert_eq!(cut.code, 4, "{cut:?}");
    let findings = cut.json()["findings"].clone();
    let removed = findings.as_array().unwrap().iter().find(|f| f["code"] == "removed").unwrap();
    assert_eq!(removed["records"]["first"], copied as u64 + 1, "{findings:#}");
}
