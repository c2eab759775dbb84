//! Moments are changes, too: a policy that starts or ends, a key that runs out.

use std::time::Duration;

use bedrock_auth::resolve::Outcome;
use jiff::Timestamp;

use crate::support::{Place, codes, until};

fn after(millis: i64) -> Timestamp {
    Timestamp::now() + Duration::from_millis(millis.try_into().unwrap())
}

#[test]
fn a_staged_policy_starts_and_another_one_ends() {
    let place = Place::new();
    place.write("settings.json", "{}");
    let (starts, ends) = (after(1_500), after(3_000));
    place.write(
        "etc/policy.json",
        &format!(
            r#"{{ "schema_version": 1, "id": "p", "methods": {{ "sso": {{}} }},
                 "valid": {{ "not_before": "{starts}", "expires": "{ends}" }} }}"#
        ),
    );
    let watch = place.watch();
    assert_eq!(watch.current().resolution.outcome, Outcome::Allowed);
    let refused = until(&watch, "started", |r| codes(r) == ["method_not_allowed"]);
    assert!(refused.since >= starts, "{} is before {starts}", refused.since);
    let expired = until(&watch, "expired", |r| codes(r) == ["policy_expired"]);
    assert!(expired.since >= ends, "{} is before {ends}", expired.since);
}
