//! The managed policy files, and who could have written them.

use super::check::{Check, CheckCode, Owner, Subject};
use crate::load::{Machine, Managed, Standing, standings_on_the_way};
use crate::policy::{SourceReport, SourceState};
use crate::provenance::Place;
use crate::resolve::Resolution;

pub(super) fn checks(machine: &Machine, resolution: &Resolution) -> Vec<Check> {
    let sources = &resolution.policy.sources;
    if sources.is_empty() {
        return vec![Check::fine(Subject::Policy, "there is no managed policy")];
    }
    // Files of a what-if question come from anywhere, and nobody judges whose they are.
    let is_judged = *machine.managed() == Managed::System;
    sources.iter().map(|source| check(source, is_judged)).collect()
}

fn check(source: &SourceReport, is_judged: bool) -> Check {
    let at = Place::whole_file(&source.file);
    let is_there = source.state != SourceState::Absent;
    let way = if is_judged { standings_on_the_way(&source.file) } else { Vec::new() };
    let owners: Vec<_> = way.iter().filter_map(owner).collect();
    let owned = owners.last().filter(|_| is_there && source.state.is_usable());
    let owned = owned.map(|last| format!(", of {} with mode {}", last.owner, last.mode));
    let reason = source.reason.as_ref().map(|reason| format!(": {reason}"));
    let message = format!(
        "{} is `{}`{}{}",
        source.file.display(),
        source.state,
        reason.unwrap_or_default(),
        owned.unwrap_or_default(),
    );
    let check = match source.state.is_usable() {
        true => Check::fine(Subject::Policy, message),
        false => Check::found(Subject::Policy, CheckCode::PolicyUnusable, message),
    };
    Check { at: Some(at), remedy: source.remedy.clone(), owners, ..check }
}

fn owner(standing: &Standing) -> Option<Owner> {
    let (owner, mode) = (standing.owner.clone()?, standing.mode?);
    let path = standing.path.to_string_lossy().into_owned();
    Some(Owner { path, owner, mode: format!("{mode:04o}") })
}
