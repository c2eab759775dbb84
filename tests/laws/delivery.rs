//! Credentials that came: what was refused stays refused, and what passes was promised.

use std::collections::BTreeSet;

use bedrock_auth::auth::{AccessKeyId, Method, Root};
use bedrock_auth::policy::{Candidate, Delivered, Denial, DenialCode, Identity, Policy, Verdict};
use bedrock_auth::provenance::Layer;
use bedrock_auth::resolve::resolve;
use bedrock_auth::signer::Signer;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

use crate::report_only::{is_usable, only_report};
use crate::strategies::{AnyCandidate, cases, rolled, three_policies, three_policies_of, worlds};
use crate::world::pools::{CANARY, NOW, instant};
use crate::world::{Dice, FileContent, MadeDelivery, PolicyFile};

/// What was asked for, what came of it, and when it is judged.
#[derive(Debug)]
struct AnyDelivery {
    candidate: AnyCandidate,
    came: MadeDelivery,
    now: Timestamp,
}

impl AnyDelivery {
    fn roll(dice: &mut Dice) -> Self {
        let candidate = AnyCandidate::roll(dice);
        let now = instant(dice.pick(NOW));
        let foreseen = candidate.as_candidate().signer.and_then(|signer| signer.account);
        AnyDelivery { candidate, came: MadeDelivery::roll(dice, foreseen, now), now }
    }

    /// The verdicts on its use as the key that signs, and as the base of a role.
    fn verdicts(&self, policy: &Policy) -> [Verdict; 2] {
        let (candidate, delivered) = (self.candidate.as_candidate(), self.came.to_delivered());
        [
            policy.judge_delivery(&candidate, &delivered, self.now),
            policy.judge_base_delivery(&candidate, &delivered, self.now),
        ]
    }
}

fn deliveries() -> impl Strategy<Value = AnyDelivery> {
    rolled(AnyDelivery::roll)
}

/// Every reason once.
fn reasons(verdict: &Verdict) -> [BTreeSet<&Denial>; 2] {
    [&verdict.denials, &verdict.would_deny].map(|reasons| reasons.iter().collect())
}

/// A file that cannot be used denies everything, whatever it would say.
fn only_report_if_usable(file: &mut PolicyFile) {
    match is_usable(file) {
        true => only_report(file),
        false => file.content = FileContent::Empty,
    }
}

