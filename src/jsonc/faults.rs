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
    is_full: bool,
    are_brackets_ambiguous: bool,
}

impl<'t> Faults<'t> {
    pub(super) fn of(text: &'t SourceText) -> Self {
        Faults {
            text,
            found: Vec::new(),
            count: 0,
            count_in_order: 0,
            is_certain: true,
            is_full: false,
            are_brackets_ambiguous: false,
        }
    }

    pub(super) fn text(&self) -> &'t SourceText {
        self.text
    }

    /// Something that is wrong wherever it stands.
    #[cold]
    pub(super) fn add(&mut self, finding: Finding) {
        self.count += 1;
        if self.found.len() < MOST_FAULTS {
            self.found.push(finding);
        } else if !self.is_full {
            self.close();
        }
    }

    #[cold]
    pub(super) fn syntax(&mut self, message: &str, span: Range<usize>, advice: &str) {
        let finding = Finding::new(FindingCode::Syntax, message.to_owned(), self.text, span);
        self.add(finding.with_advice(advice));
    }

    /// There is no room for another one, which is told with the last.
    fn close(&mut self) {
        if let Some(last) = self.found.last_mut() {
            last.advice =
                Some("mend what is found up to here first: there is more behind it".to_owned());
        }
        self.is_full = true;
        self.text_is_ambiguous();
    }

    /// A token that nobody expects where it stands. Right behind another fault that is most likely its consequence. Gives
    /// whether it is told.
    #[cold]
    pub(super) fn unexpected(&mut self, message: &str, span: Range<usize>, advice: &str) -> bool {
        let is_told = self.count == self.count_in_order && !self.are_brackets_ambiguous;
        match is_told {
            true => self.syntax(message, span, advice),
            false => {
                self.count += 1;
                self.text_is_ambiguous();
            }
        }
        is_told
    }

    /// Where the last one ends is beyond doubt, so that it explains nothing that comes behind it.
    pub(super) fn resynchronize(&mut self) {
        self.count_in_order = self.count;
    }

    /// A part of the text was taken for a string that is none, or the other way round: what seems to be missing may be there.
    pub(super) fn brackets_are_ambiguous(&mut self) {
        self.are_brackets_ambiguous = true;
        self.text_is_ambiguous();
    }

    /// How the text is meant is not known any more.
    pub(super) fn text_is_ambiguous(&mut self) {
        self.is_certain = false;
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// A token was in order if nothing was found since.
    pub(super) fn token_handled(&mut self, count_before: usize) {
        if self.count == count_before {
            self.resynchronize();
        }
    }

    /// Whether there are more than are told.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Whether there is but one way to read the text, whatever its faults.
    pub(super) fn is_certain(&self) -> bool {
        self.is_certain
    }

    pub(super) fn found(self) -> Vec<Finding> {
        self.found
    }
}
