//! A record as it is read back: what questions are asked about, borrowed from its line.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What a line says; events leave out what does not concern them.
///
/// Who does not ask for programs and places has them passed over, as `Outline` does.
#[derive(Debug, Deserialize)]
pub struct View<'a, P = ProcessView<'a>, C = CallerView<'a>, S = SourceView<'a>> {
    /// The record's number.
    pub sequence: u64,
    /// When; instants sort as their texts do.
    #[serde(borrow)]
    pub time: Str<'a>,
    /// What happened.
    pub event: Str<'a>,
    /// What became of a wish for a credential.
    pub outcome: Option<Str<'a>>,
    /// On which way it left.
    pub door: Option<Str<'a>>,
    /// Whose program decided.
    pub user: Option<PersonView<'a>>,
    /// The machine.
    pub host: Option<Str<'a>>,
    /// The program that decided.
    pub process: Option<P>,
    /// The program that asked.
    pub caller: Option<C>,
    /// Whether the policies were those of a what-if question.
    pub what_if: Option<bool>,
    /// What really would sign.
    pub method: Option<Str<'a>>,
    /// Where the credential really comes from.
    pub root: Option<Str<'a>>,
    /// The profile.
    pub profile: Option<Str<'a>>,
    /// Where it was asked for or found.
    pub source: Option<S>,
    /// The account.
    pub account: Option<Str<'a>>,
    /// The access key.
    pub access_key_id: Option<Str<'a>>,
    /// What stands for an API key.
    pub fingerprint: Option<Str<'a>>,
    /// The region to call.
    pub region: Option<Str<'a>>,
    /// The endpoint to call.
    pub endpoint: Option<Str<'a>>,
    /// When the credential ends.
    pub expires: Option<Str<'a>>,
    /// Every reason of the policies that enforce.
    #[serde(default)]
    pub denials: Vec<CodeView<'a>>,
    /// Every reason of the policies that only report.
    #[serde(default)]
    pub would_deny: Vec<CodeView<'a>>,
    /// Why it could not be had.
    pub reason: Option<Str<'a>>,
    /// The policies in force.
    pub policy: Option<PolicyView<'a>>,
    /// The record that told of the policies before.
    pub changed_from: Option<u64>,
    /// What was noticed about the journal.
    pub noted: Option<Str<'a>>,
    /// The journal's name.
    pub journal: Option<Str<'a>>,
    /// Its current file.
    pub segment: Option<Str<'a>>,
    /// A signed checkpoint.
    pub checkpoint: Option<Str<'a>>,
    /// Its own hash.
    pub hash: Str<'a>,
}

/// What is counted of a line: nothing of programs and places, which are the greater part of it.
pub(super) type Outline<'a> = View<'a, IgnoredAny, IgnoredAny, IgnoredAny>;

/// A text, borrowed from the line where it holds no escapes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Str<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

/// A person.
#[derive(Debug, Deserialize)]
pub struct PersonView<'a> {
    /// The login name.
    #[serde(borrow)]
    pub name: Option<Str<'a>>,
    /// The number.
    pub uid: Option<u32>,
}

/// A program.
#[derive(Debug, Deserialize)]
pub struct ProcessView<'a> {
    /// Its number, where it is known.
    pub pid: Option<u32>,
    /// Whose it is.
    pub uid: Option<u32>,
    /// Its file.
    #[serde(borrow)]
    pub executable: Option<Str<'a>>,
}

/// The program that asked.
#[derive(Debug, Deserialize)]
pub struct CallerView<'a> {
    /// How it is known.
    #[serde(borrow)]
    pub known_by: Str<'a>,
    /// Its number, where it is known.
    pub pid: Option<u32>,
    /// Whose it is.
    pub uid: Option<u32>,
    /// Its file.
    pub executable: Option<Str<'a>>,
}

/// A layer and the place in it.
#[derive(Debug, Deserialize)]
pub struct SourceView<'a> {
    /// The layer.
    #[serde(borrow)]
    pub layer: Str<'a>,
    /// The file.
    pub file: Option<Str<'a>>,
    /// The line in it.
    pub line: Option<u32>,
    /// The variable.
    pub variable: Option<Str<'a>>,
    /// The keychain item.
    pub item: Option<Str<'a>>,
}

/// A reason of a policy.
#[derive(Debug, Deserialize)]
pub struct CodeView<'a> {
    /// Its code.
    #[serde(borrow)]
    pub code: Str<'a>,
    /// The policy that says so.
    pub policy_id: Option<Str<'a>>,
}

/// The policies in force.
#[derive(Debug, Deserialize)]
pub struct PolicyView<'a> {
    /// One digest of all.
    #[serde(borrow)]
    pub digest: Option<Str<'a>>,
    /// Each managed source.
    #[serde(default)]
    pub sources: Vec<PolicySourceView<'a>>,
}

/// A managed source.
#[derive(Debug, Deserialize)]
pub struct PolicySourceView<'a> {
    /// The file.
    #[serde(borrow)]
    pub file: Str<'a>,
    /// What became of it.
    pub state: Str<'a>,
    /// The policy's name.
    pub id: Option<Str<'a>>,
    /// Its revision.
    pub revision: Option<u64>,
}

impl<'a, P, C, S> View<'a, P, C, S>
where
    P: Deserialize<'a>,
    C: Deserialize<'a>,
    S: Deserialize<'a>,
{
    /// What a line says; none where it is JSON of another kind, or none.
    pub fn of(line: &'a [u8]) -> Option<Self> {
        // Once for all texts in it.
        serde_json::from_str(str::from_utf8(line).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of another person's program the system tells no more than whose it is.
    #[test]
    fn a_caller_without_a_number() {
        let line = br#"{"sequence":1,"time":"t","event":"credential","caller":{"known_by":"socket","uid":7},"hash":"h"}"#;
        let record: View<'_> = View::of(line).unwrap();
        let caller = record.caller.unwrap();
        assert_eq!((caller.pid, caller.uid), (None, Some(7)));
    }
}
