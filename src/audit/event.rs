//! What a record holds.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema};
use serde::{Serialize, Serializer};

use super::line::Hash;
use super::text::Text;
use crate::auth::{AccessKeyId, AccountId, BedrockAuth, Method, Root};
use crate::policy::{
    Denial, DenialCode, Digest, Policy, PolicyId, SourceReport, SourceState, schema_of_answer,
};
use crate::provenance::{Place, Source};
use crate::resolve::{CandidateReport, Fate, Outcome, Resolution, Turn, UnusableCode, WarningCode};
use crate::words::words;

/// One line of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Record<'a> {
    /// The version of this shape: 1.
    pub schema_version: u32,
    /// The record's number in its journal, from 1, without gaps.
    pub sequence: u64,
    /// The `hash` of the record before it; zeros in the first.
    pub previous: Hash,
    /// When, by the clock of the machine, in UTC, to the microsecond (RFC 3339).
    #[serde(serialize_with = "to_the_microsecond")]
    pub time: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: &'a Event,
}

/// The JSON Schema of a line of a journal. Fields and events may be added.
pub fn audit_event_schema() -> Schema {
    let mut schema = schema_of_answer::<Record<'_>>("bedrock-auth audit event");
    describe_events(&mut schema);
    let hash = schemars::json_schema!({
        "description": "The SHA-256 of the line up to `,\"hash\":`, in hexadecimal digits.",
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
    });
    if let Some(properties) = schema.get_mut("properties").and_then(|p| p.as_object_mut()) {
        properties.insert("hash".to_owned(), hash.to_value());
    }
    if let Some(required) = schema.get_mut("required").and_then(|r| r.as_array_mut()) {
        required.push("hash".into());
    }
    let kinds = schema.get_mut("oneOf").and_then(|kinds| kinds.as_array_mut());
    for kind in kinds.into_iter().flatten() {
        if let Some(tag) = kind.pointer_mut("/properties/event").and_then(|tag| tag.as_object_mut())
        {
            tag.insert("description".to_owned(), "What kind of record it is.".into());
        }
    }
    schema
}

/// What tells events apart is no field of any type.
fn describe_events(schema: &mut Schema) {
    let kinds = schema.get_mut("oneOf").and_then(|kinds| kinds.as_array_mut());
    for kind in kinds.into_iter().flatten() {
        if let Some(event) = kind.pointer_mut("/properties/event").and_then(|e| e.as_object_mut()) {
            event.insert("description".to_owned(), "The kind of event.".into());
        }
    }
}

/// Always as long, so that instants sort as their texts do.
fn to_the_microsecond<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.6}"))
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A credential was handed out, or was not.
    Credential(Box<CredentialUse>),
    /// Other policies are in force than before.
    Policy(PolicyChange),
    /// Something about the journal itself.
    Journal(JournalNote),
    /// All records so far, signed.
    Checkpoint(CheckpointMade),
}

words! {
    /// What became of a wish for a credential.
    pub enum UseOutcome {
        /// It was handed out.
        Allowed = "allowed",
        /// A policy refused it.
        Denied = "denied",
        /// Nothing usable was asked for or found.
        Unconfigured = "unconfigured",
        /// It was allowed, and could not be had.
        Failed = "failed",
    }
}

words! {
    /// The ways on which credentials leave.
    pub enum Door {
        /// A client of the AWS SDK, about to sign a request.
        Client = "client",
        /// The environment of a program.
        Exec = "exec",
        /// The environment of a program that is to ask the agent.
        ExecAgent = "exec_agent",
        /// A shell, or a program that reads standard output.
        Export = "export",
        /// An AWS SDK that runs a `credential_process`.
        CredentialProcess = "credential_process",
        /// The agent's container credentials.
        Serve = "serve",
        /// A program that embeds the library and passes the credential on.
        Library = "library",
    }
}

/// On which way a credential is asked for, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The way.
    pub door: Door,
    /// The program that asks, where it is another one and is known.
    pub caller: Option<Caller>,
}

