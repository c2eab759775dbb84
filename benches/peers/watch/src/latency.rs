//! From a rename over a file until its answer is with a subscriber, and until notify tells of the rename.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use bedrock_auth::watch::{Answer, Changes};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use rounds::{Spread, quantile};

use crate::place::{Place, Turns};

const ROUNDS: usize = 9;
const RENAMES: usize = 500;
/// Until everybody has heard what else is told of a rename.
const PAUSE: Duration = Duration::from_millis(2);
/// A change that takes so long is lost.
const PATIENCE: Duration = Duration::from_secs(10);
const TARGET_MS: f64 = 2.0;

/// Milliseconds at the median and where one in a hundred takes longer, round by round.
#[derive(Default)]
struct Times {
    p50: Vec<f64>,
    p99: Vec<f64>,
}

pub(crate) fn measure() {
    let place = Place::new();
    let watch = place.watch();
    for mut turns in [place.policies(), place.settings()] {
        let (sender, answers) = channel();
        let changes = watch.changes();
        thread::spawn(move || subscribe(changes, &sender));
        let (_watcher, events) = notify(&turns.file);
        compare(&mut turns, &answers, &events);
    }
}

fn subscribe(mut changes: Changes, sender: &Sender<(Instant, Arc<Answer>)>) {
    // Nobody asks any more once the receiver is gone.
    while let Some(answer) = changes.next_blocking()
        && sender.send((Instant::now(), answer)).is_ok()
    {}
}

/// Notes when notify tells that something happened to this name.
fn notify(file: &Path) -> (RecommendedWatcher, Receiver<Instant>) {
    let (sender, events) = channel();
    let ours = file.to_owned();
    let tell = move |event: notify::Result<Event>| {
        let at = Instant::now();
        if event.is_ok_and(|event| event.kind.is_modify() && event.paths.contains(&ours)) {
            // Whoever measured may be gone.
            let _ = sender.send(at);
        }
    };
    let mut watcher = notify::recommended_watcher(tell).expect("a watcher");
    let directory = file.parent().expect("a directory");
    watcher.watch(directory, RecursiveMode::NonRecursive).expect("a watch");
    (watcher, events)
}

fn compare(
    turns: &mut Turns,
    answers: &Receiver<(Instant, Arc<Answer>)>,
    events: &Receiver<Instant>,
) {
    let [mut ours, mut theirs, mut more] = [Times::default(), Times::default(), Times::default()];
    for _ in 0..ROUNDS {
        let renames: Vec<_> = (0..RENAMES).map(|_| rename(turns, answers, events)).collect();
        ours.note(renames.iter().map(|(ours, _)| *ours));
        theirs.note(renames.iter().map(|(_, theirs)| *theirs));
        more.note(renames.iter().map(|(ours, theirs)| ours - theirs));
    }
    let [ours, theirs, more] = [ours, theirs, more].map(Times::spreads);
    let verdict = if more[1].median <= TARGET_MS { "met" } else { "MISSED" };
    println!(
        "change of {}: ours p50 {} ms, p99 {} ms, notify p50 {} ms, p99 {} ms; more at p50 {} ms, at p99 {} ms, \
         target at most {TARGET_MS} ms: {verdict}",
        turns.what, ours[0], ours[1], theirs[0], theirs[1], more[0], more[1],
    );
}

/// Milliseconds from one rename to our answer and to notify's event.
fn rename(
    turns: &mut Turns,
    answers: &Receiver<(Instant, Arc<Answer>)>,
    events: &Receiver<Instant>,
) -> (f64, f64) {
    let next = turns.prepare();
    thread::sleep(PAUSE);
    while events.try_recv().is_ok() {}
    let start = Instant::now();
    turns.take(&next);
    // Ours first: to be woken by the event would take the processor from those who work for the answer.
    let (answered, answer) = answers.recv_timeout(PATIENCE).expect("an answer");
    let told = events.recv_timeout(PATIENCE).expect("an event");
    assert!(turns.pass(&answer.resolution), "{answer:#?}");
    let since = |at: Instant| at.duration_since(start).as_secs_f64() * 1e3;
    (since(answered), since(told))
}

impl Times {
    fn note(&mut self, milliseconds: impl Iterator<Item = f64>) {
        let all: Vec<_> = milliseconds.collect();
        self.p50.push(quantile(&all, 0.5));
        self.p99.push(quantile(&all, 0.99));
    }

    fn spreads(self) -> [Spread; 2] {
        [self.p50, self.p99].map(|times| Spread::of(times.into_iter()))
    }
}
