//! Kinds of API keys that another part of the rule shuts out.

use crate::auth::ApiKeyKind;
use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::policy::Document;

pub(super) fn api_keys(document: &Document, drafts: &mut Drafts) {
    let methods = document.methods.as_deref();
    let Some(rule) = methods.and_then(|methods| methods.api_key.as_deref()) else { return };
    let Some(demand) = rule.demand_of_end() else { return };
    let kinds = rule.kinds.iter().flat_map(|kinds| kinds.iter()).enumerate();
    let (long_term, others): (Vec<_>, Vec<_>) =
        kinds.partition(|(_, kind)| **kind == ApiKeyKind::LongTerm);
    // Where no other kind is listed, nothing matches the rule, and that is told.
    if others.is_empty() {
        return;
    }
    for (index, _) in long_term {
        drafts
            .add(
                Lint::NeverMatches,
                Spot::element("/methods/api_key/kinds", index),
                "no long-term API key is allowed all the same: it has no end, and the rule demands one",
            )
            .advise("remove it, or what demands an end")
            .relate(Spot::key(format!("/methods/api_key/{demand}")), "the demand");
    }
}
