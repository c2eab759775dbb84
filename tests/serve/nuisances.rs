//! Clients that mean no good, or are merely broken.

use std::io::{Read, Write};

use crate::agent::{Agent, Home};
use crate::http::{Connection, send, to_port, to_socket};

/// What looks more or less like a request, and is none that anybody serves.
const GARBAGE: [&[u8]; 14] = [
    b"\r\n\r\n\r\n\r\n",
    b"\0\0\0\0\0\0\0\0\0\0\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello, TLS\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET  HTTP/1.1\r\n\r\n",
    b"GET /v1/credentials HTTP/9.9\r\n\r\n",
    b"GET /%00%ff/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET http://evil.example/v1/answers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    b"POST /v1/credentials HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\nConnection: close\r\n\r\nzz\r\n",
    b"GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n: no name\r\n\r\n",
    b"DELETE /v1/answer HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
];

/// One of them, or one of two that are too long, for each number.
fn garbage(number: usize) -> Vec<u8> {
    match number % (GARBAGE.len() + 2) {
        0 => [b"GET /".as_slice(), &[b'x'; 100_000], b" HTTP/1.1\r\n\r\n"].concat(),
        1 => {
            let header = b"X-Header: and its value\r\n".repeat(4_000);
            [b"GET / HTTP/1.1\r\nHost: localhost\r\n".as_slice(), &header, b"\r\n"].concat()
        }
        index => GARBAGE[index - 2].to_vec(),
    }
}

fn is_alive(agent: &Agent<'_>) {
    assert_eq!(agent.answer()["outcome"], "allowed");
    assert_eq!(agent.credentials().status, 200);
}

#[test]
fn ten_thousand_requests_that_are_none() {
    let home = Home::new();
    let agent = home.serve();
    let (socket, address) = (agent.socket(), agent.address());
    for number in 0..10_000 {
        let bytes = garbage(number / 2);
        let status = match number % 2 {
            0 => send(to_socket(&socket), &bytes),
            _ => send(to_port(address), &bytes),
        };
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert!(
            status.is_none_or(|status| (400..=499).contains(&status)),
            "{status:?} to {shown:?}"
        );
    }
    is_alive(&agent);
    assert!(!agent.log().contains("panicked"), "{}", agent.log());
}

/// Begins a request and does not end it.
fn dawdle(mut connection: impl Connection) -> impl Connection {
    connection.write_all(b"GET /v1/answer HTTP/1.1\r\nHost: lo").unwrap();
    connection
}

/// 200 at each door; whoever comes then is served while all of them hang on.
#[test]
fn clients_that_never_finish() {
    let home = Home::new();
    let agent = home.serve();
    let mut on_port: Vec<_> = (0..200).map(|_| dawdle(to_port(agent.address()))).collect();
    let mut on_socket: Vec<_> = (0..200).map(|_| dawdle(to_socket(&agent.socket()))).collect();
    for _ in 0..20 {
        is_alive(&agent);
    }
    // In the end they are sent away.
    let mut rest = Vec::new();
    on_port[0].read_to_end(&mut rest).unwrap();
    on_socket[0].read_to_end(&mut rest).unwrap();
    is_alive(&agent);
}

#[test]
fn more_connections_than_a_door_holds() {
    let home = Home::new();
    let agent = home.serve();
    // Nobody is sent away at the other door.
    let mut held: Vec<_> = (0..300).map(|_| to_port(agent.address())).collect();
    assert_eq!(agent.answer()["outcome"], "allowed");
    let mut end = [0];
    // The first ones are served, and those beyond are closed at once.
    assert_eq!(held[299].read(&mut end).unwrap(), 0);
    held[0].write_all(b"GET /v1/credentials HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut refused = String::new();
    held[0].read_to_string(&mut refused).unwrap();
    assert!(refused.starts_with("HTTP/1.0 401"), "{refused}");
    let count = "bedrock_auth_refused_connections_total{listener=\"loopback\"}";
    assert!(agent.metric(count) >= 44.0, "{}", agent.metric(count));
    drop(held);
    // Their places are free again, once it is noticed that they are gone.
    while agent.ask_anew().is_none() {
        std::thread::yield_now();
    }
}

#[test]
fn as_many_as_can_follow_and_no_more() {
    let home = Home::new();
    let agent = home.serve();
    let mut followers: Vec<_> = (0..128).map(|_| agent.events()).collect();
    for follower in &mut followers {
        assert_eq!(follower.next().unwrap().answer["outcome"], "allowed");
    }
    let refused = agent.events();
    assert_eq!(refused.response.status, 503);
    assert_eq!(agent.metric("bedrock_auth_subscribers"), 128.0);
    assert_eq!(agent.answer()["outcome"], "allowed");
    home.allow(&["sso"]);
    for follower in &mut followers {
        follower.until(|answer| answer["outcome"] == "denied");
    }
    followers.clear();
    while agent.metric("bedrock_auth_subscribers") > 0.0 {
        std::thread::yield_now();
    }
}

/// Bodies that nobody asked for are not read, however long they claim to be.
#[test]
fn bodies_are_not_read() {
    let home = Home::new();
    let agent = home.serve();
    let head =
        "POST /v1/refresh HTTP/1.0\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n";
    let mut stream = to_socket(&agent.socket());
    stream.write_all(head.as_bytes()).unwrap();
    let mut reply = String::new();
    // What is there of the reply before the connection ends.
    let _ = stream.read_to_string(&mut reply);
    assert!(reply.starts_with("HTTP/1.0 202"), "{reply}");
}
