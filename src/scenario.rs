//! Scenarios: a machine written down in a file, and the answer that is expected of it.
//!
//! This is how IT tests a policy before it ships, and how most of this crate's own behaviour is tested.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonc_parser::ast::Value;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::auth::{AccountId, Method, Root};
use crate::aws::{AwsFacts, AwsInputs, FileText};
use crate::credentials::StaticCredentials;
use crate::jsonc::{
    self, Finding, FindingCode, FromJson, Located, Reader, SourceText, UnknownKeys, object,
};
use crate::load::keychain::{InMemoryKeychain, ItemName, KeychainState};
use crate::load::{Clock, Environment, Machine, Managed, SettingsPlace, read_text_file};
use crate::policy::{
    DenialCode, Document, Identity, Instant, ManagedContent, ManagedSource, Obstacle, schema_of,
};
use crate::prose::quoted;
use crate::provenance::Place;
use crate::resolve::{Fate, Outcome, Resolution, UnusableCode, WarningCode};
use crate::settings::UserSettings;
use crate::words::words;

object! {
    /// A machine and the answer that is expected of it.
    pub struct ScenarioFile {
        /// What the scenario shows.
        description: Option<String>,
        /// The managed policies in order: paths relative to this file, policies written out, or states. Default: none.
        managed: Option<Vec<ManagedEntry>>,
        /// Who runs the program and where. What is absent counts as unknown, so that every policy applies.
        identity: Option<IdentityEntry>,
        /// The moment (RFC 3339). Default: now, so that an expired policy is noticed.
        now: Option<Instant>,
        /// The person's settings, written out.
        settings: Option<Located<UserSettings>>,
        /// The person's settings file, `FILE` or `FILE#/json/pointer`, relative to this file.
        settings_file: Option<Located<String>>,
        /// The environment variables, those of AWS too. Default: none.
        environment: Option<Variables>,
        /// The keychain. Default: none is asked.
        keychain: Option<KeychainEntry>,
        /// AWS's config and credentials files. Default: there are none.
        aws: Option<AwsEntry>,
        /// What is expected. At least one key must be there.
        expect: Located<Expectation>,
    }
}

object! {
    /// Who runs the program and where.
    pub struct IdentityEntry {
        /// The login name.
        user: Option<String>,
        /// All groups of the person.
        groups: Option<Vec<String>>,
        /// The host's name.
        host: Option<String>,
    }
}

object! {
    /// A managed source that is in a state which a file's content cannot bring about.
    pub struct ManagedStub {
        /// What to call the source.
        path: Located<String>,
        /// Its state.
        state: Located<StubState>,
    }
}

words! {
    /// States that do not come from a file's content.
    pub enum StubState {
        /// There is no file.
        Absent = "absent",
        /// The file cannot be read.
        Unreadable = "unreadable",
        /// Others than root could have written the file.
        Untrusted = "untrusted",
    }
}

object! {
    /// A keychain: a state, or the items it holds.
    pub struct KeychainEntry {
        /// The state that it pretends.
        state: Option<KeychainWord>,
        /// The item that `bedrock-auth login` writes.
        item: Option<ItemEntry>,
        /// The item that Zed writes.
        zed_item: Option<ItemEntry>,
    }
}

words! {
    /// States of a keychain that holds nothing to read.
    pub enum KeychainWord {
        /// No keychain service runs.
        Absent = "absent",
        /// It holds no item.
        Empty = "empty",
        /// It would have to ask for a password.
        Locked = "locked",
        /// It does not answer.
        TimedOut = "timed_out",
        /// It answers with an error.
        Failed = "failed",
    }
}

object! {
    /// A keychain item.
    pub struct ItemEntry {
        /// An access key id.
        access_key_id: Option<String>,
        /// The secret half of an access key.
        secret_access_key: Option<String>,
        /// The token of a temporary access key.
        session_token: Option<String>,
        /// A Bedrock API key.
        bearer_token: Option<String>,
    }
}

