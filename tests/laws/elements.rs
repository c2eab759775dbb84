//! What the check says of elements of lists is so of every candidate.

use bedrock_auth::auth::{ApiKey, Method};
use bedrock_auth::check::{Code, Lint};
use bedrock_auth::policy::{Identity, Policy};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::lints::{checked, content, one_policy};
use crate::strategies::{AnyCandidate, cases, rolled};
use crate::world::pools::{NOW, instant};
use crate::world::{Dice, PolicyFile};

/// A policy whose rules name elements that can never match.
fn mixed_policy(dice: &mut Dice) -> PolicyFile {
    let mut file = one_policy(dice);
    let Some(policy) = file.policy_mut() else { return file };
    let kinds: &[&[&str]] = &[&["short_term", "long_term"], &["long_term"], &["short_term"]];
    let mut api_key = json!({ "kinds": dice.pick(kinds) });
    match dice.below(4) {
        0 => api_key["max_lifetime"] = json!("12h"),
        1 => api_key["temporary_only"] = json!(dice.percent(80)),
        _ => {}
    }
    let roots = json!(dice.some_of(&["sso", "long_term_api_key", "short_term_api_key"], 50));
    let methods = json!({
        "api_key": api_key,
        "named_profile": { "roots": roots },
        "automatic": { "role_arns": dice.some_of(&["arn:aws:iam::*", "arn:*:iam::*:role/*"], 60) },
    });
    policy.insert("methods".to_owned(), methods);
    file
}

/// The file without the elements that, it is told, nothing matches; and how many were told.
fn without_told(file: &PolicyFile, policy: &Value) -> (PolicyFile, usize) {
    let text = format!("{policy:#}");
    let mut told = Vec::new();
    for finding in checked(policy).findings {
        let element = serde_json::from_str::<String>(&text[finding.range.clone()]);
        let is_key = text[finding.range.end..].starts_with(':');
        if let (Ok(element), Code::Lint(Lint::NeverMatches), false) =
            (element, finding.code, is_key)
        {
            told.push(json!(element));
        }
    }
    let mut without = file.clone();
    let methods = without.policy_mut().and_then(|policy| policy.get_mut("methods"));
    let rules = methods.and_then(Value::as_object_mut).into_iter().flat_map(|m| m.values_mut());
    let lists =
        rules.flat_map(|rule| rule.as_object_mut().into_iter().flat_map(|r| r.values_mut()));
    for list in lists.filter_map(Value::as_array_mut) {
        list.retain(|element| !told.contains(element));
    }
    (without, told.len())
}

fn of_file(file: &PolicyFile) -> Policy {
    Policy::of(&file.to_source(), &Identity::default(), instant(NOW[0]))
}

/// The law below would hold of nothing, too.
#[test]
fn chance_makes_elements_that_never_match_and_keys_of_both_kinds() {
    let files = (0..500).map(|seed| mixed_policy(&mut Dice::seeded(seed)));
    let told = files.filter(|file| content(file).is_some_and(|p| without_told(file, p).1 > 0));
    assert!(told.count() > 100);
    let keys = (0..2_000).map(|seed| AnyCandidate::roll(&mut Dice::seeded(seed)));
    let is_long_term = |key: &AnyCandidate| {
        let candidate = key.as_candidate();
        candidate.method == Method::ApiKey && matches!(candidate.api_key, Some(ApiKey::LongTerm(_)))
    };
    assert!(keys.filter(is_long_term).count() > 20);
}

proptest! {
    #![proptest_config(cases(600))]

    /// Whoever removes an element that never matches changes no verdict.
    #[test]
    fn an_element_that_never_matches_can_be_removed(
        candidates in proptest::collection::vec(rolled(AnyCandidate::roll), 1..12),
        file in rolled(mixed_policy),
    ) {
        let Some(policy) = content(&file) else { return Ok(()) };
        let (with, without) = (of_file(&file), of_file(&without_told(&file, policy).0));
        for candidate in &candidates {
            let candidate = candidate.as_candidate();
            let (before, after) = (with.judge(&candidate), without.judge(&candidate));
            prop_assert_eq!(before.is_allowed(), after.is_allowed(), "{:?}", candidate);
        }
    }
}
