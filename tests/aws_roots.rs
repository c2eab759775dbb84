//! What `aws` predicts of a profile is what the AWS SDK for Rust does with it.
//!
//! Both get the same generated files. The SDK talks to a connector of ours, which answers for STS and for the
//! instance metadata service and writes down who signed what; nothing leaves the process but `echo`.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected has failed")]

use std::collections::BTreeMap;
use std::error::Error as _;
use std::process::Command;
use std::sync::{Arc, Mutex};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bedrock_auth::auth::Root;
use bedrock_auth::aws::{AwsFacts, AwsInputs, FileText};
use bedrock_auth::provenance::Place;
use bedrock_auth::signer::{Signer, SignerFault, SignerFaultKind, Signers, Step, StepKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use secrecy::ExposeSecret;

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

/// Spellings that people try, what comes of them, and that the SDK makes the same of them.
#[test]
fn odd_spellings_are_read_as_the_sdk_reads_them() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for &(config, credentials, asked, expected) in SPELLINGS {
        let with_secrets = |text: &str| {
            text.replace("WHOLE=", "aws_secret_access_key = s\naws_access_key_id = AKIA")
        };
        let files = Files { config: with_secrets(config), credentials: with_secrets(credentials) };
        let facts = files.predicted(&[]);
        let predicted = match facts.profile(asked) {
            Ok(signer) => {
                let key = facts.access_key(&signer.chain.last().unwrap().kind).unwrap();
                key.access_key_id.unwrap().expose_secret().to_owned()
            }
            Err(fault) => class(&Err(fault)),
        };
        assert_eq!(predicted, expected, "{asked} of {files:?}");
        let done = runtime.block_on(sdk(&files, asked));
        match (&done.end, done.calls.first()) {
            (End::Key(_), Some((_, signed_first))) => {
                assert_eq!(signed_first, expected, "{files:?}")
            }
            (End::Key(key), None) => assert_eq!(key, expected, "{files:?}"),
            _ => assert!(!expected.starts_with("AKIA"), "{done:?}: {files:?}"),
        }
    }
}

