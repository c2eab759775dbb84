//! Requests for the answer of a running agent, and the memory of one that has nothing to do, beside a server that says
//! hello: `agent BEDROCK_AUTH HELLO`.

mod client;
mod server;

use std::env;
use std::path::PathBuf;
use std::time::Instant;

use rounds::Spread;

use self::client::Client;
use self::server::Server;

/// Long enough for thousands of requests in flight one after the other, short against what else a machine does.
const REQUESTS: usize = 4_000;
const ROUNDS: usize = 31;
const TARGET: f64 = 0.5;
/// How often each server is started to look at its memory.
const STARTS: usize = 7;

/// What is asked for of whom.
struct Contestant<'a> {
    name: &'static str,
    server: &'a Server,
    client: Client,
    /// Requests a second.
    rates: Vec<f64>,
    /// Microseconds of the server's thread for each request.
    work: Vec<f64>,
}

fn main() {
    let mut programs = env::args_os().skip(1).map(PathBuf::from);
    let mut program = || programs.next().expect("the programs `bedrock-auth` and `hello`");
    let (ours, hello) = (program(), program());
    let directory = tempfile::tempdir().expect("a directory");
    let agent = || Server::agent(&ours, &directory);
    let size = agent().ask("/v1/answer").len();
    println!("agent: the answer has {size} bytes");
    let peer = || Server::hello(&hello, &directory, size);
    compare_memory(agent, peer);
    compare_requests(&agent(), &peer());
}

fn compare_memory(agent: impl Fn() -> Server, peer: impl Fn() -> Server) {
    let mut looks = [const { Vec::new() }; 4];
    for _ in 0..STARTS {
        let [ours, theirs] = [agent().memory(), peer().memory()];
        for (looks, look) in looks.iter_mut().zip([ours.rss, theirs.rss, ours.pss, theirs.pss]) {
            looks.push(look);
        }
    }
    let ratios = [[0, 1], [2, 3]].map(|[ours, theirs]| {
        Spread::of(looks[ours].iter().zip(&looks[theirs]).map(|(ours, theirs)| ours / theirs))
    });
    let [rss, peer_rss, pss, peer_pss] = looks.map(|looks| Spread::of(looks.into_iter()));
    for (what, ours, theirs, ratio) in
        [("VmRSS", rss, peer_rss, &ratios[0]), ("PSS", pss, peer_pss, &ratios[1])]
    {
        println!("memory, {what}: ours {ours} MiB, hello {theirs} MiB; ratio {ratio}, no target");
    }
}

fn compare_requests(agent: &Server, peer: &Server) {
    let mut contestants = [
        Contestant::new("ours", agent, "/v1/answer"),
        Contestant::new("hello", peer, "/hello"),
        Contestant::new("as many bytes", peer, "/bytes"),
    ];
    for contestant in &mut contestants {
        contestant.client.ask_all(REQUESTS);
    }
    for round in 0..ROUNDS {
        for place in 0..contestants.len() {
            contestants[(place + round) % 3].run();
        }
    }
    let [ours, hello, bytes] = contestants;
    let verdict = |ratio| if ratio >= TARGET { "met" } else { "MISSED" };
    let ratio = print(&ours, &hello);
    println!(", target at least {TARGET}: {}", verdict(ratio));
    print(&ours, &bytes);
    println!(", no target");
}

impl<'a> Contestant<'a> {
    fn new(name: &'static str, server: &'a Server, path: &str) -> Self {
        let client = Client::connect(&server.socket, path);
        Contestant { name, server, client, rates: Vec::new(), work: Vec::new() }
    }

    fn run(&mut self) {
        let (start, worked) = (Instant::now(), self.server.worked());
        let requests = self.client.ask_all(REQUESTS) as f64;
        self.rates.push(requests / start.elapsed().as_secs_f64());
        self.work.push((self.server.worked() - worked).as_secs_f64() * 1e6 / requests);
    }
}

/// Prints all but the verdict, and gives the ratio of the rates.
fn print(ours: &Contestant<'_>, peer: &Contestant<'_>) -> f64 {
    let median = |values: &[f64]| Spread::of(values.iter().copied()).median;
    let ratio = Spread::of(ours.rates.iter().zip(&peer.rates).map(|(ours, theirs)| ours / theirs));
    print!(
        "requests: ours {:.0}/s with {:.1} µs of work each, {} {:.0}/s with {:.1} µs; ratio {ratio}",
        median(&ours.rates),
        median(&ours.work),
        peer.name,
        median(&peer.rates),
        median(&peer.work),
    );
    ratio.median
}
