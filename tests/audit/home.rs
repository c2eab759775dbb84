//! A person with a key, under a policy, and the journal of what they do.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use bedrock_auth::audit::Line;
use bedrock_auth::journal::Layout;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::program::{Answer, PROGRAM, answer, bare};

pub(crate) const KEY: &str = "ASIARTX3GSDSQHANDED7";
pub(crate) const SECRET: &str = "hush-secret-access-key";
pub(crate) const API_KEY: &str = "hush-api-key";

pub(crate) struct Home {
    root: TempDir,
    pub(crate) variables: Vec<(&'static str, &'static str)>,
}

impl Home {
    /// Somebody with a temporary access key, under a policy with these further keys.
    pub(crate) fn new(policy: &str) -> Self {
        let variables = vec![
            ("ZED_ACCESS_KEY_ID", KEY),
            ("ZED_SECRET_ACCESS_KEY", SECRET),
            ("ZED_SESSION_TOKEN", "hush-session-token"),
        ];
        let home = Home { root: tempfile::tempdir().unwrap(), variables };
        home.policy(policy);
        home
    }

    pub(crate) fn policy(&self, keys: &str) {
        let text = format!(r#"{{ "schema_version": 1, "id": "corp", "revision": 7 {keys} }}"#);
        fs::write(self.path("policy.json"), text).unwrap();
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.path().join(inside)
    }

    pub(crate) fn layout(&self) -> Layout {
        Layout::of(self.path("state/bedrock-auth/audit"))
    }

    pub(crate) fn furnish<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("HOME", self.root.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .envs(self.variables.iter().copied())
            .current_dir(self.root.path())
    }

    /// The program, by this home's policy.
    pub(crate) fn run(&self, words: &[&str]) -> Answer {
        let (command, rest) = words.split_first().unwrap();
        self.run_freely(&[&[command, "--managed", "policy.json", "--no-keychain"], rest].concat())
    }

    pub(crate) fn run_freely(&self, words: &[&str]) -> Answer {
        answer(self.furnish(bare(PROGRAM).args(words)))
    }

    /// Every record, each with the right hash.
    pub(crate) fn records(&self) -> Vec<Value> {
        let mut records = Vec::new();
        if !self.layout().directory().exists() {
            return records;
        }
        for segment in self.layout().segments().unwrap() {
            for line in fs::read_to_string(segment.path).unwrap().lines() {
                Line::read(line.as_bytes()).unwrap();
                for secret in [SECRET, "hush-session-token", API_KEY] {
                    assert!(!line.contains(secret), "{line}");
                }
                records.push(serde_json::from_str(line).unwrap());
            }
        }
        records
    }

    /// Records of one kind.
    pub(crate) fn records_of(&self, event: &str) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["event"] == event).collect()
    }
}
