//! Scenarios: a machine written down in a file, and the answer that is expected of it.
//!
//! This is how IT tests a policy before it ships, and how most of this crate's own behaviour is tested.

mod expectation;
mod file;
mod machine;

use std::path::Path;

use schemars::Schema;
use serde::Serialize;

pub use expectation::{Expectation, Mismatch};
pub use file::{
    AwsEntry, IdentityEntry, ItemEntry, KeychainEntry, KeychainWord, ManagedEntry, ManagedStub,
    ScenarioFile, SignInEntries, SignInEntry, SignInWord, StubState, Text, UseEntry, Variables,
};

use crate::jsonc::{self, Finding, FindingCode, Located, SourceText, UnknownKeys};
use crate::load::read_text_file;
use crate::policy::{ManagedContent, Verdict, schema_of};
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
        let machine = self.machine_at_use(at_use);
        let (policy, now) = (machine.policy(), machine.now());
        Some(match at_use.delivered() {
            None => allowed.judge(&policy, now),
            Some(delivered) if at_use.to_assume_role == Some(true) => {
                allowed.judge_base_delivery(&policy, &delivered, now)
            }
            Some(delivered) => allowed.judge_delivery(&policy, &delivered, now),
        })
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
    let stubs = file.managed.iter().flatten().filter_map(ManagedEntry::stub);
    if stubs
        .into_iter()
        .any(|stub| stub.last_good.is_some() && stub.state.value == StubState::Absent)
    {
        fault(
            "a source that is absent has nothing that stays in force: `last_good` goes with a bad state",
        );
    }
    if let Some(keychain) = &file.keychain {
        let holds_items = keychain.item.is_some() || keychain.zed_item.is_some();
        if keychain.state.is_some() == holds_items {
            fault("a keychain has either a `state` or items");
        }
    }
    let sign_ins = file.aws.as_ref().and_then(|aws| aws.sign_ins.as_ref());
    for name in sign_ins.iter().flat_map(|sign_ins| sign_ins.ambiguous()) {
        let name = quoted(name);
        fault(&format!("the sign-in {name} has either a `state` or an `expires`"));
    }
    faults
}
