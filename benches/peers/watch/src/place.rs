//! A machine of its own in a directory: a policy of twenty constraints, settings, and a profile that signs in.

use std::fs;
use std::path::{Path, PathBuf};

use bedrock_auth::load::{Environment, Machine, Managed, SettingsPlace};
use bedrock_auth::resolve::{Outcome, Resolution};
use bedrock_auth::watch::Watch;
use tempfile::TempDir;

const POLICY: &str = include_str!("../../verdict/src/policy.jsonc");
const PROFILES: &str = "\
[profile corp-dev]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = BedrockUser

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
";

pub(crate) struct Place {
    root: TempDir,
}

/// A file and the two contents that take turns, each of which gives an answer of its own.
pub(crate) struct Turns {
    pub(crate) what: &'static str,
    pub(crate) file: PathBuf,
    contents: [String; 2],
    gives: [fn(&Resolution) -> bool; 2],
    turn: usize,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Place { root: tempfile::tempdir().expect("a directory") };
        for directory in ["etc/policy.d", "config", "home/.aws"] {
            fs::create_dir_all(place.path(directory)).expect("a directory");
        }
        place.write("etc/policy.json", POLICY);
        place.write("config/settings.json", &settings("eu-west-1"));
        place.write("home/.aws/config", PROFILES);
        place
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.root.path().join(inside)
    }

    fn write(&self, inside: &str, text: &str) {
        fs::write(self.path(inside), text).expect("a file");
    }

    /// What is noticed was told, for nobody looks now and then.
    pub(crate) fn watch(&self) -> Watch {
        let settings = self.path("config/settings.json");
        let settings = SettingsPlace::named(&settings.to_string_lossy()).expect("a place");
        let machine = Machine::empty()
            .with_managed(Managed::WhatIf(self.path("etc")))
            .with_settings(settings)
            .with_environment(Environment::from_pairs([("HOME", self.path("home"))]));
        let hour = std::time::Duration::from_secs(3600);
        let watch = Watch::builder(machine).poll(hour).start().expect("a thread");
        let answer = watch.current();
        assert_eq!(answer.resolution.outcome, Outcome::Allowed, "{answer:#?}");
        watch
    }

    /// A policy that allows the profile, and one that does not.
    pub(crate) fn policies(&self) -> Turns {
        let narrow = POLICY.replace(r#""profiles": ["corp-*"]"#, r#""profiles": ["team-*"]"#);
        assert_ne!(narrow, POLICY);
        Turns {
            what: "a managed policy",
            file: self.path("etc/policy.json"),
            contents: [narrow, POLICY.to_owned()],
            gives: [|r| r.outcome == Outcome::Denied, |r| r.outcome == Outcome::Allowed],
            turn: 0,
        }
    }

    /// Settings of two regions.
    pub(crate) fn settings(&self) -> Turns {
        Turns {
            what: "a settings file",
            file: self.path("config/settings.json"),
            contents: ["eu-central-1", "eu-west-1"].map(settings),
            gives: [|r| r.region.value == "eu-central-1", |r| r.region.value == "eu-west-1"],
            turn: 0,
        }
    }
}

fn settings(region: &str) -> String {
    format!(r#"{{ "authentication_method": "sso", "profile": "corp-dev", "region": "{region}" }}"#)
}

impl Turns {
    /// Writes the next content beside the file, as those do who then rename it over the file.
    pub(crate) fn prepare(&self) -> PathBuf {
        let next = self.file.with_extension("next");
        fs::write(&next, &self.contents[self.turn]).expect("a file");
        next
    }

    /// Renames what was prepared over the file.
    pub(crate) fn take(&self, next: &Path) {
        fs::rename(next, &self.file).expect("a rename");
    }

    /// Whether an answer is that of the content whose turn it is, which then passes.
    pub(crate) fn pass(&mut self, resolution: &Resolution) -> bool {
        let gives = self.gives[self.turn];
        self.turn = 1 - self.turn;
        gives(resolution)
    }

    /// Passes the turn without an answer.
    pub(crate) fn replace(&mut self) {
        self.take(&self.prepare());
        self.turn = 1 - self.turn;
    }
}
