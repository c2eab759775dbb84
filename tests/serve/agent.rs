//! An agent in a home of its own, which tells this test as it would tell systemd when it is ready.

use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;
use tempfile::TempDir;

use crate::http::{Events, PATIENCE, Response, ask, send, to_port, to_socket};
use crate::support::program::{PROGRAM, bare};

/// Policies, settings and a runtime directory.
pub(crate) struct Home(TempDir);

/// A temporary access key in the family `ZED`.
pub(crate) const KEY: [(&str, &str); 3] = [
    ("ZED_ACCESS_KEY_ID", "ASIAY34FZKBOKMUTVV7A"),
    ("ZED_SECRET_ACCESS_KEY", "secret-of-the-key"),
    ("ZED_SESSION_TOKEN", "token-of-the-key"),
];

/// A key in the same family that lives until it is deleted.
pub(crate) const LONG_LIVED_KEY: [(&str, &str); 2] = [
    ("ZED_ACCESS_KEY_ID", "AKIARZPUZDIKEWS2LJNF"),
    ("ZED_SECRET_ACCESS_KEY", "secret-of-a-long-lived-key"),
];

/// A policy that allows these methods and no others.
pub(crate) fn policy(methods: &[&str]) -> String {
    let methods: Vec<_> = methods.iter().map(|method| format!(r#""{method}": {{}}"#)).collect();
    format!(r#"{{ "schema_version": 1, "id": "corp", "methods": {{ {} }} }}"#, methods.join(", "))
}

impl Home {
    /// A home where access keys are allowed.
    pub(crate) fn new() -> Self {
        let home = Home(tempfile::tempdir().unwrap());
        for dir in ["runtime", "managed"] {
            fs::create_dir(home.path(dir)).unwrap();
        }
        home.allow(&["iam_credentials"]);
        home
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    pub(crate) fn text(&self, inside: &str) -> String {
        self.path(inside).to_str().unwrap().to_owned()
    }

    /// As configuration management replaces a file.
    pub(crate) fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let next = path.with_extension("next");
        fs::write(&next, text).unwrap();
        fs::rename(next, path).unwrap();
    }

    pub(crate) fn allow(&self, methods: &[&str]) {
        self.write("managed/policy.json", &policy(methods));
    }

    /// The program, as it runs in this home with the policies of this home.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = bare(PROGRAM);
        command.args(arguments).arg("--managed").arg(self.path("managed"));
        self.furnish(&mut command);
        command
    }

    /// The environment of programs in this home.
    pub(crate) fn furnish(&self, command: &mut Command) {
        command
            .env("HOME", self.0.path())
            .env("XDG_RUNTIME_DIR", self.path("runtime"))
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    }

    /// Where the agent has its files.
    pub(crate) fn runtime(&self, name: &str) -> PathBuf {
        self.path("runtime/bedrock-auth").join(name)
    }

    /// An agent that has an access key, once it is ready.
    pub(crate) fn serve(&self) -> Agent<'_> {
        self.serve_with(&[], &KEY)
    }

    pub(crate) fn serve_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Agent<'_> {
        let mut command = self.program(&["serve"]);
        command.args(arguments).envs(variables.iter().copied());
        Agent::start(self, command)
    }
}

/// What the agent tells systemd, which listens all the time.
pub(crate) struct Told {
    messages: Mutex<Receiver<String>>,
    path: PathBuf,
}

impl Told {
    pub(crate) fn listen(home: &Home) -> Self {
        let path = home.path("notify");
        // Of an agent before.
        let _ = fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).unwrap();
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut message = [0; 4096];
            // Until the test is over.
            while let Ok(length) = socket.recv(&mut message) {
                let text = String::from_utf8(message[..length].to_vec()).unwrap();
                if sender.send(text).is_err() {
                    return;
                }
            }
        });
        Told { messages: Mutex::new(messages), path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The first message that has this line.
    pub(crate) fn until(&self, line: &str) -> String {
        loop {
            let messages = self.messages.lock().unwrap();
            let message = messages.recv_timeout(PATIENCE).expect("the agent tells nothing");
            if message.lines().any(|told| told == line) {
                return message;
            }
        }
    }
}

/// A running agent; it is killed with this value.
pub(crate) struct Agent<'a> {
    home: &'a Home,
    child: Child,
    pub(crate) told: Told,
}

impl<'a> Agent<'a> {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn start(home: &'a Home, mut command: Command) -> Self {
        command.stdin(Stdio::null());
        Agent::start_as_is(home, command)
    }

    /// The same with the standard input that was chosen.
    pub(crate) fn start_as_is(home: &'a Home, mut command: Command) -> Self {
        let told = Told::listen(home);
        let log = fs::File::create(home.path("log")).unwrap();
        let child = command.env("NOTIFY_SOCKET", told.path()).stderr(log).spawn().unwrap();
        let agent = Agent { home, child, told };
        agent.told.until("READY=1");
        agent
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard error so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.home.path("log")).unwrap()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.home.runtime("agent.sock")
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        ask(to_socket(&self.socket()), method, path, headers)
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.ask("GET", path, &[])
    }

    pub(crate) fn answer(&self) -> Value {
        self.get("/v1/answer").json()
    }

    /// Waits until the current answer is as expected.
    pub(crate) fn until(&self, holds: impl Fn(&Value) -> bool) -> Value {
        self.events().until(holds).answer
    }

    pub(crate) fn until_outcome(&self, outcome: &str) -> Value {
        self.until(|answer| answer["outcome"] == outcome)
    }

    pub(crate) fn events(&self) -> Events {
        Events::follow(to_socket(&self.socket()), &[])
    }

    /// The value of a metric with these labels, as its line begins; 0 where it was never counted.
    pub(crate) fn metric(&self, line: &str) -> f64 {
        let metrics = self.get("/metrics");
        assert_eq!(metrics.status, 200);
        let value = metrics.body.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.parse().unwrap())
    }

    /// The variables that it wrote down for other programs.
    pub(crate) fn container_variables(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.home.runtime("container.env")).unwrap();
        text.lines()
            .map(|line| line.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    pub(crate) fn token(&self) -> String {
        fs::read_to_string(self.token_file()).unwrap()
    }

    pub(crate) fn token_file(&self) -> PathBuf {
        self.container_variables().remove(1).1.into()
    }

    /// The port of the container credentials endpoint.
    pub(crate) fn address(&self) -> SocketAddr {
        let (_, url) = self.container_variables().remove(0);
        let address = url.strip_prefix("http://").unwrap().strip_suffix("/v1/credentials").unwrap();
        address.parse().unwrap()
    }

    /// A request to that endpoint with these headers alone.
    pub(crate) fn ask_container(&self, headers: &[(&str, &str)]) -> Response {
        ask(to_port(self.address()), "GET", "/v1/credentials", headers)
    }

    /// The same with the token.
    pub(crate) fn credentials(&self) -> Response {
        self.ask_container(&[("Authorization", &self.token())])
    }

    /// One more connection to that endpoint; none where it is closed at once.
    pub(crate) fn ask_anew(&self) -> Option<u16> {
        send(to_port(self.address()), b"GET / HTTP/1.0\r\n\r\n")
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        assert!(bare("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Ends it as systemd does, and waits for its end.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }

    /// Ends it without a word.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the agent wrote:\n{}", self.log());
        }
        match self.child.kill() {
            Err(error) if error.kind() != ErrorKind::InvalidInput => panic!("{error}"),
            _ => {}
        }
        let _ = self.child.wait();
    }
}
