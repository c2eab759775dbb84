//! What the check says of endpoints beside regions is so wherever a request might go.

use bedrock_auth::auth::is_region_name;
use bedrock_auth::check::{self, Code, Finding, Lint};
use bedrock_auth::endpoint::Endpoint;
use bedrock_auth::policy::{Identity, Policy};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::lints::{checked, content, finds, one_policy, rules};
use crate::strategies::{cases, rolled};
use crate::world::pools::{ENDPOINTS, NOW, REGION_PATTERNS, REGIONS, instant};
use crate::world::{Dice, PolicyFile};

/// Forms of AWS's own endpoints, and of others.
const FORMS: &[&str] = &[
    "https://bedrock-runtime.us-east-1.amazonaws.com",
    "https://bedrock-runtime.*.amazonaws.com",
    "https://bedrock-runtime-fips.us-*.amazonaws.com",
    "https://bedrock-runtime*.eu-*.amazonaws.com",
    "https://bedrock-runtime.eu-*.api.aws",
    "https://vpce-*.bedrock-runtime.us-east-1.vpce.amazonaws.com",
    "https://vpce-0*.bedrock-runtime.*-1.vpce.amazonaws.com",
    "https://bedrock-runtime.us-east-1.amazonaws.com:8443",
    "https://*.corp.example/bedrock",
];

/// A policy that names both, and few of each.
fn placed_policy(dice: &mut Dice) -> PolicyFile {
    let mut file = one_policy(dice);
    let (regions, endpoints) = (dice.some_of(REGION_PATTERNS, 25), dice.some_of(FORMS, 25));
    if let Some(policy) = file.policy_mut() {
        policy.insert("regions".to_owned(), json!(regions));
        policy.insert("endpoints".to_owned(), json!(endpoints));
    }
    file
}

/// One that names a region, an endpoint, or neither.
fn half_placed_policy(dice: &mut Dice) -> PolicyFile {
    let mut file = one_policy(dice);
    let (key, value) = match dice.below(5) {
        0 | 1 => ("regions", json!([dice.pick(REGION_PATTERNS)])),
        2 | 3 => ("endpoints", json!([dice.pick(FORMS)])),
        _ => ("contact", json!("the desk")),
    };
    if let Some(policy) = file.policy_mut() {
        policy.insert(key.to_owned(), value);
    }
    file
}

/// Every region and endpoint that a request might have: AWS's in many forms, others, none.
fn requests() -> Vec<(&'static str, Option<Endpoint>)> {
    let regions: Vec<_> = REGIONS.iter().copied().filter(|name| is_region_name(name)).collect();
    let forms = |region: &&str| {
        [
            format!("https://bedrock-runtime.{region}.amazonaws.com"),
            format!("https://bedrock-runtime-fips.{region}.amazonaws.com"),
            format!("https://bedrock-runtime.{region}.api.aws"),
            format!("https://vpce-0ab.bedrock-runtime.{region}.vpce.amazonaws.com"),
            format!("https://vpce-.bedrock-runtime.{region}.vpce.amazonaws.com"),
        ]
    };
    let mut urls: Vec<_> = regions.iter().flat_map(forms).collect();
    urls.extend(ENDPOINTS.iter().map(|url| (*url).to_owned()));
    let mut endpoints: Vec<_> = urls.iter().map(|url| Endpoint::parse(url).ok()).collect();
    endpoints.push(None);
    let of_region = |region: &'static str| {
        endpoints.clone().into_iter().map(move |endpoint| (region, endpoint))
    };
    regions.into_iter().flat_map(of_region).collect()
}

fn passes(policy: &Policy, region: &str, endpoint: Option<&Endpoint>) -> bool {
    policy.judge_region(region, None).is_allowed()
        && policy.judge_called(endpoint, None, region).is_allowed()
}

fn of_file(file: &PolicyFile) -> Policy {
    Policy::of(&file.to_source(), &Identity::default(), instant(NOW[0]))
}

