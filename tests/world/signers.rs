//! A table of profiles: what would sign if one were used.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bedrock_auth::auth::{AccessKeyId, AccountId, Root};
use bedrock_auth::credentials::StaticCredentials;
use bedrock_auth::lure::{Lure, LureKind};
use bedrock_auth::provenance::{Place, Position};
use bedrock_auth::signer::{
    CommandLine, MovedEndpoint, Note, Renewal, Service, ServiceCall, SignIn, Signer, SignerFault,
    SignerFaultKind, Signers, Step, StepKind,
};

use super::credentials::access_key_id;
use super::dice::Dice;
use super::pools::{
    ACCOUNTS, CANARY, COMMANDS, CONTAINER_URLS, IMDS_URLS, INSTANTS, PROFILES, ROLES, SERVICE_URLS,
    SSO_ROLES, START_URLS, instant,
};

/// What stands behind each profile and behind the default chain.
#[derive(Debug, Clone)]
pub struct Profiles {
    pub of: BTreeMap<String, Result<Signer, SignerFault>>,
    pub automatic: Result<Signer, SignerFault>,
    /// Of every profile.
    pub sign_in: Option<SignIn>,
}

impl Profiles {
    pub fn roll(dice: &mut Dice) -> Self {
        let of = PROFILES.iter().filter_map(|name| {
            let missing = dice.percent(5);
            (!missing).then(|| ((*name).to_owned(), roll_signer(dice, name)))
        });
        let (of, automatic) = (of.collect(), roll_signer(dice, "default"));
        Profiles { of, automatic, sign_in: roll_sign_in(dice) }
    }
}

impl Signers for Profiles {
    fn profile(&self, name: &str) -> Result<Signer, SignerFault> {
        self.of.get(name).cloned().unwrap_or_else(|| {
            let similar = self.of.keys().next().cloned();
            let kind = SignerFaultKind::ProfileNotFound { profile: name.to_owned(), similar };
            Err(SignerFault { kind, at: None, chain: Vec::new() })
        })
    }

    fn automatic(&self) -> Result<Signer, SignerFault> {
        self.automatic.clone()
    }

    fn lures(&self, _: Option<&str>) -> Vec<Lure> {
        let at = Place::variable("AWS_REGION");
        vec![Lure { kind: LureKind::Region, at, key: None, value: Some("eu-west-1".to_owned()) }]
    }

    fn identity_call(&self, _: Option<&str>) -> Result<ServiceCall, SignerFault> {
        Ok(ServiceCall { service: Service::Sts, moved_to: None })
    }

    fn access_key(&self, _: &StepKind) -> Option<StaticCredentials> {
        None
    }

    fn sign_in(&self, step: &StepKind) -> Option<SignIn> {
        let needs_one = matches!(step, StepKind::Sso { .. } | StepKind::Login { .. });
        self.sign_in.clone().filter(|_| needs_one)
    }
}

fn roll_sign_in(dice: &mut Dice) -> Option<SignIn> {
    match dice.below(8) {
        0 => None,
        1 => Some(SignIn::Absent),
        2 => Some(SignIn::Unreadable("it is not JSON".to_owned())),
        ending => {
            let expires = instant(dice.pick(INSTANTS));
            let renewal = match ending {
                3 | 4 => Renewal::Never,
                5 | 6 => Renewal::Until(instant(dice.pick(INSTANTS))),
                _ => Renewal::WhileTheSessionLasts,
            };
            Some(SignIn::Until { expires, renewal })
        }
    }
}

pub fn account_id(number: u64) -> AccountId {
    format!("{number:012}").parse().expect("twelve digits")
}

fn roll_signer(dice: &mut Dice, profile: &str) -> Result<Signer, SignerFault> {
    if dice.percent(22) {
        return Err(roll_fault(dice, profile));
    }
    Ok(roll_whole_signer(dice, profile))
}

/// A root, the steps that lead to it, and what is known about it.
pub fn roll_whole_signer(dice: &mut Dice, profile: &str) -> Signer {
    let number = dice.maybe(75, |dice| dice.pick(ACCOUNTS));
    let account = number.map(account_id);
    let mut chain = Vec::new();
    for _ in 0..dice.pick(&[0, 0, 0, 1, 1, 2]) {
        let role_arn = dice.pick(ROLES).to_owned();
        let (external_id, session_name) = (None, None);
        let profile = profile.to_owned();
        chain.push(step(StepKind::AssumeRole { profile, role_arn, external_id, session_name }));
    }
    let (root, last) = roll_root(dice, profile, account);
    chain.extend(last.map(step));
    let notes = dice.maybe(10, |_| Note { message: "a remark".to_owned(), at: None });
    let calls = roll_calls(dice, &chain);
    let access_key_id = roll_key_at_hand(dice, root, &chain, number);
    let notes = notes.into_iter().collect();
    Signer { root, chain, account, access_key_id, calls, notes, ..Signer::default() }
}