/// The config file, in which `WHOLE=` begins a whole key; the credentials file; the profile; the key or the fault.
const SPELLINGS: &[(&str, &str, &str, &str)] = &[
    // Headers,
    ("[profile a]\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile\ta]\nWHOLE=1", "", "a", "AKIA1"),
    ("[ profile a ]\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile a];comment\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile a] # ]\nWHOLE=1", "", "a", "AKIA1"),
    ("\n\t\n# comment\n; comment\n[profile a]\n\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile a]\r\nWHOLE=1\r\n", "", "a", "AKIA1"),
    ("[profile a.b/c@d:e+f%g_h-1]\nWHOLE=1", "", "a.b/c@d:e+f%g_h-1", "AKIA1"),
    ("[profile]\nWHOLE=1", "", "profile", "ProfileNotFound"),
    ("[profile profile]\nWHOLE=1", "", "profile", "AKIA1"),
    ("[PROFILE a]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profilea]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profile A]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profile \"a\"]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profile a b]\nWHOLE=1", "", "a b", "ProfileNotFound"),
    ("[profile é]\nWHOLE=1", "", "é", "ProfileNotFound"),
    ("[a]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[sso-session a]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[services a]\nWHOLE=1", "", "a", "ProfileNotFound"),
    ("[profile a\nWHOLE=1", "", "a", "FileUnusable"),
    ("\u{feff}[profile a]\nWHOLE=1", "", "a", "FileUnusable"),
    ("[profile b]\nWHOLE=1", "[a\nWHOLE=2", "b", "FileUnusable"),
    ("", "[a]\nWHOLE=1", "a", "AKIA1"),
    ("", "[ a\t] # comment\nWHOLE=1", "a", "AKIA1"),
    ("", "[profile a]\nWHOLE=1", "a", "ProfileNotFound"),
    ("", "[sso-sessiona]\nWHOLE=1", "sso-sessiona", "AKIA1"),
    // the default,
    ("[default]\nWHOLE=1", "", "default", "AKIA1"),
    ("[profile default]\nWHOLE=1", "", "default", "AKIA1"),
    ("[profile default]\nWHOLE=1\n[default]\nWHOLE=2", "", "default", "AKIA1"),
    ("[default]\nWHOLE=1\n[profile default]\nregion = r", "", "default", "NoCredentials"),
    ("[profile default]\nWHOLE=1", "[default]\nWHOLE=2", "default", "AKIA2"),
    ("[Default]\nWHOLE=1", "", "default", "ProfileNotFound"),
    ("[default]\nWHOLE=1\n[profile a]\nregion = r", "", "a", "NoCredentials"),
    // sections that come again,
    ("[profile a]\nWHOLE=1\n[profile b]\nWHOLE=2\n[profile a]\nregion = r", "", "a", "AKIA1"),
    ("[profile a]\nWHOLE=1\n[profile a]\nWHOLE=2", "", "a", "AKIA2"),
    ("[profile a]\naws_access_key_id = AKIA1", "[a]\naws_secret_access_key = s", "a", "AKIA1"),
    ("[profile a]\nWHOLE=1", "[a]\naws_access_key_id = AKIA2", "a", "AKIA2"),
    // keys and values,
    ("[profile a]\nAWS_Access_Key_ID=AKIA1\nAWS_SECRET_ACCESS_KEY\t=\ts", "", "a", "AKIA1"),
    ("[profile a]\nWHOLE=1 # comment", "", "a", "AKIA1"),
    ("[profile a]\nWHOLE=1\t;comment", "", "a", "AKIA1"),
    ("[profile a]\naws-access-key-id = AKIA1\naws_secret_access_key = s", "", "a", "Incomplete"),
    ("[profile a]\naws access_key_id = AKIA1\naws_secret_access_key = s", "", "a", "Incomplete"),
    ("[profile a]\naws_access_key_id AKIA1", "", "a", "FileUnusable"),
    ("[profile a]\n= AKIA1", "", "a", "FileUnusable"),
    // lines that go on,
    ("[profile a]\n  region = r", "", "a", "FileUnusable"),
    ("[profile a]\nregion = r\n  aws_access_key_id = AKIA1", "", "a", "NoCredentials"),
    ("[profile a]\nregion = r\n [profile b]\nWHOLE=1", "", "a", "AKIA1"),
    ("[profile a]\nregion = r\n [profile b]\nWHOLE=1", "", "b", "ProfileNotFound"),
    ("[profile a]\ns3 =\n  aws_access_key_id = AKIA1", "", "a", "NoCredentials"),
    // and roles.
    (ROLE, "[b]\nWHOLE=1", "a", "AKIA1"),
    (ROLE, "[B]\nWHOLE=1", "a", "ProfileNotFound"),
    (ROLE, "[a]\nWHOLE=1\n[b]\nWHOLE=2", "a", "AKIA2"),
    (ROLE, "[a]\nsource_profile = a\nWHOLE=1\n[b]\nWHOLE=2", "a", "AKIA1"),
    (ROLE, "[b]\nrole_arn = r\nsource_profile = a", "a", "Loop"),
    (ROLE, "[b]\nrole_arn = r\nsource_profile = a\nWHOLE=1", "a", "AKIA1"),
    (ROLE, "[a]\ncredential_source = Environment\n[b]\nWHOLE=1", "a", "Invalid"),
    (ROLE, "[b]\nregion = r", "a", "NoCredentials"),
];

const ROLE: &str = "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = b\n";

