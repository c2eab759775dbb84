//! The runtime directory and what lies in it.

use std::env;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedrock_auth::aws::{CONTAINER_FULL_URI, CONTAINER_TOKEN_FILE};
use bedrock_auth::prose::quoted;
use bedrock_auth::targets::SERVE;
use secrecy::{ExposeSecret, SecretString};

use super::lock::{Lock, NotLocked};
use super::token;
use crate::exit::Failure;

const SOCKET: &str = "agent.sock";
/// Each start has a token file of a name of its own: whoever still asks at the port of an earlier start, where anybody may
/// listen by now, finds no token to show there.
const TOKEN: &str = "token-";
const ENVIRONMENT: &str = "container.env";
const LOCK: &str = "lock";

/// A directory that is ours alone, and the files that we made in it. They go when it is dropped.
#[derive(Debug)]
pub(super) struct RuntimeDir {
    directory: PathBuf,
    made: Vec<Made>,
    /// Dropped last, so that no other agent meets what is left.
    #[expect(dead_code, reason = "it is held, not read")]
    lock: Lock,
}

/// A file that we made, by its number: one of its name may be another agent's by now.
#[derive(Debug)]
struct Made {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Made {
    fn at(path: PathBuf) -> Self {
        Made { identity: identity(&path), path }
    }
}

pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    path.symlink_metadata().ok().map(|found| (found.dev(), found.ino()))
}

impl RuntimeDir {
    /// Takes the directory for this process.
    pub(super) fn claim(asked: Option<&Path>) -> Result<Self, Failure> {
        let directory = match asked {
            Some(directory) => std::path::absolute(directory).map_err(Failure::from)?,
            None => usual_directory()?,
        };
        make_private(&directory)?;
        let lock = Lock::take(&directory.join(LOCK)).map_err(|error| match error {
            NotLocked::Held(pid) => held(&directory, &pid),
            NotLocked::Failed(error) => failed(&directory.join(LOCK), &error),
        })?;
        let claimed = RuntimeDir { directory, made: Vec::new(), lock };
        // What an agent left that was killed is stale: we hold the lock.
        claimed.remove_stale().map_err(|error| failed(&claimed.directory, &error))?;
        Ok(claimed)
    }

    fn remove_stale(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_token = name.trim_start_matches('.').starts_with("token");
            if is_token || name.trim_start_matches('.').starts_with(ENVIRONMENT) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The socket, which replaces one that nobody listens on any more.
    pub(super) fn listen(&mut self) -> Result<UnixListener, Failure> {
        let path = self.directory.join(SOCKET);
        remove(&path)?;
        let listener = UnixListener::bind(&path).map_err(|error| failed(&path, &error))?;
        self.made.push(Made::at(path.clone()));
        // Until here the directory alone kept others away.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
            .map_err(|error| failed(&path, &error))?;
        tracing::info!(target: SERVE, socket = %path.display(), "listening");
        Ok(listener)
    }

    /// Writes down what a program needs to ask for container credentials.
    pub(super) fn publish(&mut self, token: &SecretString, url: &str) -> Result<(), Failure> {
        let name = format!("{TOKEN}{}", token::instance()?);
        let token_file = self.directory.join(&name);
        // Whoever sees the variables finds the token.
        self.write(&name, token.expose_secret().as_bytes())?;
        let environment = format!(
            "{}={url}\n{}={}\n",
            CONTAINER_FULL_URI,
            CONTAINER_TOKEN_FILE,
            one_word(&token_file.to_string_lossy())
        );
        self.write(ENVIRONMENT, environment.as_bytes())
    }

    /// At once or not at all, and readable by nobody else at any moment.
    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let path = self.directory.join(name);
        let half_done = self.directory.join(format!(".{name}.new"));
        remove(&half_done)?;
        let write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(&half_done)?;
            file.write_all(content)?;
            fs::rename(&half_done, &path)
        };
        write().map_err(|error| {
            // Nobody misses the half of a file.
            let _ = fs::remove_file(&half_done);
            failed(&path, &error)
        })?;
        self.made.push(Made::at(path));
        Ok(())
    }
}

impl Drop for RuntimeDir {
    fn drop(&mut self) {
        for Made { path, identity: ours } in &self.made {
            if identity(path) != *ours {
                continue;
            }
            if let Err(error) = remove(path) {
                tracing::warn!(target: SERVE, why = error.message, "a file of the agent stays");
            }
        }
    }
}

/// An agent that serves container credentials, as other programs find it.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) credentials_url: String,
    pub(crate) token_file: PathBuf,
}

