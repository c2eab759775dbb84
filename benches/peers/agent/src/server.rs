//! A server that runs as a process of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Client;

/// A server that is not there by then does not come.
const PATIENCE: Duration = Duration::from_secs(20);
/// After its first answer, a server has nothing to do.
const REST: Duration = Duration::from_secs(1);

pub(crate) struct Server {
    process: Child,
    pub(crate) socket: PathBuf,
}

/// What a process holds in memory, in MiB.
pub(crate) struct Memory {
    pub(crate) rss: f64,
    /// What it shares with other processes counts in part.
    pub(crate) pss: f64,
}

impl Server {
    /// The agent, in a home whose profile holds a static key.
    pub(crate) fn agent(program: &Path, directory: &TempDir) -> Self {
        let home = directory.path();
        let write = |inside: &str, text: &str| {
            let path = home.join(inside);
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            fs::write(path, text).expect("a file");
        };
        write(
            ".config/bedrock-auth/settings.json",
            r#"{ "authentication_method": "named_profile" }"#,
        );
        write(
            ".aws/config",
            "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = invented\nregion = eu-west-1\n",
        );
        let runtime = home.join("runtime");
        let mut command = Command::new(program);
        command.env_clear().env("HOME", home).args(["serve", "--runtime-dir"]).arg(&runtime);
        Server::start(command, runtime.join("agent.sock"), "/v1/health")
    }

    pub(crate) fn hello(program: &Path, directory: &TempDir, size: usize) -> Self {
        let socket = directory.path().join("hello.sock");
        let mut command = Command::new(program);
        command.env_clear().arg(&socket).arg(size.to_string());
        Server::start(command, socket, "/hello")
    }

    /// Starts a server, and waits for its first response.
    fn start(mut command: Command, socket: PathBuf, path: &str) -> Self {
        // One of before.
        let _ = fs::remove_file(&socket);
        let process = command.stderr(Stdio::null()).spawn().expect("a server");
        let server = Server { process, socket };
        let start = Instant::now();
        while !server.socket.exists() {
            assert!(start.elapsed() < PATIENCE, "{command:?} does not listen");
            thread::sleep(Duration::from_millis(5));
        }
        server.ask(path);
        server
    }

    /// The body of a response.
    pub(crate) fn ask(&self, path: &str) -> Vec<u8> {
        Client::connect(&self.socket, path).ask()
    }

    /// The memory once there is nothing to do.
    pub(crate) fn memory(&self) -> Memory {
        thread::sleep(REST);
        Memory {
            rss: mebibytes(&self.read("status"), "VmRSS:"),
            pss: mebibytes(&self.read("smaps_rollup"), "Pss:"),
        }
    }

    /// How long its first thread has worked: it is the one that drives requests.
    pub(crate) fn worked(&self) -> Duration {
        let stat = self.read("schedstat");
        let nanoseconds = stat.split(' ').next().and_then(|first| first.parse().ok());
        Duration::from_nanos(nanoseconds.expect("a time"))
    }

    fn read(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.process.id());
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already need not be ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn mebibytes(text: &str, field: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(field)).expect("a field");
    let kibibytes = line.trim().trim_end_matches(" kB").parse::<f64>();
    kibibytes.expect("a number") / 1024.0
}
