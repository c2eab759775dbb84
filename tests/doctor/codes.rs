//! Each code that a check can find, and each subject, provoked: with real files, owners and modes where it is about them.

use std::collections::BTreeSet;

use bedrock_auth::doctor::{Check, CheckCode, Subject, examine};
use bedrock_auth::load::Machine;
use bedrock_auth::load::keychain::{InMemoryKeychain, ItemName, KeychainState};
use serde_json::Value;

use crate::files::{CONFIG, CREDENTIALS, SETTINGS, of_another, with_mode};
use crate::support::place::Place;
use crate::{KEY, Person, clock, journal, report};

/// The checks, as the program or the library gives them.
type Checks = Vec<Value>;

type Situation = fn() -> Checks;

const SITUATIONS: &[(CheckCode, Situation)] = &[
    (CheckCode::PolicyUnusable, || in_place("echo '{' > policy.json", "root", &[])),
    (CheckCode::SettingsFaulty, || of_settings("{")),
    (CheckCode::SettingUnknown, || of_settings(r#"{ "regoin": "eu-west-1" }"#)),
    (CheckCode::FileOfAnother, || offline(&of_another(SETTINGS))),
    (CheckCode::FileReadableByOthers, || offline(&with_mode(CREDENTIALS, 0o644))),
    (CheckCode::FileWritableByOthers, || offline(&with_mode(CONFIG, 0o666))),
    (CheckCode::FileUnreadable, || {
        let script = "mkdir $scratch/ann/.aws; touch $scratch/ann/.aws/credentials; \
                      chmod 0 $scratch/ann/.aws/credentials; chown -R ann $scratch/ann";
        in_place(script, "ann", &[])
    }),
    (CheckCode::ProgramReplaceable, || in_place("chmod 777 $scratch", "ann", &[])),
    (CheckCode::ClockBeforeRelease, || as_values(&clock::long_ago())),
    (CheckCode::ClockBehindFiles, || offline(&clock::settings_of_tomorrow())),
    (CheckCode::ClockNotSynchronized, || {
        in_place("mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/timesync", "ann", &[])
    }),
    (CheckCode::ClockDrifts, || checks(&clock::online(120, false).json())),
    (CheckCode::ClockSkewed, || checks(&clock::online(600, false).json())),
    (CheckCode::KeychainAbsent, || of_keychain(KeychainState::Absent { reason: "gone".into() })),
    (CheckCode::KeychainLocked, || of_keychain(KeychainState::Locked)),
    (CheckCode::KeychainTimedOut, || {
        of_keychain(KeychainState::TimedOut { after: std::time::Duration::from_secs(2) })
    }),
    (CheckCode::KeychainFailed, || of_keychain(KeychainState::Failed { reason: "no".into() })),
    (CheckCode::KeychainItemUnusable, || {
        of_keychain(KeychainState::Unusable { item: ItemName::Zed, reason: "no JSON".into() })
    }),
    (CheckCode::JournalUnwritable, || journal::demanded(&journal::without_a_place())),
    (CheckCode::JournalKeyUnusable, || journal::demanded(&journal::with_a_broken_key())),
    (CheckCode::CaBundleUnusable, || with_variable("AWS_CA_BUNDLE", "/nonexistent/bundle.pem")),
    (CheckCode::ProxyUnusable, || with_variable("HTTPS_PROXY", "socks5://proxy.example")),
    (CheckCode::AmbientNeutralised, || with_variable("AWS_BEARER_TOKEN_BEDROCK", "hush")),
    (CheckCode::SignInNeeded, || {
        let settings = r#"{ "authentication_method": "sso", "profile": "tool" }"#;
        let config = "[profile tool]\nsso_start_url = https://corp.awsapps.com/start\n\
                      sso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = R\n";
        offline(&Person::with(&[(SETTINGS, settings), (CONFIG, config)], &[]))
    }),
    (CheckCode::AnswerDenied, || {
        let policy = r#"echo '{ "schema_version": 1, "id": "p", "methods": {} }' > policy.json"#;
        in_place(policy, "ann", &["ZED_BEDROCK_BEARER_TOKEN=a-token"])
    }),
    (CheckCode::AnswerUnconfigured, || offline(&Person::with(&[], &[]))),
    (CheckCode::CallerDiffers, || {
        // The key is of 123456789012, and this STS says whose its own are.
        let differs = clock::online_as(0, false, "111122223333");
        checks(&differs.json())
    }),
    (CheckCode::CallerUnknown, || checks(&clock::online(0, true).json())),
    (CheckCode::CallerNotAsked, || {
        let person = Person::with(&[], &[("ZED_BEDROCK_BEARER_TOKEN", "a-token")]);
        checks(&person.asks_the_doctor(&["--json", "--online"]).json())
    }),
];

pub(crate) fn checks(report: &Value) -> Checks {
    report["checks"].as_array().unwrap().clone()
}

fn as_values(checks: &[Check]) -> Checks {
    checks.iter().map(|check| serde_json::to_value(check).unwrap()).collect()
}

fn offline(person: &Person) -> Checks {
    checks(&person.asks_the_doctor(&["--json"]).json())
}

fn of_settings(text: &str) -> Checks {
    offline(&Person::with(&[(SETTINGS, text)], &[]))
}

fn with_variable(name: &'static str, value: &str) -> Checks {
    let key = [("ZED_ACCESS_KEY_ID", KEY), ("ZED_SECRET_ACCESS_KEY", "hush")];
    offline(&Person::with(&[], &[key[0], key[1], (name, value)]))
}

fn of_keychain(state: KeychainState) -> Checks {
    let machine = Machine::empty().with_keychain(InMemoryKeychain::pretending(state));
    as_values(&examine(&machine, &machine.resolve()))
}

/// On a machine whose managed place a script makes.
pub(crate) fn in_place(script: &'static str, person: &str, variables: &[&str]) -> Checks {
    let words = [variables, &["doctor", "--json", "--no-keychain"]].concat();
    let report = Place::made_by(script).run(person, &words).json();
    report::is_as_its_schema_says(&report);
    checks(&report)
}

/// Nobody but whoever answers knows what is wrong there, or nothing is.
const WITHOUT_REMEDY: &[CheckCode] =
    &[CheckCode::KeychainFailed, CheckCode::CallerNotAsked, CheckCode::CallerUnknown];

#[test]
fn every_code_and_every_subject_is_provoked() {
    let mut subjects = BTreeSet::new();
    for (code, situation) in SITUATIONS {
        let checks = situation();
        let found = checks.iter().find(|check| check["code"] == code.as_str());
        let found = found.unwrap_or_else(|| panic!("no `{code}` in {checks:#?}"));
        assert_eq!(found["state"], code.state().as_str(), "{found}");
        assert!(!found["message"].as_str().unwrap().contains("hush"), "{found}");
        let has_remedy = found["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty());
        assert!(has_remedy || WITHOUT_REMEDY.contains(code), "{found}");
        subjects.extend(checks.iter().map(|check| check["subject"].as_str().unwrap().to_owned()));
        for check in &checks {
            assert_eq!(check["state"] == "fine", check["code"].is_null(), "{check}");
        }
    }
    let provoked: BTreeSet<_> = SITUATIONS.iter().map(|(code, _)| *code).collect();
    assert!(provoked.iter().eq(CheckCode::ALL), "{provoked:?}");
    let all: BTreeSet<_> = Subject::ALL.iter().map(|subject| subject.as_str().to_owned()).collect();
    assert_eq!(subjects, all);
}

/// One look for the resolution and for the check.
#[test]
fn the_keychain_is_read_once() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bedrock_auth::credentials::StaticCredentials;
    use bedrock_auth::load::keychain::{Keychain, KeychainError, Removed};

    #[derive(Clone, Default)]
    struct Counting(Arc<AtomicUsize>);

    impl Keychain for Counting {
        fn read(&self) -> KeychainState {
            self.0.fetch_add(1, Ordering::Relaxed);
            KeychainState::Empty
        }

        fn store(&self, _: &StaticCredentials) -> Result<(), KeychainError> {
            Err(KeychainError::Disabled)
        }

        fn remove(&self) -> Result<Removed, KeychainError> {
            Err(KeychainError::Disabled)
        }
    }

    let looks = |prepared: fn(Machine) -> Machine| {
        let keychain = Counting::default();
        let machine = prepared(Machine::empty().with_keychain(keychain.clone()));
        examine(&machine, &machine.resolve());
        keychain.0.load(Ordering::Relaxed)
    };
    assert_eq!(looks(Machine::reading_keychain_once), 1);
    assert_eq!(looks(|machine| machine), 2);
}