impl Asked {
    /// By this program, for itself.
    pub fn at(door: Door) -> Self {
        Asked { door, caller: None }
    }

    /// By another program.
    #[must_use]
    pub fn by(self, caller: Option<Caller>) -> Self {
        Asked { caller, ..self }
    }
}

/// A credential that was handed out, or was not.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CredentialUse {
    /// What became of it.
    pub outcome: UseOutcome,
    /// On which way it left, or would have.
    pub door: Door,
    /// Who decided, and who asked.
    #[serde(flatten)]
    pub who: Who,
    /// Whether the policies were those of a what-if question.
    pub what_if: bool,
    /// What really would sign.
    pub method: Option<Method>,
    /// Where the credential really comes from.
    pub root: Option<Root>,
    /// The profile, for the methods that use one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Text>,
    /// Where it was asked for, or where the credential was found.
    pub source: Option<Source>,
    /// The account that requests count for, where it is known.
    pub account: Option<AccountId>,
    /// The access key, where there is one.
    pub access_key_id: Option<AccessKeyId>,
    /// An API key, which has no id: the same for each use of one key on one machine, and no way back to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The region to call.
    pub region: Text,
    /// The endpoint to call, where it is not the SDK's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Text>,
    /// When the credential ends, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Every reason of the policies that enforce.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub denials: Vec<DenialNote>,
    /// Every reason of the policies that only report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub would_deny: Vec<DenialNote>,
    /// Candidates that were found or asked for, and are not the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// How many reasons and candidates the lists above leave out, which hold at most 32 each.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// Why it could not be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// The policies that decided.
    pub policy: PolicyInForce,
}

/// The program that decided, whose it is, and the one that asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Who {
    /// The person who runs the program that decided.
    pub user: Person,
    /// The name of the machine.
    pub host: Option<Text>,
    /// The program that decided.
    pub process: Process,
    /// The program that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
}

/// A person, as the system knows them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Person {
    /// The login name.
    pub name: Option<Text>,
    /// The number, where people have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
}

/// A running program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Process {
    /// Its number, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// Whose it is, where people have numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// Its file, where the system tells.
    pub executable: Option<Text>,
}

words! {
    /// How a caller is known.
    pub enum Known {
        /// It started the program that decided.
        Parent = "parent",
        /// It is at the other end of a socket.
        Socket = "socket",
    }
}

/// The program that asked for a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Caller {
    /// How it is known.
    pub known_by: Known,
    /// The program.
    #[serde(flatten)]
    pub process: Process,
}

/// A reason of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DenialNote {
    /// The kind of reason.
    pub code: DenialCode,
    /// The policy that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_id: Option<PolicyId>,
    /// Its line, or the file that is not usable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forbidden_by: Option<Place>,
}

impl From<&Denial> for DenialNote {
    fn from(denial: &Denial) -> Self {
        DenialNote {
            code: denial.code,
            policy_id: denial.policy_id.clone(),
            forbidden_by: denial.forbidden_by.clone(),
        }
    }
}

/// A candidate that is not the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PassedOver {
    /// The turn in which it was heard.
    pub step: Turn,
    /// The method.
    pub method: Option<Method>,
    /// Where it was asked for or found.
    pub source: Option<Source>,
    /// What became of it.
    pub fate: Fate,
    /// Why it cannot work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<UnusableCode>,
    /// Why policies refuse it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub denial_codes: Vec<DenialCode>,
}

/// The policies that count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct PolicyInForce {
    /// One digest of all; none where none counts.
    pub digest: Option<Digest>,
    /// What became of each managed source; absent ones are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<PolicySource>,
    /// How many further ones are left out: the list holds at most 32.
    #[serde(skip_serializing_if = "is_zero")]
    pub sources_left_out: u32,
}

