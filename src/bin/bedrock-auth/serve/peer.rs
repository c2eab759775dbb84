//! Whose program is at the other end of a connection on loopback.

use std::net::SocketAddr;

use bedrock_auth::audit::{Caller, Known, Process};

/// The two ends of a connection, as the client has them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub(super) client: SocketAddr,
    pub(super) agent: SocketAddr,
}

impl Peer {
    /// The program that holds the other end, if the system tells: of other persons' programs only whose they are.
    ///
    /// Looks through the tables of the system, which takes milliseconds.
    #[cfg(target_os = "linux")]
    pub(super) fn caller(self) -> Option<Caller> {
        let connections = procfs::net::tcp().ok()?;
        let connection = connections
            .into_iter()
            .find(|c| c.local_address == self.client && c.remote_address == self.agent)?;
        let process = match holder_of(connection.inode) {
            Some(pid) => bedrock_auth::journal::process(pid),
            None => Process { pid: None, uid: Some(connection.uid), executable: None },
        };
        Some(Caller { known_by: Known::Socket, process })
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn caller(self) -> Option<Caller> {
        let _ = (self.client, self.agent);
        None
    }
}

/// The process that has this socket open.
#[cfg(target_os = "linux")]
fn holder_of(inode: u64) -> Option<u32> {
    use procfs::process::{FDTarget, all_processes};
    let holds = |process: &procfs::process::Process| {
        let is_it = |target: FDTarget| matches!(target, FDTarget::Socket(open) if open == inode);
        process.fd().is_ok_and(|open| open.flatten().any(|fd| is_it(fd.target)))
    };
    let holder = all_processes().ok()?.flatten().find(holds)?;
    u32::try_from(holder.pid()).ok()
}
