//! A private D-Bus session with a real `gnome-keyring-daemon`, and the peers to work on it.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

const PASSWORD: &str = "pw";
const INSTALL: &str = "bash .ci/install";
const PATIENCE: Duration = Duration::from_secs(20);

/// A bus of its own on which nothing is activatable, and a home of its own.
pub(crate) struct Session {
    home: TempDir,
    address: String,
    bus: Child,
    daemon: Option<Child>,
}

impl Session {
    /// A bus with no keychain service.
    pub(crate) fn without_service() -> Self {
        let home = private_home();
        let config = home.path().join("bus.conf");
        fs::write(&config, bus_config(&home)).unwrap();
        let mut bus = command("dbus-daemon")
            .arg("--nofork")
            .arg("--print-address")
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| missing("dbus-daemon", &error));
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Session { home, address: address.trim().to_owned(), bus, daemon: None }
    }

    /// A bus with GNOME Keyring, its login collection unlocked.
    pub(crate) fn unlocked() -> Self {
        let mut session = Self::without_service();
        session.start_daemon(&["--unlock"], PASSWORD);
        session
    }

    /// A bus with GNOME Keyring that has no collection yet.
    pub(crate) fn without_collection() -> Self {
        let mut session = Self::without_service();
        session.start_daemon(&[], "");
        session
    }

    fn start_daemon(&mut self, arguments: &[&str], password: &str) {
        let mut daemon = self
            .command("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| missing("gnome-keyring-daemon", &error));
        daemon.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        self.daemon = Some(daemon);
        until("gnome-keyring-daemon owns its name", || {
            let answer = self.call(
                "org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus.NameHasOwner",
                &["string:org.freedesktop.secrets"],
            );
            text(&answer.stdout).contains("boolean true")
        });
    }

    /// A program in this session's environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = private(program, &self.home);
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command
    }

    /// `secret-tool store`: a peer that shares no code with us.
    pub(crate) fn plant(&self, label: &str, attributes: &[&str], secret: &str) {
        let mut tool = self
            .command("secret-tool")
            .args(["store", &format!("--label={label}")])
            .args(attributes)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| missing("secret-tool", &error));
        tool.stdin.take().unwrap().write_all(secret.as_bytes()).unwrap();
        assert!(tool.wait().unwrap().success(), "secret-tool could not store");
    }

    /// `secret-tool lookup`; `None` where it finds nothing.
    pub(crate) fn lookup(&self, attributes: &[&str]) -> Option<String> {
        let output = self
            .command("secret-tool")
            .arg("lookup")
            .args(attributes)
            .output()
            .unwrap_or_else(|error| missing("secret-tool", &error));
        output.status.success().then(|| text(&output.stdout))
    }

    /// `secret-tool search --all`: what a person sees of the items.
    pub(crate) fn search(&self, attributes: &[&str]) -> String {
        let output = self
            .command("secret-tool")
            .args(["search", "--all"])
            .args(attributes)
            .output()
            .unwrap_or_else(|error| missing("secret-tool", &error));
        text(&output.stdout) + &text(&output.stderr)
    }

    /// Locks the collection that `--unlock` made.
    pub(crate) fn lock(&self) {
        let answer = self.call(
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            &["array:objpath:/org/freedesktop/secrets/collection/login"],
        );
        let told = text(&answer.stdout);
        assert!(told.contains("collection/login"), "not locked: {told}");
    }

    /// Stops the daemon from answering, without its bus name or connection going away.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
    }

    /// Undoes [`Session::freeze`].
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let pid = self.daemon.as_ref().expect("a daemon").id();
        let done = Command::new("sh").arg("-c").arg(format!("kill -{name} {pid}")).status();
        assert!(done.unwrap().success());
    }

    /// Everything that passes over the bus while `work` runs, as `dbus-monitor` saw it.
    pub(crate) fn overhear(&self, work: impl FnOnce()) -> String {
        let log = self.home.path().join("overheard");
        let mut monitor = self
            .command("dbus-monitor")
            .arg("--session")
            .stdout(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap_or_else(|error| missing("dbus-monitor", &error));
        let heard = || text(&fs::read(&log).unwrap());
        let mark = |name: &str| {
            until("dbus-monitor hears the mark", || {
                self.call("org.freedesktop.DBus", "/mark", &format!("org.mark.{name}"), &[]);
                heard().contains(&format!("member={name}"))
            });
        };
        mark("Before");
        work();
        mark("After");
        monitor.kill().unwrap();
        monitor.wait().unwrap();
        heard()
    }

    fn call(&self, destination: &str, path: &str, method: &str, arguments: &[&str]) -> Output {
        self.command("dbus-send")
            .args(["--session", "--print-reply", "--reply-timeout=5000"])
            .arg(format!("--dest={destination}"))
            .args([path, method])
            .args(arguments)
            .output()
            .unwrap_or_else(|error| missing("dbus-send", &error))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in self.daemon.iter_mut().chain([&mut self.bus]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A home where nothing of the person's own session is found.
pub(crate) fn private_home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    fs::create_dir(&runtime).unwrap();
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).unwrap();
    home
}

/// A program in an environment that knows of `home` alone and of no bus.
pub(crate) fn private(program: &str, home: &TempDir) -> Command {
    let mut command = command(program);
    let path = |name: &str| home.path().join(name);
    command
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", path("run"))
        .env("XDG_DATA_HOME", path("data"))
        .env("XDG_CONFIG_HOME", path("config"))
        .env("XDG_CACHE_HOME", path("cache"));
    command
}

fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C");
    command
}

/// Without any service directory, so that nothing starts by itself: no other keychain, no dialog.
fn bus_config(home: &TempDir) -> String {
    let socket: PathBuf = home.path().join("run/bus");
    format!(
        r#"<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#,
        socket.display()
    )
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn missing(program: &str, error: &std::io::Error) -> ! {
    panic!("`{program}` does not start ({error}); install what the tests need: {INSTALL}")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
