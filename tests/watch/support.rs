//! A machine of its own in a directory, and a watch on it that hears nothing but what the system tells.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bedrock_auth::load::{Environment, Machine, Managed, SettingsPlace};
use bedrock_auth::resolve::Resolution;
use bedrock_auth::watch::{Answer, Watch, WatchBuilder};
use tempfile::TempDir;

/// Long enough for a machine under load; a test that waits so long fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nothing is found by looking now and then: what is noticed was told.
pub(crate) const NEVER: Duration = Duration::from_secs(3600);

pub(crate) struct Place {
    root: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Place { root: tempfile::tempdir().unwrap() };
        // A directory that somebody names is a fault where it holds no policy, unless it is laid out as a managed one.
        fs::create_dir_all(place.path("etc/policy.d")).unwrap();
        place
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.path().join(inside)
    }

    pub(crate) fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// As editors, MDM agents and configuration management replace a file.
    pub(crate) fn replace(&self, inside: &str, text: &str) {
        let next = format!("{inside}.next");
        self.write(&next, text);
        fs::rename(self.path(&next), self.path(inside)).unwrap();
    }

    /// Policies below `etc`, settings, AWS files below `home/.aws`, and an API key that nobody judges further.
    pub(crate) fn machine(&self) -> Machine {
        Machine::empty()
            .with_managed(Managed::WhatIf(self.path("etc")))
            .with_settings(
                SettingsPlace::named(self.path("settings.json").to_str().unwrap()).unwrap(),
            )
            .with_environment(Environment::from_pairs([
                ("HOME", self.path("home").to_str().unwrap()),
                ("ZED_BEDROCK_BEARER_TOKEN", "a-token-of-a-local-test-server"),
            ]))
    }

    pub(crate) fn builder(&self) -> WatchBuilder {
        Watch::builder(self.machine()).poll(NEVER).settle(Duration::from_millis(50))
    }

    pub(crate) fn watch(&self) -> Watch {
        self.builder().start().unwrap()
    }
}

/// A policy that allows this method alone.
pub(crate) fn policy(id: &str, method: &str) -> String {
    format!(r#"{{ "schema_version": 1, "id": "{id}", "methods": {{ "{method}": {{}} }} }}"#)
}

/// A policy that allows API keys, and recommends a region by which it can be told from others.
pub(crate) fn region_policy(region: &str) -> String {
    format!(
        r#"{{ "schema_version": 1, "id": "p", "methods": {{ "api_key": {{}} }}, "settings": {{ "recommended": {{ "region": "{region}" }} }} }}"#
    )
}

/// The first answer that is as expected, be it the current one.
pub(crate) fn until(watch: &Watch, what: &str, holds: impl Fn(&Resolution) -> bool) -> Arc<Answer> {
    let start = Instant::now();
    loop {
        let answer = watch.current();
        if holds(&answer.resolution) {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{what}: still {answer:#?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

pub(crate) fn until_region(watch: &Watch, region: &str) -> Arc<Answer> {
    until(watch, region, |resolution| resolution.region.value == region)
}

pub(crate) fn codes(resolution: &Resolution) -> Vec<&'static str> {
    resolution.denial_codes().iter().map(|code| code.as_str()).collect()
}

pub(crate) fn warnings(resolution: &Resolution) -> Vec<&'static str> {
    resolution.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
