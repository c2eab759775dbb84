//! What a policy leaves open that most want shut.

use crate::auth::ApiKeyKind;
use crate::check::code::Lint;
use crate::check::domains::{is_of_anybody, is_portal_of_anybody};
use crate::check::drafts::{Drafts, Spot};
use crate::policy::{ApiKeyRule, Document, EndpointPattern, Methods};

pub(super) fn exposure(document: &Document, drafts: &mut Drafts) {
    if let Some(methods) = document.methods.as_deref() {
        of_methods(methods, drafts);
    }
    for (index, endpoint) in document.endpoints.iter().flat_map(|list| list.iter()).enumerate() {
        of_endpoint(endpoint, index, drafts);
    }
}

fn of_methods(methods: &Methods, drafts: &mut Drafts) {
    let Methods { automatic, named_profile: _, sso, iam_credentials: _, api_key } = methods;
    if automatic.as_deref().is_some_and(|rule| rule.roots.is_none()) {
        drafts
            .add(
                Lint::AutomaticWithoutRoots,
                Spot::key("/methods/automatic"),
                "the SDK's default chain may take its credential from anywhere, long-lived keys included",
            )
            .advise("name the `roots` that are meant, such as `web_identity`, `container` and `imds`");
    }
    if let Some(rule) = sso.as_deref() {
        let is_open = match (&rule.start_urls, &rule.accounts) {
            (None, None) => Some("through any portal, in any account"),
            (None, Some(_)) => Some("through any portal"),
            (Some(_), _) => None,
        };
        if let Some(open) = is_open {
            let message = format!("sign-in is allowed {open}: also through one of somebody else");
            drafts
                .add(Lint::SsoWithoutPortal, Spot::key("/methods/sso"), message)
                .advise("name your portal in `start_urls`, and your accounts in `accounts`");
        }
        for (index, portal) in rule.start_urls.iter().flat_map(|list| list.iter()).enumerate() {
            if is_portal_of_anybody(portal.host()) {
                of_anybody(Spot::element("/methods/sso/start_urls", index), drafts);
            }
        }
    }
    if let Some(rule) = api_key.as_deref()
        && allows_long_term(rule)
    {
        drafts
            .add(
                Lint::LongTermApiKeysAllowed,
                Spot::key("/methods/api_key"),
                "API keys that live until somebody deletes them are allowed",
            )
            .advise("add `\"kinds\": [\"short_term\"]`, and `\"temporary_only\": true` where no long-lived key may stand behind one");
    }
}

fn allows_long_term(rule: &ApiKeyRule) -> bool {
    let is_short_term =
        rule.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&ApiKeyKind::LongTerm));
    !is_short_term && rule.demand_of_end().is_none()
}

fn of_endpoint(endpoint: &EndpointPattern, index: usize, drafts: &mut Drafts) {
    let spot = || Spot::element("/endpoints", index);
    if endpoint.is_open_to_listeners() {
        drafts
            .add(
                Lint::EndpointOverHttp,
                spot(),
                "requests to this endpoint are not encrypted: whoever is on the way reads prompts and answers",
            )
            .advise("write `https`");
    }
    if is_of_anybody(endpoint.host()) {
        of_anybody(spot(), drafts);
    }
}

fn of_anybody(spot: Spot, drafts: &mut Drafts) {
    drafts
        .add(Lint::WildcardDomain, spot, "anybody can register a host that this pattern matches")
        .advise("write the domain out, and `*` only in front of it");
}
