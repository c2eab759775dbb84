//! Who runs the program, asked of the system and never of the environment, which the person controls.

use crate::policy::Identity;

/// The person and the host. Groups are looked up only if asked for: a directory service can be slow.
#[cfg(unix)]
pub(super) fn of_process(with_groups: bool) -> Identity {
    use std::ffi::CString;

    use nix::unistd::{Uid, User, getgrouplist, getgroups, gethostname};

    let person = User::from_uid(Uid::current()).ok().flatten();
    let groups = || {
        let person = person.as_ref()?;
        let name = CString::new(person.name.as_str()).ok()?;
        let mut ids = getgrouplist(&name, person.gid).ok()?;
        // A session keeps groups that the directory has meanwhile forgotten, and the reverse.
        #[cfg(not(target_os = "macos"))]
        ids.extend(getgroups().ok()?);
        ids.sort_unstable_by_key(|id| id.as_raw());
        ids.dedup();
        ids.into_iter().map(name_of_group).collect()
    };
    Identity {
        groups: if with_groups { groups() } else { None },
        user: person.as_ref().map(|person| person.name.clone()),
        host: gethostname().ok().and_then(|name| name.into_string().ok()),
    }
}

/// A group without a name may be any group, so nothing is known for sure.
#[cfg(unix)]
fn name_of_group(id: nix::unistd::Gid) -> Option<String> {
    match nix::unistd::Group::from_gid(id) {
        Ok(Some(group)) => Some(group.name),
        Ok(None) => Some(id.to_string()),
        Err(_) => None,
    }
}

/// The person and the host. Groups are not asked for on this platform, so every policy that names some applies.
#[cfg(not(unix))]
pub(super) fn of_process(_with_groups: bool) -> Identity {
    Identity { user: whoami::username().ok(), groups: None, host: whoami::hostname().ok() }
}
