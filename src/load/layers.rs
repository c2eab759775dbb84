//! The values that layers ask for, carried by `figment` with their provenance.
//!
//! Each asker is a figment *profile*, so nothing overwrites anything and the losers stay known. Constraints
//! and secrets never enter: merging could widen the former, and figment's errors echo the latter.

use std::collections::BTreeMap;

use figment::value::{Dict, Map, Tag, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::environment::Environment;
use crate::facts::{Asker, Request, Requests};
use crate::family::{Family, Variable};
use crate::jsonc::Located;
use crate::policy::Policy;
use crate::provenance::{Layer, Place, Source};
use crate::settings::{Key, ManagedValues, RequestedMethod, UserSettings};
use crate::words::Word;

/// Values of all layers, in the order in which they are heard.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    figment: Figment,
    /// The order of the profiles, and whom each stands for.
    askers: Vec<(Profile, Asker)>,
    /// figment names a value's provider; this says where exactly the value stands.
    sources: BTreeMap<Tag, Source>,
}

/// One value of one asker. A provider of its own, so that figment's metadata names its exact place.
struct OneValue<'a> {
    profile: &'a Profile,
    key: Key,
    value: &'a str,
    source: &'a Source,
}

impl Provider for OneValue<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::from(self.source.layer.as_str(), self.source.place.to_string().as_str())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let dict = Dict::from([(self.key.as_str().to_owned(), Value::from(self.value))]);
        Ok(Map::from([(self.profile.clone(), dict)]))
    }
}

impl Layers {
    /// Collects what every layer asks for.
    pub fn collect(
        policy: &Policy,
        environment: &Environment,
        families: &[Family],
        settings: Option<&UserSettings>,
    ) -> Self {
        let mut layers = Layers::default();
        let enforcing = || policy.documents().filter(|document| document.enforces());
        for document in enforcing() {
            let locked = document.settings.as_ref().and_then(|s| s.locked.as_ref());
            layers.add_managed(Asker::Locked, locked);
        }
        for family in families {
            layers.add_family(environment, family);
        }
        if let Some(settings) = settings {
            layers.add_user(settings);
        }
        // Of two policies that recommend a value, the later one wins.
        for document in policy.documents().rev() {
            let recommended = document.settings.as_ref().and_then(|s| s.recommended.as_ref());
            layers.add_managed(Asker::Recommended, recommended);
        }
        layers
    }

    /// What the layers ask for, in the order in which it is heard.
    pub fn requests(&self) -> Requests {
        Requests {
            method: self.of(Key::AuthenticationMethod, |word| RequestedMethod::from_word(&word)),
            profile: self.of(Key::Profile, Some),
            region: self.of(Key::Region, Some),
            endpoint_url: self.of(Key::EndpointUrl, Some),
        }
    }

    /// The values as figment holds them, one profile for each asker.
    pub fn figment(&self) -> &Figment {
        &self.figment
    }

    fn add_managed(&mut self, asker: Asker, values: Option<&ManagedValues>) {
        let Some(values) = values else { return };
        let ManagedValues { authentication_method, profile, region, endpoint_url } = values;
        let method = authentication_method.as_ref().map(method_as_text);
        self.add_located(asker, Layer::Managed, [&method, profile, region, endpoint_url]);
    }

    fn add_user(&mut self, settings: &UserSettings) {
        let UserSettings {
            authentication_method,
            profile,
            region,
            endpoint_url,
            // Read before the environment, because they say what to read there.
            environment_families: _,
            audit: _,
        } = settings;
        let method = authentication_method.as_ref().map(method_as_text);
        self.add_located(Asker::User, Layer::User, [&method, profile, region, endpoint_url]);
    }

    /// `values` stand in the order of [`Key::ALL`].
    fn add_located(
        &mut self,
        asker: Asker,
        layer: Layer,
        values: [&Option<Located<String>>; Key::ALL.len()],
    ) {
        let profile = self.profile_for(asker);
        for (key, located) in Key::ALL.iter().zip(values) {
            if let Some(located) = located {
                let source = Source::new(layer, located.at.clone());
                self.add(&profile, *key, &located.value, source);
            }
        }
    }

    fn add_family(&mut self, environment: &Environment, family: &Family) {
        let profile = self.profile_for(Asker::Environment(family.clone()));
        for (key, variable) in [
            (Key::Profile, Variable::Profile),
            (Key::Region, Variable::Region),
            (Key::EndpointUrl, Variable::Endpoint),
        ] {
            let names = family.names(variable);
            let found = names.iter().find_map(|name| Some((name, environment.get(name)?)));
            if let Some((name, value)) = found {
                let source = Source::new(Layer::Environment, Place::variable(name));
                self.add(&profile, key, value, source);
            }
        }
    }

    fn profile_for(&mut self, asker: Asker) -> Profile {
        let profile = Profile::new(&format!("asker-{}", self.askers.len()));
        self.askers.push((profile.clone(), asker));
        profile
    }

    fn add(&mut self, profile: &Profile, key: Key, value: &str, source: Source) {
        let one = OneValue { profile, key, value, source: &source };
        self.figment = std::mem::take(&mut self.figment).merge(one);
        if let Some((tag, _)) = self.find(profile, key) {
            self.sources.insert(tag, source);
        }
    }

    fn find(&self, profile: &Profile, key: Key) -> Option<(Tag, String)> {
        let value = self.figment.clone().select(profile.clone()).find_value(key.as_str()).ok()?;
        Some((value.tag(), value.into_string()?))
    }

    fn of<T>(&self, key: Key, read: impl Fn(String) -> Option<T>) -> Vec<Request<T>> {
        self.askers
            .iter()
            .filter_map(|(profile, asker)| {
                let (tag, text) = self.find(profile, key)?;
                let source = self.sources.get(&tag)?.clone();
                Some(Request { asker: asker.clone(), value: read(text)?, source })
            })
            .collect()
    }
}

fn method_as_text(method: &Located<RequestedMethod>) -> Located<String> {
    Located { value: method.value.as_str().to_owned(), at: method.at.clone() }
}
