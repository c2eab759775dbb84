//! All blocks of all files, on as many threads as there are.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::block::{Look, Piece, Seen};
use super::files::Files;
use super::marks::Marks;

/// So many breaks of the chain are told apart. Memory is bounded by it, whatever a file holds.
const MOST_BREAKS: usize = 100_000;

/// What all files hold.
pub(super) struct Scan {
    /// Of each file, in the order of its lines.
    pub(super) pieces: Vec<Vec<Piece>>,
    pub(super) marks: Marks,
    /// There were too many breaks to go on.
    pub(super) is_stopped: bool,
}

/// Looks at every block once.
pub(super) fn scan(
    files: &Files,
    look: &Look<'_>,
    block: NonZero<u64>,
    threads: NonZero<usize>,
) -> io::Result<Scan> {
    let mut blocks = Vec::new();
    for (file, part) in files.parts().iter().enumerate() {
        let starts = (0..part.bytes.div_ceil(block.get())).map(|number| number * block.get());
        blocks.extend(starts.map(|start| (file, start, (start + block.get()).min(part.bytes))));
    }
    let (next, breaks) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut seen = Vec::new();
        let mut buffer = Vec::new();
        while breaks.load(Ordering::Relaxed) < MOST_BREAKS {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((file, start, end)) = blocks.get(number) else { break };
            let part = (*file, &files.parts()[*file]);
            let found = look.block(part, (*start, *end), &mut buffer)?;
            breaks.fetch_add(found.breaks(), Ordering::Relaxed);
            seen.push((number, found));
        }
        io::Result::Ok(seen)
    };
    let mut seen = Vec::with_capacity(blocks.len());
    let threads = threads.get().min(blocks.len());
    if threads < 2 {
        seen = work()?;
    } else {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                let part = worker.join().map_err(|_| io::Error::other("a thread broke down"))?;
                seen.extend(part?);
            }
            io::Result::Ok(())
        })?;
    }
    seen.sort_unstable_by_key(|(number, _)| *number);
    let is_stopped = seen.len() < blocks.len();
    Ok(put_together(
        files,
        seen.into_iter().map(|(number, seen)| (blocks[number].0, seen)),
        is_stopped,
    ))
}

/// Counts lines on from block to block.
fn put_together(
    files: &Files,
    seen: impl Iterator<Item = (usize, Seen)>,
    is_stopped: bool,
) -> Scan {
    let mut pieces: Vec<Vec<Piece>> = files.parts().iter().map(|_| Vec::new()).collect();
    let mut marks = Marks::default();
    let mut lines = vec![0; pieces.len()];
    for (file, mut seen) in seen {
        let before = lines[file];
        lines[file] += seen.line_breaks;
        for piece in &mut seen.pieces {
            match piece {
                Piece::Run(run) => run.at.line += before,
                Piece::Damaged(damaged) => damaged.at.line += before,
            }
        }
        for doubt in &mut seen.marks.doubts {
            doubt.at.line += before;
        }
        pieces[file].append(&mut seen.pieces);
        marks.append(seen.marks);
    }
    Scan { pieces, marks, is_stopped }
}

impl Seen {
    /// What of it takes memory although nothing is right with it.
    fn breaks(&self) -> usize {
        self.pieces.len().saturating_sub(1) + self.marks.doubts.len() + self.marks.notes.len()
    }
}
