//! What several policies that are in force at once leave of each other.

use std::collections::HashSet;
use std::hash::Hash;

use super::asked::Asked;
use super::destinations::{NoEndpoint, is_every_endpoint_outside, no_endpoint};
use super::lists::{Element, is_compared};
use super::never::{is_any_role_of, may_match};
use crate::auth::{ApiKeyKind, Method, Root};
use crate::jsonc::Located;
use crate::policy::{
    ApiKeyRule, ArnPattern, CommandPattern, CredentialLayer, Document, Methods, NamePattern,
    StartUrlPattern, patterns_meet,
};

/// What several policies leave none of.
#[derive(Clone, Copy, PartialEq, Eq)]
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

    pub(super) fn is_stated_by(self, document: &Document) -> bool {
        match self {
            Nothing::Method => document.methods.is_some(),
            Nothing::Region => document.regions.is_some(),
            Nothing::Endpoint | Nothing::EndpointOfRegion => document.endpoints.is_some(),
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

/// Everything that they leave none of.
pub(super) fn nothing_left(set: &[&Document]) -> Vec<Nothing> {
    let locked = |document: &&Document| Asked::of_managed(document.locked()?).method;
    let locked = set.iter().find_map(locked);
    let may_be_used = |method: Method| locked.is_none_or(|locked| locked.admits(method));
    let no_method = !Method::ALL.iter().any(|method| may_be_used(*method) && is_open(set, *method));
    let no_endpoint = no_endpoint(set).map(|why| match why {
        NoEndpoint::OfAll => Nothing::Endpoint,
        NoEndpoint::OfTheirRegions => Nothing::EndpointOfRegion,
    });
    let no_region = !is_region_left(set);
    let reasons = [
        no_method.then_some(Nothing::Method),
        no_region.then_some(Nothing::Region),
        // Where no region is left, no endpoint of one is.
        no_endpoint.filter(|why| !no_region || *why == Nothing::Endpoint),
    ];
    reasons.into_iter().flatten().collect()
}

/// Whether some region could pass all lists, be it one that AWS has not opened yet.
fn is_region_left(set: &[&Document]) -> bool {
    may_meet(set.iter().filter_map(|document| document.regions.as_deref()), names_meet)
}

fn names_meet(one: &NamePattern, other: &NamePattern) -> bool {
    patterns_meet(one.as_str(), other.as_str())
}

fn arns_meet(one: &ArnPattern, other: &ArnPattern) -> bool {
    patterns_meet(one.as_str(), other.as_str())
}

/// Whether something is left to supply a credential: a command, where nothing but commands is.
fn is_source_left<'l>(
    roots: impl Iterator<Item = &'l Vec<Root>>,
    commands: impl Iterator<Item = &'l Vec<CommandPattern>>,
) -> bool {
    let roots: Vec<_> = roots.collect();
    let is_left = |root: &Root| roots.iter().all(|list| list.contains(root));
    Root::ALL.iter().any(|root| *root != Root::CredentialProcess && is_left(root))
        || may_meet(commands, CommandPattern::meets)
}

/// Whether some value could pass all lists that are there, as far as two patterns at a time tell. Lists that are too long to be
/// compared may leave something.
fn may_meet<'l, P: Element + 'l>(
    lists: impl Iterator<Item = &'l Vec<P>>,
    meets: impl Fn(&P, &P) -> bool,
) -> bool {
    let lists: Vec<_> = lists.collect();
    if !lists.iter().all(|list| is_compared(list)) {
        return true;
    }
    let goes_with_all =
        |pattern: &P| lists.iter().all(|list| list.iter().any(|other| meets(pattern, other)));
    lists.iter().all(|list| list.iter().any(goes_with_all))
}

/// Whether it allows nobody by itself.
pub(super) fn is_shut(document: &Document) -> bool {
    let is_empty = document.regions.as_ref().is_some_and(|list| list.is_empty())
        || document.endpoints.as_ref().is_some_and(|list| list.is_empty());
    is_empty
        || is_every_endpoint_outside(document)
        || Method::ALL.iter().all(|method| !may_match(document, *method))
}

/// Whether something could pass the rules of all for this method, as far as lists of plain values tell.
fn is_open(set: &[&Document], method: Method) -> bool {
    if !set.iter().all(|document| may_match(document, method)) {
        return false;
    }
    let rules: Vec<&Methods> =
        set.iter().filter_map(|document| document.methods.as_deref()).collect();
    match method {
        Method::Automatic => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.automatic.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.roots))
                && overlap(rules.iter().map(|rule| &rule.accounts))
                && is_source_left(
                    rules.iter().filter_map(|rule| rule.roots.as_deref()),
                    rules.iter().filter_map(|rule| rule.commands.as_deref()),
                )
        }
        Method::NamedProfile => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.named_profile.as_deref()).collect();
            overlap(rules.iter().map(|rule| &rule.roots))
                && overlap(rules.iter().map(|rule| &rule.accounts))
                && may_meet(rules.iter().filter_map(|rule| rule.profiles.as_deref()), names_meet)
                && may_meet(rules.iter().filter_map(|rule| rule.role_arns.as_deref()), arns_meet)
                && rules.iter().filter_map(|rule| rule.role_arns.as_deref()).all(|roles| {
                    let mut accounts = rules.iter().filter_map(|rule| rule.accounts.as_deref());
                    accounts.all(|accounts| is_any_role_of(roles, accounts))
                })
                && is_source_left(
                    rules.iter().filter_map(|rule| rule.roots.as_deref()),
                    rules.iter().filter_map(|rule| rule.commands.as_deref()),
                )
        }
        Method::Sso => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.sso.as_deref()).collect();
            let portals = rules.iter().filter_map(|rule| rule.start_urls.as_deref());
            overlap(rules.iter().map(|rule| &rule.accounts))
                && may_meet(rules.iter().filter_map(|rule| rule.profiles.as_deref()), names_meet)
                && may_meet(rules.iter().filter_map(|rule| rule.roles.as_deref()), names_meet)
                && may_meet(portals, StartUrlPattern::meets)
        }
        Method::IamCredentials => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.iam_credentials.as_deref()).collect();
            is_layer_left(set, rules.iter().filter_map(|rule| rule.layers.as_deref()))
                && overlap(rules.iter().map(|rule| &rule.accounts))
        }
        Method::ApiKey => {
            let rules: Vec<_> = rules.iter().filter_map(|m| m.api_key.as_deref()).collect();
            let has_end = |rule: &&ApiKeyRule| rule.demand_of_end().is_some();
            let is_short_term = |rule: &ApiKeyRule| {
                rule.kinds.as_ref().is_none_or(|kinds| kinds.contains(&ApiKeyKind::ShortTerm))
            };
            is_layer_left(set, rules.iter().filter_map(|rule| rule.layers.as_deref()))
                && overlap(rules.iter().map(|rule| &rule.kinds))
                && overlap(rules.iter().map(|rule| &rule.accounts))
                && (!rules.iter().any(has_end) || rules.iter().all(|rule| is_short_term(rule)))
        }
    }
}

/// Whether a layer is left that may supply a credential; the environment is one where a family is left that may be read.
fn is_layer_left<'l>(
    set: &[&Document],
    layers: impl Iterator<Item = &'l Vec<CredentialLayer>>,
) -> bool {
    let layers: Vec<_> = layers.collect();
    let is_family_left = overlap(set.iter().map(|document| &document.environment_families));
    CredentialLayer::ALL.iter().any(|layer| {
        let can_supply = match layer {
            CredentialLayer::Environment => is_family_left,
            CredentialLayer::Keychain => true,
        };
        can_supply && layers.iter().all(|list| list.contains(layer))
    })
}

/// Whether some value stands in all lists that are there.
fn overlap<'l, T: Hash + Eq + 'l>(
    lists: impl Iterator<Item = &'l Option<Located<Vec<T>>>>,
) -> bool {
    let lists: Vec<_> = lists.flatten().collect();
    let Some((first, others)) = lists.split_first() else { return true };
    let others: Vec<HashSet<&T>> = others.iter().map(|list| list.iter().collect()).collect();
    first.iter().any(|value| others.iter().all(|list| list.contains(value)))
}
