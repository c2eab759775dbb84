//! The walk from a profile, over the roles it assumes, to what really signs.

use std::collections::BTreeSet;

use super::ambient::{self, Ambient};
use super::files::FileText;
use super::keys::{
    ACCESS_KEY_ID, CREDENTIAL_PROCESS, CREDENTIAL_SOURCE, EXTERNAL_ID, LOGIN_SESSION, ROLE_ARN,
    ROLE_SESSION_NAME, SECRET_ACCESS_KEY, SESSION_TOKEN, SOURCE_PROFILE, SSO_ACCOUNT_ID, SSO_KEYS,
    SSO_REGION, SSO_ROLE_NAME, SSO_SESSION, SSO_START_URL, TOKEN_FILE, WAYS_TO_CREDENTIALS,
};
use super::profiles::{CONTESTED, Entry, Profiles, Section};
use crate::auth::{AccessKeyId, AccountId, JudgedKey, Root, is_region_name, judge_key};
use crate::provenance::Place;
use crate::signer::{CommandLine, Note, Signer, SignerFault, SignerFaultKind, Step, StepKind};

/// Where a walk begins, and what it may look at.
pub(super) struct Ground<'a> {
    pub(super) profiles: &'a Profiles,
    pub(super) ambient: &'a Ambient,
    /// Files whose content is unknown; the SDK takes them for empty.
    pub(super) unreadable: &'a [FileText],
}

/// Why a profile leads to no credential.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) fault: Box<SignerFault>,
    /// The SDK calls this "not loaded", and its default chain asks the next provider.
    pub(super) falls_through: bool,
}

/// Walks from a profile to the root as the SDK's `ProfileFileCredentialsProvider` resolves it.
///
/// # Errors
/// When the SDK would refuse the profile, or could sign nothing with it.
pub(super) fn walk(ground: &Ground<'_>, profile: &str) -> Result<Signer, Stop> {
    Walk::new(ground).run(profile)
}

struct Walk<'a> {
    ground: &'a Ground<'a>,
    /// In the order in which they were passed.
    passed: Vec<&'a str>,
    seen: BTreeSet<&'a str>,
    chain: Vec<Step>,
    notes: Vec<Note>,
    /// What stops the SDK once it has resolved the whole chain: an empty value, say.
    late: Option<Stop>,
}

/// What a profile that assumes a role takes its credentials from.
enum Next<'a> {
    Itself,
    Profile(&'a Entry),
}

/// The end of the walk.
#[derive(Default)]
struct End {
    root: Option<Root>,
    account: Option<AccountId>,
    access_key_id: Option<AccessKeyId>,
}

impl<'a> Walk<'a> {
    fn new(ground: &'a Ground<'a>) -> Self {
        Walk {
            ground,
            passed: Vec::new(),
            seen: BTreeSet::new(),
            chain: Vec::new(),
            notes: Vec::new(),
            late: None,
        }
    }

    fn run(mut self, name: &str) -> Result<Signer, Stop> {
        let mut profile = match self.ground.profiles.profile(name) {
            Some(profile) => profile,
            None => return Err(self.not_found(name, None)),
        };
        let mut named_by = None;
        loop {
            self.pass(profile, named_by)?;
            if self.passed.len() > 1 && has_whole_key(profile) {
                // As somebody's source, a profile gives its keys before anything else.
                let end = self.static_keys(profile)?;
                return self.arrive(end);
            }
            let Some(role_arn) = role_to_assume(profile) else {
                let is_source = self.passed.len() > 1;
                let end = self.base(profile).map_err(|stop| stop.behind_source(is_source))?;
                return self.arrive(end);
            };
            let next = self.source_of(profile)?;
            self.assume(profile, role_arn, &next);
            match next {
                Next::Itself => {
                    let end = self.base(profile)?;
                    return self.arrive(end);
                }
                Next::Profile(source) => {
                    profile = match self.ground.profiles.profile(&source.value) {
                        Some(profile) => profile,
                        None => return Err(self.not_found(&source.value, source.at.clone())),
                    };
                    named_by = Some(source);
                }
            }
        }
    }