/// A managed source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicySource {
    /// The file, directory or registry key.
    pub file: Text,
    /// What became of it.
    pub state: SourceState,
    /// The policy's name.
    pub id: Option<PolicyId>,
    /// The policy's revision.
    pub revision: Option<u64>,
    /// Since when its last good content stands in for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_good_since: Option<Timestamp>,
}

impl PolicyInForce {
    /// What a policy comes to.
    pub fn of(policy: &Policy) -> Self {
        PolicyInForce::of_parts(policy.digest(), policy.sources())
    }

    /// The policy behind an answer.
    pub fn of_answer(resolution: &Resolution) -> Self {
        PolicyInForce::of_parts(resolution.policy.digest, &resolution.policy.sources)
    }

    fn of_parts(digest: Option<Digest>, sources: &[SourceReport]) -> Self {
        let sources = sources.iter().filter(|source| source.state != SourceState::Absent);
        let (sources, sources_left_out) = bounded(sources.map(PolicySource::of));
        PolicyInForce { digest, sources, sources_left_out }
    }

    /// Whether there is no policy, and none that is broken.
    pub fn is_nothing(&self) -> bool {
        self.digest.is_none() && self.sources.is_empty()
    }

    /// The same for the same policies, to tell a change by.
    pub fn key(&self) -> Hash {
        let text = serde_json::to_vec(self);
        Hash::of(&text.unwrap_or_default())
    }
}

impl PolicySource {
    fn of(report: &SourceReport) -> Self {
        PolicySource {
            file: Text::new(&report.file.to_string_lossy()),
            state: report.state,
            id: report.id.clone(),
            revision: report.revision,
            last_good_since: report.last_good.as_ref().map(|last_good| last_good.since),
        }
    }
}

/// Other policies are in force than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicyChange {
    /// Who noticed.
    #[serde(flatten)]
    pub who: Who,
    /// The policies from now on.
    pub policy: PolicyInForce,
    /// The record that told of those before; none where there is none.
    pub changed_from: Option<u64>,
}

words! {
    /// What was noticed about a journal.
    pub enum JournalNoted {
        /// It begins.
        Begun = "begun",
        /// A file of it begins, because the one before was full or old.
        SegmentBegun = "segment_begun",
        /// Its current file was renamed or removed by somebody else.
        SegmentGone = "segment_gone",
        /// Its current file was replaced by another one.
        SegmentReplaced = "segment_replaced",
        /// Its current file was made read-only before its time: by somebody else, or by a writer that ended before it began
        /// the next one.
        SegmentClosed = "segment_closed",
        /// Its current file is shorter than it was.
        Truncated = "truncated",
        /// Bytes at its end were no whole record, or none that fits; they were put aside.
        Torn = "torn",
        /// Its last records, which a checkpoint or the head counts, are not there.
        TailMissing = "tail_missing",
        /// What it knows of its end was gone or unreadable, and was found anew.
        HeadLost = "head_lost",
        /// The disk refused to make records durable, so those since the last time may be lost.
        SyncFailed = "sync_failed",
        /// Its signing key is another one than before.
        KeyChanged = "key_changed",
    }
}

/// Something about the journal itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct JournalNote {
    /// What was noticed.
    pub noted: JournalNoted,
    /// The journal's name, by chance.
    pub journal: Text,
    /// Its current file.
    pub segment: Text,
    /// The public key of its checkpoints, as C2SP writes verifier keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verifier: Option<Text>,
    /// How many bytes it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Where those bytes are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_in: Option<Text>,
    /// The first and the last record that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<(u64, u64)>,
}

