//! A client of a few connections that are kept: asks on all of them, then reads what comes back on all of them.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Enough to keep one thread of a server busy.
const CONNECTIONS: usize = 16;

pub(crate) struct Client {
    request: String,
    connections: Vec<Connection>,
}

struct Connection {
    stream: UnixStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(socket: &Path, path: &str) -> Self {
        let stream = |_| UnixStream::connect(socket).expect("a connection");
        let connection = |stream| Connection { stream, buffer: Vec::with_capacity(64 * 1024) };
        Client {
            request: format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            connections: (0..CONNECTIONS).map(stream).map(connection).collect(),
        }
    }

    /// At least so many requests.
    pub(crate) fn ask_all(&mut self, requests: usize) -> usize {
        let turns = requests.div_ceil(CONNECTIONS);
        for _ in 0..turns {
            for connection in &mut self.connections {
                connection.stream.write_all(self.request.as_bytes()).expect("a request");
            }
            for connection in &mut self.connections {
                connection.read();
            }
        }
        turns * CONNECTIONS
    }

    /// One request, and the body of its response.
    pub(crate) fn ask(&mut self) -> Vec<u8> {
        let connection = &mut self.connections[0];
        connection.stream.write_all(self.request.as_bytes()).expect("a request");
        let head = connection.read();
        connection.buffer[head..].to_vec()
    }
}

impl Connection {
    /// Reads a whole response, and says how long its head is.
    fn read(&mut self) -> usize {
        self.buffer.clear();
        loop {
            self.read_some();
            if let Some(head) = head(&self.buffer) {
                let whole = head + content_length(&self.buffer[..head]);
                while self.buffer.len() < whole {
                    self.read_some();
                }
                assert_eq!(self.buffer.len(), whole, "more than a response");
                return head;
            }
        }
    }

    fn read_some(&mut self) {
        let mut some = [0; 16 * 1024];
        let length = self.stream.read(&mut some).expect("a response");
        assert_ne!(length, 0, "the server closed the connection");
        self.buffer.extend_from_slice(&some[..length]);
    }
}

fn head(response: &[u8]) -> Option<usize> {
    response.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4)
}

fn content_length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).expect("a head");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()).expect("a length")
}
