//! What the check of policies says of a policy is so on every machine.

use std::path::Path;

use bedrock_auth::auth::Method;
use bedrock_auth::check::{self, Checked, Code, Finding, Lint, Rules};
use bedrock_auth::family::Family;
use bedrock_auth::jsonc::SourceText;
use bedrock_auth::policy::{Candidate, Identity, Policy};
use bedrock_auth::provenance::Layer;
use bedrock_auth::resolve::{Resolution, resolve};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::strategies::{AnyCandidate, cases, rolled, worlds};
use crate::world::pools::{FAMILIES, NOW, instant};
use crate::world::{Dice, FileContent, PolicyFile, World};

pub fn rules() -> Rules {
    Rules::at(instant(NOW[0]), 30)
}

pub fn checked(policy: &Value) -> Checked {
    checked_text(format!("{policy:#}"))
}

pub fn checked_text(json: String) -> Checked {
    check::policy(SourceText::new(Path::new("policy.json"), json), &rules())
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

pub fn one_policy(dice: &mut Dice) -> PolicyFile {
    enforced(PolicyFile::roll(dice, 0))
}

/// One whose rules are mostly shut, by a list that is empty or for want of the rule.
fn narrow_policy(dice: &mut Dice) -> PolicyFile {
    let mut file = one_policy(dice);
    let methods = file.policy_mut().and_then(|policy| policy.get_mut("methods"));
    let Some(Value::Object(methods)) = methods else { return file };
    for method in Method::ALL.iter().map(|method| method.as_str()) {
        // An account that is looked at only when the credential comes refuses it then.
        if let Some(rule) = methods.get_mut(method).and_then(Value::as_object_mut) {
            rule.remove("accounts_known");
        }
        match dice.below(8) {
            0 => {}
            1 => {
                methods.remove(method);
            }
            _ => {
                let rule = methods.get_mut(method).and_then(Value::as_object_mut);
                if let Some(lists) = rule.map(|rule| rule.values_mut().filter(|v| v.is_array())) {
                    lists.filter(|_| dice.percent(70)).for_each(|list| *list = json!([]));
                }
            }
        }
    }
    file
}

pub fn content(file: &PolicyFile) -> Option<&Value> {
    match &file.content {
        FileContent::Policy(policy) => Some(policy),
        _ => None,
    }
}

fn with(world: &World, files: Vec<PolicyFile>) -> World {
    World { policies: files, ..world.clone() }
}

fn passed(resolution: &Resolution) -> Option<Method> {
    resolution.allowed().map(|allowed| allowed.auth().method())
}

/// Whether a candidate that could sign gets through, its variables being read.
fn passes(policy: &Policy, candidate: &Candidate<'_>) -> bool {
    let is_whole = candidate.signer.is_some()
        && (candidate.method != Method::ApiKey || candidate.api_key.is_some());
    let mut families = FAMILIES.iter().map(|family| Family::parse(family).unwrap());
    let is_read = candidate.layer != Layer::Environment
        || families.any(|family| policy.judge_family(&family, None).is_allowed());
    is_whole && is_read && policy.judge(candidate).is_allowed()
}

pub fn finds(findings: &[Finding], lint: Lint) -> bool {
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

/// The laws below would hold of nothing, too.
#[test]
fn chance_makes_policies_that_are_found_fault_with() {
    let seeds = 0..2_000;
    let count = |make: fn(&mut Dice) -> PolicyFile, lint| {
        let files = seeds.clone().map(|seed| make(&mut Dice::seeded(seed)));
        let policies = files.filter_map(|file| content(&file).map(checked));
        policies.filter(|policy| finds(&policy.findings, lint)).count()
    };
    assert!(count(narrow_policy, Lint::AllowsNobody) > 50);
    assert!(count(narrow_policy, Lint::NeverMatches) > 500);
    assert!(count(one_policy, Lint::NoEffect) > 200);
    let pairs = seeds.map(|seed| {
        let mut dice = Dice::seeded(seed);
        [one_policy(&mut dice), one_policy(&mut dice)]
    });
    let together = pairs.filter(|pair| {
        let pair: Vec<_> = pair.iter().filter_map(content).map(checked).collect();
        let findings = check::together(&pair.iter().collect::<Vec<_>>(), &rules());
        finds(&findings, Lint::TogetherAllowNobody)
    });
    assert!(together.count() > 30);
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn any_text_can_be_looked_at(text in "[\\[\\]{}\"a-z:,*/ \n\t\u{e4}\u{1f980}\u{200d}\u{fe0f}\u{202e}\u{1b}0-9\\\\]{0,80}") {
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
        file in rolled(narrow_policy),
    ) {
        let Some(policy) = content(&file) else { return Ok(()) };
        if finds(&checked(policy).findings, Lint::AllowsNobody) {
            let resolution = resolve(&with(&world, vec![file]).to_facts());
            prop_assert_eq!(passed(&resolution), None);
        }
    }

    #[test]
    fn a_rule_that_never_matches_lets_nothing_pass(
        world in worlds(),
        file in rolled(narrow_policy),
    ) {
        let Some(policy) = content(&file) else { return Ok(()) };
        let never = never(&checked(policy).findings);
        let resolution = resolve(&with(&world, vec![file]).to_facts());
        let passed = passed(&resolution);
        prop_assert!(passed.is_none_or(|method| !never.contains(&method)), "{:?} passed", passed);
    }

    /// The same, put to the policy itself, which is asked for a way to authenticate far more often than machines ask.
    #[test]
    fn a_rule_that_never_matches_refuses_every_candidate(
        candidates in proptest::collection::vec(rolled(AnyCandidate::roll), 1..12),
        file in rolled(narrow_policy),
    ) {
        let Some(policy) = content(&file) else { return Ok(()) };
        let findings = checked(policy).findings;
        let never = never(&findings);
        let is_shut = finds(&findings, Lint::AllowsNobody) && policy.get("regions").is_none()
            && policy.get("endpoints").is_none();
        let policy = Policy::of(&file.to_source(), &Identity::default(), instant(NOW[0]));
        for candidate in &candidates {
            let candidate = candidate.as_candidate();
            if passes(&policy, &candidate) {
                prop_assert!(!is_shut && !never.contains(&candidate.method), "{:?}", candidate);
            }
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
            prop_assert_eq!(passed(&resolution), None);
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
        prop_assert_eq!(passed(&before), passed(&after));
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
