//! The walk, on systems with directory descriptors.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, open, openat, readlinkat, statat};
use rustix::io::Errno;

use super::{
    Ownership, Problem, Stop, failed_read, is_drop_in, prose, read_steady, shown, too_many_entries,
};

/// How many links one path may lead through, as the Linux kernel has it.
const MAX_HOPS: usize = 40;

const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITE: u32 = 0o020;
const STICKY: u32 = 0o1000;

/// How a directory is opened to pass through it: Linux needs no right to read it for that.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PASS: OFlags = OFlags::PATH.union(DIRECTORY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PASS: OFlags = DIRECTORY;

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// How the file is opened: a pipe must not block, and a terminal must not become ours.
const READ: OFlags =
    OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

pub(super) fn read_file(
    path: &Path,
    ownership: Ownership,
    max_bytes: u64,
) -> Result<Vec<u8>, Stop> {
    let (file, at) = walk(path, ownership, Goal::File)?;
    read_steady(&file, &at, max_bytes)
}

pub(super) fn list_directory(
    dir: &Path,
    ownership: Ownership,
    max_entries: usize,
) -> Result<Vec<PathBuf>, Stop> {
    let (file, at) = walk(dir, ownership, Goal::Directory)?;
    let mut names = entries(&file, &at, max_entries)?;
    names.retain(|name| is_drop_in(name));
    names.sort_unstable();
    Ok(names.into_iter().map(|name| dir.join(name)).collect())
}

/// The names of all entries but `.` and `..`, in no order.
fn entries(dir: &File, at: &Path, max_entries: usize) -> Result<Vec<OsString>, Stop> {
    let mut names = Vec::new();
    // `.` of a directory is that directory, so this is still the one that was judged.
    let listing = openat(dir, ".", DIRECTORY, Mode::empty()).and_then(Dir::new);
    for entry in listing.map_err(|errno| unlistable(at, errno))? {
        let entry = entry.map_err(|errno| unlistable(at, errno))?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        if names.len() == max_entries {
            return Err(too_many_entries(at, max_entries));
        }
        names.push(OsString::from_vec(name.to_vec()));
    }
    Ok(names)
}

