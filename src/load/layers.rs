//! The values that layers ask for, carried by `figment` with their provenance.
//!
//! Each asker is a figment *profile*, so nothing overwrites anything and the losers stay known. Constraints
//! and secrets never enter: merging could widen the former, and figment's errors echo the latter.

use std::collections::BTreeMap;

use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::environment::Environment;
use crate::facts::{Asker, Request, Requests};
use crate::family::{Family, Variable};
use crate::jsonc::Located;
use crate::policy::Policy;
use crate::provenance::{Layer, Place, Source};
use crate::settings::{Key, RequestedMethod, UserSettings};
use crate::words::Word;

/// Values of all layers, in the order in which they are heard.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    figment: Figment,
    askers: Vec<Heard>,
}

/// One asker, the figment profile that stands for it, and where exactly each of its values stands.
#[derive(Debug, Clone)]
struct Heard {
    asker: Asker,
    profile: Profile,
    sources: BTreeMap<Key, Source>,
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
        for document in policy.documents().filter(|document| document.enforces()) {
            if let Some(locked) = document.settings.as_ref().and_then(|s| s.locked.as_ref()) {
                layers.add(Asker::Locked, Layer::Managed, |key| locked.get(key));
            }
        }
        for family in families {
            let asker = Asker::Environment(family.clone());
            layers.add(asker, Layer::Environment, |key| variable(environment, family, key));
        }
        if let Some(settings) = settings {
            layers.add(Asker::User, Layer::User, |key| settings.get(key));
        }
        // Of two policies that recommend a value, the later one wins.
        for document in policy.documents().rev() {
            let recommended = document.settings.as_ref().and_then(|s| s.recommended.as_ref());
            if let Some(recommended) = recommended {
                layers.add(Asker::Recommended, Layer::Managed, |key| recommended.get(key));
            }
        }
        layers
    }

    /// What the layers ask for, in the order in which it is heard.
    pub fn requests(&self) -> Requests {
        let mut requests = Requests::default();
        for Heard { asker, profile, sources } in &self.askers {
            let values = self.figment.clone().select(profile.clone());
            for (key, source) in sources {
                let Ok(value) = values.extract_inner::<String>(key.as_str()) else { continue };
                let (asker, source) = (asker.clone(), source.clone());
                match key {
                    Key::AuthenticationMethod => requests.method.extend(
                        RequestedMethod::from_word(&value).map(|value| Request {
                            asker,
                            value,
                            source,
                        }),
                    ),
                    Key::Profile => requests.profile.push(Request { asker, value, source }),
                    Key::Region => requests.region.push(Request { asker, value, source }),
                    Key::EndpointUrl => {
                        requests.endpoint_url.push(Request { asker, value, source });
                    }
                }
            }
        }
        requests
    }

    /// The values as figment holds them, one profile for each asker.
    pub fn figment(&self) -> &Figment {
        &self.figment
    }

    fn add(
        &mut self,
        asker: Asker,
        layer: Layer,
        value_of: impl Fn(Key) -> Option<Located<String>>,
    ) {
        let profile = Profile::new(&format!("asker-{}", self.askers.len()));
        let mut sources = BTreeMap::new();
        for key in Key::ALL.iter().copied() {
            let Some(Located { value, at }) = value_of(key) else { continue };
            let source = Source::new(layer, at);
            let one = OneValue { profile: &profile, key, value: &value, source: &source };
            self.figment = std::mem::take(&mut self.figment).merge(one);
            sources.insert(key, source);
        }
        if !sources.is_empty() {
            self.askers.push(Heard { asker, profile, sources });
        }
    }
}

/// What a family's variables ask for under a key; no variable names a method.
fn variable(environment: &Environment, family: &Family, key: Key) -> Option<Located<String>> {
    let variable = match key {
        Key::AuthenticationMethod => return None,
        Key::Profile => Variable::Profile,
        Key::Region => Variable::Region,
        Key::EndpointUrl => Variable::Endpoint,
    };
    family.names(variable).iter().find_map(|name| {
        let value = environment.get(name)?.to_owned();
        Some(Located { value, at: Place::variable(name) })
    })
}