/// Every combination of what the environment may hold, each in a process of its own.
///
/// Where a profile that `AWS_PROFILE` names leads nowhere, the SDK may sign with something else; ours refuses.
#[test]
fn the_default_chain_finds_what_was_predicted() {
    let config = concat!(env!("CARGO_TARGET_TMPDIR"), "/aws_roots_config");
    let files = Files { config: DEFAULT_CHAIN_PROFILES.to_owned(), credentials: String::new() };
    std::fs::write(config, &files.config).unwrap();
    let (mut compared, mut refused) = (0, 0);
    for keys in KEYS {
        for profile in PROFILES {
            for web_identity in WEB_IDENTITIES {
                for container in CONTAINERS {
                    let variables = [keys, profile, web_identity, container].concat();
                    let predicted = files.predicted(&variables).automatic();
                    let done = default_chain(config, &variables);
                    compared += 1;
                    if done != "nothing" && predicted.as_ref().is_err_and(is_of_chosen_profile) {
                        let fell_through = ["ASSUMED1", CONTAINER_KEY, IMDS_KEY];
                        assert!(fell_through.contains(&done.as_str()), "{variables:?}: {done}");
                        refused += 1;
                    } else {
                        assert_eq!(expected_of(&predicted), done, "{variables:?}\n{predicted:?}");
                    }
                }
            }
        }
    }
    assert_eq!(compared, 4 * 7 * 3 * 5);
    // `bare` and `lost`, where no keys come first and neither web identity nor container is broken.
    assert_eq!(refused, 2 * 3 * (5 + 3));
}

fn is_of_chosen_profile(fault: &SignerFault) -> bool {
    matches!(
        fault.kind,
        SignerFaultKind::NoCredentials { .. } | SignerFaultKind::ProfileNotFound { .. }
    )
}

type Variables = &'static [(&'static str, &'static str)];

