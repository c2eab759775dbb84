//! Whom AWS takes a caller for.

use schemars::JsonSchema;
use serde::Serialize;

/// Whom STS takes the resolved credentials for (`GetCallerIdentity`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CallerIdentity {
    /// The account.
    pub account: String,
    /// The ARN of the user or of the role's session.
    pub arn: String,
    /// What was foreseen and is otherwise, in words; none where all is as foreseen.
    pub differences: Vec<String>,
}
