//! The least that the agent's HTTP crate can be made to do on a socket, with the settings of the agent's listeners.
//!
//! `hello SOCKET SIZE` says hello on `/hello`, and so many bytes on `/bytes`.

use std::env;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::UnixListener;

fn main() {
    let mut arguments = env::args().skip(1);
    let socket = arguments.next().expect("a socket");
    let size = arguments.next().and_then(|size| size.parse().ok()).expect("a size");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(serve(&socket, size));
}

async fn serve(socket: &str, size: usize) {
    let bytes = Bytes::from(vec![b'.'; size]);
    let router = Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route("/bytes", get(|| async move { bytes.clone() }));
    let listener = UnixListener::bind(socket).expect("a socket");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(5))
            .max_buf_size(16 * 1024)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            // Clients go as they like.
            let _ = connection.await;
        });
    }
}
