//! What is told to `tracing`: what the page says, no secret, and never any matter to the records.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bedrock_auth::targets;
use serde_json::{Value, json};

use crate::home::{API_KEY, Home, SECRET};
use crate::support::program::{PROGRAM, bare};

/// An event as the page has it: target, level, words, fields.
struct Documented {
    target: String,
    level: String,
    event: String,
    fields: BTreeSet<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documented() -> Vec<Documented> {
    let page = fs::read_to_string(root().join("docs/embedder.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("What it tells"));
    let rows = section.unwrap().lines().filter(|line| line.starts_with("| `"));
    let of = |row: &str| {
        let cells: Vec<_> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
        let fields = cells[4].split(", ").map(|field| field.trim_matches('`').to_owned());
        Documented {
            target: cells[1].trim_matches('`').to_owned(),
            level: cells[2].to_uppercase(),
            event: cells[3].clone(),
            fields: fields.filter(|field| !field.is_empty()).collect(),
        }
    };
    rows.map(of).collect()
}

/// A line of what is told; none for what else stands on standard error.
struct Told<'a> {
    level: &'a str,
    target: &'a str,
    /// The event's words and its fields.
    rest: &'a str,
}

fn told(line: &str) -> Option<Told<'_>> {
    let (time, rest) = line.split_once(' ')?;
    time.ends_with('Z').then_some(())?;
    let (level, rest) = rest.trim_start().split_once(' ')?;
    let (target, rest) = rest.split_once(": ")?;
    target.starts_with("bedrock_auth").then_some(Told { level, target, rest })
}

/// The names before `=`, outside of quotes.
fn names(fields: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let (mut is_quoted, mut is_escaped, mut begin) = (false, false, 0);
    for (at, character) in fields.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => begin = at + 1,
            '=' if !is_quoted => {
                names.insert(fields[begin..at].to_owned());
            }
            _ => {}
        }
    }
    names
}

/// Everything that is told stands on the page; gives the targets that told something.
fn targets_of(stderr: &str) -> BTreeSet<String> {
    let documented = documented();
    let mut seen = BTreeSet::new();
    for line in stderr.lines() {
        let Some(told) = told(line) else { continue };
        let known = documented.iter().find_map(|known| {
            let is_it = known.target == told.target && known.level == told.level;
            Some((known, told.rest.strip_prefix(&known.event).filter(|_| is_it)?))
        });
        let (known, rest) = known.unwrap_or_else(|| panic!("not on the page: {line}"));
        let fields = names(rest);
        assert!(fields.is_subset(&known.fields), "{fields:?} in {line}");
        seen.insert(told.target.to_owned());
    }
    seen
}

