//! What several policies that are in force at once leave of each other.

use super::destinations::{NoEndpoint, is_every_endpoint_outside, no_endpoint};
use super::never::never;
use crate::auth::{ApiKeyKind, Method};
use crate::jsonc::Located;
use crate::policy::{ApiKeyRule, Document, Methods, NamePattern, patterns_meet};

/// What several policies leave none of.
#[derive(Clone, Copy)]
pub(super) enum Nothing {
    Method,
    Region,
    Endpoint,
    EndpointOfRegion,
}

impl Nothing {
    pub(super) fn key(self) -> &'static str {
        match self {
            Nothing::Method => "methods",
            Nothing::Region => "regions",
            Nothing::Endpoint | Nothing::EndpointOfRegion => "endpoints",
        }
    }

    pub(super) fn what(self) -> &'static str {
        match self {
            Nothing::Method => "no method is left that all of them allow",
            Nothing::Region => "no region is left that all of them allow",
            Nothing::Endpoint => "no endpoint is left that all of them allow",
            Nothing::EndpointOfRegion => {
                "each endpoint that is left is one of a region that not all of them allow"
            }
        }
    }
}

/// What they leave none of, if that is so.
pub(super) fn nothing_left(set: &[&Document]) -> Option<Nothing> {
    if !Method::ALL.iter().any(|method| is_open(set, *method)) {
        return Some(Nothing::Method);
    }
    if !is_region_left(set) {
        return Some(Nothing::Region);
    }
    no_endpoint(set).map(|why| match why {
        NoEndpoint::OfAll => Nothing::Endpoint,
        NoEndpoint::OfTheirRegions => Nothing::EndpointOfRegion,
    })
}

/// Whether some region could pass all lists, be it one that AWS has not opened yet.
fn is_region_left(set: &[&Document]) -> bool {
    let lists: Vec<_> = set.iter().filter_map(|document| document.regions.as_deref()).collect();
    let meets =
        |one: &NamePattern, other: &NamePattern| patterns_meet(one.as_str(), other.as_str());
    let goes_with_all = |pattern: &NamePattern| {
        lists.iter().all(|list| list.iter().any(|other| meets(pattern, other)))
    };
    lists.iter().all(|list| list.iter().any(goes_with_all))
}

/// Whether it allows nobody by itself.
pub(super) fn is_shut(document: &Document) -> bool {
    let is_empty = document.regions.as_ref().is_some_and(|list| list.is_empty())
        || document.endpoints.as_ref().is_some_and(|list| list.is_empty());
    is_empty
        || is_every_endpoint_outside(document)
        || Method::ALL
            .iter()
            .all(|method| !document.lists(*method) || never(document, *method).is_some())
}

/// Whether something could pass the rules of all for this method, as far as lists of plain values tell.
fn is_open(set: &[&Document], method: Method) -> bool {
    if set.iter().any(|document| !document.lists(method) || never(document, method).is_some()) {
        return false;
    }
    let rules: Vec<&Methods> =
        set.iter().filter_map(|document| document.methods.as_deref()).collect();
    match method {
        Method::Automatic => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.automatic.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.roots))
                && overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::NamedProfile => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.named_profile.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.roots))
                && overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::Sso => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.sso.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::IamCredentials => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.iam_credentials.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.layers))
                && overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::ApiKey => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.api_key.as_deref()).collect();
            let has_end = |rule: &&ApiKeyRule| rule.demand_of_end().is_some();
            let is_short_term = |rule: &ApiKeyRule| {
                rule.kinds.as_ref().is_none_or(|kinds| kinds.contains(&ApiKeyKind::ShortTerm))
            };
            overlap(rules.iter().map(|rule| &rule.layers))
                && overlap(rules.iter().map(|rule| &rule.kinds))
                && overlap(rules.iter().map(|rule| &rule.accounts))
                && (!rules.iter().any(has_end) || rules.iter().all(|rule| is_short_term(rule)))
        }
    }
}

/// Whether some value stands in all lists that are there.
fn overlap<'l, T: PartialEq + 'l>(
    lists: impl Iterator<Item = &'l Option<Located<Vec<T>>>>,
) -> bool {
    let lists: Vec<_> = lists.flatten().collect();
    let Some((first, others)) = lists.split_first() else { return true };
    first.iter().any(|value| others.iter().all(|list| list.contains(value)))
}
