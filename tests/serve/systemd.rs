//! As a service of systemd: readiness, status, watchdog, a socket that is handed over.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::process::Stdio;

use crate::agent::{Agent, Home, KEY};
use crate::http::{ask, to_socket};
use crate::support::program::{Answer, PROGRAM, answer, bare};

#[test]
fn it_says_when_it_is_ready_and_what_is_in_force() {
    let home = Home::new();
    let agent = home.serve();
    // What it said when it was ready has been heard.
    home.allow(&["sso"]);
    let denied = "the policy does not allow the method `iam_credentials`";
    let display = agent.until_outcome("denied")["display"].as_str().unwrap().to_owned();
    let status = agent.told.until(&format!("STATUS={display}"));
    assert!(!status.contains("READY"), "{status}");
    assert!(display.contains(denied), "{display}");
    agent.signal("-TERM");
    agent.told.until("STOPPING=1");
}

#[test]
fn it_shows_that_it_is_alive_as_often_as_asked() {
    let home = Home::new();
    let mut command = bare("sh");
    // systemd names the process that has to show it.
    command.args(["-c", "WATCHDOG_PID=$$ exec \"$@\"", "sh", PROGRAM, "serve", "--managed"]);
    command.arg(home.path("managed")).env("WATCHDOG_USEC", "20000").envs(KEY);
    home.furnish(&mut command);
    let agent = Agent::start(&home, command);
    for _ in 0..5 {
        agent.told.until("WATCHDOG=1");
    }
}

