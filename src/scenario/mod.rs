//! Scenarios: a machine written down in a file, and the answer that is expected of it.
//!
//! This is how IT tests a policy before it ships, and how most of this crate's own behaviour is tested.

mod expectation;
mod file;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::Schema;
use serde::Serialize;

pub use expectation::{Expectation, Mismatch};
pub use file::{
    AwsEntry, IdentityEntry, ItemEntry, KeychainEntry, KeychainWord, ManagedEntry, ManagedStub,
    ScenarioFile, StubState, Text, UseEntry, Variables,
};

use crate::aws::{AwsFacts, AwsInputs, FileText};
use crate::jsonc::{self, Finding, FindingCode, Located, SourceText, UnknownKeys};
use crate::load::{Clock, Environment, Machine, Managed, NotAPlace, SettingsPlace, read_text_file};
use crate::network::{Certificates, NetworkFacts};
use crate::policy::{Identity, ManagedContent, ManagedSource, Verdict, schema_of};
use crate::prose::quoted;
use crate::resolve::Resolution;
use crate::words::words;

/// The JSON Schema of a scenario.
pub fn scenario_schema() -> Schema {
    schema_of::<ScenarioFile>("bedrock-auth scenario")
}

/// A scenario that was read and makes sense.
#[derive(Debug, Clone)]
pub struct Scenario {
    text: SourceText,
    file: ScenarioFile,
}

/// What became of one scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file.
    pub file: String,
    /// What the scenario shows, in its author's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The result in one word.
    pub result: RunResult,
    /// Where the answer is not as expected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<Mismatch>,
    /// The faults of a file that is no scenario.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

words! {
    /// How a scenario came out.
    pub enum RunResult {
        /// The answer is as expected.
        Passed = "passed",
        /// The answer is another.
        Failed = "failed",
        /// The file is no scenario, or one that expects nothing.
        Invalid = "invalid",
    }
}

