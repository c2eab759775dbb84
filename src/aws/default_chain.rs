//! The SDK's default chain: which of its providers would answer first.

use super::AwsFacts;
use super::ambient::{
    ACCESS_KEY_ID, Ambient, CONTAINER_TOKEN_FILE, OLD_SECRET_ACCESS_KEY, PROFILE, ROLE_ARN,
    ROLE_SESSION_NAME, SECRET_ACCESS_KEY, TOKEN_FILE,
};
use crate::auth::{AccountId, Root, judge_key};
use crate::provenance::Place;
use crate::signer::{Note, Signer, SignerFault, SignerFaultKind, Step, StepKind};

/// Predicts what the SDK's default chain signs with: environment, profile, web identity, container, IMDS.
///
/// As in `CredentialsProviderChain`, only a provider that is "not loaded" lets the next one be asked;
/// one that is configured wrongly ends the chain. So does, other than there, a profile that `AWS_PROFILE`
/// names and that is missing or has no source of credentials.
///
/// # Errors
/// When the chain would find nothing, or would stop at something that cannot be used.
pub(super) fn predict(facts: &AwsFacts) -> Result<Signer, SignerFault> {
    DefaultChain { facts, ambient: &facts.ambient }.predict()
}

struct DefaultChain<'a> {
    facts: &'a AwsFacts,
    ambient: &'a Ambient,
}

/// The providers of the chain in the SDK's order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Provider {
    Environment,
    Profile,
    WebIdentity,
    Container,
    Imds,
}

const ORDER: [Provider; 5] = [
    Provider::Environment,
    Provider::Profile,
    Provider::WebIdentity,
    Provider::Container,
    Provider::Imds,
];

/// What a provider of the chain answers.
enum Answer {
    Signs(Box<Signer>),
    /// Not configured here; the fault says what kept it from it, where people meant to configure it.
    Absent(Option<SignerFault>),
    Breaks(SignerFault),
}

