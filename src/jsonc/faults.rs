//! The faults of syntax in one text, as far as each tells something that the one before it does not.

use std::ops::Range;

use super::{Finding, FindingCode, SourceText};

/// Whoever has mended so many reads the rest in the next run.
const MOST_FAULTS: usize = 100;

pub(super) struct Faults<'t> {
    text: &'t SourceText,
    found: Vec<Finding>,
    /// How many there were, told or not.
    count: usize,
    /// How many there were before the last token that was in order.
    count_in_order: usize,
    is_certain: bool,
}

impl<'t> Faults<'t> {
    pub(super) fn of(text: &'t SourceText) -> Self {
        Faults { text, found: Vec::new(), count: 0, count_in_order: 0, is_certain: true }
    }

    pub(super) fn text(&self) -> &'t SourceText {
        self.text
    }

    /// Something that is wrong wherever it stands.
    #[cold]
    pub(super) fn add(&mut self, finding: Finding) {
        self.count += 1;
        if self.is_full() {
            return;
        }
        self.found.push(finding);
        if self.is_full() {
            let last = self.found.last_mut();
            let advice = "mend what is found up to here first: what stands behind it was not read";
            last.into_iter().for_each(|last| last.advice = Some(advice.to_owned()));
            self.is_certain = false;
        }
    }

    #[cold]
    pub(super) fn syntax(&mut self, message: &str, span: Range<usize>, advice: &str) {
        // Where a line is long, its column takes its time.
        if self.is_full() {
            self.count += 1;
            return;
        }
        let finding = Finding::new(FindingCode::Syntax, message.to_owned(), self.text, span);
        self.add(finding.with_advice(advice));
    }

    /// A token that nobody expects where it stands. Right behind another fault that is most likely its consequence.
    #[cold]
    pub(super) fn unexpected(&mut self, message: &str, span: Range<usize>, advice: &str) {
        if self.count == self.count_in_order {
            self.syntax(message, span, advice);
        } else {
            self.count += 1;
            self.is_certain = false;
        }
    }

    /// Where the last one ends is beyond doubt, so that it explains nothing that comes behind it.
    pub(super) fn go_on(&mut self) {
        self.count_in_order = self.count;
    }

    /// How the text is meant is not known any more.
    pub(super) fn lose(&mut self) {
        self.is_certain = false;
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// A token was in order if nothing was found since.
    pub(super) fn token_taken(&mut self, count_before: usize) {
        if self.count == count_before {
            self.go_on();
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MOST_FAULTS
    }

    /// Whether there is but one way to read the text, whatever its faults.
    pub(super) fn is_certain(&self) -> bool {
        self.is_certain
    }

    pub(super) fn found(self) -> Vec<Finding> {
        self.found
    }
}
