//! Values that IT locks: two policies that lock different ones contradict each other.

use super::denial::{Denial, DenialCode};
use super::document::Document;
use super::in_force::Policy;
use crate::auth::Method;
use crate::endpoint::Endpoint;
use crate::jsonc::Located;
use crate::provenance::{Layer, Source};
use crate::settings::{Key, ManagedValues, RequestedMethod};
use crate::words::Word;

impl Policy {
    /// The locks that contradict each other: neither policy can be obeyed without breaking the other.
    pub fn locked_conflicts(&self) -> Vec<Denial> {
        let mut conflicts = Vec::new();
        for key in Key::ALL {
            let mut locked = self.locked().filter_map(|(_, values)| values.get(*key));
            let Some(first) = locked.next() else { continue };
            let differs = |other: &Located<String>| !same_value(*key, &first.value, &other.value);
            conflicts.extend(locked.filter(differs).map(|other| conflict(*key, &first, &other)));
        }
        conflicts
    }

    /// The locks that were set to something else than what is in use: nobody overrides a lock by having begun before.
    pub fn locks_against(&self, in_use: &InUse<'_>) -> Vec<Denial> {
        let mut denials = Vec::new();
        for (document, values) in self.locked() {
            for key in Key::ALL {
                let Some(lock) = values.get(*key) else { continue };
                if !in_use.agrees_with(*key, &lock.value) {
                    denials.push(outdated(document, *key, &lock));
                }
            }
        }
        denials
    }

    /// What the policies that enforce lock.
    fn locked(&self) -> impl Iterator<Item = (&Document, &ManagedValues)> {
        let documents = self.documents().filter(|document| document.enforces());
        documents.filter_map(|document| Some((document, document.locked()?)))
    }
}

/// What a session uses, which a lock may contradict.
#[derive(Debug, Clone, Copy)]
pub struct InUse<'a> {
    /// The method.
    pub method: Method,
    /// The profile, for the methods that use one.
    pub profile: Option<&'a str>,
    /// The region.
    pub region: &'a str,
    /// The endpoint; none for the SDK's own.
    pub endpoint: Option<&'a Endpoint>,
}

impl InUse<'_> {
    fn agrees_with(&self, key: Key, locked: &str) -> bool {
        match key {
            Key::AuthenticationMethod => {
                RequestedMethod::from_word(locked).is_some_and(|locked| locked.admits(self.method))
            }
            Key::Profile => self.profile.is_none_or(|profile| profile == locked),
            Key::Region => self.region == locked,
            Key::EndpointUrl => Endpoint::parse(locked).ok().as_ref() == self.endpoint,
        }
    }
}

fn outdated(document: &Document, key: Key, lock: &Located<String>) -> Denial {
    Denial {
        code: DenialCode::LockedValueDiffers,
        message: format!("a policy locks `{key}` by now, and another value is in use"),
        requested_at: None,
        forbidden_by: Some(lock.at.clone()),
        policy_id: Some(document.id.value.clone()),
        remedy: "open the session anew, or restart the program that holds it".to_owned(),
        contact: document.contact.clone(),
    }
}

/// `automatic` and `default` are two names of one method.
pub(crate) fn same_value(key: Key, one: &str, other: &str) -> bool {
    let method = |word| RequestedMethod::from_word(word).and_then(RequestedMethod::method);
    one == other
        || (key == Key::AuthenticationMethod
            && method(one).is_some()
            && method(one) == method(other))
}

fn conflict(key: Key, first: &Located<String>, other: &Located<String>) -> Denial {
    Denial {
        code: DenialCode::LockedConflict,
        message: format!(
            "two policies lock different values of `{key}`: {} and {}",
            first.at, other.at
        ),
        requested_at: Some(Source::new(Layer::Managed, first.at.clone())),
        forbidden_by: Some(other.at.clone()),
        policy_id: None,
        remedy: "this is for whoever manages this machine: lock the value in one of the two files"
            .to_owned(),
        contact: None,
    }
}