impl CredentialUse {
    /// What an answer says of a wish for a credential; how that went is for the caller to add.
    pub fn of_answer(door: Door, who: Who, resolution: &Resolution) -> Self {
        let auth = resolution.allowed().map(|allowed| allowed.auth());
        let decided = resolution.candidates.iter().find(|candidate| {
            matches!(candidate.fate, Fate::Chosen | Fate::Denied)
                && candidate.source.is_some()
                && candidate.source == resolution.source
        });
        let method = auth.map(BedrockAuth::method);
        let (denials, refusing) = bounded(resolution.denials.iter().map(DenialNote::from));
        let warnings = resolution.warnings.iter();
        let only_reporting = warnings.filter(|warning| warning.code == WarningCode::WouldBeDenied);
        let (would_deny, reporting) = bounded(
            only_reporting.filter_map(|warning| warning.denial.as_ref().map(DenialNote::from)),
        );
        let others = resolution
            .candidates
            .iter()
            .filter(|candidate| !matches!(candidate.fate, Fate::Chosen | Fate::Absent))
            .filter(|candidate| !decided.is_some_and(|decided| decided == *candidate));
        let (passed_over, passed) = bounded(others.map(PassedOver::of));
        CredentialUse {
            outcome: match resolution.outcome {
                Outcome::Allowed => UseOutcome::Allowed,
                Outcome::Denied => UseOutcome::Denied,
                Outcome::Unconfigured => UseOutcome::Unconfigured,
            },
            door,
            who,
            what_if: resolution.what_if,
            method: method.or_else(|| decided.and_then(|candidate| candidate.method)),
            root: resolution.root,
            profile: auth.and_then(BedrockAuth::profile_name).map(Text::new),
            source: resolution.source.clone(),
            account: resolution.account,
            access_key_id: resolution.access_key_id.clone().filter(AccessKeyId::may_be_shown),
            fingerprint: None,
            region: Text::new(&resolution.region.value),
            endpoint: resolution.endpoint.value.as_deref().map(Text::new),
            expires: resolution.expires,
            denials,
            would_deny,
            passed_over,
            left_out: refusing + reporting + passed,
            reason: None,
            policy: PolicyInForce::of_answer(resolution),
        }
    }

    /// The same, with these reasons of policies that only report.
    #[must_use]
    pub fn reported(self, would_deny: &[Denial]) -> Self {
        let (would_deny, more) = bounded(would_deny.iter().map(DenialNote::from));
        CredentialUse { would_deny, left_out: self.left_out + more, ..self }
    }

    /// The same, refused after all.
    #[must_use]
    pub fn refused(self, denials: &[Denial], superseded_by: Option<&str>) -> Self {
        let reason = superseded_by.map(|answer| Text::new(&format!("the answer is now: {answer}")));
        let (denials, more) = bounded(denials.iter().map(DenialNote::from));
        let left_out = self.left_out + more;
        CredentialUse { outcome: UseOutcome::Denied, denials, left_out, reason, ..self }
    }

    /// The same, which could not be had.
    #[must_use]
    pub fn failed(self, reason: &str) -> Self {
        CredentialUse { outcome: UseOutcome::Failed, reason: Some(Text::new(reason)), ..self }
    }
}

/// Enough to see what happened, and few enough that a record stays one small write.
const MOST: usize = 32;

/// The first of a list, and how many more there are.
fn bounded<T>(all: impl Iterator<Item = T>) -> (Vec<T>, u32) {
    let mut all = all;
    let first = all.by_ref().take(MOST).collect();
    (first, u32::try_from(all.count()).unwrap_or(u32::MAX))
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl PassedOver {
    fn of(candidate: &CandidateReport) -> Self {
        PassedOver {
            step: candidate.step,
            method: candidate.method,
            source: candidate.source.clone(),
            fate: candidate.fate,
            code: candidate.code,
            denial_codes: candidate.denials.iter().map(|denial| denial.code).collect(),
        }
    }
}

/// All records so far, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckpointMade {
    /// A signed note in the form of C2SP's checkpoints: the journal, the number of records, and the hash of the last one.
    pub checkpoint: String,
}

/// A keyed digest of a secret (HMAC-SHA-256, its first 128 bits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub(crate) [u8; 16]);

impl Fingerprint {
    /// A fingerprint that was made elsewhere.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Fingerprint(bytes)
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "hmac-sha256:{}", data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Fingerprint {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fingerprint".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^hmac-sha256:[0-9a-f]{32}$" })
    }
}