/// Runs the scenario in a file.
pub fn run_file(path: &Path) -> Report {
    let file = path.display().to_string();
    match Scenario::read(path) {
        Ok(scenario) => {
            let (_, mismatches) = scenario.run();
            Report {
                file,
                description: scenario.description().map(str::to_owned),
                result: if mismatches.is_empty() { RunResult::Passed } else { RunResult::Failed },
                mismatches,
                findings: Vec::new(),
            }
        }
        Err(findings) => Report {
            file,
            description: None,
            result: RunResult::Invalid,
            mismatches: Vec::new(),
            findings,
        },
    }
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// With every fault: a mistyped key, or a scenario that expects nothing, is never a pass.
    pub fn read(path: &Path) -> Result<Self, Vec<Finding>> {
        let text = read_text_file(path).map_err(|finding| vec![finding])?;
        let file: ScenarioFile = jsonc::read(&text, UnknownKeys::Refuse)?;
        let mut faults = faults(&file, &text);
        let scenario = Scenario { text, file };
        faults.extend(scenario.missing_files());
        if faults.is_empty() { Ok(scenario) } else { Err(faults) }
    }

    /// What the scenario shows, in its author's words.
    pub fn description(&self) -> Option<&str> {
        self.file.description.as_deref()
    }

    /// Resolves the machine of the scenario, and compares.
    pub fn run(&self) -> (Resolution, Vec<Mismatch>) {
        let resolution = self.machine().resolve();
        let expect = &self.file.expect.value;
        let mut mismatches = expect.compare(&resolution);
        mismatches.extend(expect.compare_use(self.judge_use(&resolution).as_ref()));
        (resolution, mismatches)
    }

    /// The verdict on the use that the scenario writes down, as a client judges it before it signs; none where
    /// nothing is used, or nothing is allowed.
    pub fn judge_use(&self, resolution: &Resolution) -> Option<Verdict> {
        let (at_use, allowed) = (&self.file.at_use.as_ref()?.value, resolution.allowed()?);
        let machine = match &at_use.managed {
            Some(managed) => self.machine().with_managed(Managed::Given(self.sources(managed))),
            None => self.machine(),
        };
        let machine = match at_use.now {
            Some(moment) => machine.with_clock(Clock::At(moment.0)),
            None => machine,
        };
        let (policy, now) = (machine.policy(), machine.now());
        Some(match at_use.delivered() {
            None => allowed.judge(&policy, now),
            Some(delivered) if at_use.to_assume_role == Some(true) => {
                allowed.judge_base_delivery(&policy, &delivered, now)
            }
            Some(delivered) => allowed.judge_delivery(&policy, &delivered, now),
        })
    }

    /// The machine that the scenario writes down.
    pub fn machine(&self) -> Machine {
        let ScenarioFile {
            managed,
            identity,
            now,
            settings,
            settings_file,
            environment,
            keychain,
            aws,
            ca_bundle,
            ..
        } = &self.file;
        let variables = environment.clone().unwrap_or_default().0;
        let text = |text: &Option<Text>, name: &str| {
            text.as_ref().map(|text| FileText::new(name, text.0.clone().into_bytes()))
        };
        let aws_files = aws.as_ref();
        let signers = AwsFacts::new(AwsInputs {
            config: aws_files.and_then(|aws| text(&aws.config, "~/.aws/config")),
            credentials: aws_files.and_then(|aws| text(&aws.credentials, "~/.aws/credentials")),
            environment: variables.clone(),
        });
        let network = NetworkFacts::of(
            |name| variables.get(name).map(String::as_str),
            |_, path| match ca_bundle {
                Some(text) => Certificates::parse([text.0.as_bytes()]),
                None => Err(format!("there is no file {}", quoted(&path.to_string_lossy()))),
            },
        );
        let machine = Machine::empty()
            .with_managed(Managed::Given(self.sources(managed.as_deref().unwrap_or_default())))
            .with_environment(Environment::from_pairs(variables))
            .with_signers(Arc::new(signers))
            .with_network(network)
            .with_identity(identity.clone().map_or_else(Identity::default, Into::into));
        let machine = match now {
            Some(moment) => machine.with_clock(Clock::At(moment.0)),
            None => machine,
        };
        let machine = match (settings, settings_file) {
            (Some(settings), _) => machine.with_settings_read(settings.value.clone()),
            (None, Some(named)) => match self.settings_place(&named.value) {
                Ok(place) => machine.with_settings(place),
                // Such a file is no scenario; see `missing_files`.
                Err(_) => machine,
            },
            (None, None) => machine,
        };
        match keychain {
            Some(keychain) => machine.with_keychain(keychain.pretend()),
            None => machine,
        }
    }

    /// A mistyped path would deny everything, and pass for the denial that the scenario means.
    fn missing_files(&self) -> Vec<Finding> {
        let mut missing = Vec::new();
        let at_use = self.file.at_use.as_ref().and_then(|at_use| at_use.value.managed.as_ref());
        for entry in self.file.managed.iter().chain(at_use).flatten() {
            let ManagedEntry::Path(path) = entry else { continue };
            for source in self.sources_of(0, entry) {
                if let ManagedContent::Unreadable(obstacle) = source.content {
                    let remedy = "name a file that is there, or write `{ \"path\": …, \"state\": \"unreadable\" }`";
                    missing.push(self.unreadable(path, obstacle.reason).with_advice(remedy));
                }
            }
        }
        if let Some(named) = &self.file.settings_file {
            match self.settings_place(&named.value).map(|place| read_text_file(place.path())) {
                Err(fault) => missing.push(self.unreadable(named, fault.to_string())),
                Ok(Err(finding)) if finding.code == FindingCode::Unreadable => {
                    missing.push(self.unreadable(named, finding.message));
                }
                Ok(_) => {}
            }
        }
        missing
    }

    fn unreadable(&self, named: &Located<String>, reason: String) -> Finding {
        let finding = Finding::new(FindingCode::Unreadable, reason, &self.text, 0..0);
        Finding { place: named.at.clone(), ..finding }
    }

    fn sources(&self, entries: &[ManagedEntry]) -> Vec<ManagedSource> {
        let ranks = 0..;
        ranks.zip(entries).flat_map(|(rank, entry)| self.sources_of(rank, entry)).collect()
    }

    fn sources_of(&self, rank: u32, entry: &ManagedEntry) -> Vec<ManagedSource> {
        match entry {
            ManagedEntry::Path(path) => {
                let sources = Managed::WhatIf(self.beside(&path.value)).read();
                sources.into_iter().map(|source| ManagedSource { rank, ..source }).collect()
            }
            ManagedEntry::Inline(document) => {
                let digest = crate::policy::Digest::of_bytes(self.text.as_str().as_bytes());
                let content = ManagedContent::Policy(Arc::new(document.value.clone()), digest);
                vec![ManagedSource { rank, path: Arc::clone(self.text.path()), content }]
            }
            ManagedEntry::Stub(stub) => vec![stub.source(rank)],
        }
    }

    fn settings_place(&self, named: &str) -> Result<SettingsPlace, NotAPlace> {
        SettingsPlace::named(&self.beside(named).to_string_lossy())
    }

    fn beside(&self, path: &str) -> PathBuf {
        self.text.path().parent().unwrap_or(Path::new("")).join(path)
    }
}

/// Faults that the single keys do not show.
fn faults(file: &ScenarioFile, text: &SourceText) -> Vec<Finding> {
    let mut faults = Vec::new();
    let mut fault = |message: &str| {
        let message = message.to_owned();
        faults.push(Finding::new(FindingCode::InvalidValue, message, text, 0..0));
    };
    if file.expect.value.is_empty() {
        fault("the scenario expects nothing, so it would always pass");
    }
    if file.at_use.is_some() != file.expect.value.at_use.is_some() {
        fault("`at_use` and `expect.at_use` belong together");
    }
    if file.settings.is_some() && file.settings_file.is_some() {
        fault("`settings` and `settings_file` exclude each other");
    }
    if let Some(keychain) = &file.keychain {
        let holds_items = keychain.item.is_some() || keychain.zed_item.is_some();
        if keychain.state.is_some() == holds_items {
            fault("a keychain has either a `state` or items");
        }
    }
    faults
}
