//! Policies of files, directories and standard input, checked by several threads while the rest is still looked for.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use bedrock_auth::check::{self, Checked, Code, Finding, Rules};
use bedrock_auth::jsonc::{self, FindingCode, SourceText};
use bedrock_auth::load::{read_policy_file, read_policy_from};

use super::progress::Progress;
use crate::files::{
    Fault, Known, STDIN, STDIN_NAME, SmallFiles, is_json, may_be_of_a_place, policy_files_as_met,
};
use crate::render::findings;

/// So many are handed to a thread at once: one by one, handing over would take longer than checking.
const BATCH: usize = 16;

/// What was looked at, and what came of it.
pub(super) struct Looked {
    /// In no order.
    pub(super) files: Vec<PathBuf>,
    /// Those of which there is something to tell or to ask, or all; with what was found in each.
    pub(super) policies: Vec<Checked>,
    /// What was found besides.
    pub(super) findings: Vec<Finding>,
}

type Outcome = Result<Checked, jsonc::Finding>;

/// Looks at everything that is named.
pub(super) fn look_at(named: &[PathBuf], rules: &Rules, keep_all: bool) -> Looked {
    let (stdin, named): (Vec<_>, Vec<_>) =
        named.iter().cloned().partition(|path| path.as_os_str() == STDIN);
    let mut looked = Looked { files: Vec::new(), policies: Vec::new(), findings: Vec::new() };
    if !stdin.is_empty() {
        let name = Path::new(STDIN_NAME);
        looked.files.push(name.to_owned());
        let text = read_policy_from(io::stdin().lock(), name);
        looked.add(text.map(|text| check::policy(text, rules)));
    }
    let (sender, receiver) = mpsc::channel();
    let work = Work { rules, keep_all, files: Mutex::new(receiver), progress: Progress::default() };
    let (mut found, mut outcomes) = thread::scope(|scope| {
        let more = thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
        let others: Vec<_> = (0..more).map(|_| scope.spawn(|| work.until_done())).collect();
        let mut batches = Batches { sender, batch: Vec::new() };
        let found = policy_files_as_met(&named, is_policy_name, |file, known| {
            work.progress.expect_one();
            batches.add(file, known);
        });
        drop(batches);
        let mut outcomes = work.until_done();
        for other in others {
            outcomes.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        (found, outcomes)
    });
    looked.findings.extend(found.faults.iter().map(of_fault));
    // Only what is told has an order.
    if !outcomes.is_empty() {
        found.files.sort();
        let in_order = found.files.iter().filter_map(|file| outcomes.remove(file));
        in_order.for_each(|outcome| looked.add(outcome));
    }
    looked.files.extend(found.files);
    looked
}

impl Looked {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Ok(policy) => self.policies.push(policy),
            Err(fault) => self.findings.push(Finding::of_file(fault)),
        }
    }
}

type Batch = Vec<(PathBuf, Known)>;

/// Files on their way to the threads.
struct Batches {
    sender: Sender<Batch>,
    batch: Batch,
}

impl Batches {
    fn add(&mut self, file: &Path, known: Known) {
        self.batch.push((file.to_owned(), known));
        if self.batch.len() == BATCH {
            self.send();
        }
    }

    fn send(&mut self) {
        // Whoever could receive it has panicked, and that is told when the threads are joined.
        let _ = self.sender.send(std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH)));
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.send();
    }
}

/// What each thread does.
struct Work<'r> {
    rules: &'r Rules,
    keep_all: bool,
    files: Mutex<Receiver<Batch>>,
    progress: Progress,
}

impl Work<'_> {
    fn until_done(&self) -> HashMap<PathBuf, Outcome> {
        let mut outcomes = HashMap::new();
        let mut small = SmallFiles::default();
        loop {
            let batch = self.files.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = batch else { return outcomes };
            let checked = batch.len();
            for (file, known) in batch {
                let outcome =
                    read(&file, known, &mut small).map(|text| check::policy(text, self.rules));
                let is_sound = outcome.as_ref().is_ok_and(|policy| policy.findings.is_empty());
                if self.keep_all || !is_sound || may_be_of_a_place(&file) {
                    outcomes.insert(file, outcome);
                }
            }
            self.progress.add(checked);
        }
    }
}

fn read(file: &Path, known: Known, small: &mut SmallFiles) -> Result<SourceText, jsonc::Finding> {
    match (known == Known::IsRegular).then(|| small.read(file)).flatten() {
        Some(bytes) => SourceText::from_bytes(file, bytes),
        None => read_policy_file(file),
    }
}

fn is_policy_name(name: &str) -> bool {
    is_json(name) && name != "scenario.json" && !name.ends_with(".scenario.json")
}

fn of_fault(fault: &Fault) -> Finding {
    match fault {
        Fault::NothingBelow { directory } => findings::nothing_below(directory),
        Fault::Unsearchable { .. } => {
            unreadable(fault, "make it readable for who runs the check, or leave it out")
        }
        Fault::TrackedUnknown { .. } => unreadable(
            fault,
            "mend the repository until `git ls-files` works there, or name the files",
        ),
    }
}

fn unreadable(fault: &Fault, advice: &str) -> Finding {
    Finding::about_file(Code::Text(FindingCode::Unreadable), fault.path(), fault.why(), advice)
}
