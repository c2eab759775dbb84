//! What settings ask for, and what of it a policy refuses: of IT's own values and of a person's.

use super::drafts::Spot;
use crate::auth::Method;
use crate::endpoint::{Endpoint, EndpointFault};
use crate::policy::{Document, NamePattern};
use crate::settings::{Key, ManagedValues, RequestedMethod, UserSettings};

/// What settings ask for, whoever wrote them.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    pub(super) method: Option<RequestedMethod>,
    pub(super) profile: Option<&'a str>,
    pub(super) region: Option<&'a str>,
    pub(super) endpoint_url: Option<&'a str>,
}

impl<'a> Asked<'a> {
    pub(super) fn of_managed(values: &'a ManagedValues) -> Self {
        let ManagedValues { authentication_method, profile, region, endpoint_url } = values;
        Asked {
            method: authentication_method.as_deref().copied(),
            profile: profile.as_deref().map(String::as_str),
            region: region.as_deref().map(String::as_str),
            endpoint_url: endpoint_url.as_deref().map(String::as_str),
        }
    }

    pub(super) fn of_user(settings: &'a UserSettings) -> Self {
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

    /// The same, and what others ask for where this asks for nothing.
    pub(super) fn or(self, others: &Self) -> Self {
        Asked {
            method: self.method.or(others.method),
            profile: self.profile.or(others.profile),
            region: self.region.or(others.region),
            endpoint_url: self.endpoint_url.or(others.endpoint_url),
        }
    }

    /// The same where policies lock values, and the keys that they lock: nobody's value counts there.
    pub(super) fn under<'l: 'a>(
        self,
        policies: impl Iterator<Item = &'l Document>,
    ) -> (Self, Vec<Key>) {
        let (mut asked, mut keys) = (self, Vec::new());
        let locked = policies.filter_map(Document::locked);
        for values in locked {
            let locked = Asked::of_managed(values);
            keys.extend(Key::ALL.iter().filter(|key| values.has(**key)));
            asked = locked.or(&asked);
        }
        (asked, keys)
    }

    /// The region whose endpoint of AWS is asked for.
    pub(super) fn region_of_endpoint(&self) -> Option<String> {
        let endpoint = Endpoint::parse(self.endpoint_url?).ok()?;
        endpoint.aws_region().map(str::to_owned)
    }

    /// Why what is asked for as endpoint is none, whatever policies say.
    pub(super) fn fault_of_endpoint(&self) -> Option<EndpointFault> {
        Endpoint::parse(self.endpoint_url?).err()
    }
}

/// A value that a policy refuses: which, why, and what stands against it, where and in words.
pub(super) struct Refused {
    pub(super) key: Key,
    pub(super) why: &'static str,
    pub(super) constraint: (Spot, &'static str),
}

/// What of it a policy refuses. What depends on AWS's files is left to the machine.
pub(super) fn refused(asked: &Asked<'_>, document: &Document) -> Vec<Refused> {
    let mut refused = Vec::new();
    let mut refuse = |key, why, constraint: Spot, what| {
        refused.push(Refused { key, why, constraint: (constraint, what) });
    };
    if let Some(requested) = asked.method {
        let may_be_used = |method: &Method| requested.admits(*method) && document.lists(*method);
        if !Method::ALL.iter().any(may_be_used) {
            let why = "`methods` does not list it";
            refuse(Key::AuthenticationMethod, why, Spot::key("/methods"), CONSTRAINT);
        }
    }
    if let Some(profile) = asked.profile
        && let Some((why, constraint)) = refused_profile(asked.method, profile, document)
    {
        refuse(Key::Profile, why, constraint, CONSTRAINT);
    }
    let is_outside = |region: &str| {
        let regions = document.regions.as_deref();
        regions.is_some_and(|regions| !regions.iter().any(|pattern| pattern.matches(region)))
    };
    if asked.region.is_some_and(is_outside) {
        let why = "no pattern of `regions` matches it";
        refuse(Key::Region, why, Spot::key("/regions"), CONSTRAINT);
    }
    let Some(endpoint) = asked.endpoint_url.and_then(|url| Endpoint::parse(url).ok()) else {
        return refused;
    };
    match &document.endpoints {
        Some(allowed) if !allowed.iter().any(|pattern| pattern.matches(&endpoint)) => {
            let why = "no pattern of `endpoints` matches it";
            refuse(Key::EndpointUrl, why, Spot::key("/endpoints"), CONSTRAINT);
        }
        None if !endpoint.is_aws_bedrock_runtime() => {
            let why = "where `endpoints` is missing, only AWS's own over https are allowed";
            refuse(Key::EndpointUrl, why, Spot::value("/id"), "this policy names no `endpoints`");
        }
        // An endpoint of another region would carry requests out of the allowed ones.
        _ if endpoint.aws_region().is_some_and(is_outside) => {
            let why = "it is an endpoint of a region that no pattern of `regions` matches";
            refuse(Key::EndpointUrl, why, Spot::key("/regions"), CONSTRAINT);
        }
        _ => {}
    }
    refused
}

const CONSTRAINT: &str = "the constraint";

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
