//! Where requests may go: what `endpoints` and `regions` leave of each other, in one policy or in several.

use super::lists::is_compared;
use crate::policy::{Document, EndpointPattern, NamePattern, patterns_meet};

/// Whether Bedrock is never called at an endpoint of this form: all are AWS's, of regions that are not allowed. Long lists of
/// regions may allow any.
pub(super) fn is_outside(endpoint: &EndpointPattern, regions: &[NamePattern]) -> bool {
    let is_allowed =
        |region: &str| regions.iter().any(|pattern| patterns_meet(pattern.as_str(), region));
    endpoint.aws_region().is_some_and(|region| is_compared(regions) && !is_allowed(region))
}

/// Whether the regions of a policy leave none of its endpoints.
pub(super) fn is_every_endpoint_outside(document: &Document) -> bool {
    let (Some(endpoints), Some(regions)) = (&document.endpoints, &document.regions) else {
        return false;
    };
    !endpoints.is_empty() && endpoints.iter().all(|endpoint| is_outside(endpoint, regions))
}

/// Why no endpoint is left by several policies.
pub(super) enum NoEndpoint {
    /// None passes the lists of all, or the rule of those without one: AWS's own.
    OfAll,
    /// Those that do are of regions that not all allow.
    OfTheirRegions,
}

/// Why no endpoint is left by several policies, if that is so.
pub(super) fn no_endpoint(documents: &[&Document]) -> Option<NoEndpoint> {
    let lists: Vec<_> = documents.iter().filter_map(|one| one.endpoints.as_deref()).collect();
    let is_aws_alone = lists.len() < documents.len();
    let regions: Vec<_> = documents.iter().filter_map(|one| one.regions.as_deref()).collect();
    let is_of_region_left =
        |endpoint: &EndpointPattern| !regions.iter().any(|regions| is_outside(endpoint, regions));
    if !is_left(&lists, |endpoint| !is_aws_alone || endpoint.may_be_of_aws()) {
        return Some(NoEndpoint::OfAll);
    }
    let is_any_left = is_left(&lists, |endpoint| {
        (!is_aws_alone || endpoint.may_be_of_aws()) && is_of_region_left(endpoint)
    });
    (!is_any_left).then_some(NoEndpoint::OfTheirRegions)
}

/// Whether some endpoint could pass all lists, of what of them counts.
fn is_left(lists: &[&Vec<EndpointPattern>], counts: impl Fn(&EndpointPattern) -> bool) -> bool {
    let Some((first, others)) = lists.split_first() else { return true };
    if !lists.iter().all(|list| is_compared(list)) {
        return true;
    }
    first.iter().filter(|pattern| counts(pattern)).any(|pattern| {
        others.iter().all(|list| list.iter().any(|other| counts(other) && pattern.meets(other)))
    })
}
