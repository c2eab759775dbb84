//! Which of the policies that are checked one machine would have in force at once.

use std::collections::BTreeMap;
use std::path::Path;

use bedrock_auth::check::Checked;
use bedrock_auth::load::{DROP_INS, is_drop_in};

/// Policies that one machine has in force at once.
pub(super) fn sets(policies: &[Checked], all_together: bool) -> Vec<Vec<&Checked>> {
    if all_together {
        return vec![policies.iter().collect()];
    }
    let mut places: BTreeMap<&Path, Vec<&Checked>> = BTreeMap::new();
    for policy in policies {
        if let Some(place) = managed_place(policy.text.path()) {
            places.entry(place).or_default().push(policy);
        }
    }
    places.into_values().filter(|policies| policies.len() > 1).collect()
}

/// The directory that would be `/etc/bedrock-auth`.
pub(super) fn managed_place(file: &Path) -> Option<&Path> {
    let directory = file.parent()?;
    if directory.file_name()? == DROP_INS {
        return is_drop_in(file.file_name()?).then(|| directory.parent())?;
    }
    let has_drop_ins = || directory.join(DROP_INS).is_dir();
    (file.file_name()? == "policy.json" && has_drop_ins()).then_some(directory)
}
