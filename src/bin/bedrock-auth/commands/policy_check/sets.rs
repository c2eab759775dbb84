//! Which of the policies that are checked one machine would have in force at once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bedrock_auth::check::Checked;

use crate::files::managed_place;

/// The managed places that policies stand in, each with its policies.
pub(super) fn managed_places(policies: &[Checked]) -> BTreeMap<PathBuf, Vec<&Checked>> {
    let mut places: BTreeMap<PathBuf, Vec<&Checked>> = BTreeMap::new();
    for policy in policies {
        if let Some(place) = managed_place(policy.text.path()) {
            places.entry(place).or_default().push(policy);
        }
    }
    places
}
