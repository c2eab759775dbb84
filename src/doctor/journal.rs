//! The audit journal: whether the next record can be written, and who else could read or change what is there.

use super::check::{Check, CheckCode, CheckState, Subject};
use super::files::{Content, of_standing};
use crate::journal::{JournalError, Layout, directory_of, obstacle, unusable_keys};
use crate::load::{Machine, standing};
use crate::policy::AuditDemand;
use crate::prose::quoted;
use crate::provenance::Place;

/// Looks, and writes nothing. Where nothing is recorded there is nothing to say.
pub(super) fn checks(machine: &Machine, demand: AuditDemand) -> Vec<Check> {
    if demand == AuditDemand::Off {
        return Vec::new();
    }
    let Some(directory) = directory_of(machine) else {
        let message = "nobody knows the home directory of this person, so there is no place for audit records";
        let check = Check::found(Subject::Audit, CheckCode::JournalUnwritable, message);
        return vec![as_demanded(check.with_remedy("set `HOME`"), demand)];
    };
    let layout = Layout::of(directory);
    let mut checks = Vec::new();
    checks
        .extend(obstacle(&layout).map(|error| found(CheckCode::JournalUnwritable, &error, demand)));
    let keys = match layout.directory().is_dir() {
        true => unusable_keys(&layout),
        false => Vec::new(),
    };
    checks.extend(keys.iter().map(|error| found(CheckCode::JournalKeyUnusable, error, demand)));
    checks.extend(open_to_others(&layout));
    let shown = quoted(&layout.directory().to_string_lossy());
    let fine = match demand {
        AuditDemand::Required => format!("no credential leaves before its record is in {shown}"),
        _ => format!("decisions are recorded in {shown}"),
    };
    super::or_fine(checks, Subject::Audit, &fine)
}

fn found(code: CheckCode, error: &JournalError, demand: AuditDemand) -> Check {
    let check = Check::found(Subject::Audit, code, error.to_string()).with_remedy(error.remedy());
    as_demanded(Check { at: Some(Place::whole_file(&error.path)), ..check }, demand)
}

/// Without a record a credential leaves with a warning, unless a policy demands one.
fn as_demanded(check: Check, demand: AuditDemand) -> Check {
    match demand {
        AuditDemand::Required => check,
        _ => Check { state: CheckState::Warning, ..check },
    }
}

fn open_to_others(layout: &Layout) -> Vec<Check> {
    let segments = layout.segments().unwrap_or_default().into_iter().map(|segment| segment.path);
    let plain = [layout.directory().to_owned(), layout.head(), layout.checkpoint()];
    let plain = plain.into_iter().chain(segments).map(|path| (path, Content::Plain));
    let secret = [layout.signing_key(), layout.fingerprint_key()].map(|key| (key, Content::Secret));
    plain
        .chain(secret)
        .filter_map(|(path, content)| of_standing(Subject::Audit, &standing(&path).ok()??, content))
        .collect()
}