impl DefaultChain<'_> {
    fn predict(&self) -> Result<Signer, SignerFault> {
        let mut notes = self.notes_on_variables();
        let mut passed_over = None;
        for (index, provider) in ORDER.into_iter().enumerate() {
            match self.ask(provider) {
                Answer::Signs(mut signer) => {
                    notes.append(&mut signer.notes);
                    notes.extend(self.note_on_runner_up(&ORDER[index + 1..]));
                    return Ok(Signer { notes, ..*signer });
                }
                Answer::Breaks(fault) => return Err(fault),
                Answer::Absent(Some(fault)) => {
                    notes.push(note_on_absence(&fault));
                    passed_over = Some(fault);
                }
                Answer::Absent(None) => {}
            }
        }
        Err(passed_over.unwrap_or(SignerFault {
            kind: SignerFaultKind::NothingFound,
            at: None,
            chain: Vec::new(),
        }))
    }

    fn ask(&self, provider: Provider) -> Answer {
        match provider {
            Provider::Environment => self.environment(),
            Provider::Profile => self.profile(),
            Provider::WebIdentity => self.web_identity(),
            Provider::Container => self.container(),
            Provider::Imds => self.imds(),
        }
    }

    /// Half a key counts as none.
    fn environment(&self) -> Answer {
        let Ok(key) = self.ambient.access_key() else { return Answer::Absent(None) };
        let judged = judge_key(key.id, key.has_token);
        let remark = judged.remark.map(|remark| note(remark, ACCESS_KEY_ID));
        let old_name = (key.secret_in == OLD_SECRET_ACCESS_KEY).then(|| {
            let message = format!(
                "the secret access key comes from here, because `{SECRET_ACCESS_KEY}` holds nothing"
            );
            note(&message, OLD_SECRET_ACCESS_KEY)
        });
        Answer::Signs(Box::new(Signer {
            root: judged.root,
            chain: vec![step(StepKind::EnvironmentKeys, ACCESS_KEY_ID)],
            account: judged.account,
            access_key_id: judged.id,
            expires: None,
            calls: Vec::new(),
            notes: remark.into_iter().chain(old_name).collect(),
        }))
    }

    fn profile(&self) -> Answer {
        let stop = match self.facts.walk(self.facts.active_profile()) {
            Ok(signer) => return Answer::Signs(Box::new(signer)),
            Err(stop) => stop,
        };
        let mut fault = *stop.fault;
        // The SDK would go on without a profile that somebody chose, and sign with something else.
        let is_chosen = self.ambient.filled(PROFILE).is_some();
        if is_chosen && fault.at.is_none() {
            fault.at = Some(Place::variable(PROFILE));
        }
        match stop.falls_through && !is_chosen {
            true => Answer::Absent(self.worth_telling(fault)),
            false => Answer::Breaks(fault),
        }
    }

    /// That nobody made a default profile, or put no credentials into it, is the usual case.
    fn worth_telling(&self, fault: SignerFault) -> Option<SignerFault> {
        let is_usual = match fault.kind {
            SignerFaultKind::ProfileNotFound { .. } => fault.chain.is_empty(),
            SignerFaultKind::NoCredentials { .. } => true,
            _ => false,
        };
        (!is_usual).then_some(fault)
    }

    /// Both variables count as soon as they exist, be they empty.
    fn web_identity(&self) -> Answer {
        let role_arn = match (self.ambient.is_set(TOKEN_FILE), self.ambient.value(ROLE_ARN)) {
            (true, Some(role_arn)) => role_arn,
            _ => return Answer::Absent(None),
        };
        if let Some(name) =
            [TOKEN_FILE, ROLE_ARN].into_iter().find(|name| self.ambient.is_empty(name))
        {
            return Answer::Breaks(empty_variable(name));
        }
        let kind = StepKind::WebIdentity {
            profile: None,
            role_arn: role_arn.to_owned(),
            token_file: self.ambient.value(TOKEN_FILE).unwrap_or_default().into(),
            session_name: self.ambient.value(ROLE_SESSION_NAME).map(str::to_owned),
        };
        Answer::Signs(Box::new(Signer {
            account: AccountId::of_arn(role_arn),
            ..signer(Root::WebIdentity, step(kind, ROLE_ARN))
        }))
    }

    fn container(&self) -> Answer {
        match self.ambient.container_variable() {
            None => Answer::Absent(None),
            Some(name) if self.ambient.is_empty(name) => Answer::Breaks(empty_variable(name)),
            Some(name) => {
                Answer::Signs(Box::new(signer(Root::Container, step(StepKind::Container, name))))
            }
        }
    }

    /// The metadata service is always asked last; nothing on the machine says whether it answers.
    fn imds(&self) -> Answer {
        if self.ambient.is_imds_disabled() {
            return Answer::Absent(None);
        }
        let mut signer = signer(Root::Imds, Step { kind: StepKind::Imds, at: None });
        let message = "nothing else is configured, so the EC2 instance metadata service is asked; \
                       whether it answers is not known beforehand";
        signer.notes.push(Note { message: message.to_owned(), at: None });
        if self.ambient.is_set(CONTAINER_TOKEN_FILE) {
            let message = "the AWS SDK reads this file even where no container endpoint is configured, \
                           and fails if it cannot";
            signer.notes.push(note(message, CONTAINER_TOKEN_FILE));
        }
        Answer::Signs(Box::new(signer))
    }

    fn notes_on_variables(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if let Some(name) = self.ambient.filled(PROFILE) {
            let message = format!("the AWS profile `{name}` is chosen here for the default chain");
            notes.push(note(&message, PROFILE));
        }
        if let Err(missing) = self.ambient.access_key()
            && let Some(present) = [ACCESS_KEY_ID, SECRET_ACCESS_KEY]
                .into_iter()
                .find(|name| self.ambient.is_filled(name))
        {
            let message = format!("half an access key counts as none: `{missing}` holds nothing");
            notes.push(note(&message, present));
        }
        notes
    }

    /// What would sign if the winner were taken away. That the metadata service is asked last goes without saying.
    fn note_on_runner_up(&self, behind: &[Provider]) -> Option<Note> {
        let behind = behind.iter().filter(|provider| **provider != Provider::Imds);
        behind.map(|provider| self.ask(*provider)).find_map(|answer| match answer {
            Answer::Signs(signer) => {
                let first = signer.chain.first()?;
                let root = signer.root.map_or("unknown", Root::as_str);
                let what = match first.kind.profile() {
                    Some(profile) => format!("the AWS profile `{profile}` (root `{root}`)"),
                    None => format!("the next provider of the chain (root `{root}`)"),
                };
                let message =
                    format!("shadowed by what comes before it in the default chain: {what}");
                Some(Note { message, at: first.at.clone() })
            }
            Answer::Breaks(fault) => {
                let message =
                    format!("shadowed by what comes before it in the default chain: {fault}");
                Some(Note { message, at: fault.at })
            }
            Answer::Absent(_) => None,
        })
    }
}

fn signer(root: Root, step: Step) -> Signer {
    Signer { root: Some(root), chain: vec![step], ..Signer::default() }
}

fn step(kind: StepKind, variable: &str) -> Step {
    Step { kind, at: Some(Place::variable(variable)) }
}

fn note(message: &str, variable: &str) -> Note {
    Note { message: message.to_owned(), at: Some(Place::variable(variable)) }
}

fn note_on_absence(fault: &SignerFault) -> Note {
    Note { message: format!("{fault}, so the default chain goes on"), at: fault.at.clone() }
}

fn empty_variable(name: &'static str) -> SignerFault {
    let kind = SignerFaultKind::Variable { name, reason: "it is empty".to_owned() };
    SignerFault { kind, at: Some(Place::variable(name)), chain: Vec::new() }
}

#[cfg(test)]
mod tests;