object! {
    /// AWS's own files, each as one text or as a list of lines.
    pub struct AwsEntry {
        /// The config file.
        config: Option<Text>,
        /// The credentials file.
        credentials: Option<Text>,
    }
}

object! {
    /// What is expected of the answer.
    #[schemars(extend("minProperties" = 1))]
    pub struct Expectation {
        /// The answer in one word.
        outcome: Option<Located<Outcome>>,
        /// The method that is in force.
        method: Option<Located<Method>>,
        /// Where the credential really comes from.
        root: Option<Located<Root>>,
        /// The profile that is in force.
        profile: Option<Located<String>>,
        /// The account that requests count for.
        account: Option<Located<AccountId>>,
        /// The region.
        region: Option<Located<String>>,
        /// The endpoint.
        endpoint: Option<Located<String>>,
        /// The line for an editor's settings page.
        display: Option<Located<String>>,
        /// The codes of all denials, in any order.
        codes: Option<Located<Vec<DenialCode>>>,
        /// Codes of denials that policies which only report would make, in any order.
        would_deny: Option<Located<Vec<DenialCode>>>,
        /// Codes of warnings that must be among those that are given.
        warnings: Option<Located<Vec<WarningCode>>>,
        /// Codes of unusable candidates, in any order.
        unusable: Option<Located<Vec<UnusableCode>>>,
    }
}

/// One managed source of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManagedEntry {
    /// A file or directory, relative to the scenario.
    Path(Located<String>),
    /// A policy written out.
    Inline(Box<Located<Document>>),
    /// A state.
    Stub(ManagedStub),
}

/// Variables by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Variables(BTreeMap<String, String>);

/// A text, written as one string or as a list of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

/// A scenario that was read and makes sense.
#[derive(Debug, Clone)]
pub struct Scenario {
    text: SourceText,
    file: ScenarioFile,
}

/// One thing that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mismatch {
    /// The key of the expectation.
    pub key: &'static str,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// Where it was expected.
    pub at: Place,
}

