//! Everything that was found in all files, for people and programs.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::code::Severity;
use super::finding::Finding;
use crate::policy::schema_of_answer;

/// What a check of files comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this shape: 1.
    pub schema_version: u32,
    /// How many files were looked at.
    pub files: usize,
    /// How many findings are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// Every finding, by file and place.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Puts findings in order, and counts them.
    pub fn of(files: usize, mut findings: Vec<Finding>) -> Self {
        findings.sort_by(|a, b| {
            let key =
                |finding: &Finding| (finding.at.lines.map(|at| (at.line, at.column)), finding.code);
            a.at.file.cmp(&b.at.file).then_with(|| key(a).cmp(&key(b)))
        });
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        Report { schema_version: 1, files, errors, warnings, findings }
    }
}

/// The JSON Schema of what `policy check --format json` prints. Fields and codes may be added.
pub fn report_schema() -> Schema {
    schema_of_answer::<Report>("bedrock-auth policy check report")
}
