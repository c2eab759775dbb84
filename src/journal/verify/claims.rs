//! What is known of a journal from elsewhere: checkpoints that were kept, and what its writer knows of its end.

use super::finding::{At, FindingCode, Records};
use super::marks::{Marks, Why, open};
use super::report::Report;
use super::row::Row;
use super::warning::WarningCode;
use super::{KeptCheckpoint, KnownEnd, Options};
use crate::audit::Hash;

/// A number of records, and the hash of the last of them.
pub(super) struct Claim {
    records: u64,
    hash: Hash,
    /// Who says so.
    from: String,
    at: Option<At>,
    is_signed: bool,
}

/// What can be compared; what cannot is told.
pub(super) fn claims(options: &Options, report: &mut Report<'_>) -> Vec<Claim> {
    let mut claims = Vec::new();
    for KeptCheckpoint { from, note } in &options.checkpoints {
        let at = Some(At { file: from.clone(), line: None, offset: None });
        match open(note, &options.verifiers) {
            Ok(checkpoint) => claims.push(Claim {
                records: checkpoint.records,
                hash: checkpoint.hash,
                from: format!("the checkpoint `{from}`"),
                at,
                is_signed: true,
            }),
            Err(why) => {
                let message =
                    format!("the checkpoint `{from}` does not count: {}", of(&why, options));
                report.add(why.code(), None, at, u64::MAX, message);
            }
        }
    }
    if let Some(KnownEnd { sequence, hash }) = options.known_end {
        let from = "the head".to_owned();
        claims.push(Claim { records: sequence, hash, from, at: None, is_signed: false });
    }
    claims.retain(|claim| claim.records > 0);
    claims
}

/// Without a key, no signature says anything.
fn of(why: &Why, options: &Options) -> String {
    if why.code() == FindingCode::KeyUnknown && options.verifiers.is_empty() {
        "no key is known to compare its signature with".to_owned()
    } else {
        why.to_string()
    }
}

/// The numbers whose hashes are to be compared, in order.
pub(super) fn wanted(claims: &[Claim]) -> Vec<u64> {
    let mut wanted: Vec<_> = claims.iter().map(|claim| claim.records).collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// The greatest number of records that somebody counts, and who.
pub(super) fn counted(claims: &[Claim]) -> Option<(u64, String)> {
    let greatest = claims.iter().max_by_key(|claim| (claim.records, claim.is_signed))?;
    Some((greatest.records, greatest.from.clone()))
}

/// Compares the claims with the records; says how many records true ones of them have signed.
pub(super) fn compare(
    claims: &[Claim],
    row: &Row,
    marks: &Marks,
    report: &mut Report<'_>,
) -> Vec<u64> {
    let mut signed = Vec::new();
    for claim in claims {
        let mut found: Vec<Hash> = marks.hashes_of(claim.records).collect();
        // The first record that is here still holds the hash of the last that is not.
        let next = row.own().next().filter(|run| run.first - 1 == claim.records);
        found.extend(next.map(|run| run.previous));
        if found.contains(&claim.hash) {
            signed.extend(claim.is_signed.then_some(claim.records));
        } else if !found.is_empty() {
            let Claim { records, from, .. } = claim;
            let sound = marks.signed.iter().copied().filter(|signed| signed < records).max();
            let code =
                if claim.is_signed { FindingCode::CheckpointFalse } else { FindingCode::Changed };
            let message = format!(
                "record {records} is another one than {from} counts: records up to it were changed and sealed anew"
            );
            let records = Some(Records::one(*records));
            report.add(code, records, claim.at.clone(), sound.unwrap_or(0), message);
        }
    }
    signed
}

/// Tells of records about the journal itself that do not count. So many records are signed by a key that is known.
pub(super) fn doubts(marks: &Marks, signed: u64, options: &Options, report: &mut Report<'_>) {
    for doubt in &marks.doubts {
        let records = Records { first: doubt.first, last: doubt.last };
        // The chain up to there is vouched for, whoever signed parts of it before.
        if doubt.why.code() == FindingCode::KeyUnknown && doubt.last <= signed {
            let what = match doubt.count {
                1 => format!("the checkpoint in {records} is signed"),
                count => format!("{count} checkpoints in {records} are signed"),
            };
            let message =
                format!("{what} with another key; a later true one vouches for the same records");
            let at = Some(report.at(doubt.file, doubt.at));
            report.warn(WarningCode::EarlierKey, at, message);
            continue;
        }
        let what = match (&doubt.why, doubt.count) {
            (Why::OtherJournal, 1) => format!("{records} does not belong here"),
            (Why::OtherJournal, count) => format!("{count} of {records} do not belong here"),
            (_, 1) => format!("the checkpoint in {records} does not count"),
            (_, count) => format!("{count} checkpoints in {records} do not count"),
        };
        let message = format!("{what}: {}", of(&doubt.why, options));
        let at = Some(report.at(doubt.file, doubt.at));
        // A key that is not known takes nothing from the chain.
        let is_in_question = doubt.why.code() != FindingCode::KeyUnknown;
        let sound = if is_in_question { doubt.first - 1 } else { u64::MAX };
        report.add(doubt.why.code(), Some(records), at, sound, message);
    }
}

impl Marks {
    fn hashes_of(&self, number: u64) -> impl Iterator<Item = Hash> {
        self.hashes.iter().filter(move |(found, _)| *found == number).map(|(_, hash)| *hash)
    }
}
