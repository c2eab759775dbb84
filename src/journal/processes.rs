//! Running programs, as far as the system tells of them.

use std::path::PathBuf;

use crate::audit::{Caller, Known, Process, Text};

/// This program.
pub(super) fn this_process() -> Process {
    let executable = std::env::current_exe().ok();
    Process { pid: Some(std::process::id()), uid: None, executable: executable.map(as_text) }
}

/// The program that started this one; none where that is gone.
#[cfg(unix)]
pub fn parent() -> Option<Caller> {
    let parent = rustix::process::getppid()?;
    let pid = u32::try_from(parent.as_raw_nonzero().get()).ok()?;
    Some(Caller { known_by: Known::Parent, process: process(pid) })
}

/// The program that started this one; this platform does not tell.
#[cfg(not(unix))]
pub fn parent() -> Option<Caller> {
    None
}

/// A program by its number. On Linux with its file and whose it is.
pub fn process(pid: u32) -> Process {
    let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
    Process { pid: Some(pid), uid: owner(pid), executable: executable.map(as_text) }
}

#[cfg(target_os = "linux")]
fn owner(pid: u32) -> Option<u32> {
    let metadata = std::fs::metadata(format!("/proc/{pid}")).ok()?;
    Some(std::os::unix::fs::MetadataExt::uid(&metadata))
}

#[cfg(not(target_os = "linux"))]
fn owner(_: u32) -> Option<u32> {
    None
}

fn as_text(path: PathBuf) -> Text {
    Text::new(&path.to_string_lossy())
}
