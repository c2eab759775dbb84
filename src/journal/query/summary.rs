//! What records come to: who used what how often, who was refused, which keys are in use.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::count::Counts;
use super::damage::Damage;
use super::filter::Filter;
use super::needles::Needles;
use super::search::Order;
use super::snapshot::Snapshot;
use super::tally::run;
use super::view::{Outline, Str};
use crate::policy::schema_of_answer;
use crate::words::words;

/// What `audit summary --json` prints. Instants are those of the records: in UTC, to the microsecond.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// The version of this shape: 1.
    pub schema_version: u32,
    /// How many records are meant.
    pub records: u64,
    /// The earliest of them.
    pub first: Option<String>,
    /// The latest of them.
    pub last: Option<String>,
    /// What became of wishes for credentials.
    pub outcomes: Outcomes,
    /// What tells the rows of `uses` apart.
    pub by: Vec<UseColumn>,
    /// Who wished for what, on which way; the most frequent first.
    pub uses: Vec<UseCount>,
    /// Why policies refused; one record counts once for each code that it holds.
    pub denials: Vec<CodeCount>,
    /// Why policies that only report would have refused.
    pub would_deny: Vec<CodeCount>,
    /// Every policy that was in force, in the order in which they were first seen.
    pub policies: Vec<PolicySeen>,
    /// Every long-lived key that was handed out, in the order in which they were first used.
    pub long_lived_keys: Vec<KeyUse>,
    /// What is amiss with the journal itself, whatever records are meant.
    pub damage: Damage,
}

/// How often each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Outcomes {
    /// Handed out.
    pub allowed: u64,
    /// Refused by a policy.
    pub denied: u64,
    /// Nothing usable was asked for or found.
    pub unconfigured: u64,
    /// Allowed, and could not be had.
    pub failed: u64,
}

words! {
    /// What wishes for credentials are counted by.
    pub enum UseColumn {
        /// The person: login name and number.
        User = "user",
        /// The machine.
        Host = "host",
        /// What really would sign.
        Method = "method",
        /// Where the credential really comes from.
        Root = "root",
        /// On which way it left, or would have.
        Door = "door",
        /// The profile.
        Profile = "profile",
        /// The account.
        Account = "account",
        /// The region to call.
        Region = "region",
    }
}

impl UseColumn {
    /// What tells most, and not more than a person reads.
    pub const USUAL: [UseColumn; 5] =
        [UseColumn::User, UseColumn::Host, UseColumn::Method, UseColumn::Root, UseColumn::Door];

    pub(super) fn of<'r, 'a>(self, record: &'r Outline<'a>) -> Option<&'r Str<'a>> {
        match self {
            UseColumn::User => record.user.as_ref()?.name.as_ref(),
            UseColumn::Host => record.host.as_ref(),
            UseColumn::Method => record.method.as_ref(),
            UseColumn::Root => record.root.as_ref(),
            UseColumn::Door => record.door.as_ref(),
            UseColumn::Profile => record.profile.as_ref(),
            UseColumn::Account => record.account.as_ref(),
            UseColumn::Region => record.region.as_ref(),
        }
    }
}

/// How often wishes for credentials had the same in all columns of `by`; what is not among them is not there.

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UseCount {
    /// The login name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The person's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// What really would sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Where the credential really comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// On which way it left, or would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub door: Option<String>,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// How often.
    pub count: u64,
    /// What became of it.
    pub outcomes: Outcomes,
    /// The first time.
    pub first: String,
    /// The last time.
    pub last: String,
}

impl UseCount {
    /// Nothing counted yet, with what the record has in these columns.
    pub(super) fn of(by: &[UseColumn], record: &Outline<'_>) -> Self {
        let text = |column: UseColumn| {
            let is_asked = by.contains(&column);
            is_asked.then(|| column.of(record).map(ToString::to_string)).flatten()
        };
        let user = record.user.as_ref().filter(|_| by.contains(&UseColumn::User));
        UseCount {
            user: text(UseColumn::User),
            uid: user.and_then(|user| user.uid),
            host: text(UseColumn::Host),
            method: text(UseColumn::Method),
            root: text(UseColumn::Root),
            door: text(UseColumn::Door),
            profile: text(UseColumn::Profile),
            account: text(UseColumn::Account),
            region: text(UseColumn::Region),
            count: 0,
            outcomes: Outcomes::default(),
            first: String::new(),
            last: String::new(),
        }
    }
}

/// How often one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CodeCount {
    /// Its code.
    pub code: String,
    /// In how many records.
    pub count: u64,
    /// The first time.
    pub first: String,
    /// The last time.
    pub last: String,
}

/// A policy that was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicySeen {
    /// The digest of all that were in force with it; none where none counted.
    pub digest: Option<String>,
    /// Its file, directory or registry key.
    pub file: String,
    /// What became of it.
    pub state: String,
    /// Its name.
    pub id: Option<String>,
    /// Its revision.
    pub revision: Option<u64>,
    /// In how many records.
    pub count: u64,
    /// The first time.
    pub first: String,
    /// The last time.
    pub last: String,
}

/// A key that lives until somebody deletes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyUse {
    /// `long_lived_keys` or `long_term_api_key`.
    pub root: String,
    /// The access key.
    pub access_key_id: Option<String>,
    /// What stands for an API key.
    pub fingerprint: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// How often it was handed out.
    pub count: u64,
    /// The first time.
    pub first: String,
    /// The last time.
    pub last: String,
}

/// The JSON Schema of what `audit summary --json` prints.
pub fn summary_schema() -> Schema {
    schema_of_answer::<Summary>("bedrock-auth audit summary")
}

/// What the records that are meant come to, on every core.
///
/// # Errors
/// When a file cannot be read.
pub fn summarize(
    snapshot: &Snapshot,
    filter: &Filter,
    by: &[UseColumn],
) -> std::io::Result<Summary> {
    let (prepared, needles) = (filter.prepared(), Needles::of(filter));
    let counts = || Counts::new(&prepared, &needles, by);
    let go_on = |()| Ok(std::ops::ControlFlow::Continue(()));
    let (counts, damage) = run(snapshot, Order::OldestFirst, counts, go_on)?;
    let all = counts.into_iter().reduce(Counts::with);
    Ok(all.unwrap_or_else(|| Counts::new(&prepared, &needles, by)).into_summary(damage))
}
