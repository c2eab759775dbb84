//! What a plain AWS SDK would heed of variables and profile, besides the way to its credentials.

use super::endpoints::Endpoints;
use super::profiles::{Entry, Section};
use super::{ambient, keys};
use crate::endpoint::Endpoint;
use crate::lure::{Lure, LureKind};
use crate::provenance::Place;

const SWITCHES: [(LureKind, &str, &str); 2] = [
    (LureKind::FipsEndpoint, ambient::USE_FIPS, keys::USE_FIPS),
    (LureKind::DualStackEndpoint, ambient::USE_DUAL_STACK, keys::USE_DUAL_STACK),
];
const TEXTS: [(LureKind, &str, &str); 2] = [
    (LureKind::AuthScheme, ambient::AUTH_SCHEME_PREFERENCE, keys::AUTH_SCHEME_PREFERENCE),
    (LureKind::SigningRegions, ambient::SIGNING_REGIONS, keys::SIGNING_REGIONS),
];

/// Every variable and every key of the profile that would count, whether another one wins or not.
pub(super) fn of(endpoints: &Endpoints<'_>) -> Vec<Lure> {
    let mut lures = of_variables(endpoints);
    if let Some(profile) = endpoints.profile {
        lures.extend(of_profile(endpoints, profile));
    }
    lures
}

fn of_variables(endpoints: &Endpoints<'_>) -> Vec<Lure> {
    let ambient = endpoints.ambient;
    let lure = |kind, name, value: Option<&str>| Lure {
        kind,
        at: Place::variable(name),
        key: None,
        value: value.map(str::to_owned),
    };
    let mut lures = Vec::new();
    if let Ok(key) = ambient.access_key() {
        lures.push(lure(LureKind::AccessKey, ambient::ACCESS_KEY_ID, Some(key.secret_in)));
    }
    if ambient.is_filled(ambient::BEARER_TOKEN) {
        lures.push(lure(LureKind::BearerToken, ambient::BEARER_TOKEN, None));
    }
    for (kind, name) in [
        (LureKind::Profile, ambient::PROFILE),
        (LureKind::Region, ambient::REGION),
        (LureKind::Region, ambient::DEFAULT_REGION),
    ] {
        lures.extend(ambient.filled(name).map(|value| lure(kind, name, Some(value))));
    }
    for name in [ambient::ENDPOINT_URL_BEDROCK_RUNTIME, ambient::ENDPOINT_URL] {
        let url = ambient.filled(name).filter(|_| endpoints.count());
        lures.extend(url.map(|url| lure(LureKind::Endpoint, name, shown(url).as_deref())));
    }
    for (kind, name, _) in SWITCHES {
        let on = ambient.filled(name).filter(|value| is_on(value));
        lures.extend(on.map(|_| lure(kind, name, None)));
    }
    for (kind, name, _) in TEXTS {
        lures.extend(ambient.is_filled(name).then(|| lure(kind, name, None)));
    }
    lures
}

fn of_profile(endpoints: &Endpoints<'_>, profile: &Section) -> Vec<Lure> {
    let lure = |kind, entry: &Entry, value| {
        let at = entry.at.clone().or_else(|| profile.at.clone())?;
        Some(Lure { kind, at, key: Some((entry.key, profile.name.clone())), value })
    };
    let mut lures = Vec::new();
    let region = profile.setting(keys::REGION);
    lures.extend(region.and_then(|entry| lure(LureKind::Region, entry, Some(entry.value.clone()))));
    let urls = [endpoints.of_bedrock_runtime(), profile.setting(keys::ENDPOINT_URL)];
    for entry in urls.into_iter().flatten().filter(|_| endpoints.count()) {
        lures.extend(lure(LureKind::Endpoint, entry, shown(&entry.value)));
    }
    for (kind, _, key) in SWITCHES {
        let on = profile.setting(key).filter(|entry| is_on(&entry.value));
        lures.extend(on.and_then(|entry| lure(kind, entry, None)));
    }
    for (kind, _, key) in TEXTS {
        lures.extend(profile.setting(key).and_then(|entry| lure(kind, entry, None)));
    }
    lures
}

/// A URL that is no endpoint may hold a password.
fn shown(url: &str) -> Option<String> {
    Endpoint::parse(url).ok().map(|endpoint| endpoint.as_str().to_owned())
}

fn is_on(value: &str) -> bool {
    value.eq_ignore_ascii_case("true")
}
