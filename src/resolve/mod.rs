//! From facts to the one answer: which way to authenticate is in force, and why.
//!
//! Pure: [`resolve`] looks at nothing but the [`Facts`] it is given, and gives the same answer for the same facts.

mod allowed;
mod conclude;
mod contest;
mod lures;
mod moments;
mod network;
mod phrases;
mod resolution;
mod sign_in;
mod statics;
mod values;

pub use allowed::Allowed;
pub use moments::next_change;
pub use resolution::{
    CandidateReport, Fate, NetworkReport, Outcome, PolicySummary, Resolution, SettledEndpoint,
    SettledRegion, Turn, UnusableCode, ValueReport, Warning, WarningCode,
};
pub use statics::judge_static_credentials;

use crate::facts::Facts;
use crate::policy::schema_of_answer;

/// The JSON Schema of an answer as `status --json` writes it. Fields may be added to answers.
pub fn answer_schema() -> schemars::Schema {
    schema_of_answer::<Resolution>("bedrock-auth answer")
}

/// Answers how to authenticate here and now.
pub fn resolve(facts: &Facts) -> Resolution {
    contest::Contest::new(facts).decide()
}
