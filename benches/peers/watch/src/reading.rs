//! What it costs to read the current answer, while nothing changes and while everything does.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bedrock_auth::watch::{Answer, Watch};
use rounds::{Contestant, Spread};

use crate::place::Place;

const ROUNDS: usize = 61;
const TARGET_NS: f64 = 50.0;
/// What a storm may cost: less than another reader's noise.
const TARGET_STORM: f64 = 1.2;
/// Until a storm blows, or is over.
const PAUSE: Duration = Duration::from_millis(20);

/// What the threads share.
struct Weather {
    is_stormy: AtomicBool,
    is_over: AtomicBool,
}

pub(crate) fn measure() {
    let place = Place::new();
    let watch = place.watch();
    let locked = Mutex::new(watch.current());
    let weather = Weather { is_stormy: AtomicBool::new(false), is_over: AtomicBool::new(false) };
    let mut changes = watch.changes();
    thread::scope(|scope| {
        scope.spawn(|| blow(&place, &weather));
        // The lock is written as often as the answer.
        scope.spawn(|| {
            while let Some(answer) = changes.next_blocking() {
                *locked.lock().expect("a lock") = answer;
            }
        });
        compare(&watch, &locked, &weather);
        weather.is_over.store(true, Ordering::Relaxed);
        // The end of the stream.
        drop(watch);
    });
}

/// Renames as fast as it can while there is a storm.
fn blow(place: &Place, weather: &Weather) {
    let mut turns = place.policies();
    while !weather.is_over.load(Ordering::Relaxed) {
        match weather.is_stormy.load(Ordering::Relaxed) {
            true => turns.replace(),
            false => thread::sleep(Duration::from_micros(200)),
        }
    }
}

fn compare(watch: &Watch, locked: &Mutex<Arc<Answer>>, weather: &Weather) {
    let bare = watch.current();
    let mut contestants = [
        Contestant::new("ours", || {
            black_box(watch.current());
        }),
        Contestant::new("Arc clone", || {
            black_box(Arc::clone(black_box(&bare)));
        }),
        Contestant::new("Mutex<Arc>", || {
            black_box(Arc::clone(&locked.lock().expect("a lock")));
        }),
    ];
    let repeats = contestants.each_mut().map(Contestant::warm_up);
    let before = watch.current().number;
    let mut quiet = [const { Vec::new() }; 3];
    let mut stormy = [const { Vec::new() }; 3];
    for round in 0..2 * ROUNDS {
        let is_stormy = round % 2 == 1;
        weather.is_stormy.store(is_stormy, Ordering::Relaxed);
        thread::sleep(PAUSE);
        let times = if is_stormy { &mut stormy } else { &mut quiet };
        for place in 0..contestants.len() {
            let turn = (place + round / 2) % contestants.len();
            times[turn].push(contestants[turn].nanoseconds(repeats[turn]));
        }
    }
    weather.is_stormy.store(false, Ordering::Relaxed);
    let [ours, arc, lock] = [0, 1, 2].map(|turn| Spread::of(quiet[turn].iter().copied()));
    let verdict = |is_met| if is_met { "met" } else { "MISSED" };
    println!(
        "reading: ours {ours} ns, Arc clone {arc} ns, Mutex<Arc> {lock} ns, target at most {TARGET_NS} ns: {}",
        verdict(ours.median <= TARGET_NS),
    );
    let [ours, arc, lock] = [0, 1, 2].map(|turn| Spread::of(stormy[turn].iter().copied()));
    let slower = |turn: usize| {
        Spread::of(stormy[turn].iter().zip(&quiet[turn]).map(|(stormy, quiet)| stormy / quiet))
    };
    let ratios = [0, 1, 2].map(slower);
    println!(
        "reading in a storm of {} answers: ours {ours} ns, Arc clone {arc} ns, Mutex<Arc> {lock} ns; ratio to quiet: ours {}, \
         Arc clone {}, Mutex<Arc> {}, target at most {TARGET_STORM}: {}",
        watch.current().number - before,
        ratios[0],
        ratios[1],
        ratios[2],
        verdict(ratios[0].median <= TARGET_STORM),
    );
}
