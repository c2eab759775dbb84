//! How far a long check is, for a person who waits at a terminal.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// So many are checked before a person would look for a sign of life.
const MANY_FILES: usize = 500;

/// None where nobody looks.
pub(super) struct Progress(Option<ProgressBar>);

impl Default for Progress {
    fn default() -> Self {
        Progress(io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
            match ProgressStyle::with_template("checked {pos} of {len} files {wide_bar}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        }))
    }
}

impl Progress {
    pub(super) fn expect_one(&self) {
        let Some(bar) = &self.0 else { return };
        bar.inc_length(1);
        if bar.length() == Some(MANY_FILES as u64) {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
    }

    pub(super) fn add(&self, files: usize) {
        if let Some(bar) = &self.0 {
            bar.inc(files as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
