//! Who runs the program, asked of the system and never of the environment, which the person controls.

use crate::policy::Identity;

/// The person and the host. Groups are looked up only if asked for: a directory service can be slow.
#[cfg(unix)]
pub(super) fn of_process(with_groups: bool) -> Identity {
    let user = uzers::get_user_by_uid(uzers::get_current_uid());
    let name = user.as_ref().and_then(|user| user.name().to_str()).map(str::to_owned);
    let host = rustix::system::uname().nodename().to_str().ok().map(str::to_owned);
    let groups = if with_groups { groups(user.as_ref()) } else { None };
    Identity { user: name, groups, host }
}

/// Both the groups that the directory knows and those that this session has kept. A group whose name cannot be
/// found may be any group, so nothing is known for sure.
#[cfg(unix)]
fn groups(user: Option<&uzers::User>) -> Option<Vec<String>> {
    let user = user?;
    let known = uzers::get_user_groups(user.name(), user.primary_group_id())?;
    let of_session = rustix::process::getgroups().ok()?;
    let mut names: Vec<_> =
        known.iter().map(|group| group.name().to_str().map(str::to_owned)).collect();
    for id in of_session.into_iter().map(rustix::process::Gid::as_raw) {
        if !known.iter().any(|group| group.gid() == id) {
            let group = uzers::get_group_by_gid(id);
            names.push(group.and_then(|group| group.name().to_str().map(str::to_owned)));
        }
    }
    names.into_iter().collect()
}

/// The person and the host. Groups are not asked for on this platform, so every policy that names some applies.
#[cfg(not(unix))]
pub(super) fn of_process(_with_groups: bool) -> Identity {
    Identity { user: whoami::username().ok(), groups: None, host: whoami::hostname().ok() }
}
