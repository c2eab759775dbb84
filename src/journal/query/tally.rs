//! All lines of a snapshot, on every core.

use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::block::{Block, Piece};
use super::damage::Damage;
use super::search::Order;
use super::snapshot::Snapshot;
use crate::audit::{Line, NotALine};

/// How many blocks a thread may be ahead.
const AHEAD: usize = 4;

/// What is done with lines. One worker is one thread's.
pub(super) trait Worker: Send {
    /// What a block comes to.
    type Block: Send;

    /// Takes a line that is as it was written, and says whether it is a record.
    fn line(&mut self, line: &[u8]) -> bool;

    /// Ends a block.
    fn block(&mut self) -> Self::Block;
}

/// What is known of a block beside what a worker made of it.
#[derive(Default)]
struct Course {
    first: Option<u64>,
    last: Option<u64>,
    damage: Damage,
}

type Done<B> = io::Result<(B, Course)>;

/// Gives each line to one of the workers, and what they make of each block, in order, to `take`.
pub(super) fn run<W: Worker>(
    snapshot: &Snapshot,
    order: Order,
    worker: impl Fn() -> W,
    mut take: impl FnMut(W::Block) -> io::Result<ControlFlow<()>>,
) -> io::Result<(Vec<W>, Damage)> {
    let mut blocks = snapshot.blocks();
    if order == Order::NewestFirst {
        blocks.reverse();
    }
    let threads = thread::available_parallelism().map_or(1, usize::from).min(blocks.len()).max(1);
    thread::scope(|scope| {
        let mut workers = Vec::new();
        let mut receivers: Vec<Receiver<Done<W::Block>>> = Vec::new();
        for index in 0..threads {
            let (sender, receiver) = sync_channel(AHEAD);
            let mine: Vec<_> = blocks.iter().copied().skip(index).step_by(threads).collect();
            let worker = worker();
            workers.push(scope.spawn(move || work(worker, &mine, &sender)));
            receivers.push(receiver);
        }
        let not_read = snapshot.compressed.iter().map(|path| path.to_string_lossy().into_owned());
        let mut damage = Damage { not_read: not_read.collect(), ..Damage::default() };
        let mut before: Option<u64> = None;
        for index in 0..blocks.len() {
            let Ok(done) = receivers[index % threads].recv() else { break };
            let (block, course) = done?;
            let (near, far) = match order {
                Order::OldestFirst => (course.first, course.last),
                Order::NewestFirst => (course.last, course.first),
            };
            match (order, before, near) {
                (Order::OldestFirst, Some(before), Some(near)) => damage.follows(before, near),
                (Order::NewestFirst, Some(before), Some(near)) => damage.follows(near, before),
                _ => {}
            }
            before = far.or(before);
            damage.add(course.damage);
            if take(block)?.is_break() {
                break;
            }
        }
        // Whoever would send more is told to stop.
        drop(receivers);
        let workers = workers.into_iter().map(|worker| match worker.join() {
            Ok(worker) => worker,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        Ok((workers.collect(), damage))
    })
}

fn work<W: Worker>(mut worker: W, blocks: &[Block<'_>], sender: &SyncSender<Done<W::Block>>) -> W {
    let mut buffer = Vec::new();
    for block in blocks {
        let mut course = Course::default();
        let read = block.lines(&mut buffer, |piece| course.take(&piece, &mut worker));
        let done = read.map(|()| (worker.block(), course));
        if sender.send(done).is_err() {
            break;
        }
    }
    worker
}

impl Course {
    fn take(&mut self, piece: &Piece<'_>, worker: &mut impl Worker) {
        let Piece::Line(bytes) = piece else {
            self.damage.no_records += 1;
            return;
        };
        match Line::read(bytes) {
            Ok(line) if worker.line(bytes) => {
                if let Some(last) = self.last {
                    self.damage.follows(last, line.sequence);
                }
                self.first = self.first.or(Some(line.sequence));
                self.last = Some(line.sequence);
            }
            Ok(_) | Err(NotALine::Form) => self.damage.no_records += 1,
            Err(NotALine::Changed { .. }) => self.damage.changed += 1,
        }
    }
}
