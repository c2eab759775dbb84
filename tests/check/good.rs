//! The policies of the catalogue have no error, and no warning that is not meant.

use bedrock_auth::check::{self, Severity};
use bedrock_auth::load::read_text_file;

use crate::catalogue::{files, shown};
use crate::rules;

/// Warnings that the catalogue leaves: what the policy is about.
const MEANT: &[(&str, &str)] = &[
    ("policies/full-example/policy.json", "no_effect"),
    ("policies/full-example/policy.json", "no_effect"),
    ("policies/gateway-only/policy.json", "long_term_api_keys_allowed"),
    ("policies/keychain-only/policy.json", "sso_without_portal"),
    ("policies/keychain-only/policy.json", "long_term_api_keys_allowed"),
    ("policies/no-long-lived-keys/policy.json", "sso_without_portal"),
    ("policies/report-only-migration/policy.json", "report_only_without_expiry"),
];

#[test]
fn the_catalogue_has_no_findings_but_those_that_are_meant() {
    let policies = files("policies", "/policy.json");
    assert!(policies.len() > 10, "only {} policies were found", policies.len());
    let mut found = Vec::new();
    for path in policies {
        let checked = check::policy(read_text_file(&path).unwrap(), &rules());
        for finding in checked.findings {
            assert_eq!(finding.severity, Severity::Warning, "{}: {finding:?}", shown(&path));
            found.push((shown(&path), finding.code.to_string()));
        }
    }
    let found: Vec<_> = found.iter().map(|(path, code)| (path.as_str(), code.as_str())).collect();
    assert_eq!(found, MEANT);
}
