//! When a policy counts.

use jiff::SignedDuration;

use crate::check::Rules;
use crate::check::code::Lint;
use crate::check::drafts::{Drafts, Spot};
use crate::policy::Document;

pub(super) fn time(document: &Document, rules: &Rules, drafts: &mut Drafts) {
    let valid = document.valid.as_deref();
    let not_before = valid.and_then(|valid| valid.not_before.as_ref()).map(|at| at.value.0);
    let expires = valid.and_then(|valid| valid.expires.as_ref()).map(|at| at.value.0);
    let end = || Spot::value("/valid/expires");
    match (not_before, expires) {
        (Some(begin), Some(expires)) if expires <= begin => {
            drafts
                .add(
                    Lint::ValidityReversed,
                    end(),
                    "the policy ends before it begins, so it denies everything from its end on",
                )
                .advise("write an `expires` after `not_before`")
                .relate(Spot::value("/valid/not_before"), "it begins here");
        }
        (_, Some(expires)) if expires <= rules.now => {
            drafts
                .add(
                    Lint::Expired,
                    end(),
                    "the policy has expired, and denies everything where it is deployed",
                )
                .advise("write a later `expires`, or remove the file")
                .because_of("/valid");
        }
        (_, Some(expires)) if expires.duration_since(rules.now) <= rules.expires_within => {
            let left = words(expires.duration_since(rules.now));
            drafts
                .add(
                    Lint::ExpiresSoon,
                    end(),
                    format!("the policy expires in {left}, and denies everything then"),
                )
                .advise("write a later `expires` before that")
                .because_of("/valid");
        }
        _ => {}
    }
    if !document.enforces() && expires.is_none() {
        drafts
            .add(
                Lint::ReportOnlyWithoutExpiry,
                Spot::value("/enforcement"),
                "the policy only reports, and nothing ends that",
            )
            .advise("add `valid.expires`: somebody has to look at it again, and decide")
            .because_of("/valid/expires");
    }
}

/// In whole days, or whole hours where there is no day left.
fn words(left: SignedDuration) -> String {
    match (left.as_hours() / 24, left.as_hours()) {
        (0, 0) => "less than an hour".to_owned(),
        (0, 1) => "1 hour".to_owned(),
        (0, hours) => format!("{hours} hours"),
        (1, _) => "1 day".to_owned(),
        (days, _) => format!("{days} days"),
    }
}