const DEFAULT_CHAIN_PROFILES: &str = "\
[profile good]
credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"s\"}'
[profile half]
aws_access_key_id = AKIA
[profile bare]
region = eu-west-1
[profile lost]
role_arn = r
source_profile = nobody
[profile surroundings]
credential_source = Environment
";
const KEYS: [Variables; 4] = [
    &[],
    &[("AWS_ACCESS_KEY_ID", "AKIAENV")],
    &[("AWS_ACCESS_KEY_ID", "AKIAENV"), ("AWS_SECRET_ACCESS_KEY", " "), ("SECRET_ACCESS_KEY", "s")],
    &[("AWS_ACCESS_KEY_ID", " "), ("AWS_SECRET_ACCESS_KEY", "s")],
];
const PROFILES: [Variables; 7] = [
    &[],
    &[("AWS_PROFILE", "")],
    &[("AWS_PROFILE", "good")],
    &[("AWS_PROFILE", "half")],
    &[("AWS_PROFILE", "bare")],
    &[("AWS_PROFILE", "lost")],
    &[("AWS_PROFILE", "surroundings")],
];
const WEB_IDENTITIES: [Variables; 3] = [
    &[],
    &[("AWS_WEB_IDENTITY_TOKEN_FILE", "Cargo.toml"), ("AWS_ROLE_ARN", "r")],
    &[("AWS_WEB_IDENTITY_TOKEN_FILE", "Cargo.toml"), ("AWS_ROLE_ARN", "")],
];
const CONTAINERS: [Variables; 5] = [
    &[],
    &[("AWS_EC2_METADATA_DISABLED", "True")],
    &[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")],
    &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x")],
    &[
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x"),
    ],
];

/// The key that the stubs hand out for the predicted root.
fn expected_of(predicted: &Result<Signer, SignerFault>) -> String {
    let Ok(signer) = predicted else { return "nothing".to_owned() };
    match signer.chain.last().unwrap().kind {
        StepKind::EnvironmentKeys => "AKIAENV",
        StepKind::CredentialProcess { .. } => "PROC",
        StepKind::WebIdentity { .. } => "ASSUMED1",
        StepKind::Container => CONTAINER_KEY,
        StepKind::Imds => IMDS_KEY,
        _ => panic!("{signer:?}"),
    }
    .to_owned()
}

/// One test of this file in another process.
fn without_environment(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([test, "--exact", "--include-ignored", "--nocapture"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Asks the SDK's chain in a process with exactly these variables.
fn default_chain(config: &str, variables: &[(&str, &str)]) -> String {
    let output = without_environment("in_a_process_of_its_own")
        .env("AWS_CONFIG_FILE", config)
        .env("AWS_SHARED_CREDENTIALS_FILE", "")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answer = text.split("signs: ").nth(1).unwrap_or_else(|| panic!("{text}"));
    answer.lines().next().unwrap().to_owned()
}

#[expect(clippy::print_stdout, reason = "this is how the process answers")]
#[test]
#[ignore = "run by `the_default_chain_finds_what_was_predicted`"]
fn in_a_process_of_its_own() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = ProviderConfig::without_region().with_http_client(Aws::default());
    let region = Region::from_static("eu-west-1");
    let chain = DefaultCredentialsChain::builder().configure(config).region(region).build();
    let answer = runtime.block_on(async { chain.await.provide_credentials().await });
    println!(
        "signs: {}",
        answer.map_or("nothing".to_owned(), |key| key.access_key_id().to_owned())
    );
}

#[derive(Debug, Clone)]
struct Files {
    config: String,
    credentials: String,
}

impl Files {
    fn predicted(&self, variables: &[(&str, &str)]) -> AwsFacts {
        let environment = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        AwsFacts::new(AwsInputs {
            environment: environment.collect(),
            config: Some(FileText::new("config", self.config.clone().into_bytes())),
            credentials: Some(FileText::new("credentials", self.credentials.clone().into_bytes())),
        })
    }

    fn text(&self, file: &str) -> &str {
        if file == "config" { &self.config } else { &self.credentials }
    }

    fn hold(&self, text: &str) -> bool {
        self.config.contains(text) || self.credentials.contains(text)
    }
}

// ---- the generated files

fn files() -> impl Strategy<Value = Files> {
    let line_ends = prop_oneof![5 => Just("\n"), 1 => Just("\r\n")];
    (sections("config"), sections("credentials"), select(SSO_SESSIONS), select(SERVICES), line_ends)
        .prop_map(|(config, credentials, session, services, line_end)| {
            let config = [services, session, &config].join("\n");
            Files {
                config: config.replace('\n', line_end),
                credentials: credentials.replace('\n', line_end),
            }
        })
}

fn select<T: Copy + std::fmt::Debug + 'static>(
    values: &'static [T],
) -> impl Strategy<Value = T> + Clone {
    proptest::sample::select(values)
}

/// The `[sso-session s]`: whole, in pieces, spelled oddly, or of another name.
const SSO_SESSIONS: &[&str] = &[
    "",
    "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start",
    "[sso-session s]\nsso_region = eu-west-1",
    "[sso-session s]\nsso_region = eu-west-1\n[sso-session s]\nsso_start_url = https://s.example/start",
    "[ sso-session \ts ] # ours\nSSO_REGION=eu-west-1 ; there\nSso_Start_Url = https://s.example/start#",
    "[sso-session s]\nsso_region = eu-west-1\n[sso-session  s]\nsso_region = eu-west-2",
    "[sso-session S]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start",
    "[Sso-Session s]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start",
    "[sso-sessions]\nsso_region = eu-west-1\nsso_start_url = https://s.example/start",
];

/// Endpoints for services, which decide nothing about who signs.
const SERVICES: &[&str] = &[
    "",
    "[services s]\nsts =\n  endpoint_url = http://127.0.0.1:9/sts\nsso =\n  endpoint_url = http://127.0.0.1:9",
    "[services a]\nrole_arn =\n  source_profile = no\naws_access_key_id = no",
];

/// Spellings of a header in which `@` stands for the name: first those that count, then those that do not.
const CONFIG_HEADERS: &[&str] = &["[profile @]", "[ profile\t@ ] ; other", "[profile @]#other"];
const CONFIG_STRANGERS: &[&str] = &[
    "[Profile @]",
    "[profile@]",
    "[profile @ @]",
    "[profile \"@\"]",
    "[profile @!]",
    "[profiles @]",
    "[sso-session @]",
    "[services @]",
    "[plugins]",
];
const CREDENTIALS_HEADERS: &[&str] = &["[@] # keys", "[ @\t]"];
const CREDENTIALS_STRANGERS: &[&str] =
    &["[profile @]", "[@ @]", "[\"@\"]", "[sso-session s]", "[@é]"];

/// What stood in files that led to a key, sooner or later.
const ODDITIES: [&str; 14] = [
    "\r\n",
    "[services s]",
    "[ sso-session \ts ]",
    "[sso-session  s]",
    "[ profile\t",
    "[Profile ",
    "[profile \"",
    "[plugins]",
    "[default]",
    "[profile default]",
    "ROLE_ARN=",
    "  credential_process = no",
    "\n  # goes on",
    "services = s",
];

fn sections(file: &'static str) -> impl Strategy<Value = String> {
    let (headers, strangers) = match file {
        "config" => (CONFIG_HEADERS, CONFIG_STRANGERS),
        _ => (CREDENTIALS_HEADERS, CREDENTIALS_STRANGERS),
    };
    // Most profiles are spelled alike: where spellings differ, chance decides.
    let header = prop_oneof![
        12 => Just((headers[0], true)),
        2 => select(headers).prop_map(|header| (header, true)),
        2 => select(strangers).prop_map(|header| (header, false)),
    ];
    let section =
        (header, select(&NAMES), keys()).prop_map(move |((header, counts), name, keys)| {
            section(if counts { file } else { "other" }, header, name, &keys)
        });
    proptest::collection::vec(section, 2..8).prop_map(|sections| sections.join("\n"))
}

/// Lines in which `@` stands for what is special to the file and the profile.
fn keys() -> impl Strategy<Value = Vec<&'static str>> {
    const WHOLE: usize = 14;
    const LINES: &[&str] = &[
        // What belongs together,
        "role_arn = arn:aws:iam::111122223333:role/@\nsource_profile = a",
        "role_arn = arn:aws:iam::111122223333:role/@\nsource_profile = b",
        "ROLE_ARN=arn:aws:iam::111122223333:role/@ # who\nSource_Profile = c",
        "role_arn = arn:aws:iam::111122223333:role/@\nsource_profile = default",
        "role_arn = arn:aws:iam::111122223333:role/@\ncredential_source = Ec2InstanceMetadata",
        "role_arn = arn:aws:iam::111122223333:role/@\nweb_identity_token_file = Cargo.toml",
        "sso_session = s\nsso_account_id = 111122223333\nsso_role_name = r",
        "sso_start_url = u\nsso_region = r\nsso_account_id = 111122223333\nsso_role_name = r",
        "aws_access_key_id = AKIA@\naws_secret_access_key = s",
        "aws_access_key_id = AKIA@\naws_secret_access_key = s",
        "aws_access_key_id = AKIA@\naws_secret_access_key = s",
        "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC@\",\"SecretAccessKey\":\"s\"}'",
        "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC@\",\"SecretAccessKey\":\"s\"}'",
        "login_session = arn:aws:iam::111122223333:user/me",
        // the same in pieces,
        "role_arn = arn:aws:iam::111122223333:role/@",
        "source_profile = a",
        "source_profile = b",
        "source_profile = nobody",
        "credential_source = ec2instanceMETADATA ; where",
        "credential_source = Environment",
        "credential_source = Moon",
        "region = eu-west-1",
        "output = json",
        "web_identity_token_file = Cargo.toml",
        "sso_session = s",
        "sso_start_url = https://a.example/start",
        "sso_region = eu-west-1",
        "sso_account_id = 111122223333",
        "aws_access_key_id = AKIA@",
        "aws_secret_access_key = s",
        // nothing,
        "role_arn =",
        "source_profile =",
        "credential_source =",
        "credential_process =",
        "aws_access_key_id =",
        // and what is no key at all.
        "s3 =\n  role_arn = no\n\taws_access_key_id = no",
        "# role_arn = no\nregion = eu-west-1\n  credential_process = no",
        "output = json\n\n \t\n; role_arn = no\n\taws_access_key_id = no",
        "role arn = no\nrôle_arn = no\naws_access_key_id : x = no",
        "services = s\nendpoint_url = http://127.0.0.1:9/profile",
        "mfa_serial = arn:aws:iam::111122223333:mfa/me\nduration_seconds = 900",
        // A value that goes on is another value,
        "role_arn = arn:aws:iam::111122223333:role/@\n  # goes on\nsource_profile = b",
        "source_profile = a\n  b",
        "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC@\",\"SecretAccessKey\":\"s\"}'\n  # goes on",
        // and so is one that is written otherwise.
        "source_profile = \"a\"",
        "source_profile = A",
        "source_profile = a;b",
        "source_profile=\tb\t;c",
        "credential_source = EcsContainer",
        "aws_session_token = t",
        "external_id = x\nrole_session_name = n",
    ];
    // One way to get credentials makes a plausible profile; several make the order among them count.
    prop_oneof![
        2 => proptest::sample::select(&LINES[..WHOLE]).prop_map(|line| vec![line]),
        1 => proptest::collection::vec(proptest::sample::select(LINES), 0..5),
    ]
}

fn section(file: &str, header: &str, name: &str, keys: &[&str]) -> String {
    let header = match (file, name) {
        // Both spellings count, and the longer one more than the other.
        ("config", "default") if keys.len().is_multiple_of(2) => "[default]".to_owned(),
        _ => header.replace('@', name),
    };
    let mark = special(file, name);
    let lines = keys.iter().map(|line| line.replace('@', &mark));
    [header].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// Sixteen characters that tell the file and the profile.
fn special(file: &str, name: &str) -> String {
    let text = format!("{file}{name}").to_uppercase();
    format!("{text:X<16}")[..16].to_owned()
}

// ---- what the SDK does

#[derive(Debug)]
struct Done {
    end: End,
    /// Each call to STS: the role, and the key that signed it.
    calls: Vec<(String, String)>,
}

#[derive(Debug)]
enum End {
    Key(String),
    NotLoaded,
    Refused(String),
    #[expect(dead_code, reason = "shown when a comparison fails")]
    Failed(String),
}

impl Done {
    fn lacks_a_feature(&self) -> bool {
        matches!(&self.end, End::Refused(why) if why.contains("cargo feature"))
    }
}

async fn sdk(files: &Files, profile: &str) -> Done {
    let aws = Aws::default();
    let contents = EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, files.config.as_str())
        .with_contents(EnvConfigFileKind::Credentials, files.credentials.as_str())
        .build();
    let config = ProviderConfig::without_region()
        .with_region(Some(Region::from_static("eu-west-1")))
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_http_client(aws.clone());
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&config)
        .profile_files(contents)
        .profile_name(profile)
        .build();
    let end = match provider.provide_credentials().await {
        Ok(key) => End::Key(key.access_key_id().to_owned()),
        Err(CredentialsError::CredentialsNotLoaded(_)) => End::NotLoaded,
        Err(error @ CredentialsError::InvalidConfiguration(_)) => End::Refused(causes(&error)),
        Err(error) => End::Failed(causes(&error)),
    };
    let calls = aws.calls.lock().unwrap().clone();
    Done { end, calls }
}

