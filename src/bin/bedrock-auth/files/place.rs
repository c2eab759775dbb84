//! Directories that a machine could have as its managed place, whatever leads to them.

use std::fs;
use std::path::{Component, Path, PathBuf};

use bedrock_auth::load::{DROP_INS, MAIN_POLICY, is_drop_in};

/// Whether anything on the way begins as [`MAIN_POLICY`] and [`DROP_INS`] do, or has no name, as `..`. Nearly all paths can
/// be told at this glance.
pub(super) fn may_name_a_place(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    memchr::memchr_iter(b'.', bytes).any(|dot| {
        bytes[..dot].ends_with(b"policy") || matches!(bytes.get(dot + 1), Some(b'/' | b'\\'))
    })
}

/// Whether it could be a policy of a managed place, before links are looked at.
pub(crate) fn may_be_of_a_place(file: &Path) -> bool {
    let has_directory = memchr::memchr(b'/', file.as_os_str().as_encoded_bytes()).is_some();
    if has_directory && !may_name_a_place(file) {
        return false;
    }
    is_called_so(file)
}

fn is_called_so(file: &Path) -> bool {
    let is_main = file.file_name().is_some_and(|name| name == MAIN_POLICY);
    match last_name(above(file)) {
        Some(name) => is_main || name == DROP_INS,
        // The name of the directory is not known yet.
        None => true,
    }
}

/// The directory that would be `/etc/bedrock-auth`, without links, if the file is a policy of one.
pub(crate) fn managed_place(file: &Path) -> Option<PathBuf> {
    if !may_be_of_a_place(file) {
        return None;
    }
    let (above, name) = (above(file), file.file_name()?);
    // A link that is called like the directory of drop-ins is one, whatever it leads to.
    let drop_ins = match last_name(above) {
        Some(last) => (last == DROP_INS).then(|| above.to_owned()),
        None => fs::canonicalize(above).ok().filter(|above| above.ends_with(DROP_INS)),
    };
    match drop_ins {
        Some(drop_ins) if is_drop_in(name) => real(self::above(&drop_ins)),
        None if name == MAIN_POLICY => real(above),
        _ => None,
    }
}

fn above(path: &Path) -> &Path {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    above.unwrap_or(Path::new("."))
}

fn real(directory: &Path) -> Option<PathBuf> {
    fs::canonicalize(directory).ok()
}

/// None where it ends in `.` or `..`.
fn last_name(directory: &Path) -> Option<&std::ffi::OsStr> {
    match directory.components().next_back() {
        Some(Component::Normal(name)) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_names_begin_alike() {
        assert!([MAIN_POLICY, DROP_INS].iter().all(|name| name.starts_with("policy.")));
    }

    proptest! {
        #[test]
        fn the_glance_passes_over_nothing(
            way in prop::collection::vec(prop::sample::select(vec!["policy.d", "policy.json", ".", "..", "a", "policy", ""]), 0..4),
            name in prop::sample::select(vec!["policy.d", "policy.json", "x.json", "policy"]),
        ) {
            let path: PathBuf = [&["a"], way.as_slice(), &[name]].concat().join("/").into();
            prop_assert_eq!(may_be_of_a_place(&path), is_called_so(&path), "{:?}", path);
        }
    }
}
