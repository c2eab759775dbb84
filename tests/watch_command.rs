//! The command `watch`: one JSON line for each answer, or what is different for people.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use support::place::Place;
use support::program::{PROGRAM, bare};

/// A program that goes on printing; it ends with the test.
struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Watching { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("the program goes on").unwrap()
    }

    /// The next answer that is as expected; those before it are passed over.
    fn until(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let answer: Value = serde_json::from_str(&self.line()).unwrap();
            if holds(&answer) {
                return answer;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let files = Files(tempfile::tempdir().unwrap());
        fs::create_dir_all(files.path("etc/policy.d")).unwrap();
        files.policy(7, r#""api_key": {}"#);
        files.write("settings.json", "{}");
        files
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    fn write(&self, inside: &str, text: &str) {
        let next = self.path(&format!("{inside}.next"));
        fs::write(&next, text).unwrap();
        fs::rename(next, self.path(inside)).unwrap();
    }

    fn policy(&self, revision: u32, methods: &str) {
        self.write(
            "etc/policy.json",
            &format!(
                r#"{{ "schema_version": 1, "id": "corp", "revision": {revision}, "methods": {{ {methods} }} }}"#
            ),
        );
    }

    fn program(&self, command: &mut Command) {
        command
            .current_dir(self.0.path())
            .args([
                "watch",
                "--no-keychain",
                "--managed",
                "etc",
                "--user-settings",
                "settings.json",
            ])
            .env("HOME", self.0.path())
            .env("TZ", "UTC")
            .env("ZED_BEDROCK_BEARER_TOKEN", "a-local-token");
    }
}

#[test]
fn one_line_for_each_answer() {
    let files = Files::new();
    let mut command = bare(PROGRAM);
    files.program(&mut command);
    let mut watching = Watching::start(&mut command);
    let first = watching.until(|_| true);
    assert_eq!((&first["number"], &first["outcome"]), (&1.into(), &"allowed".into()));
    assert_eq!(first["watching"]["mode"], "events");
    assert_eq!(first["policy"]["sources"][0]["revision"], 7);

    files.policy(8, r#""sso": {}"#);
    let second = watching.until(|_| true);
    assert_eq!((&second["number"], &second["outcome"]), (&2.into(), &"denied".into()));
    assert_eq!(second["denials"][0]["code"], "method_not_allowed");

    files.write("etc/policy.json", "{");
    let third = watching.until(|_| true);
    let source = &third["policy"]["sources"][0];
    assert_eq!((&source["state"], &source["revision"]), (&"malformed".into(), &8.into()));
    assert!(source["last_good"]["since"].is_string(), "{third:#}");

    files.policy(9, r#""api_key": {}"#);
    assert_eq!(watching.until(|_| true)["outcome"], "allowed");
}

#[test]
fn it_ends_when_nobody_reads() {
    let files = Files::new();
    let mut command = bare(PROGRAM);
    files.program(&mut command);
    let mut watching = Watching::start(&mut command);
    watching.line();
    watching.lines = BufReader::new(
        Command::new("true").stdout(Stdio::piped()).spawn().unwrap().stdout.take().unwrap(),
    )
    .lines();
    // Nothing has to change first.
    assert_eq!(watching.child.wait().unwrap().code(), Some(0));
}

#[test]
fn on_a_terminal_it_says_what_is_different() {
    let files = Files::new();
    let mut command = bare("script");
    // A terminal of its own, as `script` (util-linux) makes one.
    command.args(["--quiet", "--flush", "--return", "--log-out", "/dev/null", "--command"]).arg(format!(
        "stty cols 100; exec {PROGRAM} --color never watch --no-keychain --managed etc --user-settings settings.json"
    ));
    command
        .current_dir(files.path(""))
        .env("HOME", files.path(""))
        .env("TZ", "UTC")
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .env("ZED_BEDROCK_BEARER_TOKEN", "a-local-token")
        .stdin(Stdio::null());
    let mut watching = Watching::start(&mut command);
    let mut shown_until = |end: &str| {
        let mut shown = String::new();
        while !shown.contains(end) {
            shown += watching.line().trim_end();
            shown += "\n";
        }
        shown
    };
    let first = shown_until("told from here on");
    for part in ["✓ allowed  Using Bedrock API Key from", "what if"] {
        assert!(first.contains(part), "{part}: {first}");
    }
    files.policy(8, r#""sso": {}"#);
    let then = shown_until("denied      ");
    for part in [
        "✗ denied",
        "allowed → denied",
        "revision 7 (",
        "→ loaded corp revision 8 (",
        "etc/policy.json",
    ] {
        assert!(then.contains(part), "{part}: {then}");
    }
}

/// The real managed place, in which root does what a line of a pipe says while the program runs.
struct Managed {
    pipe: fs::File,
    watching: Watching,
    #[expect(dead_code, reason = "what is in it is needed while the program runs")]
    directory: TempDir,
    #[expect(dead_code, reason = "likewise")]
    place: Place,
}

impl Managed {
    fn start(script: &str) -> Self {
        let directory = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let pipe = directory.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let root_listens = format!(
            "{script}\n(while read -r line; do eval \"$line\"; done < {}) &",
            pipe.display()
        );
        let place = Place::made_by(root_listens.leak());
        let inner = place.command("ann");
        // Processes of a namespace of their own end together, whichever of them is killed.
        let mut command = bare("unshare");
        command.args(["--pid", "--fork", "--kill-child", "--"]);
        command.arg(inner.get_program()).args(inner.get_args());
        let program = place.home("root").replace("/root", "/bedrock-auth");
        command.args([
            "ZED_BEDROCK_BEARER_TOKEN=a-local-token",
            &program,
            "watch",
            "--no-keychain",
        ]);
        let watching = Watching::start(&mut command);
        let pipe = open_for_writing(&pipe);
        Managed { pipe, watching, directory, place }
    }

    fn root(&mut self, line: &str) {
        writeln!(self.pipe, "{line}").unwrap();
    }
}

/// Waits for the reader.
fn open_for_writing(pipe: &Path) -> fs::File {
    fs::File::options().write(true).open(pipe).unwrap()
}

const POLICY: &str =
    r#"echo '{ "schema_version": 1, "id": "p", "methods": { "api_key": {} } }' > policy.json"#;

fn state(answer: &Value) -> &str {
    answer["policy"]["sources"][0]["state"].as_str().unwrap()
}

#[test]
fn owners_and_permissions_are_changes_too() {
    let mut managed = Managed::start(POLICY);
    let first = managed.watching.until(|_| true);
    assert_eq!((state(&first), first["what_if"].as_bool()), ("loaded", Some(false)));
    for (break_it, mend_it, broken) in [
        ("chmod g+w policy.json", "chmod g-w policy.json", "untrusted"),
        ("chmod 600 policy.json", "chmod 644 policy.json", "unreadable"),
        ("chown 42001 policy.json", "chown 0 policy.json", "untrusted"),
        ("chmod o+w /etc/bedrock-auth", "chmod o-w /etc/bedrock-auth", "untrusted"),
    ] {
        managed.root(break_it);
        let answer = managed.watching.until(|answer| state(answer) != "loaded");
        assert_eq!((state(&answer), &answer["outcome"]), (broken, &"allowed".into()), "{break_it}");
        assert_eq!(answer["warnings"][0]["code"], "last_good_policy", "{break_it}");
        managed.root(mend_it);
        let mended = managed.watching.until(|answer| state(answer) == "loaded");
        assert_eq!(mended["warnings"].as_array().unwrap().len(), 0, "{mend_it}");
    }
}

#[test]
fn a_mount_goes_away_and_returns() {
    let mount = "mount -t tmpfs -o mode=755 tmpfs /etc/bedrock-auth; cd /etc/bedrock-auth";
    let deny = r#"echo '{ "schema_version": 1, "id": "q", "methods": { "sso": {} } }' > /etc/bedrock-auth/policy.json"#;
    let mut managed = Managed::start(&format!("{mount}; {deny}; cd /"));
    managed.watching.until(|answer| answer["outcome"] == "denied");
    managed.root("umount /etc/bedrock-auth");
    let without = managed.watching.until(|answer| answer["outcome"] == "allowed");
    assert_eq!(state(&without), "absent");
    managed.root(&format!("{mount}; cd /; {deny}"));
    managed.watching.until(|answer| answer["outcome"] == "denied");
}