fn causes(error: &CredentialsError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Answers for STS and the metadata service.
#[derive(Debug, Clone, Default)]
struct Aws {
    calls: Arc<Mutex<Vec<(String, String)>>>,
}

const IMDS_KEY: &str = "IMDSKEY";
const CONTAINER_KEY: &str = "CONTAINERKEY";

impl HttpClient for Aws {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = match request.uri() {
            uri if uri.contains("169.254.169.254") => Some(metadata(uri)),
            uri if uri.ends_with("/x") => Some(key_document(CONTAINER_KEY)),
            _ => self.assume_role(&request),
        };
        let status = if answer.is_some() { 200 } else { 400 };
        let body = SdkBody::from(answer.unwrap_or_default());
        let mut response = HttpResponse::new(status.try_into().unwrap(), body);
        response.headers_mut().insert("x-aws-ec2-metadata-token-ttl-seconds", "600");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl Aws {
    /// Nobody has a role without a name.
    fn assume_role(&self, request: &HttpRequest) -> Option<String> {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap()).into_owned();
        let form: BTreeMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).collect();
        let action = &form["Action"];
        if form["RoleArn"].is_empty() {
            return None;
        }
        let signature = request.headers().get("authorization").unwrap_or_default();
        let key = signature.split("Credential=").nth(1).unwrap_or_default();
        let key = key.split('/').next().unwrap_or_default().to_owned();
        let mut calls = self.calls.lock().unwrap();
        calls.push((form["RoleArn"].to_string(), key));
        let issued = format!("ASSUMED{}", calls.len());
        Some(format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
             <AssumedRoleUser><AssumedRoleId>x:y</AssumedRoleId>\
             <Arn>arn:aws:sts::111122223333:assumed-role/r/s</Arn></AssumedRoleUser>\
             <Credentials><AccessKeyId>{issued}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
             </{action}Result></{action}Response>"
        ))
    }
}

