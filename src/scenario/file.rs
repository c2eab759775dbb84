//! The format of a scenario.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::Expectation;
use crate::auth::{AccessKeyId, AccessKeyKind};
use crate::credentials::StaticCredentials;
use crate::jsonc::{FromJson, Located, Node, Reader, SourceText, Value, object};
use crate::load::keychain::{InMemoryKeychain, ItemName, KeychainState};
use crate::policy::{
    Delivered, Digest, Document, Identity, Instant, LastGood, ManagedContent, ManagedSource,
    Obstacle,
};
use crate::prose::quoted;
use crate::settings::UserSettings;
use crate::signer::{Renewal, SignIn};
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
        /// The use of what is allowed, as a client judges it before it signs. Default: nothing is used.
        at_use: Option<Located<UseEntry>>,
        /// The file of certificates that `AWS_CA_BUNDLE` or `SSL_CERT_FILE` names, or a folder of `SSL_CERT_DIR` holds.
        /// Default: there is none, so that such a variable names nothing.
        ca_bundle: Option<Text>,
        /// What is expected. At least one key must be there.
        expect: Located<Expectation>,
    }
}

object! {
    /// A use of what is allowed: what the providers deliver, and what has changed until then.
    pub struct UseEntry {
        /// The access key id of the credentials that are delivered. Default: none, as for an API key.
        access_key_id: Option<String>,
        /// Whether a session token comes with it. Default: as its kind asks for.
        session_token: Option<bool>,
        /// When the credentials end (RFC 3339). Default: never.
        expires: Option<Instant>,
        /// Whether they only serve to assume the role that signs. Default: `false`.
        to_assume_role: Option<bool>,
        /// The managed policies at that moment, as in `managed`. Default: the same.
        managed: Option<Vec<ManagedEntry>>,
        /// The moment (RFC 3339). Default: that of the answer.
        now: Option<Instant>,
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
        /// The policy that it held before, for a program that keeps running. Default: the program starts now.
        last_good: Option<Document>,
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
        /// The sign-ins of `aws sso login` and `aws login`; a profile's that is not among them is absent. Default: nobody
        /// looks for any.
        sign_ins: Option<SignInEntries>,
    }
}

object! {
    /// A sign-in that AWS's command line left: a state, or when it ends.
    pub struct SignInEntry {
        /// The state that its file is in.
        state: Option<SignInWord>,
        /// When its token ends (RFC 3339).
        expires: Option<Instant>,
        /// Until when the token can be renewed without a person (RFC 3339). Default: it cannot.
        renewable_until: Option<Instant>,
    }
}

words! {
    /// States of a sign-in that tells no end.
    pub enum SignInWord {
        /// There is none.
        Absent = "absent",
        /// Its file cannot be used.
        Unreadable = "unreadable",
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
    Stub(Box<ManagedStub>),
}

/// Variables by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Variables(pub BTreeMap<String, String>);

/// Sign-ins by the name of their `[sso-session]`, their start URL, or the ARN of their login session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignInEntries(pub BTreeMap<String, SignInEntry>);

/// A text, written as one string or as a list of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl UseEntry {
    pub(super) fn delivered(&self) -> Option<Delivered> {
        let access_key_id = AccessKeyId::new(self.access_key_id.as_deref()?);
        let is_temporary = access_key_id.kind() == AccessKeyKind::Temporary;
        Some(Delivered {
            has_session_token: self.session_token.unwrap_or(is_temporary),
            expires: self.expires.map(|instant| instant.0),
            access_key_id,
        })
    }
}

impl ManagedEntry {
    pub(super) fn stub(&self) -> Option<&ManagedStub> {
        match self {
            ManagedEntry::Stub(stub) => Some(stub),
            ManagedEntry::Path(_) | ManagedEntry::Inline(_) => None,
        }
    }
}

impl ManagedStub {
    /// Its last good policy was read from this text.
    pub(super) fn source(&self, rank: u32, text: &SourceText, now: Timestamp) -> ManagedSource {
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
        let content = match &self.last_good {
            Some(document) => ManagedContent::LastGood(Box::new(LastGood {
                policy: Some((
                    Arc::new(document.clone()),
                    Digest::of_bytes(text.as_str().as_bytes()),
                )),
                bad: content,
                since: now,
            })),
            None => content,
        };
        ManagedSource { rank, path, content }
    }
}

impl KeychainEntry {
    pub(super) fn pretend(&self) -> InMemoryKeychain {
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

impl SignInEntries {
    pub(super) fn find(&self, name: &str) -> SignIn {
        let Some(entry) = self.0.get(name) else { return SignIn::Absent };
        match (entry.state, entry.expires) {
            (Some(SignInWord::Unreadable), _) => {
                SignIn::Unreadable("the scenario says so".to_owned())
            }
            (Some(SignInWord::Absent), _) | (None, None) => SignIn::Absent,
            (None, Some(Instant(expires))) => {
                let renewal = entry.renewable_until;
                let renewal = renewal.map_or(Renewal::Never, |until| Renewal::Until(until.0));
                SignIn::Until { expires, renewal }
            }
        }
    }

    /// Entries that say nothing, or two things.
    pub(super) fn ambiguous(&self) -> impl Iterator<Item = &str> {
        let is_clear = |entry: &SignInEntry| match entry.state {
            Some(_) => entry.expires.is_none() && entry.renewable_until.is_none(),
            None => entry.expires.is_some(),
        };
        self.0.iter().filter(move |(_, entry)| !is_clear(entry)).map(|(name, _)| name.as_str())
    }
}

impl From<IdentityEntry> for Identity {
    fn from(entry: IdentityEntry) -> Self {
        let IdentityEntry { user, groups, host } = entry;
        Identity { user, groups, host }
    }
}

impl FromJson for ManagedEntry {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value() {
            Value::String(_) => Located::read(node, reader).map(ManagedEntry::Path),
            Value::Object(members) if members.first_of("state").is_some() => {
                ManagedStub::read(node, reader).map(|stub| ManagedEntry::Stub(Box::new(stub)))
            }
            Value::Object(_) => {
                Located::read(node, reader).map(|document| ManagedEntry::Inline(Box::new(document)))
            }
            _ => reader.wrong_type(node, "a path, a policy, or an object with `path` and `state`"),
        }
    }
}

impl FromJson for Variables {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        by_name(node, reader, "an object of variables").map(Variables)
    }
}

impl FromJson for SignInEntries {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        by_name(node, reader, "an object of sign-ins").map(SignInEntries)
    }
}

/// An object whose keys are names of the author's.
fn by_name<T: FromJson>(
    node: Node<'_>,
    reader: &mut Reader<'_>,
    what: &str,
) -> Option<BTreeMap<String, T>> {
    let Value::Object(members) = node.value() else { return reader.wrong_type(node, what) };
    let pairs: Vec<_> =
        members.map(|m| Some((m.name.to_owned(), T::read(m.value, reader)?))).collect();
    pairs.into_iter().collect()
}

impl FromJson for Text {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value() {
            Value::List(_) => {
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
    SignInEntries: |generator| {
        let entry = generator.subschema_for::<SignInEntry>();
        json_schema!({ "type": "object", "additionalProperties": entry })
    },
    Text: |_generator| json_schema!({
        "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
    }),
}
