//! A client that sends what it is told to, byte for byte, and shares no code with the agent.
//!
//! It speaks HTTP/1.0, in which a body goes on until the connection ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

/// Long enough for a machine under load; a test that waits so long fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A response, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut head = head(reader)?;
        read_body(&mut head, reader);
        Some(head)
    }
}

/// Anything that a client can be connected by.
pub(crate) trait Connection: Read + Write {
    /// Says that nothing follows.
    fn end(&self);
}

impl Connection for UnixStream {
    fn end(&self) {
        // It may have been closed at the other end.
        let _ = self.shutdown(Shutdown::Write);
    }
}

impl Connection for TcpStream {
    fn end(&self) {
        let _ = self.shutdown(Shutdown::Write);
    }
}

pub(crate) fn to_socket(path: &Path) -> UnixStream {
    let stream = UnixStream::connect(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub(crate) fn to_port(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// One request and its response.
pub(crate) fn ask(
    mut connection: impl Connection,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Response {
    let request = request(method, path, headers);
    connection.write_all(request.as_bytes()).unwrap();
    let mut reader = BufReader::new(connection);
    Response::read(&mut reader).unwrap_or_else(|| panic!("no response to {request:?}"))
}

/// Bytes that need not be a request, and the status that comes back, if one does before the connection ends.
pub(crate) fn send(mut connection: impl Connection, bytes: &[u8]) -> Option<u16> {
    // Who is refused may be told so before everything is sent.
    let _ = connection.write_all(bytes);
    connection.end();
    head(&mut BufReader::new(connection)).map(|head| head.status)
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut request = format!("{method} {path} HTTP/1.0\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request.push_str("Host: localhost\r\n");
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request + "\r\n"
}

/// Status and headers; none where the connection ended before.
fn head(reader: &mut impl BufRead) -> Option<Response> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let status = lines.first()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    Some(Response { status, headers: headers.collect(), body: String::new() })
}

fn read_body(response: &mut Response, reader: &mut impl Read) {
    reader.read_to_string(&mut response.body).unwrap();
}

/// A stream of server-sent events.
pub(crate) struct Events {
    reader: BufReader<UnixStream>,
    pub(crate) response: Response,
}

/// One event: its id, and the answer that is its data.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) answer: Value,
}

impl Events {
    pub(crate) fn follow(mut stream: UnixStream, headers: &[(&str, &str)]) -> Self {
        stream.write_all(request("GET", "/v1/changes", headers).as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let response = head(&mut reader).expect("the head of a stream");
        Events { reader, response }
    }

    /// The next event; none once the stream has ended. Comments are passed over.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let (mut id, mut name, mut data) = (String::new(), String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end_matches('\n') {
                "" if data.is_empty() => {}
                "" => {
                    assert_eq!(name, "answer");
                    return Some(Event { id, answer: serde_json::from_str(&data).unwrap() });
                }
                line => match line.split_once(": ") {
                    Some(("id", value)) => id = value.to_owned(),
                    Some(("event", value)) => name = value.to_owned(),
                    Some(("data", value)) => data = value.to_owned(),
                    _ => assert!(line.starts_with(':'), "no field of an event: {line:?}"),
                },
            }
        }
    }

    /// The first event whose answer is as expected.
    pub(crate) fn until(&mut self, mut holds: impl FnMut(&Value) -> bool) -> Event {
        loop {
            let event = self.next().expect("the stream has ended");
            if holds(&event.answer) {
                return event;
            }
        }
    }
}
