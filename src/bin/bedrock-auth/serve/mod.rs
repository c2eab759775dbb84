//! The agent: the answer, its changes and the allowed credentials for every program of one person, over HTTP.
//!
//! One thread drives all requests: each takes microseconds, and what waits for files or services runs beside it.

mod answers;
mod connections;
mod container;
mod credentials;
mod health;
mod lock;
mod metrics;
mod openapi;
mod peer;
mod problem;
mod reply;
mod route;
mod routes;
mod runtime_dir;
mod systemd;
mod token;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_bedrockruntime::config::BehaviorVersion;
use bedrock_auth::aws::CONTAINER_FULL_URI;
use bedrock_auth::client::Follower;
use bedrock_auth::load::Machine;
use bedrock_auth::targets::SERVE;
use jiff::Timestamp;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, watch};

use self::answers::Answers;
use self::connections::{Local, Loopback, attend};
use self::container::Desk;
use self::metrics::Metrics;
use self::route::Door;
use self::runtime_dir::RuntimeDir;
use self::systemd::Systemd;
use crate::exit::{Exit, Failure};

pub(crate) use self::runtime_dir::Agent;

/// What the command line chooses.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) runtime_dir: Option<PathBuf>,
    pub(crate) port: u16,
    pub(crate) container_endpoint: bool,
}

/// Programs that may follow the changes at the same time. Each keeps one of the connections of the socket.
pub(super) const SUBSCRIBERS: usize = 128;

/// Threads that read files and keychains beside the one that drives requests.
const READERS: usize = 8;

/// How long requests in flight have at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all requests share.
pub(super) struct Service {
    follower: Follower,
    answers: Answers,
    metrics: Metrics,
    desk: Option<Desk>,
    seats: Arc<Semaphore>,
    started: Timestamp,
    is_watching: AtomicBool,
    stopping: watch::Receiver<bool>,
}

/// Serves until somebody ends it.
pub(crate) fn serve(machine: Machine, options: &Options) -> Result<Exit, Failure> {
    if !machine.may_hand_out() {
        return Err(Failure::what_if());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(READERS)
        .thread_keep_alive(Duration::from_secs(1))
        .build()
        .map_err(|error| Failure::new(format!("no thread can be had: {error}")))?;
    // Before there is anything to leave behind.
    let signals = {
        let _inside = runtime.enter();
        Signals::listen()
            .map_err(|error| Failure::new(format!("no signal can be heard: {error}")))?
    };
    let mut directory = RuntimeDir::claim(options.runtime_dir.as_deref())?;
    let socket = match systemd::passed_socket()? {
        Some(passed) => passed,
        None => directory.listen()?,
    };
    let container = match options.container_endpoint {
        true => Some(open_container_endpoint(&mut directory, options.port)?),
        false => None,
    };
    let follower = Follower::builder(machine, BehaviorVersion::latest())
        .start()
        .map_err(|error| Failure::new(format!("the machine cannot be watched: {error}")))?;
    let served = runtime.block_on(run(follower, socket, container, signals));
    // What still waits for a file or a service is not waited for.
    runtime.shutdown_timeout(Duration::from_secs(1));
    served.map(|()| Exit::Fine)
}

/// The listener, and who may ask there.
struct Container {
    listener: TcpListener,
    address: SocketAddr,
    desk: Desk,
}

fn open_container_endpoint(directory: &mut RuntimeDir, port: u16) -> Result<Container, Failure> {
    let failed = |error| {
        Failure::new(format!("port {port} on loopback cannot be listened on: {error}"))
            .with_advice("leave `--port` out for any free one")
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let url = format!("http://{address}{}", routes::CREDENTIALS);
    if std::env::var(CONTAINER_FULL_URI).is_ok_and(|asked| asked == url) {
        let message =
            format!("`{}` names this very agent, which would ask itself", CONTAINER_FULL_URI);
        return Err(Failure::new(message).with_advice("start it without that variable"));
    }
    let token = token::generate()?;
    directory.publish(&token, &url)?;
    Ok(Container { listener, address, desk: Desk::new(token) })
}

async fn run(
    follower: Follower,
    socket: UnixListener,
    container: Option<Container>,
    mut signals: Signals,
) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::new(format!("the sockets cannot be used: {error}"));
    let (stop, stopping) = watch::channel(false);
    let (loopback, desk) = match container {
        Some(Container { listener, address, desk }) => (Some((listener, address)), Some(desk)),
        None => (None, None),
    };
    let service = Arc::new(Service {
        answers: Answers::of(follower.watch().clone(), token::instance()?),
        follower,
        metrics: Metrics::default(),
        desk,
        seats: Arc::new(Semaphore::new(SUBSCRIBERS)),
        started: Timestamp::now(),
        is_watching: AtomicBool::new(true),
        stopping: stopping.clone(),
    });
    let local = Local::of(socket, Arc::clone(&service)).map_err(failed)?;
    let mut doors = vec![tokio::spawn(attend(
        local,
        routes::router(Door::Socket, &service),
        Arc::clone(&service),
    ))];
    if let Some((listener, address)) = loopback {
        let listener = Loopback::of(listener).map_err(failed)?;
        let router = routes::router(Door::Loopback, &service);
        doors.push(tokio::spawn(attend(listener, router, Arc::clone(&service))));
        tracing::info!(target: SERVE, %address, "container credentials are served");
    }
    let mut systemd = Systemd::of_environment().map_err(failed)?;
    systemd.ready(&service.answers.display());
    tracing::info!(
        target: SERVE, pid = std::process::id(),
        answer = service.answers.display(),
        "the agent serves"
    );

    tokio::select! {
        () = signals.until_ended(&service) => {}
        never = follow(&service, &systemd) => match never {},
    };
    tracing::info!(target: SERVE, "the agent stops");
    systemd.stopping();
    // Nobody may be listening any more.
    let _ = stop.send(true);
    for door in doors {
        // A door that fell over is closed.
        let _ = door.await;
    }
    Ok(())
}

/// Tells systemd what changes, and that we are alive, for as long as somebody watches the files.
async fn follow(service: &Service, systemd: &Systemd) -> Infallible {
    let mut changes = service.follower.watch().changes();
    let mut heartbeat = systemd::Heartbeat::as_asked();
    loop {
        tokio::select! {
            changed = changes.next() => match changed {
                Some(answer) => systemd.status(&answer.resolution.display),
                None => break,
            },
            () = heartbeat.due() => systemd.alive(),
        }
    }
    service.is_watching.store(false, Ordering::Relaxed);
    tracing::error!(target: SERVE, "nobody watches the files any more");
    systemd.status("nobody watches the files any more");
    std::future::pending().await
}

/// What ends the agent, or has it look again.
struct Signals {
    again: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on they are heard, and kept until somebody waits for them.
    fn listen() -> std::io::Result<Self> {
        Ok(Signals {
            again: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Looks again at each SIGHUP, until SIGTERM or SIGINT.
    async fn until_ended(&mut self, service: &Service) {
        loop {
            tokio::select! {
                _ = self.again.recv() => {
                    tracing::info!(target: SERVE, "everything is looked at again");
                    service.follower.watch().look_again();
                }
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
            }
        }
    }
}

impl Service {
    fn is_watching(&self) -> bool {
        self.is_watching.load(Ordering::Relaxed)
    }

    /// Ends when the agent stops.
    async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // The sender is gone only once everything is over.
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }
}
