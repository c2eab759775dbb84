//! Interleaved rounds: in each, every contestant runs for the same short while, and ratios are taken
//! within the round, so that a busy machine slows all of them alike.

use std::fmt;
use std::time::{Duration, Instant};

const ROUNDS: usize = 61;
const WARM_UP: Duration = Duration::from_millis(150);
/// Long against the clock's resolution, short against a scheduler's time slice.
const SLICE: Duration = Duration::from_millis(2);

/// One piece of work under its name; the closure hides its result from the optimiser.
pub struct Contestant<'a> {
    name: String,
    work: Box<dyn FnMut() + 'a>,
}

impl<'a> Contestant<'a> {
    /// Names a piece of work.
    pub fn new(name: impl Into<String>, work: impl FnMut() + 'a) -> Self {
        Contestant { name: name.into(), work: Box::new(work) }
    }

    fn nanoseconds(&mut self, repeats: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..repeats {
            (self.work)();
        }
        start.elapsed().as_nanos() as f64 / f64::from(repeats)
    }

    /// Warms caches and branch predictors up, and finds how many repeats fill a slice.
    fn warm_up(&mut self) -> u32 {
        let (start, mut repeats) = (Instant::now(), 0_u32);
        while start.elapsed() < WARM_UP {
            (self.work)();
            repeats += 1;
        }
        (f64::from(repeats) * SLICE.div_duration_f64(WARM_UP)).max(1.0) as u32
    }
}

/// What is demanded of the ratio between a peer's time and ours.
#[derive(Clone, Copy)]
pub enum Target {
    /// The peer takes at least this many times as long as we do.
    FasterBy(f64),
    /// We take at most this many times as long as the peer.
    Within(f64),
}

/// Measures all contestants, the first of which is ours, and prints a line for each of the others.
pub fn compare(what: &str, target: Target, mut contestants: Vec<Contestant<'_>>) {
    let repeats: Vec<u32> = contestants.iter_mut().map(Contestant::warm_up).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    for round in 0..ROUNDS {
        for place in 0..contestants.len() {
            // Everybody runs after everybody else in turn, so that no one inherits a hot or a cold cache for good.
            let turn = (place + round) % contestants.len();
            times[turn].push(contestants[turn].nanoseconds(repeats[turn]));
        }
    }
    let (ours, peers) = times.split_first().expect("ours is the first contestant");
    for (peer, theirs) in contestants[1..].iter().zip(peers) {
        let ratio = |(ours, theirs): (&f64, &f64)| match target {
            Target::FasterBy(_) => theirs / ours,
            Target::Within(_) => ours / theirs,
        };
        let ratios = Spread::of(ours.iter().zip(theirs).map(ratio));
        println!(
            "{what}: ours {}, {} {}; ratio {ratios}, {}",
            Span(Spread::of(ours.iter().copied()).median),
            peer.name,
            Span(Spread::of(theirs.iter().copied()).median),
            target.verdict(ratios.median),
        );
    }
}

impl Target {
    fn verdict(self, ratio: f64) -> String {
        let (demand, met) = match self {
            Target::FasterBy(times) => (format!("at least {times}"), ratio >= times),
            Target::Within(times) => (format!("at most {times}"), ratio <= times),
        };
        format!("target {demand}: {}", if met { "met" } else { "MISSED" })
    }
}

struct Spread {
    min: f64,
    median: f64,
    max: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        Spread { min: sorted[0], median: sorted[last / 2], max: sorted[last] }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2} to {:.2})", self.median, self.min, self.max)
    }
}

/// Nanoseconds in the unit that reads best.
struct Span(f64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ns if ns < 1e3 => write!(f, "{ns:.0} ns"),
            ns if ns < 1e6 => write!(f, "{:.2} µs", ns / 1e3),
            ns => write!(f, "{:.2} ms", ns / 1e6),
        }
    }
}