/// Accounts have to be known beforehand.
fn wait_for_no_account(file: &mut PolicyFile) {
    let methods = file.policy_mut().and_then(|policy| policy.get_mut("methods"));
    let Some(Value::Object(methods)) = methods else { return };
    for rule in methods.values_mut().filter_map(Value::as_object_mut) {
        rule.remove("accounts_known");
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn what_was_refused_stays_refused([a, b, _] in three_policies(), delivery in deliveries()) {
        let both = a.clone().meet(b);
        let (before, after) = (delivery.verdicts(&a), delivery.verdicts(&both));
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(before.is_allowed() || !after.is_allowed(), "{:?}", before);
        }
    }

    /// Neither the order of the files nor their number of readings means anything, and none hides another's reason.
    #[test]
    fn all_policies_are_asked(
        [a, b, c] in three_policies(),
        delivery in deliveries(),
    ) {
        let there = a.clone().meet(b.clone()).meet(c.clone());
        let back = c.clone().meet(a.clone().meet(b.clone())).meet(c.clone());
        let (there, back) = (delivery.verdicts(&there), delivery.verdicts(&back));
        let each = [&a, &b, &c].map(|policy| delivery.verdicts(policy));
        for (purpose, (there, back)) in there.iter().zip(&back).enumerate() {
            prop_assert_eq!(there, back);
            let [mut denials, mut would_deny] = [BTreeSet::new(), BTreeSet::new()];
            for [of_denials, of_would_deny] in each.iter().map(|of| reasons(&of[purpose])) {
                denials.extend(of_denials);
                would_deny.extend(of_would_deny);
            }
            prop_assert_eq!(reasons(there), [denials, would_deny]);
        }
    }

    #[test]
    fn what_passes_would_pass_beforehand(
        [policy, _, _] in three_policies_of(wait_for_no_account),
        delivery in deliveries(),
    ) {
        for verdict in delivery.verdicts(&policy) {
            let beforehand = policy.judge(&delivery.candidate.as_candidate());
            prop_assert!(beforehand.is_allowed() || !verdict.is_allowed(), "{:?}", beforehand);
        }
    }

    /// The same of a whole machine, with what stands around the credentials.
    #[test]
    fn what_is_used_under_one_more_policy_is_allowed_by_it(
        world in worlds(),
        file in rolled(|dice| PolicyFile::roll(dice, 9)),
        tape in proptest::collection::vec(any::<u16>(), 0..40),
    ) {
        let resolution = resolve(&world.to_facts());
        let Some(allowed) = resolution.allowed() else { return Ok(()) };
        let came = MadeDelivery::roll_for(&mut Dice::tape(tape), allowed.signer(), world.now);
        let mut later = world.clone();
        later.policies.push(file);
        let (before, after) = (world.policy(), later.policy());
        let verdict = |policy| allowed.judge_delivery(policy, &came.to_delivered(), world.now);
        prop_assert!(verdict(&before).is_allowed() || !verdict(&after).is_allowed());
        prop_assert!(allowed.judge(&after, world.now).is_allowed() || !verdict(&after).is_allowed());
    }

    /// What has ended is refused without any policy.
    #[test]
    fn who_only_reports_refuses_nothing(
        [policy, _, _] in three_policies_of(only_report_if_usable),
        delivery in deliveries(),
    ) {
        let has_ended = delivery.came.expires.is_some_and(|end| end <= delivery.now);
        let has_signer = delivery.candidate.as_candidate().signer.is_some();
        for verdict in delivery.verdicts(&policy) {
            let codes: Vec<_> = verdict.denials.iter().map(|denial| denial.code).collect();
            match has_ended && has_signer {
                true => prop_assert_eq!(codes, [DenialCode::CredentialExpired]),
                false => prop_assert!(codes.is_empty(), "{:?}", codes),
            }
        }
    }

    #[test]
    fn no_secret_is_seen([policy, _, _] in three_policies(), delivery in deliveries()) {
        let id = delivery.came.to_delivered().access_key_id;
        let mut hidden = vec![CANARY];
        hidden.extend(Some(id.as_str()).filter(|_| !id.may_be_shown()));
        let mut texts = vec![format!("{:?}", delivery.came.to_delivered())];
        for verdict in delivery.verdicts(&policy) {
            texts.push(format!("{verdict:?}"));
            let reasons = verdict.denials.iter().chain(&verdict.would_deny);
            texts.extend(reasons.map(|reason| serde_json::to_string(reason).unwrap()));
        }
        for (text, secret) in texts.iter().flat_map(|text| hidden.iter().map(move |s| (text, s))) {
            prop_assert!(!text.contains(secret), "{} is seen in {}", secret, text);
        }
    }
}

/// A key that may be shown is named, so that a person finds it; the law above must not be kept by silence.
#[test]
fn an_id_that_is_no_secret_is_named() {
    let text = r#"{ "schema_version": 1, "id": "corp", "methods": { "sso": {} } }"#;
    let content = FileContent::Policy(serde_json::from_str(text).unwrap());
    let file = PolicyFile { rank: 0, path: "/etc/bedrock-auth/policy.json", content };
    let now = instant(NOW[0]);
    let policy = Policy::of(&file.to_source(), &Identity::default(), now);
    let signer = Signer { root: Some(Root::Sso), ..Signer::default() };
    let candidate = Candidate {
        method: Method::Sso,
        layer: Layer::User,
        requested_at: None,
        profile: Some("corp"),
        signer: Some(&signer),
        api_key: None,
    };
    let delivered = Delivered {
        access_key_id: AccessKeyId::new("AKIARZPUZDIKEWS2LJNF"),
        has_session_token: false,
        expires: None,
    };
    let [denial] = &policy.judge_delivery(&candidate, &delivered, now).denials[..] else {
        panic!("one reason is enough");
    };
    assert!(denial.message.contains("AKIARZPUZDIKEWS2LJNF"), "{}", denial.message);
}
