//! The default chain, in processes of their own: it reads the real environment.

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::ProvideCredentials;
use bedrock_auth::signer::{Signer, SignerFault, SignerFaultKind, Signers, StepKind};

use super::files::Files;
use super::sdk::{Aws, CONTAINER_KEY, IMDS_KEY};
use super::without_environment;

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

/// Asks the SDK's chain in a process with exactly these variables.
fn default_chain(config: &str, variables: &[(&str, &str)]) -> String {
    let output = without_environment("default_chain::in_a_process_of_its_own")
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
