//! Which policies count here and now, and their meet.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::denial::{Denial, DenialCode};
use super::document::{AppliesTo, Document, Validity};
use super::values::PolicyId;
use crate::jsonc::{Finding, SourceText, string_schemas};
use crate::prose::quoted;
use crate::provenance::{Place, path_as_text};
use crate::words::words;

words! {
    /// What became of one managed source.
    pub enum SourceState {
        /// There is none.
        Absent = "absent",
        /// The file holds nothing, not even a comment.
        Empty = "empty",
        /// In force.
        Loaded = "loaded",
        /// `applies_to` names others.
        NotApplicable = "not_applicable",
        /// Its `not_before` is still to come.
        NotYetValid = "not_yet_valid",
        /// Could not be read. Denies everything.
        Unreadable = "unreadable",
        /// Not JSON. Denies everything.
        Malformed = "malformed",
        /// JSON, but not a policy. Denies everything.
        Invalid = "invalid",
        /// Others than root could have written it. Denies everything.
        Untrusted = "untrusted",
        /// Its `expires` has passed. Denies everything.
        Expired = "expired",
    }
}

impl SourceState {
    /// Whether the source does not deny everything by its mere state.
    pub fn is_usable(self) -> bool {
        match self {
            SourceState::Absent
            | SourceState::Empty
            | SourceState::Loaded
            | SourceState::NotApplicable
            | SourceState::NotYetValid => true,
            SourceState::Unreadable
            | SourceState::Malformed
            | SourceState::Invalid
            | SourceState::Untrusted
            | SourceState::Expired => false,
        }
    }
}

/// The SHA-256 of a file's bytes, or of several such digests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// One managed source as the loader found it, before clock and person are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedSource {
    /// Its place in the order: sources of a higher rank come later.
    pub rank: u32,
    /// The file, directory or registry key.
    pub path: Arc<Path>,
    /// What was found there.
    pub content: ManagedContent,
}

impl ManagedSource {
    /// What the bytes of a policy file amount to.
    pub fn of_bytes(rank: u32, path: impl Into<Arc<Path>>, bytes: Vec<u8>) -> Self {
        let path = path.into();
        ManagedSource { rank, content: ManagedContent::of_bytes(&path, bytes), path }
    }

    /// The policy that counts, if there is one.
    pub fn document(&self) -> Option<&Document> {
        match &self.content {
            ManagedContent::Policy(document, _) => Some(document),
            ManagedContent::LastGood(last_good) => {
                last_good.policy.as_ref().map(|(document, _)| document.as_ref())
            }
            _ => None,
        }
    }
}

impl ManagedContent {
    fn of_bytes(path: &Arc<Path>, bytes: Vec<u8>) -> Self {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return ManagedContent::Empty;
        }
        let digest = Digest::of_bytes(&bytes);
        let document = SourceText::from_bytes(Arc::clone(path), bytes)
            .map_err(|finding| vec![finding])
            .and_then(|text| Document::parse(&text));
        match document {
            Ok(document) => ManagedContent::Policy(Arc::new(document), digest),
            Err(findings) => ManagedContent::Faulty(findings),
        }
    }
}

/// What a managed source holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManagedContent {
    /// Nothing is there.
    Absent,
    /// A file without content.
    Empty,
    /// It cannot be read.
    Unreadable(Obstacle),
    /// Others than root could have written it.
    Untrusted(Obstacle),
    /// It was read, and these faults were found.
    Faulty(Vec<Finding>),
    /// A policy, and the digest of the bytes that it was read from.
    Policy(Arc<Document>, Digest),
    /// It turned bad while a running program had a good policy from it, which stays in force there.
    LastGood(Box<LastGood>),
}

impl ManagedContent {
    /// Whether it stands in the way of everything by itself.
    pub fn is_bad(&self) -> bool {
        match self {
            ManagedContent::Unreadable(_)
            | ManagedContent::Untrusted(_)
            | ManagedContent::Faulty(_) => true,
            ManagedContent::Absent
            | ManagedContent::Empty
            | ManagedContent::Policy(..)
            | ManagedContent::LastGood(_) => false,
        }
    }
}