fn unlistable(at: &Path, errno: Errno) -> Stop {
    match errno {
        Errno::ACCESS => forbidden(at, "listed", readable(FileType::Directory)),
        errno => failed_read(at, &errno.into()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    File,
    Directory,
}

/// Goes to `path` and hands over the descriptor of what is there, judged, with its path after links
/// are resolved.
fn walk(path: &Path, ownership: Ownership, goal: Goal) -> Result<(File, PathBuf), Stop> {
    let mut walk = Walk::begin(path, ownership, goal)?;
    match (walk.run(), walk.doubt) {
        (Err(Halt::Missing { judged: false }), _) | (Err(Halt::Missing { .. }), None) => {
            Err(Stop::Absent)
        }
        (_, Some(problem)) => Err(Stop::Untrusted(problem)),
        (Err(Halt::Stop(stop)), None) => Err(stop),
        (Ok(file), None) => Ok((file.unwrap_or(walk.here), walk.at)),
    }
}

struct Walk {
    asked: PathBuf,
    ownership: Ownership,
    goal: Goal,
    /// The directory reached.
    here: File,
    /// Its path without links, and in the end that of the goal.
    at: PathBuf,
    ahead: VecDeque<Step>,
    /// Links followed, and entries looked at again because they changed.
    hops: usize,
    /// The first thing passed that others could have written; it counts only once something is
    /// found behind it.
    doubt: Option<Problem>,
}

/// One component of what is still to be walked.
struct Step {
    part: Part,
    /// The link whose text it stands in; none for the path that was asked for.
    link: Option<PathBuf>,
}

enum Part {
    Root,
    Parent,
    Name(OsString),
}

enum Halt {
    /// Nothing has the name that was asked for; `judged` says whether the directories that do exist
    /// count.
    Missing {
        judged: bool,
    },
    Stop(Stop),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Halt::Stop(stop)
    }
}

impl Walk {
    fn begin(path: &Path, ownership: Ownership, goal: Goal) -> Result<Self, Stop> {
        let unreachable = |error: io::Error| failed_read(path, &error);
        // Where ownership counts, the directories above the working directory count too.
        let path = match ownership {
            Ownership::Judged => std::path::absolute(path).map_err(unreachable)?,
            Ownership::Waived => path.to_owned(),
        };
        let (start, at) = if path.is_absolute() {
            ("/", PathBuf::from("/"))
        } else {
            (".", std::env::current_dir().map_err(unreachable)?)
        };
        let here = open(start, PASS, Mode::empty()).map_err(|errno| unreachable(errno.into()))?;
        Ok(Walk {
            ahead: steps(&path, None).collect(),
            asked: path,
            ownership,
            goal,
            here: here.into(),
            at,
            hops: 0,
            doubt: None,
        })
    }

    /// The file that is the goal, or nothing where the goal is the directory that was reached.
    fn run(&mut self) -> Result<Option<File>, Halt> {
        while let Some(step) = self.ahead.pop_front() {
            let file = match &step.part {
                Part::Root => self.go_to_root()?,
                Part::Parent => self.go_up()?,
                Part::Name(name) => self.go_to(name, &step)?,
            };
            if file.is_some() {
                return Ok(file);
            }
        }
        match self.goal {
            Goal::Directory => Ok(None),
            Goal::File => Err(wrong_type(&self.at, FileType::Directory, Goal::File).into()),
        }
    }

    fn go_to_root(&mut self) -> Result<Option<File>, Halt> {
        let root = open("/", PASS, Mode::empty())
            .map_err(|errno| failed_read(Path::new("/"), &errno.into()))?;
        self.enter(root.into(), PathBuf::from("/"))
    }

    fn go_up(&mut self) -> Result<Option<File>, Halt> {
        let parent = openat(&self.here, "..", PASS, Mode::empty())
            .map_err(|errno| self.impassable(errno))?;
        let at = self.at.parent().unwrap_or(Path::new("/")).to_owned();
        self.enter(parent.into(), at)
    }

    fn go_to(&mut self, name: &OsStr, step: &Step) -> Result<Option<File>, Halt> {
        let at = self.at.join(name);
        let kind = match statat(&self.here, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => FileType::from_raw_mode(stat.st_mode),
            Err(errno) => return Err(self.not_found(errno, &at, step)),
        };
        let opened = match kind {
            FileType::Symlink => return self.follow(name, at, step),
            FileType::Directory => openat(&self.here, name, PASS, Mode::empty()),
            FileType::RegularFile if self.is_goal() => {
                openat(&self.here, name, READ, Mode::empty())
            }
            other => return Err(wrong_type(&at, other, self.goal_of_step()).into()),
        };
        match opened {
            Ok(descriptor) if kind == FileType::Directory => self.enter(descriptor.into(), at),
            Ok(descriptor) => self.arrive(descriptor.into(), at).map(Some),
            Err(Errno::ACCESS) => Err(forbidden(&at, "opened", readable(kind)).into()),
            // It was something else a moment ago.
            Err(Errno::LOOP | Errno::NOTDIR) => self.look_again(name, step),
            Err(errno) => Err(self.not_found(errno, &at, step)),
        }
    }

    fn enter(&mut self, dir: File, at: PathBuf) -> Result<Option<File>, Halt> {
        let metadata = dir.metadata().map_err(|error| failed_read(&at, &error))?;
        self.judge(&at, |path| doubt(path, &metadata));
        self.here = dir;
        self.at = at;
        Ok(None)
    }

    fn arrive(&mut self, file: File, at: PathBuf) -> Result<File, Halt> {
        let metadata = file.metadata().map_err(|error| failed_read(&at, &error))?;
        self.judge(&at, |path| doubt(path, &metadata));
        // The type seen before is hearsay: only the descriptor tells what was opened.
        if !metadata.is_file() {
            return Err(
                wrong_type(&at, FileType::from_raw_mode(metadata.mode() as _), Goal::File).into()
            );
        }
        self.at = at;
        Ok(file)
    }

    fn follow(&mut self, name: &OsStr, at: PathBuf, step: &Step) -> Result<Option<File>, Halt> {
        let (owner, target) = match read_link(&self.here, name) {
            Ok(link) => link,
            // It was a link a moment ago.
            Err(Errno::INVAL | Errno::LOOP) => return self.look_again(name, step),
            Err(errno) => return Err(self.not_found(errno, &at, step)),
        };
        self.judge(&at, |path| (owner != 0).then(|| foreign_link(path, owner)));
        self.hop()?;
        for step in steps(&target, Some(&at)).rev() {
            self.ahead.push_front(step);
        }
        Ok(None)
    }

    fn look_again(&mut self, name: &OsStr, step: &Step) -> Result<Option<File>, Halt> {
        self.hop()?;
        self.ahead.push_front(Step { part: Part::Name(name.to_owned()), link: step.link.clone() });
        Ok(None)
    }

    fn hop(&mut self) -> Result<(), Halt> {
        self.hops += 1;
        if self.hops <= MAX_HOPS {
            return Ok(());
        }
        Err(Halt::Stop(Stop::unreadable(
            &self.asked,
            format!("{} leads through more than {MAX_HOPS} symbolic links", shown(&self.asked)),
            "remove the loop, or put a plain file in place of the links".to_owned(),
        )))
    }

    fn judge(&mut self, at: &Path, verdict: impl FnOnce(&Path) -> Option<Problem>) {
        if self.ownership == Ownership::Judged && self.doubt.is_none() {
            self.doubt = verdict(at);
        }
    }

    fn is_goal(&self) -> bool {
        self.ahead.is_empty() && self.goal == Goal::File
    }

    /// What the step just taken had to lead to.
    fn goal_of_step(&self) -> Goal {
        if self.is_goal() { Goal::File } else { Goal::Directory }
    }

    fn not_found(&self, errno: Errno, at: &Path, step: &Step) -> Halt {
        match (errno, &step.link) {
            (Errno::NOENT, Some(link)) => Halt::Stop(dangling(link, at)),
            (Errno::NOENT, None) => Halt::Missing { judged: self.is_goal() },
            (errno, _) => Halt::Stop(self.impassable(errno)),
        }
    }

    fn impassable(&self, errno: Errno) -> Stop {
        match errno {
            Errno::ACCESS => forbidden(&self.at, "entered", "a+x"),
            errno => Stop::unreadable(
                &self.at,
                format!(
                    "{} cannot be reached from {}: {}",
                    shown(&self.asked),
                    shown(&self.at),
                    prose(&errno.into())
                ),
                format!("find out what is wrong with {}", shown(&self.at)),
            ),
        }
    }
}

fn steps<'a>(path: &'a Path, link: Option<&'a Path>) -> impl DoubleEndedIterator<Item = Step> + 'a {
    path.components().filter_map(move |component| {
        let part = match component {
            Component::RootDir => Part::Root,
            Component::ParentDir => Part::Parent,
            Component::Normal(name) => Part::Name(name.to_owned()),
            Component::CurDir | Component::Prefix(_) => return None,
        };
        Some(Step { part, link: link.map(Path::to_owned) })
    })
}

/// The owner of a link and its text, both read from one descriptor.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn read_link(dir: &File, name: &OsStr) -> rustix::io::Result<(u32, PathBuf)> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let link = openat(dir, name, flags, Mode::empty())?;
    let owner = rustix::fs::fstat(&link)?.st_uid;
    match readlinkat(&link, "", Vec::new()) {
        Ok(text) => Ok((owner, to_path(text.into_bytes()))),
        // The kernel's word for a descriptor that is no link.
        Err(Errno::NOENT) => Err(Errno::INVAL),
        Err(errno) => Err(errno),
    }
}