/// The JSON Schema of a scenario.
pub fn scenario_schema() -> Schema {
    schema_of::<ScenarioFile>("bedrock-auth scenario")
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// With every fault: a mistyped key, or a scenario that expects nothing, is never a pass.
    pub fn read(path: &Path) -> Result<Self, Vec<Finding>> {
        let text = read_text_file(path).map_err(|finding| vec![finding])?;
        let file: ScenarioFile = jsonc::read(&text, UnknownKeys::Refuse)?;
        let faults = faults(&file, &text);
        if faults.is_empty() { Ok(Scenario { text, file }) } else { Err(faults) }
    }

    /// What the scenario shows, in its author's words.
    pub fn description(&self) -> Option<&str> {
        self.file.description.as_deref()
    }

    /// Resolves the machine of the scenario, and compares.
    pub fn run(&self) -> (Resolution, Vec<Mismatch>) {
        let resolution = self.machine().resolve();
        let mismatches = self.file.expect.value.compare(&resolution);
        (resolution, mismatches)
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
        let machine = Machine::empty()
            .with_managed(Managed::Given(self.sources(managed.as_deref().unwrap_or_default())))
            .with_environment(Environment::from_pairs(variables))
            .with_signers(Arc::new(signers))
            .with_identity(identity.clone().map_or_else(Identity::default, Into::into));
        let machine = match now {
            Some(moment) => machine.with_clock(Clock::At(moment.0)),
            None => machine,
        };
        let machine = match (settings, settings_file) {
            (Some(settings), _) => machine.with_settings_read(settings.value.clone()),
            (None, Some(place)) => machine.with_settings(self.settings_place(&place.value)),
            (None, None) => machine,
        };
        match keychain {
            Some(keychain) => machine.with_keychain(keychain.pretend()),
            None => machine,
        }
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

    fn settings_place(&self, named: &str) -> SettingsPlace {
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

impl ManagedStub {
    fn source(&self, rank: u32) -> ManagedSource {
        let path: Arc<Path> = Arc::from(Path::new(&self.path.value));
        let obstacle = |reason: &str| Obstacle {
            path: Arc::clone(&path),
            reason: format!("{} {reason}", quoted(&self.path.value)),
            remedy: "ask whoever manages this machine".to_owned(),
        };
        let content = match self.state.value {
            StubState::Absent => ManagedContent::Absent,
            StubState::Unreadable => ManagedContent::Unreadable(obstacle("cannot be read")),
            StubState::Untrusted => {
                ManagedContent::Untrusted(obstacle("could have been written by others than root"))
            }
        };
        ManagedSource { rank, path, content }
    }
}

impl KeychainEntry {
    fn pretend(&self) -> InMemoryKeychain {
        let reason = || "the scenario says so".to_owned();
        let state = match self.state {
            Some(KeychainWord::Absent) => KeychainState::Absent { reason: reason() },
            Some(KeychainWord::Empty) => KeychainState::Empty,
            Some(KeychainWord::Locked) => KeychainState::Locked,
            Some(KeychainWord::TimedOut) => {
                KeychainState::TimedOut { after: crate::load::keychain::DEFAULT_TIMEOUT }
            }
            Some(KeychainWord::Failed) => KeychainState::Failed { reason: reason() },
            None => {
                let keychain = InMemoryKeychain::default();
                for (name, item) in
                    [(ItemName::BedrockAuth, &self.item), (ItemName::Zed, &self.zed_item)]
                {
                    if let Some(item) = item {
                        keychain.put(name, item.credentials());
                    }
                }
                return keychain;
            }
        };
        InMemoryKeychain::pretending(state)
    }
}

impl ItemEntry {
    fn credentials(&self) -> StaticCredentials {
        let secret = |text: &Option<String>| text.clone().map(Into::into);
        StaticCredentials {
            access_key_id: secret(&self.access_key_id),
            secret_access_key: secret(&self.secret_access_key),
            session_token: secret(&self.session_token),
            bearer_token: secret(&self.bearer_token),
        }
    }
}

impl From<IdentityEntry> for Identity {
    fn from(entry: IdentityEntry) -> Self {
        let IdentityEntry { user, groups, host } = entry;
        Identity { user, groups, host }
    }
}

impl Expectation {
    fn is_empty(&self) -> bool {
        let Expectation {
            outcome,
            method,
            root,
            profile,
            account,
            region,
            endpoint,
            display,
            codes,
            would_deny,
            warnings,
            unusable,
        } = self;
        outcome.is_none()
            && method.is_none()
            && root.is_none()
            && profile.is_none()
            && account.is_none()
            && region.is_none()
            && endpoint.is_none()
            && display.is_none()
            && codes.is_none()
            && would_deny.is_none()
            && warnings.is_none()
            && unusable.is_none()
    }

    fn compare(&self, resolution: &Resolution) -> Vec<Mismatch> {
        let auth = resolution.allowed().map(|allowed| allowed.auth());
        let mut mismatches = Mismatches(Vec::new());
        mismatches.one("outcome", &self.outcome, Some(resolution.outcome));
        mismatches.one("method", &self.method, auth.map(|auth| auth.method()));
        mismatches.one("root", &self.root, resolution.root);
        let profile = auth.and_then(|auth| auth.profile_name()).map(str::to_owned);
        mismatches.one("profile", &self.profile, profile);
        mismatches.one("account", &self.account, resolution.account);
        mismatches.one("region", &self.region, Some(resolution.region.value.clone()));
        mismatches.one("endpoint", &self.endpoint, resolution.endpoint.value.clone());
        mismatches.one("display", &self.display, Some(resolution.display.clone()));
        mismatches.set("codes", &self.codes, resolution.denial_codes());
        let would_deny =
            resolution.warnings.iter().filter(|w| w.code == WarningCode::WouldBeDenied);
        let would_deny = would_deny.filter_map(|w| Some(w.denial.as_ref()?.code)).collect();
        mismatches.set("would_deny", &self.would_deny, would_deny);
        let unusable = resolution.candidates.iter().filter(|c| c.fate == Fate::Unusable);
        mismatches.set("unusable", &self.unusable, unusable.filter_map(|c| c.code).collect());
        if let Some(expected) = &self.warnings {
            let given: Vec<_> = resolution.warnings.iter().map(|warning| warning.code).collect();
            if !expected.value.iter().all(|code| given.contains(code)) {
                mismatches.add("warnings", &expected.at, words(&expected.value), words(&given));
            }
        }
        mismatches.0
    }
}

struct Mismatches(Vec<Mismatch>);

impl Mismatches {
    fn one<T: PartialEq + fmt::Display>(
        &mut self,
        key: &'static str,
        expected: &Option<Located<T>>,
        actual: Option<T>,
    ) {
        let Some(expected) = expected else { return };
        if actual.as_ref() != Some(&expected.value) {
            let actual = actual.map_or("nothing".to_owned(), |actual| quoted(&actual.to_string()));
            self.add(key, &expected.at, quoted(&expected.value.to_string()), actual);
        }
    }

    fn set<T: Ord + Copy + fmt::Display>(
        &mut self,
        key: &'static str,
        expected: &Option<Located<Vec<T>>>,
        actual: Vec<T>,
    ) {
        let Some(expected) = expected else { return };
        if sorted(&expected.value) != sorted(&actual) {
            self.add(key, &expected.at, words(&expected.value), words(&actual));
        }
    }

    fn add(&mut self, key: &'static str, at: &Place, expected: String, actual: String) {
        self.0.push(Mismatch { key, expected, actual, at: at.clone() });
    }
}

fn sorted<T: Ord + Copy>(codes: &[T]) -> Vec<T> {
    let mut codes = codes.to_vec();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn words<T: fmt::Display>(codes: &[T]) -> String {
    match codes {
        [] => "none".to_owned(),
        codes => codes.iter().map(|code| quoted(&code.to_string())).collect::<Vec<_>>().join(", "),
    }
}

impl FromJson for ManagedEntry {
    fn read(node: &Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node {
            Value::StringLit(_) => Located::read(node, reader).map(ManagedEntry::Path),
            Value::Object(object)
                if object.properties.iter().any(|p| p.name.as_str() == "state") =>
            {
                ManagedStub::read(node, reader).map(ManagedEntry::Stub)
            }
            Value::Object(_) => {
                Located::read(node, reader).map(|document| ManagedEntry::Inline(Box::new(document)))
            }
            _ => reader.wrong_type(node, "a path, a policy, or an object with `path` and `state`"),
        }
    }
}

impl FromJson for Variables {
    fn read(node: &Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Object(object) = node else {
            return reader.wrong_type(node, "an object of variables");
        };
        let pairs: Vec<_> = object
            .properties
            .iter()
            .map(|p| Some((p.name.as_str().to_owned(), String::read(&p.value, reader)?)))
            .collect();
        pairs.into_iter().collect::<Option<_>>().map(Variables)
    }
}

impl FromJson for Text {
    fn read(node: &Value<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node {
            Value::Array(_) => {
                let lines = Vec::<String>::read(node, reader)?;
                Some(Text(lines.iter().map(|line| format!("{line}\n")).collect()))
            }
            _ => String::read(node, reader).map(Text),
        }
    }
}

/// Schemas of the types that are read by hand.
macro_rules! schemas {
    ($($name:ident: |$generator:ident| $schema:expr,)+) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )+};
}

schemas! {
    ManagedEntry: |generator| {
        let stub = generator.subschema_for::<ManagedStub>();
        let document = generator.subschema_for::<Document>();
        json_schema!({ "anyOf": [{ "type": "string" }, stub, document] })
    },
    Variables: |_generator| json_schema!({
        "type": "object",
        "additionalProperties": { "type": "string" },
    }),
    Text: |_generator| json_schema!({
        "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
    }),
}