/// What a managed source held before it turned bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastGood {
    /// The policy, and the digest of the bytes that it was read from; none for a directory, whose files are sources of
    /// their own.
    pub policy: Option<(Arc<Document>, Digest)>,
    /// What is there now.
    pub bad: ManagedContent,
    /// Since when that is so.
    pub since: Timestamp,
}

/// Why a file is not usable, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// The file or directory that is in the way.
    pub path: Arc<Path>,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

/// Who and where the program runs; decides which policies apply. What is not known counts as a match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// The login name.
    pub user: Option<String>,
    /// All groups of the person.
    pub groups: Option<Vec<String>>,
    /// The host's name.
    pub host: Option<String>,
}

/// What became of a managed source, for people and audits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct SourceReport {
    #[serde(skip)]
    rank: u32,
    /// The file, directory or registry key.
    #[serde(serialize_with = "path_as_text")]
    #[schemars(with = "String")]
    pub file: Arc<Path>,
    /// What became of it.
    pub state: SourceState,
    /// The policy's name.
    pub id: Option<PolicyId>,
    /// The policy's revision.
    pub revision: Option<u64>,
    /// The digest of the bytes that the policy was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Why it is in this state, where the state alone does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it, where it is not usable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The policy that stays in force although the source is in this state; only in a program that keeps running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_good: Option<LastGoodReport>,
}

/// Policies that outlive their file: what is known of its last good content, or of those without it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct LastGoodReport {
    /// Since when its file is not usable.
    pub since: Timestamp,
}

/// A policy that counts here and now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct InForce {
    rank: u32,
    path: Arc<Path>,
    digest: Digest,
    document: Arc<Document>,
}

/// All managed policies together: what every one of them allows.
///
/// [`meet`](Self::meet) is commutative, associative and idempotent, and never allows what one of its parts
/// refuses. That is so because nothing is merged: a verdict asks every policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    sources: Vec<SourceReport>,
    documents: Vec<InForce>,
    faults: Vec<Denial>,
    /// When policies start and end, be they in force or not.
    turns: BTreeSet<Timestamp>,
}

impl Policy {
    /// What a source means for this person at this moment.
    pub fn of(source: &ManagedSource, identity: &Identity, now: Timestamp) -> Self {
        let report = |state, reason| SourceReport {
            rank: source.rank,
            file: Arc::clone(&source.path),
            state,
            id: None,
            revision: None,
            digest: None,
            reason,
            remedy: None,
            last_good: None,
        };
        match &source.content {
            ManagedContent::Absent => Policy::harmless(report(SourceState::Absent, None)),
            ManagedContent::Empty => Policy::harmless(report(SourceState::Empty, None)),
            ManagedContent::Unreadable(obstacle) => Policy::refused(
                report(SourceState::Unreadable, Some(obstacle.reason.clone())),
                vec![obstacle.denial(DenialCode::PolicyUnreadable)],
            ),
            ManagedContent::Untrusted(obstacle) => Policy::refused(
                report(SourceState::Untrusted, Some(obstacle.reason.clone())),
                vec![obstacle.denial(DenialCode::PolicyUntrusted)],
            ),
            ManagedContent::Faulty(findings) => faulty(findings, report),
            ManagedContent::Policy(document, digest) => {
                let report = SourceReport {
                    id: Some(document.id.value.clone()),
                    revision: document.revision,
                    digest: Some(*digest),
                    ..report(SourceState::Loaded, None)
                };
                of_document(report, document, *digest, identity, now)
            }
            ManagedContent::LastGood(last_good) => of_last_good(source, last_good, identity, now),
        }
    }

