//! The clock: policies, keys and signatures count by it.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::check::{Check, CheckCode, Subject};
use crate::load::{Machine, standing};
use crate::prose::quoted;
use crate::provenance::Place;
use crate::resolve::Resolution;

/// No release of this program is older.
const FIRST_RELEASE: &str = "2026-01-01T00:00:00Z";

/// Copies and file servers round the times of files.
const ROUNDING: SignedDuration = SignedDuration::from_mins(1);

/// Where systemd's time service says that it runs, and that it has set the clock.
const TIME_SERVICE: &str = "/run/systemd/timesync";
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

const SET_THE_CLOCK: &str = if cfg!(target_os = "linux") {
    "set the clock: run `timedatectl set-ntp true` as root"
} else if cfg!(target_os = "macos") {
    "set the clock: run `sntp -sS time.apple.com` as root"
} else if cfg!(windows) {
    "set the clock: run `w32tm /resync` as an administrator"
} else {
    "set the clock"
};

/// What can be told without asking anybody.
pub(super) fn checks(machine: &Machine, resolution: &Resolution) -> Vec<Check> {
    let now = machine.now();
    let newest = newest(&files(machine, resolution));
    let found = [before_release(now), newest.and_then(|newest| behind(newest, now)), unset()];
    let found = found.into_iter().flatten().collect();
    super::or_fine(found, Subject::Clock, "the clock is plausible")
}

/// What AWS's own clock says, as far ahead of it as this one is.
pub fn of_skew(ahead: SignedDuration) -> Check {
    /// More, and AWS refuses a signature.
    const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
    const NOTICEABLE: SignedDuration = SignedDuration::from_mins(1);
    let off = ahead.abs();
    let code = match off {
        _ if off > TOLERANCE => CheckCode::ClockSkewed,
        _ if off > NOTICEABLE => CheckCode::ClockDrifts,
        _ => return Check::fine(Subject::Clock, "the clock agrees with that of AWS"),
    };
    let direction = if ahead.is_negative() { "behind" } else { "ahead of" };
    let seconds = off.as_secs();
    let message = format!("the clock is {seconds} seconds {direction} that of AWS");
    let message = match code {
        CheckCode::ClockSkewed => {
            format!("{message}, which refuses signatures that are more than 5 minutes off")
        }
        _ => message,
    };
    Check::found(Subject::Clock, code, message).with_remedy(SET_THE_CLOCK)
}

fn before_release(now: Timestamp) -> Option<Check> {
    let first: Timestamp = FIRST_RELEASE.parse().ok()?;
    (now < first).then(|| {
        let message = format!("the clock says {now}, which is before any release of this program");
        Check::found(Subject::Clock, CheckCode::ClockBeforeRelease, message)
            .with_remedy(SET_THE_CLOCK)
    })
}

fn behind((path, written): (PathBuf, Timestamp), now: Timestamp) -> Option<Check> {
    (written.duration_since(now) > ROUNDING).then(|| {
        let shown = quoted(&path.to_string_lossy());
        let message = format!("the clock says {now}, and {shown} was written at {written}");
        let remedy = format!("{SET_THE_CLOCK}; if it is right, write the file anew");
        let check = Check::found(Subject::Clock, CheckCode::ClockBehindFiles, message);
        Check { at: Some(Place::whole_file(path)), ..check }.with_remedy(remedy)
    })
}

/// Where another service keeps the clock, nobody can tell from here.
fn unset() -> Option<Check> {
    let is_there = |path: &str| Path::new(path).exists();
    (is_there(TIME_SERVICE) && !is_there(SYNCHRONIZED)).then(|| {
        let message = "`systemd-timesyncd` runs, and has not set the clock yet";
        Check::found(Subject::Clock, CheckCode::ClockNotSynchronized, message)
            .with_remedy("run `timedatectl timesync-status` to see which server does not answer")
    })
}

fn files(machine: &Machine, resolution: &Resolution) -> Vec<PathBuf> {
    let places = machine.aws_places();
    let policies = resolution.policy.sources.iter().map(|source| source.file.to_path_buf());
    policies.chain(machine.settings_file()).chain([places.config, places.credentials]).collect()
}

fn newest(files: &[PathBuf]) -> Option<(PathBuf, Timestamp)> {
    let written = files.iter().filter_map(|path| {
        let file = standing(path).ok()??;
        Some((path.clone(), file.modified.filter(|_| file.is_file)?))
    });
    written.max_by_key(|(_, written)| *written)
}
