//! Sentences of the answer.

use super::allowed::Allowed;
use super::resolution::Outcome;
use crate::auth::BedrockAuth;
use crate::facts::FamilyFacts;
use crate::family::{Family, Variable};
use crate::policy::Denial;
use crate::prose::quoted;
use crate::signer::{SignerFault, SignerFaultKind};

pub(super) fn variables_of(families: &[FamilyFacts]) -> String {
    let names: Vec<_> = families.iter().map(|f| format!("`{}_*`", f.family)).collect();
    match names.as_slice() {
        [] => "the environment".to_owned(),
        names => names.join(" or "),
    }
}

pub(super) fn remedy_of(fault: &SignerFault) -> String {
    match &fault.kind {
        SignerFaultKind::ProfileNotFound { similar: Some(similar), .. } => {
            format!("did you mean {}?", quoted(similar))
        }
        SignerFaultKind::ProfileNotFound { .. } => {
            "set `profile` to a profile of the AWS config file, or add it there".to_owned()
        }
        SignerFaultKind::NoCredentials { .. } => {
            "add `sso_session`, `role_arn`, `credential_process` or keys to the profile".to_owned()
        }
        SignerFaultKind::Incomplete { missing, .. } => format!("add `{missing}` to the profile"),
        SignerFaultKind::Loop { .. } => {
            "let `source_profile` lead to a profile with credentials of its own".to_owned()
        }
        SignerFaultKind::Invalid { key, .. } => format!("mend `{key}` of the profile"),
        SignerFaultKind::Variable { name, .. } => format!("unset or mend `{name}`"),
        SignerFaultKind::FileUnusable { .. } => "mend the AWS config file".to_owned(),
        SignerFaultKind::NothingFound => {
            "sign in, choose a profile, or run where a role is attached".to_owned()
        }
    }
}

/// The line for an editor's settings page, in Zed's words.
pub(super) fn display(
    outcome: Outcome,
    allowed: Option<&Allowed>,
    family: Option<&Family>,
    denials: &[Denial],
) -> String {
    let Some(allowed) = allowed else {
        return match (outcome, denials.first()) {
            (Outcome::Denied, Some(denial)) => format!("Denied by policy: {}", denial.message),
            _ => "Not configured".to_owned(),
        };
    };
    let variable_of = |variable| family.map(|family| family.name(variable));
    match allowed.auth() {
        BedrockAuth::Automatic => "Using automatic credentials (AWS default chain)".to_owned(),
        BedrockAuth::NamedProfile { profile_name } => format!("Using AWS profile: {profile_name}"),
        BedrockAuth::SingleSignOn { profile_name } => {
            format!("Using AWS SSO profile: {profile_name}")
        }
        BedrockAuth::IamCredentials { .. } => {
            match (variable_of(Variable::AccessKeyId), variable_of(Variable::SecretAccessKey)) {
                (Some(id), Some(secret)) => {
                    format!("Using IAM credentials from {id} and {secret} environment variables")
                }
                _ => "Using IAM credentials".to_owned(),
            }
        }
        BedrockAuth::ApiKey { .. } => match variable_of(Variable::BearerToken) {
            Some(name) => format!("Using Bedrock API Key from {name} environment variable"),
            None => "Using Bedrock API Key".to_owned(),
        },
    }
}
