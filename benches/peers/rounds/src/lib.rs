//! Interleaved rounds: in each, every contestant runs for the same short while, and ratios are taken
//! within the round, so that a busy machine slows all of them alike. What is counted is the thread's own
//! processor time, because all the work is done on this thread, and waiting for a processor is nobody's work.

use std::fmt;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 61;
const WARM_UP: Duration = Duration::from_millis(150);
/// Long against the clock's resolution, short against a scheduler's time slice.
const SLICE: Duration = Duration::from_millis(2);

/// One piece of work under its name; the closure hides its result from the optimiser.
pub struct Contestant<'a> {
    name: String,
    answers_alike: bool,
    work: Box<dyn FnMut() + 'a>,
}

impl<'a> Contestant<'a> {
    /// Names a piece of work.
    pub fn new(name: impl Into<String>, work: impl FnMut() + 'a) -> Self {
        Contestant { name: name.into(), answers_alike: true, work: Box::new(work) }
    }

    /// A peer that answers less than we do: its ratio shows the scale, and no target holds for it.
    #[must_use]
    pub fn for_scale(self) -> Self {
        Contestant { answers_alike: false, ..self }
    }

    /// The time of one piece of work, as the mean of so many.
    pub fn nanoseconds(&mut self, repeats: u32) -> f64 {
        let start = processor_time();
        for _ in 0..repeats {
            (self.work)();
        }
        (processor_time() - start).as_nanos() as f64 / f64::from(repeats)
    }

    /// Warms caches and branch predictors up, and finds how many repeats fill a slice.
    pub fn warm_up(&mut self) -> u32 {
        let mut repeats = 1;
        loop {
            let each = self.nanoseconds(repeats);
            if each * f64::from(repeats) >= WARM_UP.as_nanos() as f64 {
                return (SLICE.as_nanos() as f64 / each).max(1.0) as u32;
            }
            repeats *= 2;
        }
    }
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("a time that is not negative")
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
            if peer.answers_alike { target.verdict(ratios.median) } else { "no target".to_owned() },
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

/// The value that this share of all does not exceed.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

/// The middle of what the rounds gave, and how far apart they lie.
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The median.
    pub median: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// The spread of one value for each round.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.collect();
        let [min, median, max] = [0.0, 0.5, 1.0].map(|share| quantile(&values, share));
        Spread { min, median, max }
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
