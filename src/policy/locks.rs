//! Values that IT locks: two policies that lock different ones contradict each other.

use super::denial::{Denial, DenialCode};
use super::in_force::Policy;
use crate::jsonc::Located;
use crate::provenance::{Layer, Source};
use crate::settings::{Key, RequestedMethod};
use crate::words::Word;

impl Policy {
    /// The locks that contradict each other: neither policy can be obeyed without breaking the other.
    pub fn locked_conflicts(&self) -> Vec<Denial> {
        let mut conflicts = Vec::new();
        for key in Key::ALL {
            let mut locked = self
                .documents()
                .filter(|document| document.enforces())
                .filter_map(|document| document.settings.as_ref()?.locked.as_ref()?.get(*key));
            let Some(first) = locked.next() else { continue };
            let differs = |other: &Located<String>| !is_same(*key, &first.value, &other.value);
            conflicts.extend(locked.filter(differs).map(|other| conflict(*key, &first, &other)));
        }
        conflicts
    }
}

/// `automatic` and `default` are two names of one method.
fn is_same(key: Key, one: &str, other: &str) -> bool {
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
