//! The findings as they come together.

use super::block::Position;
use super::files::Files;
use super::finding::{At, Finding, FindingCode, Records};

/// So many are told; of the others only how many there are.
const MOST_TOLD: usize = 1_000;

/// What was found so far.
pub(super) struct Report<'a> {
    files: &'a Files,
    told: Vec<Finding>,
    left_out: u64,
    sound: u64,
}

impl<'a> Report<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Report { files, told: Vec::new(), left_out: 0, sound: u64::MAX }
    }

    /// One more, and how many records before it are not in question.
    pub(super) fn add(
        &mut self,
        code: FindingCode,
        records: Option<Records>,
        at: Option<At>,
        sound: u64,
        message: String,
    ) -> Option<&mut Finding> {
        self.sound = self.sound.min(sound);
        if self.told.len() == MOST_TOLD {
            self.left_out += 1;
            return None;
        }
        let remedy = code.remedy().to_owned();
        self.told.push(Finding { code, records, message, at, noticed_at: None, remedy });
        self.told.last_mut()
    }

    pub(super) fn at(&self, file: usize, at: Position) -> At {
        let Position { offset, line } = at;
        At { line: Some(line), offset: Some(offset), ..self.file(file) }
    }

    pub(super) fn file(&self, file: usize) -> At {
        At { file: self.files.parts()[file].name.clone(), line: None, offset: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// The findings, how many more there are, and the last record before all of them.
    pub(super) fn finish(self) -> (Vec<Finding>, u64, u64) {
        (self.told, self.left_out, self.sound)
    }
}
