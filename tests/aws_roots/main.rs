//! What `aws` predicts of a profile is what the AWS SDK for Rust does with it.
//!
//! Both get the same generated files. The SDK talks to a connector of ours, which answers for STS and for the
//! instance metadata service and writes down who signed what; nothing leaves the process but `echo`.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

mod comparison;
mod default_chain;
mod files;
mod sdk;
mod spellings;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;

use bedrock_auth::signer::{Signer, SignerFault, SignerFaultKind, Signers};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use self::comparison::{class, compare};
use self::files::{Files, ODDITIES, files, select};
use self::sdk::{End, sdk};

/// Each of them is two files.
const CASES: u32 = 5_000;
const WORKERS: u64 = 2;
const NAMES: [&str; 4] = ["a", "b", "c", "default"];

#[test]
fn prediction_agrees_with_the_sdk() {
    // `credential_source = Environment` reads the real environment.
    if std::env::vars().any(|(name, _)| name.starts_with("AWS_")) {
        let output = without_environment("prediction_agrees_with_the_sdk").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let reached = Mutex::default();
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let reached = &reached;
            scope.spawn(move || compare_many(worker, reached));
        }
    });
    let reached = reached.into_inner().unwrap();
    for class in [
        "long_lived_keys behind 0",
        "long_lived_keys behind 2",
        "credential_process behind 0",
        "credential_process behind 1",
        "web_identity behind 0",
        "web_identity behind 1",
        "imds behind 0",
        "imds behind 2",
        "sso behind 0",
        "sso behind 1",
        "login behind 0",
        "ProfileNotFound",
        "NoCredentials",
        "Incomplete",
        "Invalid",
        "Loop",
    ] {
        assert!(reached.contains_key(class), "no case reached {class}: {reached:?}");
    }
    for oddity in ODDITIES {
        assert!(reached.contains_key(oddity), "no key came of files with {oddity:?}: {reached:?}");
    }
}

/// Compares a worker's share of the cases, and counts what they reached.
fn compare_many(worker: u64, reached: &Mutex<BTreeMap<String, u32>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runner(worker).run(&(files(), select(&NAMES)), |(files, asked)| {
        let predicted = files.predicted(&[]).profile(asked);
        let done = runtime.block_on(sdk(&files, asked));
        let mut reached = reached.lock().unwrap();
        *reached.entry(class(&predicted)).or_default() += 1;
        if matches!(done.end, End::Key(_)) {
            for oddity in ODDITIES.into_iter().filter(|oddity| files.hold(oddity)) {
                *reached.entry(oddity.to_owned()).or_default() += 1;
            }
        }
        drop(reached);
        compare(&files, asked, &predicted, &done)
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

/// A share of the cases; workers of one run never have the same seed.
fn runner(worker: u64) -> TestRunner {
    let mut config =
        Config { failure_persistence: None, ..Config::with_cases(CASES / WORKERS as u32) };
    if let RngSeed::Fixed(seed) = &mut config.rng_seed {
        *seed = seed.wrapping_mul(WORKERS).wrapping_add(worker);
    }
    TestRunner::new(config)
}

/// Whatever stands in the files: both accept or both refuse, and nothing panics.
#[test]
fn any_text_is_accepted_or_refused_alike() {
    let line = prop_oneof![
        Just("[profile a]".to_owned()),
        Just("[default]".to_owned()),
        Just("credential_process = x".to_owned()),
        Just("[sso-session s]".to_owned()),
        Just("[services s]".to_owned()),
        Just("s3 =".to_owned()),
        Just("  nested = x".to_owned()),
        r"[ \t\[\]#;=a\u{a0}é\r]{0,6}",
    ];
    let text = proptest::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runner(0).run(&(text.clone(), text), |(config, credentials)| {
        let files = Files { config, credentials };
        let refused = |answer: Result<Signer, SignerFault>| {
            matches!(answer, Err(SignerFault { kind: SignerFaultKind::FileUnusable { .. }, .. }))
        };
        let predicted = refused(files.predicted(&[]).profile("nobody"));
        let done = matches!(runtime.block_on(sdk(&files, "nobody")).end, End::Refused(_));
        prop_assert_eq!(predicted, done);
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

/// One test of this program in another process.
fn without_environment(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--include-ignored", "--nocapture"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}
