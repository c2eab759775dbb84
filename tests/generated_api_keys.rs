//! Short-term API keys that AWS's own generators make, for Python and for JavaScript, are read as they were meant.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use bedrock_auth::auth::{ApiKey, ApiKeyKind, ShortTermKey};
use data_encoding::BASE64_NOPAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use support::peers;
use support::program::{Answer, answer, program};

/// Of every partition and of every shape that a region's name has.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "us-west-1",
    "us-west-2",
];
const LIFETIMES: &[u32] = &[1, 59, 900, 3_599, 3_600, 28_800, 28_801, 43_199, 43_200];
/// Long enough for the key to be valid until the program has looked at it.
const LASTING: &[u32] = &[900, 28_800, 28_801, 43_200];
/// What an alteration puts in the place of a character: in base64, at its end alone, and never.
/// Their number has no factor in common with four, the characters of three bytes.
const OTHERS: [&str; 9] = ["A", "h", "=", "5", "+", "!", "/", "\n", "é"];
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+never-shown";

/// Whoever signs a key, invented.
struct KeySigner {
    access_key_id: &'static str,
    account: Option<&'static str>,
    session_token: Option<String>,
}

impl KeySigner {
    fn is_temporary(&self) -> bool {
        self.session_token.is_some()
    }
}

fn signers() -> [KeySigner; 5] {
    let long_lived =
        |access_key_id, account| KeySigner { access_key_id, account, session_token: None };
    let session = |access_key_id, account, token: &str| KeySigner {
        access_key_id,
        account,
        session_token: Some(token.to_owned()),
    };
    // As long as real ones, with all that base64 may hold.
    let long_token = "IQoJb3JpZ2luX2Vj/+never-shown".repeat(40) + "==";
    [
        long_lived("AKIARZPUZDIKEWS2LJNF", Some("123456789012")),
        session("ASIAY34FZKBOKMUTVV7A", Some("609629065308"), &long_token),
        long_lived("AKIAIOSFODNN7EXAMPLE", None),
        session("ASIAQAAAAAAAGMKEM7X5", Some("000000000000"), "a token&with=what%20URLs+escape/é"),
        session("ASIAIOSFODNN7EXAMPLE", None, "short"),
    ]
}

/// What a key is made of.
struct Case<'a> {
    signer: &'a KeySigner,
    region: &'static str,
    lifetime: u32,
}

impl Case<'_> {
    fn to_json(&self) -> Value {
        json!({
            "access_key_id": self.signer.access_key_id,
            "secret_access_key": SECRET,
            "session_token": self.signer.session_token,
            "region": self.region,
            "lifetime_seconds": self.lifetime,
        })
    }
}

/// Every signer with every region and every lifetime.
fn all_cases(signers: &[KeySigner]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for signer in signers {
        for &region in REGIONS {
            cases.extend(LIFETIMES.iter().map(|&lifetime| Case { signer, region, lifetime }));
        }
    }
    cases
}

/// Every region once, with the signers and the lifetimes in turn: their numbers have no common factor.
fn lasting_cases(signers: &[KeySigner]) -> Vec<Case<'_>> {
    let signers = signers.iter().cycle();
    let lifetimes = LASTING.iter().cycle();
    let parts = REGIONS.iter().zip(signers).zip(lifetimes);
    parts.map(|((&region, signer), &lifetime)| Case { signer, region, lifetime }).collect()
}

