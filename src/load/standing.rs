//! Who owns a file or directory, and what its mode lets others do, as found: nothing here decides.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// A file or directory, links followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) path: PathBuf,
    /// By name where it has one; none on platforms whose owners nobody looks at.
    pub(crate) owner: Option<String>,
    /// The permission bits, likewise.
    pub(crate) mode: Option<u32>,
    /// Neither root's nor this person's.
    pub(crate) is_of_another: bool,
    /// By group or everybody. A group that is the owner's alone is nobody else.
    pub(crate) others_read: bool,
    /// The same; in a sticky directory nobody can replace what is not theirs.
    pub(crate) others_write: bool,
    pub(crate) is_directory: bool,
    /// Neither a directory nor a device or pipe, which are no place for anything.
    pub(crate) is_file: bool,
    pub(crate) modified: Option<Timestamp>,
}

/// What stands at a path; nothing where nothing does.
///
/// # Errors
/// When it cannot be looked at.
pub(crate) fn standing(path: &Path) -> io::Result<Option<Standing>> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let modified = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    let blank = Standing {
        path: path.to_owned(),
        owner: None,
        mode: None,
        is_of_another: false,
        others_read: false,
        others_write: false,
        is_directory: metadata.is_dir(),
        is_file: metadata.is_file(),
        modified,
    };
    Ok(Some(with_rights(blank, &metadata)))
}

/// Everything on the way to a path from the root on, links resolved, as far as it exists.
pub(crate) fn standings_on_the_way(path: &Path) -> Vec<Standing> {
    let there = path.ancestors().find_map(|ancestor| ancestor.canonicalize().ok());
    let mut way: Vec<_> = there.iter().flat_map(|there| there.ancestors()).collect();
    way.reverse();
    way.into_iter().filter_map(|step| standing(step).ok().flatten()).collect()
}

/// The login name of whoever runs the program, or their number.
#[cfg(unix)]
pub(crate) fn name_of_this_person() -> String {
    user_name(rustix::process::geteuid().as_raw())
}

#[cfg(unix)]
fn with_rights(blank: Standing, metadata: &std::fs::Metadata) -> Standing {
    use std::os::unix::fs::MetadataExt;

    const GROUP: u32 = 0o070;
    const EVERYBODY: u32 = 0o007;
    const READ: u32 = 0o044;
    const WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    let own_group = mode & GROUP != 0 && is_group_of_one(owner, metadata.gid());
    let open = if own_group { mode & EVERYBODY } else { mode & (GROUP | EVERYBODY) };
    let is_sticky = blank.is_directory && mode & STICKY != 0;
    Standing {
        owner: Some(user_name(owner)),
        mode: Some(mode),
        is_of_another: owner != 0 && owner != rustix::process::geteuid().as_raw(),
        others_read: open & READ != 0,
        others_write: open & WRITE != 0 && !is_sticky,
        ..blank
    }
}

/// Nobody here reads access control lists of this platform.
#[cfg(not(unix))]
fn with_rights(blank: Standing, _: &std::fs::Metadata) -> Standing {
    blank
}

/// Many systems give each person a group of the same name, which nobody else is in.
#[cfg(unix)]
fn is_group_of_one(owner: u32, group: u32) -> bool {
    use uzers::os::unix::GroupExt;

    let (Some(user), Some(group)) = (uzers::get_user_by_uid(owner), uzers::get_group_by_gid(group))
    else {
        return false;
    };
    user.name() == group.name() && group.members().iter().all(|member| member == user.name())
}

#[cfg(unix)]
fn user_name(id: u32) -> String {
    let user = uzers::get_user_by_uid(id);
    user.map_or_else(|| id.to_string(), |user| user.name().to_string_lossy().into_owned())
}
