//! Small machines for tests, and answers in one line.

use std::collections::BTreeMap;

use super::{AwsFacts, AwsInputs, FileText};
use crate::provenance::Place;
use crate::signer::{Note, Signer, SignerFault, Step};

pub(super) const AKIA: &str = "AKIARZPUZDIKEWS2LJNF";
pub(super) const ASIA: &str = "ASIAY34FZKBOKMUTVV7A";
/// Stands wherever a test needs a secret; it must come out nowhere.
pub(super) const SECRET: &str = "wJalrXUtnFEMIsecretsecretsecret";

/// `{akia}`, `{asia}` and `{secret}` stand for what the constants hold.
pub(super) fn machine(config: &str, credentials: &str, environment: &[(&str, &str)]) -> AwsFacts {
    let fill = |text: &str| {
        text.replace("{akia}", AKIA).replace("{asia}", ASIA).replace("{secret}", SECRET)
    };
    let file = |name, text| FileText::new(name, fill(text).into_bytes());
    AwsFacts::new(AwsInputs {
        environment: variables(environment).map(|(name, value)| (name, fill(&value))).collect(),
        config: Some(file("config", config)),
        credentials: Some(file("credentials", credentials)),
    })
}

pub(super) fn variables<'a>(
    environment: &'a [(&'a str, &'a str)],
) -> impl Iterator<Item = (String, String)> + 'a {
    environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
}

pub(super) fn environment(variables_: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables(variables_).collect()
}

/// `assume_role a config:2, static_keys b credentials:2 = long_lived_keys`, or the fault and where it stands.
pub(super) fn told(answer: &Result<Signer, SignerFault>) -> String {
    match answer {
        Ok(signer) => {
            let steps: Vec<_> = signer.chain.iter().map(told_step).collect();
            let root = signer.root.map_or("unknown", |root| root.as_str());
            format!("{} = {root}", steps.join(", "))
        }
        Err(fault) => told_fault(fault),
    }
}

pub(super) fn told_fault(fault: &SignerFault) -> String {
    format!("{fault} @ {}", told_place(fault.at.as_ref()))
}

pub(super) fn told_notes(notes: &[Note]) -> Vec<String> {
    notes
        .iter()
        .map(|note| format!("{} @ {}", note.message, told_place(note.at.as_ref())))
        .collect()
}

fn told_step(step: &Step) -> String {
    let profile = step.kind.profile().map(|name| format!("{name} ")).unwrap_or_default();
    format!("{} {profile}{}", step.kind.as_str(), told_place(step.at.as_ref()))
}

pub(super) fn told_place(place: Option<&Place>) -> String {
    match place {
        Some(Place::File { path, position: Some(at) }) => format!("{}:{}", path.display(), at.line),
        Some(place) => place.to_string(),
        None => "-".to_owned(),
    }
}