/// A key that stands in a profile, and assumes no role, is known beforehand.
fn roll_key_at_hand(
    dice: &mut Dice,
    root: Option<Root>,
    chain: &[Step],
    account: Option<u64>,
) -> Option<AccessKeyId> {
    let [Step { kind: StepKind::StaticKeys { .. }, .. }] = chain else { return None };
    let prefix = match root {
        Some(Root::LongLivedKeys) => "AKIA",
        Some(Root::TemporaryKeys) => "ASIA",
        _ => "ABIA",
    };
    Some(AccessKeyId::new(access_key_id(prefix, account, dice)))
}

/// The services that the steps ask; now and then somewhere else than AWS's own endpoint.
fn roll_calls(dice: &mut Dice, chain: &[Step]) -> Vec<ServiceCall> {
    let mut calls: Vec<ServiceCall> = Vec::new();
    for step in chain {
        let service = match &step.kind {
            StepKind::AssumeRole { .. } | StepKind::WebIdentity { .. } => Service::Sts,
            StepKind::Sso { .. } => Service::Sso,
            StepKind::Login { .. } => Service::SignIn,
            StepKind::Container => Service::Container,
            StepKind::Imds => Service::Imds,
            _ => continue,
        };
        let moved_to = dice.maybe(12, |dice| {
            let url = match service {
                Service::Container => dice.pick(CONTAINER_URLS),
                Service::Imds => dice.pick(IMDS_URLS),
                _ => dice.pick(SERVICE_URLS),
            };
            MovedEndpoint { url: url.to_owned(), at: Place::variable("AWS_ENDPOINT_URL") }
        });
        if calls.iter().all(|call| call.service != service) {
            calls.push(ServiceCall { service, moved_to });
        }
    }
    calls
}

fn roll_root(
    dice: &mut Dice,
    profile: &str,
    account: Option<AccountId>,
) -> (Option<Root>, Option<StepKind>) {
    let profile = profile.to_owned();
    match dice.below(16) {
        0..5 | 15 => {
            let start_url = dice.pick(START_URLS).to_owned();
            let role_name = dice.maybe(85, |dice| dice.pick(SSO_ROLES).to_owned());
            let (region, session) = ("eu-west-1".to_owned(), None);
            let kind = StepKind::Sso { profile, start_url, region, session, account, role_name };
            (Some(Root::Sso), Some(kind))
        }
        5 => {
            let role_arn = dice.pick(ROLES).to_owned();
            let (token_file, session_name) = ("/var/run/token".into(), None);
            let profile = Some(profile);
            let kind = StepKind::WebIdentity { profile, role_arn, token_file, session_name };
            (Some(Root::WebIdentity), Some(kind))
        }
        6 | 7 | 14 => {
            let command = dice.pick(COMMANDS);
            let command = match dice.below(6) {
                0..4 => command.to_owned(),
                4 => format!("{command} --password {CANARY}"),
                _ => format!("TOKEN={CANARY} {command}"),
            };
            let kind = StepKind::CredentialProcess { profile, command: CommandLine::new(command) };
            (Some(Root::CredentialProcess), Some(kind))
        }
        8 => (Some(Root::LongLivedKeys), Some(StepKind::StaticKeys { profile })),
        9 => (Some(Root::TemporaryKeys), Some(StepKind::StaticKeys { profile })),
        10 => (Some(Root::Container), Some(StepKind::Container)),
        11 => (Some(Root::Imds), Some(StepKind::Imds)),
        12 => {
            let login_session = "arn:aws:sts::111122223333:assumed-role/x/ada".to_owned();
            (Some(Root::Login), Some(StepKind::Login { profile, login_session }))
        }
        // A key of no known kind, or nothing that is known at all.
        _ => (None, dice.maybe(70, |_| StepKind::StaticKeys { profile })),
    }
}

fn step(kind: StepKind) -> Step {
    let path: Arc<Path> = Arc::from(Path::new("/home/ada/.aws/config"));
    Step { kind, at: Some(Place::in_file(&path, Position { line: 3, column: 1 })) }
}

fn roll_fault(dice: &mut Dice, profile: &str) -> SignerFault {
    let profile = profile.to_owned();
    let kind = match dice.below(4) {
        0 => SignerFaultKind::NoCredentials { profile },
        1 => SignerFaultKind::Incomplete { profile, missing: "sso_role_name" },
        2 => SignerFaultKind::Loop { profiles: vec![profile.clone(), profile] },
        _ => SignerFaultKind::FileUnusable { reason: "the AWS config file is broken".to_owned() },
    };
    SignerFault { kind, at: None, chain: Vec::new() }
}
