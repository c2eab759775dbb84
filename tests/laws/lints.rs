//! What the check of policies says of a policy is so on every machine.

use std::path::Path;

use bedrock_auth::auth::{BedrockAuth, Method};
use bedrock_auth::check::{self, Checked, Code, Finding, Lint, Rules};
use bedrock_auth::jsonc::SourceText;
use bedrock_auth::resolve::resolve;
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::strategies::{cases, rolled, worlds};
use crate::world::pools::{NOW, instant};
use crate::world::{FileContent, PolicyFile, World};

fn rules() -> Rules {
    Rules { now: instant(NOW[0]), expires_within: SignedDuration::from_hours(24 * 30) }
}

fn checked(policy: &Value) -> Checked {
    check::policy(SourceText::new(Path::new("policy.json"), format!("{policy:#}")), &rules())
}

/// A policy that counts for everybody, now and for ever, and denies.
fn enforced(mut file: PolicyFile) -> PolicyFile {
    if let Some(policy) = file.policy_mut() {
        for key in ["applies_to", "valid", "enforcement", "settings"] {
            policy.remove(key);
        }
    }
    file
}

fn one_policy(dice: &mut crate::world::Dice) -> PolicyFile {
    enforced(PolicyFile::roll(dice, 0))
}

fn content(file: &PolicyFile) -> Option<&Value> {
    match &file.content {
        FileContent::Policy(policy) => Some(policy),
        _ => None,
    }
}

fn with(world: &World, files: Vec<PolicyFile>) -> World {
    World { policies: files, ..world.clone() }
}

fn finds(findings: &[Finding], lint: Lint) -> bool {
    findings.iter().any(|finding| finding.code == Code::Lint(lint))
}

/// The methods whose rules, they say, nothing can match.
fn never(findings: &[Finding]) -> Vec<Method> {
    let told = findings.iter().filter(|finding| finding.code == Code::Lint(Lint::NeverMatches));
    let told: Vec<_> = told.map(|finding| finding.message.as_str()).collect();
    let is_told = |method: &&Method| {
        told.iter().any(|said| said.contains(&format!("the rule of `{method}`")))
    };
    Method::ALL.iter().filter(is_told).copied().collect()
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn any_text_can_be_looked_at(text in "[\\[\\]{}\"a-z:,*/ \n\t\u{e4}\u{1f980}0-9\\\\]{0,80}") {
        let policy = check::policy(SourceText::new(Path::new("policy.json"), text), &rules());
        for finding in policy.findings {
            prop_assert!(policy.text.as_str().get(finding.range).is_some());
        }
    }

    #[test]
    fn any_policies_can_be_looked_at(world in worlds()) {
        let policies: Vec<_> = world.policies.iter().filter_map(content).map(checked).collect();
        let all: Vec<&Checked> = policies.iter().collect();
        let mut findings = check::together(&all, &rules());
        findings.extend(policies.iter().flat_map(|policy| policy.findings.clone()));
        for finding in findings {
            prop_assert!(finding.range.start < finding.range.end, "{:?}", finding);
        }
    }

    /// An `allows_nobody` that is not true would keep a good policy back, and one that is true saves a fleet.
    #[test]
    fn a_policy_that_allows_nobody_lets_nothing_pass(
        world in worlds(),
        file in rolled(one_policy),
    ) {
        let Some(policy) = content(&file) else { return Ok(()) };
        if finds(&checked(policy).findings, Lint::AllowsNobody) {
            let resolution = resolve(&with(&world, vec![file]).to_facts());
            prop_assert!(resolution.allowed().is_none(), "{:?}", resolution.auth());
        }
    }

    #[test]
    fn a_rule_that_never_matches_lets_nothing_pass(
        world in worlds(),
        file in rolled(one_policy),
    ) {
        let Some(policy) = content(&file) else { return Ok(()) };
        let never = never(&checked(policy).findings);
        let resolution = resolve(&with(&world, vec![file]).to_facts());
        if let Some(method) = resolution.allowed().map(|allowed| allowed.auth().method()) {
            prop_assert!(!never.contains(&method), "`{}` passed", method);
        }
    }

    #[test]
    fn policies_that_together_allow_nobody_let_nothing_pass(
        world in worlds(),
        first in rolled(one_policy),
        mut second in rolled(one_policy),
    ) {
        let (Some(one), Some(other)) = (content(&first), content(&second)) else { return Ok(()) };
        let (one, other) = (checked(one), checked(other));
        let findings = check::together(&[&one, &other], &rules());
        if finds(&findings, Lint::TogetherAllowNobody) {
            second.rank = 1;
            let resolution = resolve(&with(&world, vec![first, second]).to_facts());
            prop_assert!(resolution.allowed().is_none(), "{:?}", resolution.auth());
        }
    }

    /// Whoever removes what a finding calls needless changes no answer.
    #[test]
    fn what_has_no_effect_can_be_removed(world in worlds(), file in rolled(one_policy)) {
        let Some(policy) = content(&file) else { return Ok(()) };
        let text = format!("{policy:#}");
        let findings = checked(policy).findings;
        let mut without = file.clone();
        let Some(Value::Object(methods)) =
            without.policy_mut().and_then(|policy| policy.get_mut("methods"))
        else {
            return Ok(());
        };
        for finding in findings {
            if finding.code == Code::Lint(Lint::NoEffect) {
                let key = text[finding.range.clone()].trim_matches('"').to_owned();
                let why_accounts = finding.message.contains("`accounts`");
                methods.values_mut().filter_map(Value::as_object_mut).for_each(|rule| {
                    if is_without_effect(rule, &key, why_accounts) {
                        rule.remove(&key);
                    }
                });
            }
        }
        let before = resolve(&with(&world, vec![file]).to_facts());
        let after = resolve(&with(&world, vec![without]).to_facts());
        prop_assert_eq!(before.outcome, after.outcome);
        prop_assert_eq!(before.auth().map(BedrockAuth::method), after.auth().map(BedrockAuth::method));
    }
}

/// The same key may stand in another rule, where it does something.
fn is_without_effect(rule: &Map<String, Value>, key: &str, needs_accounts: bool) -> bool {
    rule.contains_key(key) && (!needs_accounts || !rule.contains_key("accounts")) && {
        let roots = rule.get("roots").and_then(Value::as_array);
        needs_accounts
            || roots.is_some_and(|roots| {
                !roots.is_empty() && !roots.iter().any(|root| root == "credential_process")
            })
    }
}