    /// What every one of the policies allows.
    pub fn meet_all(policies: impl IntoIterator<Item = Policy>) -> Self {
        let mut all = Policy::default();
        for Policy { sources, documents, faults, turns } in policies {
            all.sources.extend(sources);
            all.documents.extend(documents);
            all.faults.extend(faults);
            all.turns.extend(turns);
        }
        all.sources.sort();
        all.sources.dedup();
        all.documents.sort_by(|a, b| a.order().cmp(&b.order()));
        all.documents.dedup();
        all.faults.sort();
        all.faults.dedup();
        all
    }

    /// What both policies allow.
    #[must_use]
    pub fn meet(self, other: Policy) -> Self {
        Policy::meet_all([self, other])
    }

    /// What became of each managed source, in order.
    pub fn sources(&self) -> &[SourceReport] {
        &self.sources
    }

    /// The reasons why nothing at all is allowed: sources that are not usable.
    pub fn faults(&self) -> &[Denial] {
        &self.faults
    }

    /// The policies that count, in order.
    pub fn documents(&self) -> impl DoubleEndedIterator<Item = &Document> {
        self.documents.iter().map(|part| part.document.as_ref())
    }

    /// Whether any policy counts, or a broken one stands in the way.
    pub fn is_in_force(&self) -> bool {
        !self.documents.is_empty() || !self.faults.is_empty()
    }

    /// The instants at which a policy starts or ends for this person, past ones too.
    pub fn turns(&self) -> impl Iterator<Item = Timestamp> {
        self.turns.iter().copied()
    }

    /// One digest of all policies that count; none where none does.
    pub fn digest(&self) -> Option<Digest> {
        if self.documents.is_empty() {
            return None;
        }
        let mut hash = Sha256::new();
        for part in &self.documents {
            hash.update(part.digest.0);
        }
        Some(Digest(hash.finalize().into()))
    }

    fn harmless(report: SourceReport) -> Self {
        Policy { sources: vec![report], ..Policy::default() }
    }

    fn refused(report: SourceReport, faults: Vec<Denial>) -> Self {
        let remedy = faults.first().map(|fault| fault.remedy.clone());
        let report = SourceReport { remedy, ..report };
        Policy { sources: vec![report], faults, ..Policy::default() }
    }

    fn turning_at(self, valid: Option<&Validity>) -> Self {
        let ends = valid.iter().flat_map(|valid| [&valid.not_before, &valid.expires]);
        Policy { turns: ends.flatten().map(|end| end.value.0).collect(), ..self }
    }
}

/// In force as long as it would be if its file were sound.
fn of_last_good(
    source: &ManagedSource,
    last_good: &LastGood,
    identity: &Identity,
    now: Timestamp,
) -> Policy {
    let of = |content| Policy::of(&ManagedSource { content, ..source.clone() }, identity, now);
    let LastGood { policy, bad, since } = last_good;
    let bad = of(bad.clone());
    let mut good = of(match policy {
        Some((document, digest)) => ManagedContent::Policy(Arc::clone(document), *digest),
        None => ManagedContent::Absent,
    });
    // One that has expired meanwhile denies everything by its own words; one that does not count here holds nobody, so
    // the bad file does.
    let is_in_force = policy.is_none() || !good.documents.is_empty();
    if good.faults.is_empty() && !is_in_force {
        return bad;
    }
    for report in good.sources.iter_mut().filter(|report| report.state.is_usable()) {
        let Some(now_there) = bad.sources.first() else { continue };
        report.state = now_there.state;
        report.reason = now_there.reason.clone();
        report.remedy = now_there.remedy.clone();
        report.last_good = Some(LastGoodReport { since: *since });
    }
    good
}

fn faulty(
    findings: &[Finding],
    report: impl Fn(SourceState, Option<String>) -> SourceReport,
) -> Policy {
    let malformed = findings.iter().any(|finding| finding.code.is_malformed());
    let (state, code) = if malformed {
        (SourceState::Malformed, DenialCode::PolicyMalformed)
    } else {
        (SourceState::Invalid, DenialCode::PolicyInvalid)
    };
    let reason = findings.first().map(|finding| finding.message.clone());
    let faults = findings.iter().map(|finding| of_finding(code, finding)).collect();
    Policy::refused(report(state, reason), faults)
}

