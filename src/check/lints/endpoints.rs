//! Endpoints for which the regions leave no room.

use crate::check::code::Lint;
use crate::check::destinations::is_outside;
use crate::check::drafts::{Drafts, Spot};
use crate::policy::Document;

const ADVICE: &str = "allow the region of the endpoint, or name the endpoint of an allowed region";
const CONSTRAINT: &str = "the regions that are allowed";

pub(super) fn endpoints(document: &Document, drafts: &mut Drafts) {
    let (Some(endpoints), Some(regions)) = (&document.endpoints, &document.regions) else {
        return;
    };
    // An empty list is told by itself.
    if regions.is_empty() {
        return;
    }
    let outside =
        endpoints.iter().enumerate().filter(|(_, endpoint)| is_outside(endpoint, regions));
    let outside: Vec<_> = outside.map(|(index, _)| index).collect();
    let is_every_one = !endpoints.is_empty() && outside.len() == endpoints.len();
    // One that only reports keeps nobody out.
    if document.enforces() && is_every_one {
        drafts
            .add(
                Lint::AllowsNobody,
                Spot::key("/endpoints"),
                "nobody can authenticate: each endpoint is one of AWS's of a region that no pattern of `regions` matches",
            )
            .advise(ADVICE)
            .relate(Spot::key("/regions"), CONSTRAINT)
            .because_of("/enforcement");
        return;
    }
    for index in outside {
        drafts
            .add(
                Lint::NeverMatches,
                Spot::element("/endpoints", index),
                "Bedrock is never called there: it is an endpoint of a region that no pattern of `regions` matches",
            )
            .advise(ADVICE)
            .relate(Spot::key("/regions"), CONSTRAINT);
    }
}
