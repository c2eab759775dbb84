use bedrock_auth::policy::{Part, Policy};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{effective, print_json};

/// Show the effective policy, each part with its file and line
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Answer<'a> {
    schema_version: u32,
    what_if: bool,
    digest: Option<bedrock_auth::policy::Digest>,
    sources: &'a [bedrock_auth::policy::SourceReport],
    parts: Vec<Part>,
    denials: &'a [bedrock_auth::policy::Denial],
}

pub(super) fn run(common: &Common, _: &Args) -> Result<Exit, Failure> {
    let policy: Policy = common.machine().policy();
    let mut denials = policy.faults().to_vec();
    denials.extend(policy.locked_conflicts());
    if common.json {
        print_json(&Answer {
            schema_version: 1,
            what_if: common.managed.is_some(),
            digest: policy.digest(),
            sources: policy.sources(),
            parts: policy.documents().flat_map(|document| document.parts()).collect(),
            denials: &denials,
        })?;
    } else {
        effective::page(&policy, &denials, common.managed.is_some()).print()?;
    }
    Ok(if denials.is_empty() { Exit::Fine } else { Exit::of_denials(&denials) })
}
