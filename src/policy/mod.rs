//! What IT allows: the file as written, the meet of all files, the verdict on a candidate.
//!
//! Pure: no file, no clock, no environment. The person, the moment and the texts are handed in.

mod audit;
mod denial;
mod document;
mod endpoint;
mod in_force;
mod locks;
mod parts;
mod pattern;
mod schema;
mod values;
mod verdict;

pub use crate::endpoint::Endpoint;
pub use audit::AuditDemand;
pub use denial::{Denial, DenialCode};
pub use document::{
    AccountsKnown, ApiKeyRule, AppliesTo, Audit, AutomaticRule, CredentialLayer, Document,
    Enforcement, IamCredentialsRule, ManagedSettings, Methods, NamedProfileRule, Network, SsoRule,
    Validity,
};
pub use endpoint::{EndpointPattern, StartUrlPattern};
pub use in_force::{
    Digest, Identity, LastGood, LastGoodReport, ManagedContent, ManagedSource, Obstacle, Policy,
    SourceReport, SourceState,
};
pub use locks::InUse;
#[cfg(feature = "check")]
pub(crate) use locks::same_value;
pub use parts::Part;
pub use pattern::{ArnPattern, CommandPattern, HostPattern, NamePattern, PrincipalPattern};
#[cfg(feature = "check")]
pub(crate) use pattern::{matches_segment, patterns_meet};
pub use schema::{policy_schema, settings_schema};
pub(crate) use schema::{schema_of, schema_of_answer};
pub use values::{Instant, Lifetime, PolicyId, SchemaVersion};
pub use verdict::{Candidate, Delivered, Verdict};
