//! What is expected of an answer, and where the answer differs.

use std::fmt;

use crate::auth::{AccountId, Method, Root};
use crate::jsonc::{Located, object};
use crate::policy::{AuditDemand, DenialCode, Verdict};
use crate::prose::quoted;
use crate::provenance::Place;
use crate::resolve::{Fate, Outcome, Resolution, UnusableCode, WarningCode};

object! {
    /// What is expected of the answer.
    #[schemars(extend("minProperties" = 1))]
    pub struct Expectation {
        /// The answer in one word.
        outcome: Option<Located<Outcome>>,
        /// The method that is in force.
        method: Option<Located<Method>>,
        /// Where the credential really comes from.
        root: Option<Located<Root>>,
        /// The profile that is in force.
        profile: Option<Located<String>>,
        /// The account that requests count for.
        account: Option<Located<AccountId>>,
        /// The region.
        region: Option<Located<String>>,
        /// The endpoint.
        endpoint: Option<Located<String>>,
        /// The line for an editor's settings page.
        display: Option<Located<String>>,
        /// What has to be on record before a credential leaves.
        audit: Option<Located<AuditDemand>>,
        /// The codes of all denials, in any order.
        codes: Option<Located<Vec<DenialCode>>>,
        /// Codes of denials that policies which only report would make, in any order.
        would_deny: Option<Located<Vec<DenialCode>>>,
        /// Codes of warnings that must be among those that are given. An empty list: there is none.
        warnings: Option<Located<Vec<WarningCode>>>,
        /// Codes of unusable candidates, in any order.
        unusable: Option<Located<Vec<UnusableCode>>>,
        /// The codes of all denials when what is allowed is used, in any order. An empty list: the use is admitted.
        at_use: Option<Located<Vec<DenialCode>>>,
    }
}

/// One thing that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mismatch {
    /// The key of the expectation.
    pub key: &'static str,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// Where it was expected.
    pub at: Place,
}

impl Expectation {
    pub(super) fn is_empty(&self) -> bool {
        let Expectation {
            outcome,
            method,
            root,
            profile,
            account,
            region,
            endpoint,
            display,
            audit,
            codes,
            would_deny,
            warnings,
            unusable,
            at_use,
        } = self;
        outcome.is_none()
            && method.is_none()
            && root.is_none()
            && profile.is_none()
            && account.is_none()
            && region.is_none()
            && endpoint.is_none()
            && display.is_none()
            && audit.is_none()
            && codes.is_none()
            && would_deny.is_none()
            && warnings.is_none()
            && unusable.is_none()
            && at_use.is_none()
    }

    pub(super) fn compare_use(&self, verdict: Option<&Verdict>) -> Vec<Mismatch> {
        let mut mismatches = Mismatches(Vec::new());
        match (&self.at_use, verdict) {
            (Some(_), Some(verdict)) => {
                let codes = verdict.denials.iter().map(|denial| denial.code).collect();
                mismatches.set("at_use", &self.at_use, codes);
            }
            (Some(expected), None) => {
                let actual = "nothing is allowed, so nothing is used".to_owned();
                mismatches.add("at_use", &expected.at, words(&expected.value), actual);
            }
            (None, _) => {}
        }
        mismatches.0
    }

    pub(super) fn compare(&self, resolution: &Resolution) -> Vec<Mismatch> {
        let auth = resolution.allowed().map(|allowed| allowed.auth());
        let mut mismatches = Mismatches(Vec::new());
        mismatches.one("outcome", &self.outcome, Some(resolution.outcome));
        mismatches.one("method", &self.method, auth.map(|auth| auth.method()));
        mismatches.one("root", &self.root, resolution.root);
        let profile = auth.and_then(|auth| auth.profile_name()).map(str::to_owned);
        mismatches.one("profile", &self.profile, profile);
        mismatches.one("account", &self.account, resolution.account);
        mismatches.one("region", &self.region, Some(resolution.region.value.clone()));
        mismatches.one("endpoint", &self.endpoint, resolution.endpoint.value.clone());
        mismatches.one("display", &self.display, Some(resolution.display.clone()));
        mismatches.one("audit", &self.audit, Some(resolution.audit));
        mismatches.set("codes", &self.codes, resolution.denial_codes());
        let would_deny =
            resolution.warnings.iter().filter(|w| w.code == WarningCode::WouldBeDenied);
        let would_deny = would_deny.filter_map(|w| Some(w.denial.as_ref()?.code)).collect();
        mismatches.set("would_deny", &self.would_deny, would_deny);
        let unusable = resolution.candidates.iter().filter(|c| c.fate == Fate::Unusable);
        mismatches.set("unusable", &self.unusable, unusable.filter_map(|c| c.code).collect());
        if let Some(expected) = &self.warnings {
            let given: Vec<_> = resolution.warnings.iter().map(|warning| warning.code).collect();
            let as_expected = match expected.value.as_slice() {
                [] => given.is_empty(),
                some => some.iter().all(|code| given.contains(code)),
            };
            if !as_expected {
                mismatches.add("warnings", &expected.at, words(&expected.value), words(&given));
            }
        }
        mismatches.0
    }
}

struct Mismatches(Vec<Mismatch>);

impl Mismatches {
    fn one<T: PartialEq + fmt::Display>(
        &mut self,
        key: &'static str,
        expected: &Option<Located<T>>,
        actual: Option<T>,
    ) {
        let Some(expected) = expected else { return };
        if actual.as_ref() != Some(&expected.value) {
            let actual = actual.map_or("nothing".to_owned(), |actual| quoted(&actual.to_string()));
            self.add(key, &expected.at, quoted(&expected.value.to_string()), actual);
        }
    }

    fn set<T: Ord + Copy + fmt::Display>(
        &mut self,
        key: &'static str,
        expected: &Option<Located<Vec<T>>>,
        actual: Vec<T>,
    ) {
        let Some(expected) = expected else { return };
        if sorted(&expected.value) != sorted(&actual) {
            self.add(key, &expected.at, words(&expected.value), words(&actual));
        }
    }

    fn add(&mut self, key: &'static str, at: &Place, expected: String, actual: String) {
        self.0.push(Mismatch { key, expected, actual, at: at.clone() });
    }
}

fn sorted<T: Ord + Copy>(codes: &[T]) -> Vec<T> {
    let mut codes = codes.to_vec();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn words<T: fmt::Display>(codes: &[T]) -> String {
    match codes {
        [] => "none".to_owned(),
        codes => codes.iter().map(|code| quoted(&code.to_string())).collect::<Vec<_>>().join(", "),
    }
}