fn metadata(uri: &str) -> String {
    if uri.ends_with("/security-credentials/") {
        "role".to_owned()
    } else if uri.ends_with("/role") {
        key_document(IMDS_KEY)
    } else {
        "token".to_owned()
    }
}

fn key_document(id: &str) -> String {
    format!(
        "{{\"Code\":\"Success\",\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"s\",\"Token\":\"t\",\
         \"Expiration\":\"2099-01-01T00:00:00Z\"}}"
    )
}

// ---- the comparison

fn compare(
    files: &Files,
    asked: &str,
    predicted: &Result<Signer, SignerFault>,
    done: &Done,
) -> Result<(), TestCaseError> {
    match predicted {
        Ok(signer) => {
            for step in &signer.chain {
                stands_where_it_says(files, step)?;
            }
            compare_signer(files, signer, done)
        }
        // Two runs of the SDK need not agree with each other.
        Err(fault) if fault.to_string().contains("by chance") => Ok(()),
        // The SDK tries, and we refuse beforehand; what matters is that neither asks the next provider.
        Err(fault) if fault.to_string().ends_with("it is empty") => {
            prop_assert!(!matches!(done.end, End::NotLoaded), "{fault}: {done:?}");
            Ok(())
        }
        Err(fault)
            if done.lacks_a_feature() && fault.to_string().ends_with("lacks `sso_account_id`") =>
        {
            Ok(())
        }
        Err(fault) => {
            prop_assert!(!matches!(done.end, End::Key(_)), "{fault}: {done:?}");
            // The next of the chain, of which no profile takes anything.
            let next = [("AWS_WEB_IDENTITY_TOKEN_FILE", "t"), ("AWS_ROLE_ARN", "r")];
            let chosen = [&[("AWS_PROFILE", asked)][..], &next].concat();
            // A profile that somebody chose is never passed over, whatever the SDK does.
            prop_assert!(files.predicted(&chosen).automatic().is_err(), "{fault}");
            if asked != "default" {
                return Ok(());
            }
            let automatic = files.predicted(&next).automatic();
            let falls_through =
                automatic.is_ok_and(|signer| signer.root == Some(Root::WebIdentity));
            prop_assert_eq!(
                falls_through,
                matches!(done.end, End::NotLoaded),
                "{}: {:?}",
                fault,
                done
            );
            Ok(())
        }
    }
}

