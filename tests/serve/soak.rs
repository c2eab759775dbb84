//! An hour's worth of events at once: nothing grows, and the final state is right.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

use crate::agent::{Agent, Home, policy};
use crate::http::to_socket;

const SUBSCRIBERS: usize = 100;
const CHANGES: usize = 10_000;
const REQUESTS: usize = 50_000;

/// A part of all that, after which everything has its size.
const WARM_UP: usize = 10;

/// What may be left over: pages of the allocator that it has not given back.
const SLACK_KB: u64 = 4 * 1024;

/// How often the allocator may be asked to give back.
const ROUNDS: usize = 5;

/// Threads that may still be about to end.
const READERS: u64 = 8;

#[derive(Debug)]
struct Size {
    resident_kb: u64,
    descriptors: usize,
    threads: u64,
}

fn size(agent: &Agent<'_>) -> Size {
    // Subscribers that are gone are noticed when they are written to, or at once.
    while agent.metric("bedrock_auth_subscribers") > 0.0 {
        std::thread::yield_now();
    }
    let status = fs::read_to_string(format!("/proc/{}/status", agent.pid())).unwrap();
    let field = |name: &str| {
        let value = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        value.split_whitespace().next().unwrap().parse().unwrap()
    };
    let descriptors = fs::read_dir(format!("/proc/{}/fd", agent.pid())).unwrap().count();
    Size { resident_kb: field("VmRSS:"), threads: field("Threads:"), descriptors }
}

/// Reads the stream until the last policy has arrived.
fn follow_to_the_end(stream: UnixStream, last: &str) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(reader.read_line(&mut line).unwrap(), 0, "the stream has ended");
        if line.contains(last) {
            return;
        }
    }
}

/// Requests over connections that are kept, a few at a time.
fn request(agent: &Agent<'_>, count: usize) {
    const EACH: usize = 100;
    for _ in 0..count / EACH {
        let stream = to_socket(&agent.socket());
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut writer = stream;
        for _ in 0..EACH {
            writer.write_all(b"GET /v1/answer HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            let mut length = 0;
            let mut line = String::new();
            while line != "\r\n" {
                line.clear();
                assert_ne!(reader.read_line(&mut line).unwrap(), 0, "no response");
                if let Some(text) = line.strip_prefix("content-length: ") {
                    length = text.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            std::io::Read::read_exact(&mut reader, &mut body).unwrap();
            assert!(body.starts_with(b"{\"number\":"));
        }
    }
}

fn change(home: &Home, count: usize, last: &str) {
    for number in 0..count {
        let text = policy(if number % 2 == 0 { &["sso"] } else { &["iam_credentials"] });
        home.write("managed/policy.json", &text.replace("corp", &format!("p{number}")));
    }
    home.write("managed/policy.json", &policy(&["iam_credentials"]).replace("corp", last));
}

/// Connections that clients have left are closed a moment later.
fn size_once(agent: &Agent<'_>, is_calm: impl Fn(&Size) -> bool) -> Size {
    let begun = std::time::Instant::now();
    loop {
        let size = size(agent);
        if is_calm(&size) || begun.elapsed() > crate::http::PATIENCE {
            return size;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn burden(home: &Home, agent: &Agent<'_>, share: usize, last: &str) {
    let marker = format!("\"id\":\"{last}\"");
    std::thread::scope(|scope| {
        for _ in 0..SUBSCRIBERS {
            let mut stream = to_socket(&agent.socket());
            stream.write_all(b"GET /v1/changes HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
            scope.spawn(|| follow_to_the_end(stream, &marker));
        }
        scope.spawn(|| change(home, CHANGES / share, last));
        for _ in 0..2 {
            scope.spawn(|| request(agent, REQUESTS / 2 / share));
        }
    });
}

/// The allocator gives back what threads have left only when it is asked for more, so it is asked a
/// few times; what has leaked stays.
fn size_after(home: &Home, agent: &Agent<'_>, before: &Size) -> Size {
    let mut rounds = 0;
    loop {
        let size = size_once(agent, |size| size.descriptors <= before.descriptors);
        if size.resident_kb < before.resident_kb + SLACK_KB || rounds == ROUNDS {
            return size;
        }
        println!("asked once more: {size:?}");
        rounds += 1;
        burden(home, agent, WARM_UP, &format!("round-{rounds}"));
        burden(home, agent, WARM_UP, "last");
    }
}

#[test]
fn nothing_grows() {
    let home = Home::new();
    let agent = home.serve();
    burden(&home, &agent, WARM_UP, "warm");
    let before = size(&agent);
    burden(&home, &agent, 1, "last");
    let after = size_after(&home, &agent, &before);
    println!("{before:?} → {after:?}");
    assert!(after.resident_kb < before.resident_kb + SLACK_KB, "{before:?} → {after:?}");
    assert!(after.threads <= before.threads + READERS, "{before:?} → {after:?}");
    assert!(after.descriptors <= before.descriptors, "{before:?} → {after:?}");
    let answer = agent.answer();
    assert_eq!(
        (answer["outcome"].as_str(), answer["policy"]["sources"][0]["id"].as_str()),
        (Some("allowed"), Some("last"))
    );
    let answered = "bedrock_auth_requests_total{route=\"/v1/answer\",status=\"200\"}";
    assert!(agent.metric(answered) >= (REQUESTS + REQUESTS / WARM_UP) as f64);
    assert_eq!(agent.credentials().status, 200);
}