/// A refusal, a use, one of an API key, and one that fails, with this filter.
fn uses(filter: &str) -> (Home, String) {
    let mut home = Home::new(r#", "methods": {}"#);
    home.variables.push(("BEDROCK_AUTH_LOG", filter.to_owned().leak()));
    let mut stderr = home.run(&["export"]).stderr;
    home.policy(r#", "audit": { "required": true }"#);
    for words in [&["export"][..], &["exec", "--", "true"], &["credential-process"]] {
        let answer = home.run(words);
        assert_eq!(answer.code, 0, "{answer:?}");
        stderr += &answer.stderr;
    }
    home.variables.push(("ZED_BEDROCK_BEARER_TOKEN", API_KEY));
    stderr += &home.run(&["exec", "--", "true"]).stderr;
    let settings = r#"{ "authentication_method": "named_profile", "profile": "tool" }"#;
    fs::write(home.path("settings.json"), settings).unwrap();
    fs::create_dir(home.path(".aws")).unwrap();
    let process =
        format!("[profile tool]\ncredential_process = sh -c 'echo {SECRET} >&2; exit 1'\n");
    fs::write(home.path(".aws/config"), process).unwrap();
    let failed = home.run(&["export", "--user-settings", "settings.json"]);
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.stderr.contains(SECRET), "it is told to the person: {failed:?}");
    // The message for the person is not what is told to `tracing`.
    stderr.extend(
        failed.stderr.lines().filter(|line| told(line).is_some()).map(|l| format!("{l}\n")),
    );
    (home, stderr)
}

/// A record without what differs from run to run.
fn comparable(home: &Home, mut record: Value) -> Value {
    for key in ["time", "previous", "hash", "journal", "verifier", "checkpoint", "fingerprint"] {
        if let Some(value) = record.get_mut(key) {
            *value = json!("…");
        }
    }
    if let Some(process) = record.get_mut("process") {
        process["pid"] = json!("…");
    }
    let text = record.to_string().replace(home.path("").to_str().unwrap(), "~/");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn records_are_the_same_whatever_the_filter_says() {
    let records = |filter| {
        let (home, stderr) = uses(filter);
        let records = home.records();
        let records = records.into_iter().map(|record| comparable(&home, record));
        (records.collect::<Vec<_>>(), stderr)
    };
    let (off, nothing_told) = records("off");
    let count = off.iter().filter(|record| record["event"] == "credential").count();
    assert_eq!(count, 6, "{off:#?}");
    assert_eq!(nothing_told.lines().filter_map(told).count(), 0, "{nothing_told}");
    for filter in ["trace", "bedrock_auth::journal=off", "", "garbage", "hyper=trace", "\u{7f}=,;"]
    {
        assert_eq!(records(filter).0, off, "{filter}");
    }
}

#[test]
fn a_filter_that_means_nothing_is_told_of_and_stops_nothing() {
    let mut home = Home::new("");
    home.variables.push(("BEDROCK_AUTH_LOG", "aws_smithy_runtime=trace"));
    let answer = home.run(&["credential-process"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.stdout.contains(SECRET));
    let warning = "warning: `BEDROCK_AUTH_LOG` is not understood, and is passed over";
    assert!(answer.stderr.starts_with(warning), "{}", answer.stderr);
    assert_eq!(answer.stderr.lines().filter_map(told).count(), 0, "{}", answer.stderr);
}

#[test]
fn a_filter_lets_through_what_it_names() {
    let mut home = Home::new("");
    home.variables.push(("BEDROCK_AUTH_LOG", "off,bedrock_auth::journal=debug"));
    let stderr = home.run(&["export"]).stderr;
    assert_eq!(targets_of(&stderr), [targets::JOURNAL.to_owned()].into(), "{stderr}");
    assert!(stderr.lines().all(|line| told(line).is_some_and(|told| told.level != "TRACE")));
}

#[test]
fn no_secret_is_told() {
    let (_, stderr) = uses("trace");
    assert!(stderr.contains("a credential leaves"), "{stderr}");
    for secret in [SECRET, "hush", API_KEY] {
        assert!(!stderr.contains(secret), "{secret} in {stderr}");
    }
}

#[test]
fn every_target_stands_on_the_page_and_tells_something() {
    let all: BTreeSet<_> = targets::ALL.iter().map(|target| (*target).to_owned()).collect();
    let on_page: BTreeSet<_> = documented().into_iter().map(|known| known.target).collect();
    assert_eq!(on_page, all);
    let mut stderr = uses("trace").1;
    stderr += &of_the_agent();
    assert_eq!(targets_of(&stderr), all, "{stderr}");
}

/// What an agent tells in a short life with a change.
fn of_the_agent() -> String {
    let mut home = Home::new("");
    home.variables.push(("BEDROCK_AUTH_LOG", "trace"));
    let mut agent = bare(PROGRAM);
    agent.args(["serve", "--managed", "policy.json", "--no-keychain", "--runtime-dir", "run"]);
    let log = home.path("log");
    let mut agent =
        home.furnish(&mut agent).stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
    let until = |words: &str| {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !fs::read_to_string(&log).unwrap().contains(words) {
            assert!(Instant::now() < deadline, "{}", fs::read_to_string(&log).unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until("the agent serves");
    home.policy(r#", "methods": {}"#);
    until("the answer changed");
    agent.kill().unwrap();
    agent.wait().unwrap();
    fs::read_to_string(&log).unwrap()
}

/// The words of each event in the sources stand on the page, and the page has no others.
#[test]
fn the_page_names_every_event_of_the_sources() {
    fn sources(directory: PathBuf, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(path, found),
                false => found.push(path),
            }
        }
    }
    let mut files = Vec::new();
    sources(root().join("src"), &mut files);
    let mut told = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for level in ["error", "warn", "info", "debug", "trace"] {
            for call in text.split(&format!("tracing::{level}!(")).skip(1) {
                let call = call.split(")\n").next().unwrap().split(");").next().unwrap();
                assert!(call.trim_start().starts_with("target: "), "{}: {call}", file.display());
                let words = call.rsplit('"').nth(1).unwrap();
                told.insert((level.to_uppercase(), words.to_owned()));
            }
        }
    }
    let on_page: BTreeSet<_> =
        documented().into_iter().map(|known| (known.level, known.event)).collect();
    assert_eq!(told, on_page);
}