impl Agent {
    /// The one that serves in a directory of ours now.
    pub(crate) fn running(asked: Option<&Path>) -> Result<Self, Failure> {
        let directory = match asked {
            Some(directory) => std::path::absolute(directory).map_err(Failure::from)?,
            None => usual_directory()?,
        };
        ours(&directory).map_err(|failure| match directory.exists() {
            true => failure,
            false => no_agent(&directory, "it is not there"),
        })?;
        // A file that is there says nothing yet: a killed agent's names a port that anybody may have by now, and
        // systemd listens on the socket of an agent that has still to start.
        let socket = directory.join(SOCKET);
        must_answer(&socket).map_err(|error| no_agent(&directory, &why_no_answer(&error)))?;
        let path = directory.join(ENVIRONMENT);
        let written = fs::read_to_string(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::new("the agent serves no container credentials")
                .with_advice("start it without `--no-container-endpoint`"),
            _ => failed(&path, &error),
        })?;
        let value = |name: &str| {
            written.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        };
        // Quoted as a whole it may be; its last part never needs to be.
        let token = value(CONTAINER_TOKEN_FILE).and_then(|file| {
            let name = file.rsplit('/').next()?.trim_end_matches('\'');
            name.starts_with(TOKEN).then(|| directory.join(name))
        });
        match (value(CONTAINER_FULL_URI), token) {
            (Some(url), Some(token_file)) => {
                Ok(Agent { credentials_url: url.to_owned(), token_file })
            }
            _ => {
                let shown = quoted(&path.to_string_lossy());
                Err(Failure::new(format!("{shown} does not say where the agent serves")))
            }
        }
    }
}

/// How long an agent has to answer, which may have to start for it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// Fails unless an agent answers on the socket.
fn must_answer(socket: &Path) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    stream.set_write_timeout(Some(ANSWERS_WITHIN))?;
    stream.write_all(b"GET /v1/health HTTP/1.0\r\n\r\n")?;
    // Its health is another matter: 200 and 503 are both said by an agent.
    let mut status = *b"HTTP/1.";
    let expected = status;
    stream.read_exact(&mut status)?;
    match status == expected {
        true => Ok(()),
        false => Err(io::Error::new(ErrorKind::InvalidData, "it is no agent that answers")),
    }
}

fn why_no_answer(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no socket in it".to_owned(),
        ErrorKind::ConnectionRefused => "nobody listens on its socket".to_owned(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("nobody answers on its socket within {} seconds", ANSWERS_WITHIN.as_secs())
        }
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            "whoever listens on its socket does not answer".to_owned()
        }
        _ => error.to_string(),
    }
}

fn no_agent(directory: &Path, why: &str) -> Failure {
    let shown = quoted(&directory.to_string_lossy());
    Failure::new(format!("no agent serves in {shown}: {why}"))
        .with_advice("start one with `bedrock-auth serve`, or leave `--agent` out")
}

fn usual_directory() -> Result<PathBuf, Failure> {
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute());
    let runtime = runtime.or_else(of_the_system).ok_or_else(|| {
        Failure::new("there is no runtime directory: `XDG_RUNTIME_DIR` names none")
            .with_advice("name a directory of yours with `--runtime-dir`")
    })?;
    Ok(runtime.join("bedrock-auth"))
}

/// Where systemd makes it, for those who came without a session.
#[cfg(not(target_os = "macos"))]
fn of_the_system() -> Option<PathBuf> {
    let uid = rustix::process::getuid().as_raw();
    let runtime = PathBuf::from(format!("/run/user/{uid}"));
    runtime
        .symlink_metadata()
        .is_ok_and(|found| found.is_dir() && found.uid() == uid)
        .then_some(runtime)
}

/// The person's own, below `/var/folders`.
#[cfg(target_os = "macos")]
fn of_the_system() -> Option<PathBuf> {
    env::var_os("TMPDIR").map(PathBuf::from).filter(|dir| dir.is_absolute())
}

/// Makes the directory, unless there is one of ours.
fn make_private(directory: &Path) -> Result<(), Failure> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(directory, &error)),
    }
    ours(directory)
}

/// Sees that nobody else can reach into it.
fn ours(directory: &Path) -> Result<(), Failure> {
    let found = directory.symlink_metadata().map_err(|error| failed(directory, &error))?;
    let fault = if !found.is_dir() {
        "it is not a directory"
    } else if found.uid() != rustix::process::getuid().as_raw() {
        "it belongs to somebody else"
    } else if found.mode() & 0o077 != 0 {
        "others can reach into it"
    } else if !is_safe_above(directory) {
        "others can put another one in its place"
    } else {
        return Ok(());
    };
    let name = quoted(&directory.to_string_lossy());
    Err(Failure::new(format!("the runtime directory {name} cannot be used: {fault}"))
        .with_advice("name a directory of yours with mode 0700, or one that is still to be made"))
}

/// Whether nobody else can rename what is in the directory above: a sticky one keeps them from it.
fn is_safe_above(directory: &Path) -> bool {
    let above = directory.parent().and_then(|above| above.metadata().ok());
    above.is_some_and(|above| {
        let is_trusted = [0, rustix::process::getuid().as_raw()].contains(&above.uid());
        let is_shared = above.mode() & 0o022 != 0 && above.mode() & 0o1000 == 0;
        is_trusted && !is_shared
    })
}

/// As shells and systemd read a value: quoted where it would not be one word.
fn one_word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    match text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

fn held(directory: &Path, pid: &str) -> Failure {
    let directory = quoted(&directory.to_string_lossy());
    let who = match pid.parse::<u32>() {
        Ok(pid) => format!("process {pid}"),
        Err(_) => "another process".to_owned(),
    };
    Failure::new(format!("an agent serves here already: {who} holds {directory}"))
        .with_advice("use that one, or end it first")
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::new(format!("{}: {error}", quoted(&path.to_string_lossy())));
    match error.kind() {
        ErrorKind::InvalidInput => {
            failure.with_advice("paths of sockets are short: use a shorter `--runtime-dir`")
        }
        _ => failure,
    }
}

fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path, &error)),
        _ => Ok(()),
    }
}
