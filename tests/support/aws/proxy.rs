//! A proxy that leads every tunnel to one server, whatever host was asked for.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::listener::Listener;
use super::server::Server;

/// A `CONNECT` proxy on loopback.
pub(crate) struct Proxy {
    listener: Listener,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) fn start(to: &Server) -> Self {
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (list, port) = (Arc::clone(&asked), to.port());
        let listener = Listener::start(move |stream| tunnel(stream, port, Arc::clone(&list)));
        Proxy { listener, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listener.address)
    }

    /// The hosts and ports that tunnels were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn tunnel(mut client: TcpStream, port: u16, asked: Arc<Mutex<Vec<String>>>) {
    let Some(target) = read_target(&mut client).await else {
        // Who hangs up early needs no answer.
        let _ = client.write_all(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n").await;
        return;
    };
    asked.lock().unwrap().push(target);
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    if client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok() {
        // Both sides close connections as they like.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    }
}

/// The target of a `CONNECT`; none for anything else.
async fn read_target(client: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let target = head.strip_prefix("CONNECT ")?.split(' ').next()?;
    Some(target.to_owned())
}
