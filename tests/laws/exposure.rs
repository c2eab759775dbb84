//! What the check does not warn of is shut.

use bedrock_auth::auth::{Method, Root};
use bedrock_auth::check::Lint;
use bedrock_auth::policy::{Identity, Policy};
use proptest::prelude::*;

use crate::lints::{checked, content, finds, one_policy};
use crate::strategies::{AnyCandidate, cases, rolled};
use crate::world::pools::{NOW, instant};

const WARNINGS: [Lint; 2] = [Lint::LongLivedKeysAllowed, Lint::AutomaticWithoutRoots];

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn without_a_warning_no_long_lived_key_signs(
        candidates in proptest::collection::vec(rolled(AnyCandidate::roll), 1..12),
        file in rolled(one_policy),
    ) {
        let Some(policy) = content(&file) else { return Ok(()) };
        let findings = checked(policy).findings;
        let is_warned = WARNINGS.iter().any(|lint| finds(&findings, *lint));
        // Without `methods` everything is allowed, and nothing is promised.
        if is_warned || policy.get("methods").is_none() {
            return Ok(());
        }
        let policy = Policy::of(&file.to_source(), &Identity::default(), instant(NOW[0]));
        for candidate in &candidates {
            let candidate = candidate.as_candidate();
            let root = candidate.signer.and_then(|signer| signer.root);
            // What signs with an API key is that key.
            if root == Some(Root::LongLivedKeys) && candidate.method != Method::ApiKey {
                prop_assert!(!policy.judge(&candidate).is_allowed(), "{:?}", candidate);
            }
        }
    }
}
