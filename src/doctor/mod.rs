//! Checks of an installation, each with what to do about it.

mod check;
mod clock;
mod files;
#[cfg(feature = "journal")]
mod journal;
mod policies;
mod program;

use schemars::{JsonSchema, Schema};
use serde::Serialize;

pub use check::{Check, CheckCode, CheckState, Owner, Subject};
pub use clock::of_skew;

use crate::auth::CallerIdentity;
use crate::load::Machine;
use crate::load::keychain::KeychainState;
use crate::policy::schema_of_answer;
use crate::resolve::{Outcome, Resolution, WarningCode};
use crate::signer::StepKind;

/// What `doctor --json` prints.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this shape: 1.
    pub schema_version: u32,
    /// The answer of this machine in one word.
    pub outcome: Outcome,
    /// Whether the policies were those of a what-if question.
    pub what_if: bool,
    /// Every check, in the order in which what is wrong is best mended.
    pub checks: Vec<Check>,
    /// Whom AWS takes the credentials for, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<CallerIdentity>,
}

/// The JSON Schema of what `doctor --json` prints.
pub fn report_schema() -> Schema {
    schema_of_answer::<Report>("bedrock-auth doctor")
}

/// Checks the machine, in the order in which what is wrong is best mended. Calls nobody.
///
/// A machine that [reads its keychain once](Machine::reading_keychain_once) shares that look with its resolution.
pub fn examine(machine: &Machine, resolution: &Resolution) -> Vec<Check> {
    let mut checks = policies::checks(machine, resolution);
    checks.extend(settings(machine, resolution));
    checks.extend(files::of_aws(machine));
    checks.push(program::check());
    checks.extend(clock::checks(machine, resolution));
    checks.push(keychain(&machine.keychain().read()));
    #[cfg(feature = "journal")]
    checks.extend(journal::checks(machine, resolution.audit));
    checks.extend(of_warnings(
        Subject::Network,
        resolution,
        &[
            (WarningCode::CaBundleUnusable, CheckCode::CaBundleUnusable),
            (WarningCode::ProxyUnusable, CheckCode::ProxyUnusable),
        ],
        "certificates and proxies can be used as they are set",
    ));
    checks.extend(of_warnings(
        Subject::Ambient,
        resolution,
        &[(WarningCode::AmbientNeutralised, CheckCode::AmbientNeutralised)],
        "nothing in the environment or the AWS profile would mislead an AWS SDK",
    ));
    checks.extend(of_warnings(
        Subject::SignIn,
        resolution,
        &[(WarningCode::SignInNeeded, CheckCode::SignInNeeded)],
        &signed_in(resolution),
    ));
    checks.extend(answer(resolution));
    checks
}

fn settings(machine: &Machine, resolution: &Resolution) -> Vec<Check> {
    const FINE: &str = "the settings are absent or without a fault";
    let mut checks = found_in_warnings(
        Subject::Settings,
        resolution,
        &[
            (WarningCode::SettingsFaulty, CheckCode::SettingsFaulty),
            (WarningCode::SettingUnknown, CheckCode::SettingUnknown),
        ],
    );
    checks.extend(files::of_settings(machine));
    or_fine(checks, Subject::Settings, FINE)
}

/// One check for each warning of these kinds, or one that there is none.
fn of_warnings(
    subject: Subject,
    resolution: &Resolution,
    codes: &[(WarningCode, CheckCode)],
    fine: &str,
) -> Vec<Check> {
    or_fine(found_in_warnings(subject, resolution, codes), subject, fine)
}

fn found_in_warnings(
    subject: Subject,
    resolution: &Resolution,
    codes: &[(WarningCode, CheckCode)],
) -> Vec<Check> {
    let found = resolution.warnings.iter().filter_map(|warning| {
        let (_, code) = codes.iter().find(|(of_warning, _)| *of_warning == warning.code)?;
        Some(Check::warning(subject, *code, warning))
    });
    found.collect()
}

fn or_fine(checks: Vec<Check>, subject: Subject, fine: &str) -> Vec<Check> {
    if checks.is_empty() { vec![Check::fine(subject, fine)] } else { checks }
}

fn signed_in(resolution: &Resolution) -> String {
    let last = resolution.chain.last().map(|step| &step.kind);
    let needs_one = matches!(last, Some(StepKind::Sso { .. } | StepKind::Login { .. }));
    match resolution.sign_in {
        Some(sign_in) if sign_in.renewable => {
            format!("signed in until {}, then renewed", sign_in.expires)
        }
        Some(sign_in) => format!("signed in until {}", sign_in.expires),
        None if needs_one && resolution.outcome == Outcome::Allowed => {
            "nobody has looked for the sign-in".to_owned()
        }
        None => "no sign-in is needed".to_owned(),
    }
}

fn keychain(state: &KeychainState) -> Check {
    let message = state.to_string();
    let code = match state {
        KeychainState::Disabled | KeychainState::Empty | KeychainState::Found { .. } => {
            return Check::fine(Subject::Keychain, message);
        }
        KeychainState::Absent { .. } => CheckCode::KeychainAbsent,
        KeychainState::Locked => CheckCode::KeychainLocked,
        KeychainState::TimedOut { .. } => CheckCode::KeychainTimedOut,
        KeychainState::Failed { .. } => CheckCode::KeychainFailed,
        KeychainState::Unusable { .. } => CheckCode::KeychainItemUnusable,
    };
    let remedy = state.advice().map(str::to_owned);
    Check { remedy, ..Check::found(Subject::Keychain, code, message) }
}

fn answer(resolution: &Resolution) -> Vec<Check> {
    match resolution.outcome {
        Outcome::Allowed => vec![Check::fine(Subject::Answer, &resolution.display)],
        Outcome::Denied => {
            let denials =
                resolution.denials.iter().filter(|denial| !denial.code.is_about_a_source());
            denials.map(Check::denial).collect()
        }
        Outcome::Unconfigured => {
            let code = CheckCode::AnswerUnconfigured;
            let check = Check::found(Subject::Answer, code, &resolution.display);
            vec![check.with_remedy("run `bedrock-auth explain` to see what was considered")]
        }
    }
}
