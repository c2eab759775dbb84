//! Connections: who may have one, how many there are, and how long each may take.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use bedrock_auth::targets::SERVE;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::Semaphore;

use super::peer::Peer;
use super::{PATIENCE, Service};

/// Connections that each listener holds at the same time; more are closed at once.
const CONNECTIONS: usize = 256;

/// How long a client has for the head of a request, and between two requests.
const HEAD: Duration = Duration::from_secs(5);

/// Heads of requests are small; so is what waits to be sent.
const BUFFER: usize = 16 * 1024;

/// Something that gives connections.
pub(super) trait Listener: Send + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// As it stands in metrics.
    const NAME: &'static str;
    /// How long a connection may last.
    const LIFETIME: Duration;

    /// The next connection; none where it was refused.
    fn accept(&self) -> impl Future<Output = io::Result<Option<Accepted<Self::Stream>>>> + Send;
}

/// A connection, and its two ends where strangers may have one.
pub(super) struct Accepted<S> {
    stream: S,
    peer: Option<Peer>,
}

/// The socket in the runtime directory, for processes of the same person.
pub(super) struct Local {
    listener: UnixListener,
    service: Arc<Service>,
}

impl Local {
    pub(super) fn of(
        listener: std::os::unix::net::UnixListener,
        service: Arc<Service>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Local { listener: UnixListener::from_std(listener)?, service })
    }
}

impl Listener for Local {
    type Stream = UnixStream;
    const NAME: &'static str = "socket";
    /// Who follows the changes does so for days.
    const LIFETIME: Duration = Duration::MAX;

    async fn accept(&self) -> io::Result<Option<Accepted<UnixStream>>> {
        let (stream, _) = self.listener.accept().await?;
        let ours = rustix::process::getuid().as_raw();
        if stream.peer_cred().is_ok_and(|peer| peer.uid() == ours) {
            return Ok(Some(Accepted { stream, peer: None }));
        }
        self.service.metrics.peer_refused();
        tracing::warn!(target: SERVE, "a process of another person was refused");
        Ok(None)
    }
}

/// The port on loopback, where only the token tells who asks.
pub(super) struct Loopback(TcpListener);

impl Loopback {
    pub(super) fn of(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener).map(Loopback)
    }
}

impl Listener for Loopback {
    type Stream = TcpStream;
    const NAME: &'static str = "loopback";
    /// Longer than any credential takes to come. Without an end, a stranger who never reads would hold a place for ever.
    const LIFETIME: Duration = Duration::from_secs(120);

    async fn accept(&self) -> io::Result<Option<Accepted<TcpStream>>> {
        let (stream, client) = self.0.accept().await?;
        // A client that is gone already is noticed soon enough.
        let _ = stream.set_nodelay(true);
        let peer = stream.local_addr().ok().map(|agent| Peer { client, agent });
        Ok(Some(Accepted { stream, peer }))
    }
}

/// Serves a listener until the agent stops, and then what is still in flight.
pub(super) async fn attend<L: Listener>(listener: L, router: Router, service: Arc<Service>) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = service.stopped() => break,
        };
        let Accepted { stream, peer } = match accepted {
            Ok(Some(accepted)) => accepted,
            Ok(None) => continue,
            // Gone before it was its turn.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
            Err(error) => {
                tracing::warn!(target: SERVE, %error, listener = L::NAME, "a connection is lost");
                // No descriptors are left, most likely: some come back soon.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            service.metrics.connection_refused(L::NAME);
            continue;
        };
        let router = router.clone().layer(Extension(peer));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(BUFFER)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Clients go as they like, and what is no request gets no further.
            let _ = tokio::time::timeout(L::LIFETIME, connection).await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(PATIENCE, graceful.shutdown()).await.is_err() {
        tracing::warn!(target: SERVE, listener = L::NAME, "requests in flight are cut off");
    }
}