fn compare_signer(files: &Files, signer: &Signer, done: &Done) -> Result<(), TestCaseError> {
    let (base, assumed) = signer.chain.split_last().unwrap();
    let mut roles: Vec<_> = assumed.iter().rev().map(role_of).collect();
    let first_key = match &base.kind {
        StepKind::StaticKeys { profile } => {
            format!("AKIA{}", special(&file_of(base), profile))
        }
        StepKind::CredentialProcess { command, .. } => {
            command.as_str().split('"').find(|part| part.starts_with("PROC")).unwrap().to_owned()
        }
        StepKind::WebIdentity { role_arn, .. } => {
            roles.insert(0, role_arn.clone());
            // The call carries the token and no signature.
            String::new()
        }
        StepKind::Imds => IMDS_KEY.to_owned(),
        StepKind::Sso { .. } | StepKind::Login { .. } => {
            // Without its cargo feature the SDK refuses them by name; with it there is no cached token.
            let named = done.lacks_a_feature() || matches!(done.end, End::Failed(_));
            prop_assert!(named, "{signer:?}: {done:?}");
            return Ok(());
        }
        // These depend on the surroundings in which the test runs.
        StepKind::EnvironmentKeys | StepKind::Container | StepKind::AssumeRole { .. } => {
            return Ok(());
        }
    };
    let called: Vec<_> = done.calls.iter().map(|(role, _)| role.clone()).collect();
    prop_assert_eq!(called, roles, "{:?}\n{:?}", signer, files);
    let End::Key(last_key) = &done.end else {
        return Err(TestCaseError::fail(format!("{signer:?}: {done:?}")));
    };
    let signed_first = done.calls.first().map_or(last_key, |(_, key)| key);
    prop_assert_eq!(signed_first, &first_key, "{:?}", signer);
    Ok(())
}