/// The owner of a link and its text; nobody but root can swap it in between, in a directory that
/// passes.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn read_link(dir: &File, name: &OsStr) -> rustix::io::Result<(u32, PathBuf)> {
    let owner = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)?.st_uid;
    Ok((owner, to_path(readlinkat(dir, name, Vec::new())?.into_bytes())))
}

fn to_path(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

/// What speaks against a file or directory; a link is no matter for this, its mode means nothing.
fn doubt(path: &Path, metadata: &Metadata) -> Option<Problem> {
    if metadata.uid() != 0 {
        return Some(foreign(path, metadata.uid()));
    }
    let mode = metadata.mode();
    // In a sticky directory others can add entries, not take away or replace root's.
    if metadata.is_dir() && mode & STICKY != 0 {
        return None;
    }
    match (mode & GROUP_WRITE != 0, mode & OTHERS_WRITE != 0) {
        (false, false) => None,
        (true, false) => Some(writable(path, &group_writers(path, metadata.gid()), "g-w")),
        (false, true) => Some(writable(path, "by everybody", "o-w")),
        (true, true) => Some(writable(path, "by everybody", "go-w")),
    }
}

fn foreign(path: &Path, owner: u32) -> Problem {
    Problem {
        path: path.to_owned(),
        reason: format!("{} belongs to {}, not to root", shown(path), user(owner)),
        remedy: format!("look at what is in it, then run `chown root {}` as root", quoted(path)),
    }
}

fn foreign_link(path: &Path, owner: u32) -> Problem {
    Problem {
        path: path.to_owned(),
        reason: format!(
            "the symbolic link {} belongs to {}, not to root",
            shown(path),
            user(owner)
        ),
        remedy: format!(
            "look at where it leads, then run `chown -h root {}` as root",
            quoted(path)
        ),
    }
}

fn writable(path: &Path, by: &str, change: &str) -> Problem {
    Problem {
        path: path.to_owned(),
        reason: format!("{} is writable {by}", shown(path)),
        remedy: format!("run `chmod {change} {}` as root", quoted(path)),
    }
}

/// Whom the group bit lets in: with an access control list it is the list's upper bound, not the
/// group's own right.
fn group_writers(path: &Path, group: u32) -> String {
    if has_access_list(path) {
        return "through its access control list".to_owned();
    }
    match name_of(group, "/etc/group") {
        Some(name) => format!("by group `{name}`"),
        None => format!("by group {group}"),
    }
}

/// For the wording of a message only, so the path may be looked up anew.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn has_access_list(path: &Path) -> bool {
    rustix::fs::lgetxattr(path, "system.posix_acl_access", &mut [0; 0][..]).is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn has_access_list(_: &Path) -> bool {
    false
}

fn user(id: u32) -> String {
    match name_of(id, "/etc/passwd") {
        Some(name) => format!("user `{name}`"),
        None => format!("user {id}"),
    }
}

/// The name a local table gives to an id; accounts kept elsewhere stay numbers.
fn name_of(id: u32, table: &str) -> Option<String> {
    let table = fs::read_to_string(table).ok()?;
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    })
}

