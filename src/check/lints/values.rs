//! Values that IT supplies, or a person asks for, under the constraints of policies.

use crate::auth::Method;
use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::endpoint::Endpoint;
use crate::policy::{Document, NamePattern};
use crate::settings::{Key, ManagedValues, RequestedMethod, UserSettings};

/// What settings ask for, whoever wrote them.
#[derive(Clone, Copy, Default)]
pub(in crate::check) struct Asked<'a> {
    pub(in crate::check) method: Option<RequestedMethod>,
    pub(in crate::check) profile: Option<&'a str>,
    pub(in crate::check) region: Option<&'a str>,
    pub(in crate::check) endpoint_url: Option<&'a str>,
}

impl<'a> Asked<'a> {
    pub(in crate::check) fn of_managed(values: &'a ManagedValues) -> Self {
        let ManagedValues { authentication_method, profile, region, endpoint_url } = values;
        Asked {
            method: authentication_method.as_deref().copied(),
            profile: profile.as_deref().map(String::as_str),
            region: region.as_deref().map(String::as_str),
            endpoint_url: endpoint_url.as_deref().map(String::as_str),
        }
    }

    pub(in crate::check) fn of_user(settings: &'a UserSettings) -> Self {
        let UserSettings {
            authentication_method,
            profile,
            region,
            endpoint_url,
            environment_families: _,
            audit: _,
        } = settings;
        Asked {
            method: authentication_method.as_deref().copied(),
            profile: profile.as_deref().map(String::as_str),
            region: region.as_deref().map(String::as_str),
            endpoint_url: endpoint_url.as_deref().map(String::as_str),
        }
    }
}

/// A value that a policy refuses: which, why, and the constraint.
pub(in crate::check) struct Refused {
    pub(in crate::check) key: Key,
    pub(in crate::check) why: String,
    pub(in crate::check) constraint: Spot,
}

pub(super) fn values(document: &Document, drafts: &mut Drafts) {
    let Some(settings) = &document.settings else { return };
    let kinds = [
        ("locked", Lint::LockedNotAllowed, &settings.locked),
        ("recommended", Lint::RecommendedNotAllowed, &settings.recommended),
    ];
    for (kind, lint, values) in kinds {
        let Some(values) = values else { continue };
        for Refused { key, why, constraint } in refused(&Asked::of_managed(values), document) {
            drafts
                .add(
                    lint,
                    Spot::value(format!("/settings/{kind}/{key}")),
                    format!("this {kind} value is not allowed: {why}"),
                )
                .advise("supply a value that is allowed, or allow this one")
                .relate(constraint, "the constraint");
        }
        if values.authentication_method.as_deref() == Some(&RequestedMethod::Automatic) {
            deprecated(Spot::value(format!("/settings/{kind}/authentication_method")), drafts);
        }
    }
}

/// One spelling for one thing: the other one is read for files that hold it.
pub(in crate::check) fn deprecated(spot: Spot, drafts: &mut Drafts) {
    drafts
        .add(Lint::DeprecatedSpelling, spot, "this is the older spelling of `default`")
        .advise("write `default`");
}

/// What of it a policy refuses. What depends on AWS's files is left to the machine.
pub(in crate::check) fn refused(asked: &Asked<'_>, document: &Document) -> Vec<Refused> {
    let mut refused = Vec::new();
    let mut object = |key, why: &str, constraint| {
        refused.push(Refused { key, why: why.to_owned(), constraint });
    };
    let may = |method: Method| document.lists(method);
    if let Some(method) = asked.method {
        let is_listed = match method.method() {
            Some(method) => may(method),
            // Whatever static credential is found.
            None => may(Method::ApiKey) || may(Method::IamCredentials),
        };
        if !is_listed {
            object(Key::AuthenticationMethod, "`methods` does not list it", Spot::key("/methods"));
        }
    }
    if let Some(profile) = asked.profile
        && let Some((why, constraint)) = refused_profile(asked.method, profile, document)
    {
        object(Key::Profile, why, constraint);
    }
    if let (Some(region), Some(regions)) = (asked.region, &document.regions)
        && !regions.iter().any(|pattern| pattern.matches(region))
    {
        object(Key::Region, "no pattern of `regions` matches it", Spot::key("/regions"));
    }
    if let Some(url) = asked.endpoint_url {
        match (Endpoint::parse(url), &document.endpoints) {
            (Err(fault), _) => {
                let why = format!("it is no endpoint: {fault}");
                object(Key::EndpointUrl, &why, Spot::key("/id"));
            }
            (Ok(endpoint), Some(allowed)) => {
                if !allowed.iter().any(|pattern| pattern.matches(&endpoint)) {
                    let why = "no pattern of `endpoints` matches it";
                    object(Key::EndpointUrl, why, Spot::key("/endpoints"));
                }
            }
            (Ok(endpoint), None) => {
                if !endpoint.is_aws_bedrock_runtime() {
                    let why = "the policy names no `endpoints`, so AWS's own over https are allowed alone";
                    object(Key::EndpointUrl, why, Spot::key("/id"));
                }
            }
        }
    }
    refused
}

/// A profile is held against the rules of the methods that could use it.
fn refused_profile(
    method: Option<RequestedMethod>,
    profile: &str,
    document: &Document,
) -> Option<(&'static str, Spot)> {
    let methods = document.methods.as_deref()?;
    let of_named = methods.named_profile.as_deref().map(|rule| rule.profiles.as_deref());
    let of_sso = methods.sso.as_deref().map(|rule| rule.profiles.as_deref());
    let takes = |patterns: &Option<&Vec<NamePattern>>| {
        patterns.is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(profile)))
    };
    let (rules, spot) = match method {
        Some(RequestedMethod::NamedProfile) => {
            ([of_named, None], "/methods/named_profile/profiles")
        }
        Some(RequestedMethod::Sso) => ([of_sso, None], "/methods/sso/profiles"),
        Some(RequestedMethod::ApiKey) => return None,
        // The default chain looks at the profile, too, and its rule names none.
        Some(RequestedMethod::Default | RequestedMethod::Automatic) => return None,
        None if methods.automatic.is_some() => return None,
        None => ([of_named, of_sso], "/methods"),
    };
    let mut rules = rules.iter().flatten().peekable();
    // Where the method itself is refused, that is told already.
    let is_refused = rules.peek().is_some() && !rules.any(takes);
    is_refused.then(|| ("no pattern of `profiles` matches it", Spot::key(spot)))
}