/// Nobody empties the socket; the agent does not wait for that.
#[test]
fn a_manager_that_does_not_listen_holds_nothing_up() {
    let home = Home::new();
    let path = home.path("deaf");
    let _deaf = UnixDatagram::bind(&path).unwrap();
    let mut command = home.program(&["serve"]);
    command.envs(KEY).env("NOTIFY_SOCKET", &path).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    while !home.runtime("container.env").exists() {
        std::thread::yield_now();
    }
    let get = |path: &str| ask(to_socket(&home.runtime("agent.sock")), "GET", path, &[]);
    for round in 0..40 {
        let (method, outcome) =
            if round % 2 == 0 { ("sso", "denied") } else { ("iam_credentials", "allowed") };
        home.allow(&[method]);
        while get("/v1/answer").json()["outcome"] != outcome {
            std::thread::yield_now();
        }
    }
    let pid = child.id().to_string();
    assert!(bare("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}

/// Runs the program with a descriptor 3 as systemd hands it over.
fn with_socket(home: &Home, passed: OwnedFd) -> std::process::Command {
    let mut command = bare("sh");
    let script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"";
    command.args(["-c", script, "sh", PROGRAM, "serve", "--managed"]);
    command.arg(home.path("managed")).envs(KEY).stdin(Stdio::from(passed));
    home.furnish(&mut command);
    command
}

#[test]
fn it_takes_a_socket_that_is_handed_over() {
    let home = Home::new();
    let path = home.path("handed-over.sock");
    let listener = UnixListener::bind(&path).unwrap();
    // Whoever came before the agent waits for it.
    let early = to_socket(&path);
    let command = with_socket(&home, listener.into());
    let agent = Agent::start_as_is(&home, command);
    assert_eq!(ask(early, "GET", "/v1/answer", &[]).json()["outcome"], "allowed");
    assert!(!agent.socket().exists(), "a socket of its own as well");
    assert_eq!(agent.credentials().status, 200);
    assert!(agent.stop().success());
    // It belongs to systemd.
    assert!(path.exists());
}

/// What a program finds that `exec --agent` starts.
fn run_with_agent(home: &Home) -> Answer {
    let mut command = home.program(&["exec", "--agent"]);
    answer(command.envs(KEY).args(["--", "sh", "-c", "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI"]))
}

/// The runtime directory as an agent left it that was killed: its file names a port that anybody may have by now.
fn left_by_a_killed_one(home: &Home) {
    home.serve().kill();
    let stale = "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:1/v1/credentials\n";
    fs::write(home.runtime("container.env"), stale).unwrap();
}

#[test]
fn what_a_killed_one_left_is_handed_to_nobody() {
    let home = Home::new();
    left_by_a_killed_one(&home);
    let told = run_with_agent(&home);
    assert_eq!((told.code, told.stdout.as_str()), (1, ""), "{}", told.stderr);
    assert!(told.stderr.contains("nobody listens on its socket"), "{}", told.stderr);
    // The socket alone is no agent either.
    fs::remove_file(home.runtime("agent.sock")).unwrap();
    let listener = UnixListener::bind(home.runtime("agent.sock")).unwrap();
    let somebody = std::thread::spawn(move || {
        for reply in ["", "220 mail.example\r\n"] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 64];
            assert_ne!(stream.read(&mut asked).unwrap(), 0);
            stream.write_all(reply.as_bytes()).unwrap();
        }
    });
    for why in ["does not answer", "it is no agent that answers"] {
        let told = run_with_agent(&home);
        assert_eq!((told.code, told.stdout.as_str()), (1, ""), "{}", told.stderr);
        assert!(told.stderr.contains(why), "{}", told.stderr);
    }
    somebody.join().unwrap();
}

/// systemd listens while there is no agent, and starts one for whoever asks.
#[test]
fn a_program_waits_for_the_agent_that_systemd_starts_for_it() {
    let home = Home::new();
    left_by_a_killed_one(&home);
    let path = home.runtime("agent.sock");
    fs::remove_file(&path).unwrap();
    let listener = UnixListener::bind(&path).unwrap();
    std::thread::scope(|scope| {
        let program = scope.spawn(|| run_with_agent(&home));
        until_somebody_waits(path.to_str().unwrap());
        let agent = Agent::start_as_is(&home, with_socket(&home, listener.into()));
        let told = program.join().unwrap();
        assert_eq!(told.code, 0, "{}", told.stderr);
        let (_, url) = agent.container_variables().remove(0);
        assert_eq!(told.stdout.trim(), url);
    });
}

/// Waits for somebody whom nobody has taken off the queue: the kernel lists such a connection by the listener's path.
fn until_somebody_waits(path: &str) {
    while fs::read_to_string("/proc/net/unix").unwrap().matches(path).count() < 2 {
        std::thread::yield_now();
    }
}

#[test]
fn where_no_agent_serves_credentials_that_is_said() {
    let home = Home::new();
    let told = run_with_agent(&home);
    assert!(told.stderr.contains("it is not there"), "{}", told.stderr);
    assert!(told.stderr.contains("start one with `bedrock-auth serve`"), "{}", told.stderr);
    let agent = home.serve_with(&["--no-container-endpoint"], &KEY);
    let told = run_with_agent(&home);
    assert!(told.stderr.contains("without `--no-container-endpoint`"), "{}", told.stderr);
    agent.kill();
    let reachable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(home.path("runtime/bedrock-auth"), reachable).unwrap();
    let told = run_with_agent(&home);
    assert!(told.stderr.contains("others can reach into it"), "{}", told.stderr);
}

#[test]
fn what_is_handed_over_has_to_be_a_unix_socket() {
    let home = Home::new();
    fs::write(home.path("file"), "").unwrap();
    let file = fs::File::open(home.path("file")).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    for passed in [OwnedFd::from(file), OwnedFd::from(port)] {
        let told = answer(&mut with_socket(&home, passed));
        assert_eq!(told.code, 1);
        assert!(told.stderr.contains("no Unix socket"), "{}", told.stderr);
    }
}

#[test]
fn how_much_is_told_is_a_word_and_another_one_stops_nothing() {
    let home = Home::new();
    let mut odd = home.program(&["serve"]);
    odd.envs(KEY).env("BEDROCK_AUTH_LOG", "aws_smithy_runtime=trace");
    let told = Agent::start(&home, odd).log();
    assert!(told.contains("`BEDROCK_AUTH_LOG` is not understood"), "{told}");
    assert!(told.contains("INFO bedrock_auth::serve: the agent serves"), "{told}");
    let mut silent = home.program(&["serve"]);
    silent.envs(KEY).env("BEDROCK_AUTH_LOG", "off");
    assert_eq!(Agent::start(&home, silent).log(), "");
}