/// The line of each step holds the key that makes it.
fn stands_where_it_says(files: &Files, step: &Step) -> Result<(), TestCaseError> {
    let Some(Place::File { position: Some(at), .. }) = &step.at else {
        return Err(TestCaseError::fail(format!("no place: {step:?}")));
    };
    let line = files.text(&file_of(step)).lines().nth(at.line as usize - 1).unwrap_or_default();
    let key = match &step.kind {
        StepKind::AssumeRole { .. } | StepKind::WebIdentity { .. } => "role_arn",
        StepKind::Sso { .. } => "sso_start_url",
        StepKind::CredentialProcess { .. } => "credential_process",
        StepKind::StaticKeys { .. } => "aws_access_key_id",
        StepKind::Login { .. } => "login_session",
        StepKind::EnvironmentKeys | StepKind::Container | StepKind::Imds => "credential_source",
    };
    prop_assert!(line.to_lowercase().starts_with(key), "{step:?} is not {line:?}");
    if let StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } =
        &step.kind
    {
        prop_assert!(line.contains(role_arn.lines().next().unwrap_or_default()));
    }
    Ok(())
}

fn role_of(step: &Step) -> String {
    match &step.kind {
        StepKind::AssumeRole { role_arn, .. } => role_arn.clone(),
        other => panic!("{other:?} before the end of a chain"),
    }
}

fn file_of(step: &Step) -> String {
    match &step.at {
        Some(Place::File { path, .. }) => path.to_string_lossy().into_owned(),
        other => panic!("{other:?}"),
    }
}

/// The root behind how many roles, or the fault.
fn class(predicted: &Result<Signer, SignerFault>) -> String {
    match predicted {
        Ok(signer) => {
            let is_role = |step: &&Step| matches!(step.kind, StepKind::AssumeRole { .. });
            let roles = signer.chain.iter().filter(is_role).count();
            format!("{} behind {roles}", signer.root.map_or("unknown", Root::as_str))
        }
        Err(fault) => {
            format!("{:?}", fault.kind).split([' ', '{']).next().unwrap_or_default().to_owned()
        }
    }
}
