//! A server that answers for STS and that nobody here wrote: moto, on loopback.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::peers;

const PATIENCE: Duration = Duration::from_secs(60);

/// A running server with nothing in it but what moto begins with; it ends with this value.
pub(crate) struct Moto {
    child: Child,
    address: SocketAddr,
    place: TempDir,
}

impl Moto {
    /// Starts a server and waits until it listens.
    pub(crate) fn start() -> Self {
        let place = tempfile::tempdir().unwrap();
        let address = free_address();
        let log = File::create(place.path().join("log")).unwrap();
        let child = peers::python_program("moto_server")
            .args(["--host", &address.ip().to_string(), "--port", &address.port().to_string()])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut moto = Moto { child, address, place };
        moto.wait();
        moto
    }

    /// Where it answers, over plain http.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it wrote, for a test that fails.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap()
    }

    fn log_file(&self) -> PathBuf {
        self.place.path().join("log")
    }

    fn wait(&mut self) {
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "moto ended with {ended:?}:\n{}", self.log());
            assert!(start.elapsed() < PATIENCE, "moto does not listen:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody had a moment ago: moto cannot say which one it would choose.
fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}
