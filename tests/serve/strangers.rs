//! Another person on the same machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::agent::{Agent, Home};
use crate::support::program::{Answer, answer, bare};

/// Runs a program as somebody else.
fn as_stranger(words: &[&str]) -> Answer {
    let mut command = bare("setpriv");
    command.args(["--reuid=42001", "--regid=42001", "--clear-groups", "--"]).args(words);
    answer(&mut command)
}

/// Connects and asks; prints what comes.
const ASK: &str = "
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    s.sendall(b'GET /v1/answer HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n')
    print(s.recv(65536))
except (BrokenPipeError, ConnectionResetError):
    print(b'')
";

fn refused(agent: &Agent<'_>) -> f64 {
    agent.metric("bedrock_auth_refused_peers_total")
}

/// As far as directories above do not keep them away already.
fn open_up(home: &Home) {
    for dir in ["", "runtime"] {
        fs::set_permissions(home.path(dir), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn they_reach_no_file() {
    let home = Home::new();
    open_up(&home);
    let agent = home.serve();
    let named = ["agent.sock", "container.env", "lock"].map(|name| home.runtime(name));
    for path in named.into_iter().chain([agent.token_file()]) {
        let name = path.display();
        let path = path.to_str().unwrap();
        let read = as_stranger(&["cat", path]);
        assert!(read.code != 0 && read.stdout.is_empty(), "{name}: {read:?}");
        assert!(read.stderr.contains("Permission denied"), "{name}: {read:?}");
    }
    let socket = agent.socket();
    let asked = as_stranger(&["/usr/bin/python3", "-c", ASK, socket.to_str().unwrap()]);
    assert!(asked.stderr.contains("PermissionError"), "{asked:?}");
    // Nor what it holds in memory.
    let environment = format!("/proc/{}/environ", agent.pid());
    assert!(as_stranger(&["cat", &environment]).stderr.contains("Permission denied"));
}

/// If the owner opened everything up by mistake, the peer's identity still keeps them away.
#[test]
fn they_are_not_heard_at_an_open_door() {
    let home = Home::new();
    open_up(&home);
    let agent = home.serve();
    let socket = agent.socket();
    for path in [socket.parent().unwrap(), &socket] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    assert_eq!(refused(&agent), 0.0);
    let asked = as_stranger(&["/usr/bin/python3", "-c", ASK, socket.to_str().unwrap()]);
    assert_eq!((asked.code, asked.stdout.trim()), (0, "b''"), "{asked:?}");
    assert_eq!(refused(&agent), 1.0);
    assert_eq!(agent.answer()["outcome"], "allowed");
}

#[test]
fn they_get_no_credentials_without_the_token() {
    let home = Home::new();
    let agent = home.serve();
    let url = format!("http://{}/v1/credentials", agent.address());
    let script = "
import sys, urllib.request, urllib.error
try:
    print(urllib.request.urlopen(sys.argv[1]).read())
except urllib.error.HTTPError as error:
    print(error.code)
";
    let asked = as_stranger(&["/usr/bin/python3", "-c", script, &url]);
    assert_eq!(asked.stdout.trim(), "401", "{asked:?}");
}
