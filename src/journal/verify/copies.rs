//! Files that hold nothing but what another one holds: somebody copied them, and nothing is to be verified twice.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;

use super::files::Part;
use crate::journal::Layout;

/// As much of a file tells it from all others: the number of its first record, and the hash of the one before.
/// No record is shorter.
const FRONT: usize = 128;

/// With so many files that begin alike one is compared.
const MOST_ALIKE: usize = 8;

/// How much of two files is compared at once.
const STEP: u64 = 64 << 10;

/// A file whose bytes another one begins with.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) name: String,
    pub(super) of: String,
    /// Whether the other one holds nothing more.
    pub(super) is_whole: bool,
}

/// Takes the copies out. What differs by one byte from all others is none, and stays.
pub(super) fn set_apart(parts: Vec<Part>) -> (Vec<Part>, Vec<Copy>) {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    // The longest first; of equal ones, that with the name of a segment is the original.
    order.sort_by_key(|at| {
        let part = &parts[*at];
        let is_renamed = Layout::number_of(Path::new(&part.name)).is_none();
        (Reverse(part.bytes), is_renamed, *at)
    });
    let mut originals: HashMap<[u8; FRONT], Vec<usize>> = HashMap::new();
    let mut original_of: Vec<Option<usize>> = vec![None; parts.len()];
    for at in order {
        let mut front = [0; FRONT];
        if parts[at].bytes < FRONT as u64 || parts[at].read(0, &mut front).is_err() {
            continue;
        }
        let alike = originals.entry(front).or_default();
        let is_of = |other: &&usize| parts[**other].begins_with(&parts[at]);
        original_of[at] = alike.iter().take(MOST_ALIKE).find(is_of).copied();
        if original_of[at].is_none() {
            alike.push(at);
        }
    }
    let copies = original_of.iter().enumerate().filter_map(|(at, original)| {
        let (copy, original) = (&parts[at], &parts[(*original)?]);
        let is_whole = copy.bytes == original.bytes;
        Some(Copy { name: copy.name.clone(), of: original.name.clone(), is_whole })
    });
    let copies = copies.collect();
    let own = parts.into_iter().zip(original_of).filter(|(_, original)| original.is_none());
    (own.map(|(part, _)| part).collect(), copies)
}

impl Part {
    /// Whether it holds all bytes of another one, in the same places. What cannot be read is no copy.
    fn begins_with(&self, other: &Part) -> bool {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        (0..other.bytes.div_ceil(STEP)).map(|step| step * STEP).all(|from| {
            let length = usize::try_from(STEP.min(other.bytes - from)).unwrap_or_default();
            ours.resize(length, 0);
            theirs.resize(length, 0);
            let are_read =
                self.read(from, &mut ours).is_ok() && other.read(from, &mut theirs).is_ok();
            are_read && ours == theirs
        })
    }
}
