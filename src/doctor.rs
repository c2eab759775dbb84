//! Checks of an installation, each with what to do about it.

use serde::Serialize;

use crate::load::Machine;
use crate::load::keychain::KeychainState;
use crate::policy::{Denial, SourceReport};
use crate::provenance::Place;
use crate::resolve::{Outcome, Resolution, Warning, WarningCode};
use crate::words::words;

words! {
    /// What a check looks at.
    pub enum Subject {
        /// The managed policy files: there, readable, owned by root.
        Policy = "policy",
        /// The person's settings.
        Settings = "settings",
        /// The keychain.
        Keychain = "keychain",
        /// Certificates and proxies.
        Network = "network",
        /// Variables and profile keys that would mislead an AWS SDK.
        Ambient = "ambient",
        /// The answer of this machine.
        Answer = "answer",
        /// Whom AWS takes the credentials for.
        Caller = "caller",
    }
}

words! {
    /// How a check came out.
    pub enum CheckState {
        /// Nothing to do.
        Fine = "fine",
        /// Worth knowing.
        Warning = "warning",
        /// Something does not work until it is mended.
        Problem = "problem",
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub subject: Subject,
    /// How it came out.
    pub state: CheckState,
    /// What was found.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Check {
    /// A check that came out well.
    pub fn fine(subject: Subject, message: impl Into<String>) -> Self {
        Check { subject, state: CheckState::Fine, message: message.into(), at: None, remedy: None }
    }

    /// A check that found something that does not work.
    pub fn problem(subject: Subject, message: impl Into<String>, remedy: Option<String>) -> Self {
        Check { state: CheckState::Problem, remedy, ..Check::fine(subject, message) }
    }

    fn warning(subject: Subject, warning: &Warning) -> Self {
        Check {
            state: CheckState::Warning,
            at: warning.source.as_ref().map(|source| source.place.clone()),
            remedy: warning.remedy.clone(),
            ..Check::fine(subject, &warning.message)
        }
    }

    fn denial(subject: Subject, denial: &Denial) -> Self {
        Check {
            at: denial.requested_at.as_ref().map(|source| source.place.clone()),
            ..Check::problem(subject, &denial.message, Some(denial.remedy.clone()))
        }
    }
}

/// Checks the machine, in the order in which what is wrong is best mended. Calls nobody.
pub fn examine(machine: &Machine, resolution: &Resolution) -> Vec<Check> {
    let mut checks = policies(resolution);
    checks.extend(of_warnings(
        Subject::Settings,
        resolution,
        &[WarningCode::SettingsFaulty, WarningCode::SettingUnknown],
        "the settings are absent or without a fault",
    ));
    checks.push(keychain(&machine.keychain().read()));
    checks.extend(of_warnings(
        Subject::Network,
        resolution,
        &[WarningCode::CaBundleUnusable, WarningCode::ProxyUnusable],
        "certificates and proxies can be used as they are set",
    ));
    checks.extend(of_warnings(
        Subject::Ambient,
        resolution,
        &[WarningCode::AmbientNeutralised],
        "nothing in the environment or the AWS profile would mislead an AWS SDK",
    ));
    checks.extend(answer(resolution));
    checks
}

fn policies(resolution: &Resolution) -> Vec<Check> {
    let sources = &resolution.policy.sources;
    if sources.is_empty() {
        return vec![Check::fine(Subject::Policy, "there is no managed policy")];
    }
    sources.iter().map(|source| policy(source, &resolution.denials)).collect()
}

fn policy(source: &SourceReport, denials: &[Denial]) -> Check {
    let at = Place::whole_file(&source.file);
    let reason = source.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let message = format!("{} is `{}`{reason}", source.file.display(), source.state);
    let is_about_it = |denial: &&Denial| {
        denial.code.is_about_a_source()
            && denial.forbidden_by.as_ref().is_some_and(|place| place.file() == at.file())
    };
    let remedy = denials.iter().find(is_about_it).map(|denial| denial.remedy.clone());
    let state = if source.state.is_usable() { CheckState::Fine } else { CheckState::Problem };
    Check { state, at: Some(at), remedy, ..Check::fine(Subject::Policy, message) }
}

/// One check for each warning of these kinds, or one that there is none.
fn of_warnings(
    subject: Subject,
    resolution: &Resolution,
    codes: &[WarningCode],
    fine: &str,
) -> Vec<Check> {
    let warnings = resolution.warnings.iter().filter(|warning| codes.contains(&warning.code));
    let checks: Vec<_> = warnings.map(|warning| Check::warning(subject, warning)).collect();
    if checks.is_empty() { vec![Check::fine(subject, fine)] } else { checks }
}

fn keychain(state: &KeychainState) -> Check {
    let check = Check::fine(Subject::Keychain, state.to_string());
    let state_of_check = match state {
        KeychainState::Disabled | KeychainState::Empty | KeychainState::Found { .. } => {
            CheckState::Fine
        }
        KeychainState::Absent { .. } | KeychainState::Locked => CheckState::Warning,
        KeychainState::TimedOut { .. }
        | KeychainState::Failed { .. }
        | KeychainState::Unusable { .. } => CheckState::Problem,
    };
    Check { state: state_of_check, remedy: state.advice().map(str::to_owned), ..check }
}

fn answer(resolution: &Resolution) -> Vec<Check> {
    match resolution.outcome {
        Outcome::Allowed => vec![Check::fine(Subject::Answer, &resolution.display)],
        Outcome::Denied => {
            let denials =
                resolution.denials.iter().filter(|denial| !denial.code.is_about_a_source());
            denials.map(|denial| Check::denial(Subject::Answer, denial)).collect()
        }
        Outcome::Unconfigured => {
            let remedy = "run `bedrock-auth explain` to see what was considered".to_owned();
            vec![Check::problem(Subject::Answer, &resolution.display, Some(remedy))]
        }
    }
}
