//! The findings as they come together.

use super::block::Position;
use super::files::Files;
use super::finding::{At, Finding, FindingCode, Records};
use super::warning::{Warning, WarningCode};

/// So many are told; of the others only how many there are.
const MOST_TOLD: usize = 1_000;

/// What was found so far.
pub(super) struct Report<'a> {
    files: &'a Files,
    told: Vec<Finding>,
    left_out: u64,
    sound: u64,
    warnings: Vec<Warning>,
}

/// What came together.
pub(super) struct Reported {
    pub(super) findings: Vec<Finding>,
    /// How many more findings there are.
    pub(super) left_out: u64,
    /// The last record before all of them.
    pub(super) sound: u64,
    pub(super) warnings: Vec<Warning>,
}

impl<'a> Report<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Report { files, told: Vec::new(), left_out: 0, sound: u64::MAX, warnings: Vec::new() }
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
        let remedy = self.remedy(code);
        self.told.push(Finding { code, records, message, at, noticed_at: None, remedy });
        self.told.last_mut()
    }

    /// What is not read may hold what is missing.
    fn remedy(&self, code: FindingCode) -> String {
        match self.files.compressed() {
            [first, ..] if code.is_of_missing_records() => format!(
                "decompress what was not read, such as `{first}`, and verify again; otherwise, {}",
                code.remedy()
            ),
            _ => code.remedy().to_owned(),
        }
    }

    pub(super) fn warn(&mut self, code: WarningCode, at: Option<At>, message: String) {
        if self.warnings.len() < MOST_TOLD {
            self.warnings.push(Warning::new(code, at, message));
        }
    }

    /// Tells which files were passed over, and why.
    pub(super) fn tell_of_files(&mut self) {
        let files = self.files;
        let whole = |name: &str| Some(At { file: name.to_owned(), line: None, offset: None });
        for copy in files.copies() {
            let of = &copy.of;
            let message = match copy.is_whole {
                true => format!("this file is a copy of `{of}`"),
                false => format!("this file is a copy of the beginning of `{of}`"),
            };
            self.warn(WarningCode::Copy, whole(&copy.name), message);
        }
        for name in files.compressed() {
            let message = "this file is compressed, and was not read".to_owned();
            self.warn(WarningCode::Compressed, whole(name), message);
        }
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

    pub(super) fn finish(self) -> Reported {
        let Report { told: findings, left_out, sound, warnings, .. } = self;
        Reported { findings, left_out, sound, warnings }
    }
}