    /// Enters a profile, unless that closes a circle or its keys are a matter of chance.
    fn pass(&mut self, profile: &'a Section, named_by: Option<&Entry>) -> Result<(), Stop> {
        if !self.seen.insert(&profile.name) {
            let profiles = self.passed.iter().copied().chain([profile.name.as_str()]);
            let profiles = profiles.map(str::to_owned).collect();
            let at = named_by.and_then(|entry| entry.at.clone());
            return Err(self.stop(SignerFaultKind::Loop { profiles }, at));
        }
        self.passed.push(&profile.name);
        self.refuse_contested(profile, profile)
    }

    /// `section` is the profile itself or its `[sso-session]`.
    fn refuse_contested(&self, profile: &Section, section: &Section) -> Result<(), Stop> {
        let Some(entry) = section.entries().find(|entry| entry.is_contested) else {
            return Ok(());
        };
        Err(self.invalid(profile, entry, CONTESTED))
    }

    /// Either the one or the other, says the SDK.
    fn source_of(&self, profile: &'a Section) -> Result<Next<'a>, Stop> {
        match (profile.get(SOURCE_PROFILE), profile.get(CREDENTIAL_SOURCE)) {
            (Some(_), Some(both)) => {
                let reason =
                    "`source_profile` stands in the same profile, and only one can be used";
                Err(self.invalid(profile, both, reason))
            }
            (None, None) => Err(self.incomplete(profile, SOURCE_PROFILE, ROLE_ARN)),
            (Some(source), None) if source.value == profile.name => Ok(Next::Itself),
            (Some(source), None) => Ok(Next::Profile(source)),
            (None, Some(_)) => Ok(Next::Itself),
        }
    }

    fn assume(&mut self, profile: &'a Section, role_arn: &'a Entry, next: &Next<'a>) {
        self.refuse_later_if_empty(profile, role_arn);
        let kind = StepKind::AssumeRole {
            profile: profile.name.clone(),
            role_arn: role_arn.value.clone(),
            external_id: profile.value(EXTERNAL_ID).map(str::to_owned),
            session_name: profile.value(ROLE_SESSION_NAME).map(str::to_owned),
        };
        self.step(kind, role_arn);
        if matches!(next, Next::Profile(_)) {
            self.note_passed_over(profile, &[ROLE_ARN, SOURCE_PROFILE]);
        }
    }

    /// The credential that a profile names without looking at other profiles, in the SDK's order.
    fn base(&mut self, profile: &'a Section) -> Result<End, Stop> {
        if let Some(source) = profile.get(CREDENTIAL_SOURCE) {
            return self.named_source(profile, source);
        }
        match (profile.get(ROLE_ARN), profile.get(TOKEN_FILE)) {
            (Some(role_arn), Some(token)) => return Ok(self.web_identity(profile, role_arn, token)),
            (None, Some(_)) => return Err(self.incomplete(profile, ROLE_ARN, TOKEN_FILE)),
            (_, None) => {}
        }
        if SSO_KEYS.into_iter().any(|key| profile.has(key)) {
            return self.sso(profile);
        }
        if let Some(session) = profile.get(LOGIN_SESSION) {
            return Ok(self.login(profile, session));
        }
        if let Some(command) = profile.get(CREDENTIAL_PROCESS) {
            return Ok(self.credential_process(profile, command));
        }
        self.static_keys(profile)
    }

    /// Names are matched without regard to case.
    fn named_source(&mut self, profile: &'a Section, source: &'a Entry) -> Result<End, Stop> {
        let end = match source.value.to_ascii_lowercase().as_str() {
            "environment" => self.environment_keys(source)?,
            "ecscontainer" => self.container(source)?,
            "ec2instancemetadata" => self.imds(source)?,
            _ => {
                let reason =
                    "the AWS SDK knows `Environment`, `EcsContainer` and `Ec2InstanceMetadata`";
                return Err(self.invalid(profile, source, reason));
            }
        };
        self.note_passed_over(profile, &[CREDENTIAL_SOURCE]);
        Ok(end)
    }

    fn environment_keys(&mut self, source: &'a Entry) -> Result<End, Stop> {
        let key = self.ground.ambient.access_key().map_err(|name| {
            self.variable(name, "it holds nothing, and a profile takes its credentials from there")
        })?;
        self.step(StepKind::EnvironmentKeys, source);
        let judged = judge_key(key.id, key.has_token);
        Ok(self.end_with_key(judged, Some(Place::variable(ambient::ACCESS_KEY_ID))))
    }

    fn container(&mut self, source: &'a Entry) -> Result<End, Stop> {
        let ambient = self.ground.ambient;
        let Some(name) = ambient.container_variable() else {
            let reason = "it is not set, and a profile takes its credentials from the container";
            return Err(self.variable(ambient::CONTAINER_RELATIVE_URI, reason));
        };
        if ambient.is_empty(name) {
            return Err(self.variable(name, "it is empty"));
        }
        self.step(StepKind::Container, source);
        Ok(End { root: Some(Root::Container), ..End::default() })
    }

    fn imds(&mut self, source: &'a Entry) -> Result<End, Stop> {
        if self.ground.ambient.is_imds_disabled() {
            let reason = "it switches the metadata service off, and a profile takes its credentials from there";
            return Err(self.variable(ambient::IMDS_DISABLED, reason));
        }
        self.step(StepKind::Imds, source);
        Ok(End { root: Some(Root::Imds), ..End::default() })
    }

    fn web_identity(&mut self, profile: &'a Section, role_arn: &'a Entry, token: &'a Entry) -> End {
        self.refuse_later_if_empty(profile, role_arn);
        self.refuse_later_if_empty(profile, token);
        let kind = StepKind::WebIdentity {
            profile: Some(profile.name.clone()),
            role_arn: role_arn.value.clone(),
            token_file: token.value.clone().into(),
            session_name: profile.value(ROLE_SESSION_NAME).map(str::to_owned),
        };
        self.step(kind, role_arn);
        self.note_passed_over(profile, &[ROLE_ARN, TOKEN_FILE]);
        let account = AccountId::of_arn(&role_arn.value);
        End { root: Some(Root::WebIdentity), account, access_key_id: None }
    }

    fn sso(&mut self, profile: &'a Section) -> Result<End, Stop> {
        let portal = self.sso_portal(profile)?;
        let (account_id, role_name) = self.sso_account_and_role(profile)?;
        let region =
            portal.get(SSO_REGION).ok_or_else(|| self.lacks_sso_key(profile, SSO_REGION))?;
        let start_url =
            portal.get(SSO_START_URL).ok_or_else(|| self.lacks_sso_key(profile, SSO_START_URL))?;
        if !region.value.is_empty() && !is_region_name(&region.value) {
            return Err(self.invalid(profile, region, "it is not the name of a region"));
        }
        let (Some(account_id), Some(role_name)) = (account_id, role_name) else {
            // Such a profile yields a bearer token alone. The SDK notices last, and goes on.
            self.late = Some(self.lacks_sso_key(profile, SSO_ACCOUNT_ID));
            return Ok(End::default());
        };
        for (section, entry) in
            [(portal, region), (portal, start_url), (profile, account_id), (profile, role_name)]
        {
            self.refuse_later_if_empty(section, entry);
        }
        let account = account_id.value.parse().ok();
        let kind = StepKind::Sso {
            profile: profile.name.clone(),
            start_url: start_url.value.clone(),
            region: region.value.clone(),
            session: profile.value(SSO_SESSION).map(str::to_owned),
            account,
            role_name: Some(role_name.value.clone()),
        };
        self.step(kind, start_url);
        self.note_passed_over(profile, &[SSO_SESSION, SSO_START_URL]);
        Ok(End { root: Some(Root::Sso), account, access_key_id: None })
    }

    /// The section that describes the portal: the profile itself or the `[sso-session]` that it names.
    fn sso_portal(&self, profile: &'a Section) -> Result<&'a Section, Stop> {
        let Some(session) = profile.get(SSO_SESSION) else { return Ok(profile) };
        for key in [SSO_START_URL, SSO_REGION] {
            if let Some(entry) = profile.get(key) {
                let reason = "with `sso_session` it may stand in the `[sso-session]` section alone";
                return Err(self.invalid(profile, entry, reason));
            }
        }
        let Some(portal) = self.ground.profiles.sso_session(&session.value) else {
            let reason = "there is no `[sso-session]` section of that name in the config file";
            return Err(self.invalid(profile, session, reason));
        };
        self.refuse_contested(profile, portal)?;
        Ok(portal)
    }

    /// Both or neither.
    fn sso_account_and_role(
        &self,
        profile: &'a Section,
    ) -> Result<(Option<&'a Entry>, Option<&'a Entry>), Stop> {
        match (profile.get(SSO_ACCOUNT_ID), profile.get(SSO_ROLE_NAME)) {
            (Some(_), None) => Err(self.incomplete(profile, SSO_ROLE_NAME, SSO_ACCOUNT_ID)),
            (None, Some(_)) => Err(self.incomplete(profile, SSO_ACCOUNT_ID, SSO_ROLE_NAME)),
            both_or_neither => Ok(both_or_neither),
        }
    }

    fn login(&mut self, profile: &'a Section, session: &'a Entry) -> End {
        self.refuse_later_if_empty(profile, session);
        let kind =
            StepKind::Login { profile: profile.name.clone(), login_session: session.value.clone() };
        self.step(kind, session);
        self.note_passed_over(profile, &[LOGIN_SESSION]);
        let account = AccountId::of_arn(&session.value);
        End { root: Some(Root::Login), account, access_key_id: None }
    }

    fn credential_process(&mut self, profile: &'a Section, command: &'a Entry) -> End {
        self.refuse_later_if_empty(profile, command);
        let kind = StepKind::CredentialProcess {
            profile: profile.name.clone(),
            command: CommandLine::new(command.value.clone()),
        };
        self.step(kind, command);
        self.note_passed_over(profile, &[CREDENTIAL_PROCESS]);
        End { root: Some(Root::CredentialProcess), ..End::default() }
    }

    fn static_keys(&mut self, profile: &'a Section) -> Result<End, Stop> {
        let (id, secret) = match (profile.get(ACCESS_KEY_ID), profile.get(SECRET_ACCESS_KEY)) {
            (Some(id), Some(secret)) => (id, secret),
            (Some(_), None) => {
                return Err(self.incomplete(profile, SECRET_ACCESS_KEY, ACCESS_KEY_ID));
            }
            (None, Some(_)) => {
                return Err(self.incomplete(profile, ACCESS_KEY_ID, SECRET_ACCESS_KEY));
            }
            (None, None) if profile.has(SESSION_TOKEN) => {
                return Err(self.incomplete(profile, ACCESS_KEY_ID, SESSION_TOKEN));
            }
            (None, None) => {
                let kind = SignerFaultKind::NoCredentials { profile: profile.name.clone() };
                return Err(self.stop(kind, profile.at.clone()).into_absence());
            }
        };
        self.refuse_later_if_empty(profile, id);
        self.refuse_later_if_empty(profile, secret);
        self.step(StepKind::StaticKeys { profile: profile.name.clone() }, id);
        self.note_passed_over(profile, &[ACCESS_KEY_ID]);
        let has_token = profile.get(SESSION_TOKEN).is_some_and(|token| !token.is_empty);
        Ok(self.end_with_key(judge_key(&id.value, has_token), id.at.clone()))
    }

    fn end_with_key(&mut self, key: JudgedKey, at: Option<Place>) -> End {
        if let Some(remark) = key.remark {
            self.notes.push(Note { message: remark.to_owned(), at });
        }
        End { root: key.root, account: key.account, access_key_id: key.id }
    }

    /// The account is that of the role assumed last, which the asked profile names.
    fn arrive(mut self, end: End) -> Result<Signer, Stop> {
        if let Some(stop) = self.late {
            return Err(stop);
        }
        let (account, access_key_id) = match self.chain.first().map(|step| &step.kind) {
            Some(StepKind::AssumeRole { role_arn, .. }) => (AccountId::of_arn(role_arn), None),
            _ => (end.account, end.access_key_id),
        };
        self.note_overridden();
        Ok(Signer {
            root: end.root,
            chain: self.chain,
            account,
            access_key_id,
            expires: None,
            calls: Vec::new(),
            notes: self.notes,
        })
    }

    fn step(&mut self, kind: StepKind, at: &Entry) {
        self.chain.push(Step { kind, at: at.at.clone() });
    }

    fn refuse_later_if_empty(&mut self, section: &'a Section, entry: &'a Entry) {
        if entry.is_empty && self.late.is_none() {
            self.late = Some(self.invalid(section, entry, "it is empty"));
        }
    }

    /// Other ways to get credentials that stand in a profile and do not count.
    fn note_passed_over(&mut self, profile: &Section, used: &[&str]) {
        let role_is_assumed = self.chain.iter().any(|step| {
            matches!(&step.kind, StepKind::AssumeRole { profile: of, .. } if *of == profile.name)
        });
        let winner = used.iter().find(|key| profile.has(key)).unwrap_or(&used[0]);
        let notes = WAYS_TO_CREDENTIALS
            .into_iter()
            .filter(|key| !used.contains(key))
            .filter(|key| !(role_is_assumed && [ROLE_ARN, SOURCE_PROFILE].contains(key)))
            .filter_map(|key| profile.get(key))
            .map(|entry| Note {
                message: format!(
                    "`{}` of the AWS profile `{}` plays no part: the AWS SDK takes `{winner}`",
                    entry.key, profile.name
                ),
                at: entry.at.clone(),
            });
        self.notes.extend(notes);
    }

    fn note_overridden(&mut self) {
        for name in &self.passed {
            let Some(profile) = self.ground.profiles.profile(name) else { continue };
            for entry in profile.entries() {
                let Some(at) = &entry.overridden else { continue };
                let message = format!(
                    "`{}` of the AWS profile `{name}` is overridden by the credentials file",
                    entry.key
                );
                self.notes.push(Note { message, at: Some(at.clone()) });
            }
        }
    }

    fn not_found(&self, profile: &str, at: Option<Place>) -> Stop {
        if let Some(file) = self.ground.unreadable.first() {
            let reason = file.unreadable_reason().unwrap_or_default();
            let reason = format!(
                "there is no AWS profile `{profile}`, and a file that may hold it is not readable: {reason}"
            );
            let kind = SignerFaultKind::FileUnusable { reason };
            return self.stop(kind, Some(Place::whole_file(file.path()))).into_absence();
        }
        let similar = self.ground.profiles.similar_to(profile).map(str::to_owned);
        let kind = SignerFaultKind::ProfileNotFound { profile: profile.to_owned(), similar };
        self.stop(kind, at).into_absence()
    }

    fn incomplete(&self, profile: &Section, missing: &'static str, because_of: &str) -> Stop {
        let kind = SignerFaultKind::Incomplete { profile: profile.name.clone(), missing };
        self.stop(kind, profile.get(because_of).and_then(|entry| entry.at.clone()))
    }

    /// The SDK reports these as a profile that does not exist, so its default chain goes on.
    fn lacks_sso_key(&self, profile: &Section, missing: &'static str) -> Stop {
        let because_of = profile.get(SSO_SESSION).or_else(|| profile.get(SSO_START_URL));
        let at = because_of.map_or(profile.at.clone(), |entry| entry.at.clone());
        let kind = SignerFaultKind::Incomplete { profile: profile.name.clone(), missing };
        self.stop(kind, at).into_absence()
    }

    fn invalid(&self, profile: &Section, entry: &Entry, reason: &str) -> Stop {
        let kind = SignerFaultKind::Invalid {
            profile: profile.name.clone(),
            key: entry.key,
            reason: reason.to_owned(),
        };
        self.stop(kind, entry.at.clone())
    }

    fn variable(&self, name: &'static str, reason: &str) -> Stop {
        let kind = SignerFaultKind::Variable { name, reason: reason.to_owned() };
        self.stop(kind, Some(Place::variable(name)))
    }

    fn stop(&self, kind: SignerFaultKind, at: Option<Place>) -> Stop {
        let fault = SignerFault { kind, at, chain: self.chain.clone() };
        Stop { fault: Box::new(fault), falls_through: false }
    }
}

impl Stop {
    fn into_absence(self) -> Self {
        Stop { falls_through: true, ..self }
    }

    /// What a profile lacks as somebody's source is an error, not an absence.
    fn behind_source(self, is_source: bool) -> Self {
        Stop { falls_through: self.falls_through && !is_source, ..self }
    }
}

/// A token file makes the role a web identity's: such a profile has no source.
fn role_to_assume(profile: &Section) -> Option<&Entry> {
    if profile.has(TOKEN_FILE) { None } else { profile.get(ROLE_ARN) }
}

fn has_whole_key(profile: &Section) -> bool {
    profile.has(ACCESS_KEY_ID) && profile.has(SECRET_ACCESS_KEY)
}

#[cfg(test)]
mod tests;