/// Whether somebody is told that no endpoint is left.
fn tells_of_endpoints(findings: &[Finding], lint: Lint) -> bool {
    let of_endpoints = |finding: &&Finding| {
        finding.code == Code::Lint(lint) && finding.message.contains("each endpoint")
    };
    findings.iter().any(|finding| of_endpoints(&finding))
}

/// The file without the endpoints at which, it is told, Bedrock is never called.
fn without_told(file: &PolicyFile, policy: &Value) -> PolicyFile {
    let text = format!("{policy:#}");
    let findings = checked(policy).findings.into_iter();
    let of_endpoints = findings.filter(|finding| {
        finding.code == Code::Lint(Lint::NeverMatches) && finding.message.starts_with("Bedrock")
    });
    let told: Vec<Value> =
        of_endpoints.map(|finding| serde_json::from_str(&text[finding.range]).unwrap()).collect();
    let mut without = file.clone();
    if let Some(Value::Array(list)) =
        without.policy_mut().and_then(|policy| policy.get_mut("endpoints"))
    {
        list.retain(|endpoint| !told.contains(endpoint));
    }
    without
}

/// The laws below would hold of nothing, too.
#[test]
fn chance_makes_policies_whose_endpoints_are_outside() {
    let policies = (0..2_000).map(|seed| placed_policy(&mut Dice::seeded(seed)));
    let policies: Vec<_> = policies.collect();
    let findings = |file: &PolicyFile| content(file).map(checked).map(|policy| policy.findings);
    let count = |is_meant: fn(&[Finding]) -> bool| {
        policies.iter().filter_map(findings).filter(|found| is_meant(found)).count()
    };
    assert!(count(|found| finds(found, Lint::NeverMatches)) > 200);
    assert!(count(|found| tells_of_endpoints(found, Lint::AllowsNobody)) > 20);
    let together = (0..2_000).filter(|seed| {
        let mut dice = Dice::seeded(*seed);
        let pair = [half_placed_policy(&mut dice), half_placed_policy(&mut dice)];
        let pair: Vec<_> = pair.iter().filter_map(content).map(checked).collect();
        let found = check::together(&pair.iter().collect::<Vec<_>>(), &rules());
        tells_of_endpoints(&found, Lint::TogetherAllowNobody)
    });
    assert!(together.count() > 40);
}

proptest! {
    #![proptest_config(cases(400))]

    /// Whoever removes an endpoint at which Bedrock is never called changes no verdict.
    #[test]
    fn an_endpoint_that_never_matches_can_be_removed(file in rolled(placed_policy)) {
        let Some(policy) = content(&file) else { return Ok(()) };
        let (with, without) = (of_file(&file), of_file(&without_told(&file, policy)));
        let is_shut = tells_of_endpoints(&checked(policy).findings, Lint::AllowsNobody);
        for (region, endpoint) in requests() {
            let goes = passes(&with, region, endpoint.as_ref());
            prop_assert!(!(goes && is_shut), "{region} {endpoint:?}");
            prop_assert_eq!(goes, passes(&without, region, endpoint.as_ref()), "{} {:?}", region, endpoint);
        }
    }

    #[test]
    fn endpoints_that_are_not_left_together_let_nothing_pass(
        first in rolled(half_placed_policy),
        second in rolled(half_placed_policy),
    ) {
        let (Some(one), Some(other)) = (content(&first), content(&second)) else { return Ok(()) };
        let (one, other) = (checked(one), checked(other));
        let found = check::together(&[&one, &other], &rules());
        let says = |what: &str| found.iter().any(|finding| {
            finding.code == Code::Lint(Lint::TogetherAllowNobody) && finding.message.contains(what)
        });
        if says("endpoint") || says("region") {
            let both = of_file(&first).meet(of_file(&second));
            for (region, endpoint) in requests() {
                prop_assert!(!passes(&both, region, endpoint.as_ref()), "{} {:?}", region, endpoint);
            }
        }
    }
}