fn generators() -> [(&'static str, Command); 2] {
    let mut python = peers::python();
    python.arg(peers::script("api_keys.py"));
    let mut node = peers::node();
    node.arg(peers::script("api_keys.cjs"));
    [("Python", python), ("JavaScript", node)]
}

/// One key for each case.
fn generate(generator: &mut Command, cases: &[Case<'_>]) -> Vec<String> {
    let mut child = generator
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = Value::from_iter(cases.iter().map(Case::to_json)).to_string();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let keys: Option<Vec<String>> = serde_json::from_slice(&output.stdout).ok();
    let keys = keys.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(keys.len(), cases.len());
    keys
}

fn short_term(key: &str) -> ShortTermKey {
    match ApiKey::decode(key) {
        Ok(ApiKey::ShortTerm(key)) => key,
        other => panic!("{other:?}: {key}"),
    }
}

#[test]
fn every_key_says_what_it_was_made_of() {
    let signers = signers();
    let cases = all_cases(&signers);
    for (language, mut generator) in generators() {
        let earliest = whole_second(Timestamp::now());
        let keys = generate(&mut generator, &cases);
        let latest = Timestamp::now();
        for (case, key) in cases.iter().zip(&keys) {
            let decoded = short_term(key);
            let what = format!("{language}: {decoded:?}");
            assert_eq!(decoded.signer.as_str(), case.signer.access_key_id, "{what}");
            let account = decoded.signer.account().map(|account| account.to_string());
            assert_eq!(account.as_deref(), case.signer.account, "{what}");
            assert_eq!(decoded.region, case.region, "{what}");
            assert_eq!(decoded.lifetime_seconds, case.lifetime, "{what}");
            assert_eq!(decoded.is_signed_by_temporary_key(), case.signer.is_temporary(), "{what}");
            assert!((earliest..=latest).contains(&decoded.issued), "{what}");
            let lasts = decoded.expires().duration_since(decoded.issued);
            assert_eq!(lasts.as_secs(), i64::from(case.lifetime), "{what}");
            assert_eq!(ApiKey::decode(key).unwrap().kind(), Some(ApiKeyKind::ShortTerm));
            assert_eq!(short_term(key.trim_end_matches('=')), decoded, "without padding: {what}");
        }
    }
}

/// The generators write whole seconds.
fn whole_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap()
}

/// Cut anywhere, a key is refused, or says what it said before.
#[test]
fn a_key_that_breaks_off_never_says_anything_else() {
    for_one_key_of_each_signer(|key| {
        let whole = short_term(key);
        for end in 0..key.len() {
            match ApiKey::decode(&key[..end]) {
                Ok(ApiKey::ShortTerm(rest)) => assert_eq!(rest, whole, "cut at {end}: {key}"),
                Ok(ApiKey::Opaque) => assert!(!ApiKey::looks_like_one(&key[..end])),
                Ok(ApiKey::LongTerm(other)) => panic!("{other:?}: {key}"),
                Err(_) => {}
            }
        }
    });
}

/// With one character changed, wherever it stands, a key is refused, or the facts are those that now stand in it.
#[test]
fn an_altered_key_says_only_what_stands_in_it() {
    for_one_key_of_each_signer(|key| {
        for (at, other) in (0..key.len()).zip(OTHERS.iter().cycle()) {
            let altered = format!("{}{other}{}", &key[..at], &key[at + 1..]);
            match ApiKey::decode(&altered) {
                Ok(ApiKey::ShortTerm(decoded)) => stands_in(&decoded, &altered),
                Ok(ApiKey::Opaque) => assert!(!ApiKey::looks_like_one(&altered)),
                Ok(ApiKey::LongTerm(other)) => panic!("{other:?}: {altered}"),
                Err(_) => {}
            }
        }
    });
}

fn for_one_key_of_each_signer(check: impl Fn(&str)) {
    let signers = signers();
    let cases: Vec<_> = signers
        .iter()
        .map(|signer| Case { signer, region: "us-gov-west-1", lifetime: 43_200 })
        .collect();
    for (_, mut generator) in generators() {
        generate(&mut generator, &cases).iter().for_each(|key| check(key));
    }
}

/// A reading of its own: the request as a URL.
fn stands_in(decoded: &ShortTermKey, key: &str) {
    let encoded = key.strip_prefix("bedrock-api-key-").unwrap().trim_end_matches('=');
    let request = String::from_utf8(BASE64_NOPAD.decode(encoded.as_bytes()).unwrap()).unwrap();
    let url = url::Url::parse(&format!("https://{request}")).unwrap();
    assert_eq!(url.host_str(), Some("bedrock.amazonaws.com"), "{request}");
    let all = |name: &str| -> Vec<_> {
        let named = url.query_pairs().filter(|(key, _)| key == name);
        named.map(|(_, value)| value.into_owned()).collect()
    };
    let date = decoded.issued.strftime("%Y%m%dT%H%M%SZ").to_string();
    let scope = format!("{}/{}/bedrock/aws4_request", &date[..8], decoded.region);
    assert_eq!(all("Action"), ["CallWithBearerToken"], "{request}");
    assert_eq!(all("X-Amz-Credential"), [format!("{}/{scope}", decoded.signer)], "{request}");
    assert_eq!(all("X-Amz-Date"), [date], "{request}");
    let [lifetime] = &all("X-Amz-Expires")[..] else { panic!("{request}") };
    assert_eq!(lifetime.parse(), Ok(decoded.lifetime_seconds), "{request}");
}

/// A policy, as the keys that `schema_version` and `id` leave, and the code with which it refuses a key.
struct Rule {
    policy: Value,
    refusal: fn(&Case<'_>) -> Option<&'static str>,
}

fn rules() -> Vec<Rule> {
    let api_key = |rule: Value| json!({ "methods": { "api_key": rule } });
    vec![
        Rule { policy: api_key(json!({ "kinds": ["short_term"] })), refusal: |_| None },
        Rule {
            policy: api_key(json!({ "kinds": ["long_term"] })),
            refusal: |_| Some("api_key_kind_not_allowed"),
        },
        Rule {
            policy: api_key(json!({ "max_lifetime": "8h" })),
            refusal: |case| (case.lifetime > 28_800).then_some("api_key_lifetime_too_long"),
        },
        Rule {
            policy: api_key(json!({ "temporary_only": true })),
            refusal: |case| (!case.signer.is_temporary()).then_some("long_lived_credential"),
        },
        Rule {
            policy: api_key(json!({ "accounts": ["609629065308"] })),
            refusal: |case| match case.signer.account {
                Some("609629065308") => None,
                Some(_) => Some("account_not_allowed"),
                None => Some("account_unknown"),
            },
        },
        Rule {
            policy: json!({ "regions": ["eu-*", "us-gov-*"] }),
            refusal: |case| {
                let listed = ["eu-", "us-gov-"].iter().any(|start| case.region.starts_with(start));
                (!listed).then_some("region_not_allowed")
            },
        },
    ]
}

#[test]
fn the_program_judges_every_key_by_each_rule() {
    let signers = signers();
    let cases = lasting_cases(&signers);
    let place = tempfile::tempdir().unwrap();
    let rules = rules();
    let mut refused = vec![0; rules.len()];
    for (language, mut generator) in generators() {
        let keys = generate(&mut generator, &cases);
        for (case, key) in cases.iter().zip(&keys) {
            for (index, rule) in rules.iter().enumerate() {
                let policy = place.path().join("policy.json");
                write_policy(&policy, &rule.policy);
                let answer = status(key, case.region, &["--managed", policy.to_str().unwrap()]);
                let expected = (rule.refusal)(case);
                refused[index] += u32::from(expected.is_some());
                judged(case, expected, &answer, &format!("{language}, {}", rule.policy));
            }
        }
    }
    let keys = u32::try_from(2 * cases.len()).unwrap();
    assert_eq!(refused[..2], [0, keys]);
    assert!(refused[2..].iter().all(|count| (1..keys).contains(count)), "{refused:?}");
}

fn judged(case: &Case<'_>, refusal: Option<&str>, answer: &Answer, what: &str) {
    assert!(!answer.stdout.contains("never-shown"), "{what}: {}", answer.stdout);
    let value = answer.json();
    let codes: Vec<_> =
        value["denials"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    match refusal {
        None => {
            assert_eq!(answer.code, 0, "{what}: {value:#}");
            assert_eq!(value["auth"], json!({ "method": "api_key" }), "{what}");
            assert_eq!(value["root"], "short_term_api_key", "{what}");
            assert_eq!(value["access_key_id"], case.signer.access_key_id, "{what}");
            assert_eq!(value["account"].as_str(), case.signer.account, "{what}");
            assert_eq!(value["region"]["value"], case.region, "{what}");
            let expires: Timestamp = value["expires"].as_str().unwrap().parse().unwrap();
            let left = expires.duration_since(Timestamp::now()).as_secs();
            let lifetime = i64::from(case.lifetime);
            assert!((lifetime - 600..=lifetime).contains(&left), "{what}: {value:#}");
        }
        Some(code) => {
            assert_eq!(answer.code, 3, "{what}: {value:#}");
            assert_eq!(value["auth"], Value::Null, "{what}");
            assert_eq!(codes, [code], "{what}");
        }
    }
}

#[test]
fn the_program_takes_no_damaged_or_foreign_key() {
    let signers = signers();
    let case = Case { signer: &signers[1], region: "cn-north-1", lifetime: 3_600 };
    for (language, mut generator) in generators() {
        let key = generate(&mut generator, std::slice::from_ref(&case)).remove(0);
        let (half, rest) = key.split_at(key.len() / 4);
        for (damaged, region, code) in [
            (half.to_owned(), "cn-north-1", "credential_malformed"),
            (format!("{half}!{}", &rest[1..]), "cn-north-1", "credential_malformed"),
            (format!("{half}\n{rest}"), "cn-north-1", "credential_malformed"),
            (format!("{key}{key}"), "cn-north-1", "credential_malformed"),
            (key.clone(), "us-east-1", "api_key_of_other_region"),
        ] {
            let answer = status(&damaged, region, &[]);
            let value = answer.json();
            assert_eq!(answer.code, 5, "{language}: {value:#}");
            let candidates = value["candidates"].as_array().unwrap();
            assert!(candidates.iter().any(|one| one["code"] == code), "{language}: {value:#}");
        }
    }
}

fn write_policy(path: &std::path::Path, parts: &Value) {
    let mut policy = json!({ "schema_version": 1, "id": "generated" });
    policy.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    std::fs::write(path, policy.to_string()).unwrap();
}

fn status(key: &str, region: &str, options: &[&str]) -> Answer {
    let mut command = program(&[&["status", "--json", "--no-keychain"], options].concat());
    command.env("ZED_BEDROCK_BEARER_TOKEN", key).env("ZED_AWS_REGION", region);
    answer(&mut command)
}
