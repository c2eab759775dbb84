//! Any profile under any policy, and any key that comes of it: judged without a panic, and no secret is shown.
#![no_main]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bedrock_auth::auth::AccessKeyId;
use bedrock_auth::aws::{AwsFacts, AwsInputs, FileText};
use bedrock_auth::jsonc::{self, SourceText, UnknownKeys};
use bedrock_auth::load::{Clock, Machine, Managed};
use bedrock_auth::policy::{Delivered, DenialCode, ManagedSource, Policy};
use bedrock_auth::resolve::Allowed;
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYcAnArYs3cr3t";
const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// Longer texts are never shown where an id belongs.
const LONGEST_ID: usize = 32;

/// Bits of the first byte.
const ONLY_REPORTS: u8 = 1;
const HAS_SESSION_TOKEN: u8 = 2;
const HAS_END: u8 = 4;

/// Bits, the hours until the end, and three parts: the id that comes, a policy's members, lines of a profile.
type Input<'a> = (u8, i8, &'a str);

fuzz_target!(|input: Input<'_>| {
    let (bits, hours, text) = input;
    let has = |bit| bits & bit != 0;
    let mut parts = text.splitn(3, "\n---\n");
    let (Some(id), Some(members), Some(profile)) = (parts.next(), parts.next(), parts.next())
    else {
        return;
    };
    if text.contains(SECRET) {
        return;
    }
    let only_reports = has(ONLY_REPORTS);
    let delivered = Delivered {
        access_key_id: AccessKeyId::new(id),
        has_session_token: has(HAS_SESSION_TOKEN),
        expires: has(HAS_END).then(|| NOW + SignedDuration::from_hours(hours.into())),
    };
    let hides_id = id.len() > LONGEST_ID && !members.contains(id) && !profile.contains(id);
    let policy = policy(only_reports, members);
    for method in ["automatic", "named_profile", "sso"] {
        let machine = machine(method, profile);
        let governed = machine.clone().with_managed(Managed::Given(vec![policy.clone()]));
        let judged = format!("{:?}", governed.resolve());
        assert!(!judged.contains(SECRET), "{judged}");
        let Some(allowed) = machine.resolve().allowed().cloned() else { continue };
        for said in used(&allowed, &governed.policy(), &delivered, only_reports) {
            assert!(!said.contains(SECRET), "{said}");
            assert!(!hides_id || !said.contains(id), "{id} in {said}");
        }
    }
});

fn policy(only_reports: bool, members: &str) -> ManagedSource {
    let enforcement = if only_reports { "report_only" } else { "enforce" };
    let text = format!(
        "{{ \"schema_version\": 1, \"id\": \"fuzz\", \"enforcement\": \"{enforcement}\", {members} }}"
    );
    ManagedSource::of_bytes(0, Path::new("policy.json"), text.into_bytes())
}

/// A machine without any policy, so that whatever can sign is allowed.
fn machine(method: &str, profile: &str) -> Machine {
    let keys =
        format!("aws_access_key_id = AKIAY34FZKBOKMUTVV7A\naws_secret_access_key = {SECRET}");
    let config = format!("[profile keys]\n{keys}\n[profile fuzz]\n{profile}");
    let variables = [
        ("AWS_PROFILE", "fuzz"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"),
        ("AWS_SESSION_TOKEN", SECRET),
    ];
    let environment =
        BTreeMap::from(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let signers = AwsFacts::new(AwsInputs {
        environment,
        config: Some(FileText::new("config", config.into_bytes())),
        credentials: None,
    });
    let settings = format!(r#"{{ "authentication_method": "{method}", "profile": "fuzz" }}"#);
    let settings = SourceText::new(Path::new("settings.json"), settings);
    Machine::empty().with_clock(Clock::At(NOW)).with_signers(Arc::new(signers)).with_settings_read(
        jsonc::read(&settings, UnknownKeys::Refuse).expect("these are settings"),
    )
}

/// What is said of a use, as the key that signs and as the base of a role.
fn used(
    allowed: &Allowed,
    policy: &Policy,
    delivered: &Delivered,
    only_reports: bool,
) -> [String; 2] {
    let beforehand = allowed.judge(policy, NOW);
    let verdicts = [
        allowed.judge_delivery(policy, delivered, NOW),
        allowed.judge_base_delivery(policy, delivered, NOW),
    ];
    let has_ended = delivered.expires.is_some_and(|end| end <= NOW);
    for verdict in &verdicts {
        let codes = verdict.denials.iter().map(|denial| denial.code);
        let of_policy = codes.filter(|code| *code != DenialCode::CredentialExpired).count();
        assert!(!only_reports || !policy.faults().is_empty() || of_policy == 0, "{verdict:?}");
        assert!(!has_ended || !verdict.is_allowed(), "what has ended is used");
    }
    assert!(beforehand.is_allowed() || !verdicts[0].is_allowed(), "{beforehand:?}");
    verdicts.map(|verdict| format!("{verdict:?} {delivered:?} {allowed:?}"))
}