fn of_finding(code: DenialCode, finding: &Finding) -> Denial {
    let advice = finding.advice.as_deref().unwrap_or("mend the file");
    Denial {
        code,
        message: format!("a policy file is not usable: {}", finding.message),
        requested_at: None,
        forbidden_by: Some(finding.place.clone()),
        policy_id: None,
        remedy: format!(
            "{advice}{} nothing is allowed until the file is mended, so tell whoever manages this machine",
            if advice.ends_with('?') { "" } else { ";" },
        ),
        contact: None,
    }
}

fn of_document(
    report: SourceReport,
    document: &Arc<Document>,
    digest: Digest,
    identity: &Identity,
    now: Timestamp,
) -> Policy {
    if let Some(who) = &document.applies_to
        && !who.covers(identity)
    {
        let reason = Some("it is for other users, groups or hosts".to_owned());
        return Policy::harmless(SourceReport {
            state: SourceState::NotApplicable,
            reason,
            ..report
        });
    }
    let valid = document.valid.as_ref().map(|valid| &valid.value);
    at_moment(report, document, digest, valid, now).turning_at(valid)
}

fn at_moment(
    report: SourceReport,
    document: &Arc<Document>,
    digest: Digest,
    valid: Option<&Validity>,
    now: Timestamp,
) -> Policy {
    // An end that has passed counts first: a window that is turned round must not open the door.
    if let Some(end) = valid.and_then(|valid| valid.expires.as_ref())
        && now >= end.value.0
    {
        let reason = format!("expired at {}", end.value.0);
        let fault = Denial {
            code: DenialCode::PolicyExpired,
            message: format!("policy {} {reason}", quoted(document.id.as_str())),
            requested_at: None,
            forbidden_by: Some(end.at.clone()),
            policy_id: Some(document.id.value.clone()),
            remedy: "ask whoever manages this machine for the policy's next revision".to_owned(),
            contact: document.contact.clone(),
        };
        let report = SourceReport { state: SourceState::Expired, reason: Some(reason), ..report };
        return Policy::refused(report, vec![fault]);
    }
    if let Some(start) = valid.and_then(|valid| valid.not_before.as_ref())
        && now < start.value.0
    {
        let reason = Some(format!("counts from {} on", start.value.0));
        return Policy::harmless(SourceReport {
            state: SourceState::NotYetValid,
            reason,
            ..report
        });
    }
    let part = InForce {
        rank: report.rank,
        path: Arc::clone(&report.file),
        digest,
        document: Arc::clone(document),
    };
    Policy { sources: vec![report], documents: vec![part], ..Policy::default() }
}

impl AppliesTo {
    /// What is not known about the person counts as a match, because a policy that applies only narrows.
    fn covers(&self, identity: &Identity) -> bool {
        let AppliesTo { users, groups, hosts } = self;
        let user = match (users, &identity.user) {
            (Some(patterns), Some(user)) => patterns.iter().any(|p| p.matches(user)),
            _ => true,
        };
        let group = match (groups, &identity.groups) {
            (Some(patterns), Some(groups)) => {
                groups.iter().any(|group| patterns.iter().any(|p| p.matches(group)))
            }
            _ => true,
        };
        let host = match (hosts, &identity.host) {
            (Some(patterns), Some(host)) => patterns.iter().any(|p| p.matches(host)),
            _ => true,
        };
        user && group && host
    }
}

impl Obstacle {
    fn denial(&self, code: DenialCode) -> Denial {
        Denial {
            code,
            message: format!("the managed policy is not usable: {}", self.reason),
            requested_at: None,
            forbidden_by: Some(Place::whole_file(&self.path)),
            policy_id: None,
            remedy: self.remedy.clone(),
            contact: None,
        }
    }
}

impl InForce {
    fn order(&self) -> (u32, &Path, Digest) {
        (self.rank, &self.path, self.digest)
    }
}

impl Digest {
    /// The digest of a file's bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sha256:{}", data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

string_schemas! {
    Digest: { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