fn wrong_type(path: &Path, found: FileType, goal: Goal) -> Stop {
    let wanted = match goal {
        Goal::File => "regular file",
        Goal::Directory => "directory",
    };
    Stop::unreadable(
        path,
        format!("{} is a {}, not a {wanted}", shown(path), type_name(found)),
        format!("remove it, or put a {wanted} in its place"),
    )
}

fn type_name(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "regular file",
        FileType::Directory => "directory",
        FileType::Symlink => "symbolic link",
        FileType::Fifo => "named pipe",
        FileType::Socket => "socket",
        FileType::CharacterDevice | FileType::BlockDevice => "device",
        FileType::Unknown => "thing of unknown type",
    }
}

fn dangling(link: &Path, missing: &Path) -> Stop {
    Stop::unreadable(
        link,
        format!(
            "{} is a symbolic link that leads to {}, which does not exist",
            shown(link),
            shown(missing)
        ),
        "put back what it leads to, or remove the link as root".to_owned(),
    )
}

fn forbidden(path: &Path, what: &str, change: &str) -> Stop {
    Stop::unreadable(
        path,
        format!("{} may not be {what}: permission denied", shown(path)),
        format!("run `chmod {change} {}` as root", quoted(path)),
    )
}

/// The change of mode that lets everybody read.
fn readable(kind: FileType) -> &'static str {
    if kind == FileType::Directory { "a+rx" } else { "a+r" }
}

/// A path as one word of a shell command.
pub(super) fn quoted(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    match path.to_str() {
        Some(text) if !bytes.is_empty() && bytes.iter().all(|byte| is_bare(*byte)) => {
            text.to_owned()
        }
        Some(text) if !text.chars().any(char::is_control) => {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
        _ => quoted_bytes(bytes),
    }
}

fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(&byte)
}

fn quoted_bytes(bytes: &[u8]) -> String {
    let mut text = String::from("$'");
    for byte in bytes {
        if is_bare(*byte) {
            text.push(char::from(*byte));
        } else {
            // Three octal digits, for what follows cannot run into them.
            let _ = write!(text, "\\{byte:03o}");
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_path_is_one_shell_word() {
        for (path, word) in [
            (&b"/etc/bedrock-auth"[..], "/etc/bedrock-auth"),
            (b"/Library/Application Support", "'/Library/Application Support'"),
            (b"/it's", r"'/it'\''s'"),
            (b"/a\nb", r"$'/a\012b'"),
            (b"/\xff'7", r"$'/\377\0477'"),
        ] {
            assert_eq!(quoted(&to_path(path.to_vec())), word);
        }
    }

    #[test]
    fn a_shown_path_cannot_reach_the_terminal() {
        assert_eq!(shown(Path::new("/a\x1b[2J\n`b")), r"`/a\u{1b}[2J\u{a}\`b`");
    }
}
