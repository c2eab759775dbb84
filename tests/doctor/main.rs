//! The doctor: what it finds on a machine, and what STS says of the credentials.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[path = "../support/mod.rs"]
mod support;

mod clock;
#[cfg(target_os = "linux")]
mod codes;
mod files;
#[cfg(target_os = "linux")]
mod journal;
#[cfg(target_os = "linux")]
mod pages;
mod report;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::moto::Moto;
use support::program::{Answer, PROGRAM, answer, bare};
use tempfile::TempDir;

/// moto's own account, which the id of this key names too.
const KEY: &str = "AKIARZPUZDIKEWS2LJNF";
const KEY_OF_ANOTHER_ACCOUNT: &str = "AKIAY34FZKBOKMUTVV7A";
const ROLE: &str = "arn:aws:iam::111122223333:role/team/BedrockUser";

/// A person's home with AWS files, and variables.
struct Person {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Person {
    fn with(files: &[(&str, &str)], variables: &[(&'static str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Person { home, variables: variables.collect() }
    }

    /// Somebody whose settings name the profile `tool`.
    fn with_profile(config: &str, moto: &Moto) -> Self {
        let settings = r#"{ "authentication_method": "named_profile", "profile": "tool" }"#;
        let files = [(".config/bedrock-auth/settings.json", settings), (".aws/config", config)];
        Person::with(&files, &[("AWS_ENDPOINT_URL_STS", &moto.url())])
    }

    fn asks_the_doctor(&self, arguments: &[&str]) -> Answer {
        let mut command = bare(PROGRAM);
        command.arg("doctor").args(arguments).arg("--no-keychain");
        command.env("HOME", self.home.path()).envs(self.variables.iter().cloned());
        let answer = answer(&mut command);
        if arguments.contains(&"--json") {
            report::is_as_its_schema_says(&answer.json());
        }
        answer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn policy(&self, text: &str) -> String {
        let path = self.home.path().join("policy.json");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// `subject state message` of each check.
fn checks(answer: &Answer) -> Vec<String> {
    let word = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let line = |check: &Value| {
        format!("{} {} {}", word(check, "subject"), word(check, "state"), word(check, "message"))
    };
    answer.json()["checks"].as_array().unwrap().iter().map(line).collect()
}

fn about(answer: &Answer, subject: &str) -> Vec<String> {
    let of_subject = |line: &String| line.starts_with(&format!("{subject} "));
    checks(answer).into_iter().filter(of_subject).collect()
}

#[test]
fn without_a_way_to_authenticate() {
    let answer = Person::with(&[], &[]).asks_the_doctor(&["--json"]);
    assert_eq!(answer.code, 5, "{answer:?}");
    assert_eq!(answer.json()["schema_version"], 1);
    assert_eq!(about(&answer, "answer"), ["answer problem Not configured"]);
    assert_eq!(about(&answer, "keychain"), ["keychain fine the keychain is not consulted"]);
    for subject in ["policy", "settings", "network", "ambient"] {
        let state = format!("{subject} fine ");
        assert!(about(&answer, subject).iter().all(|line| line.starts_with(&state)), "{answer:?}");
    }
}

#[test]
fn everything_that_is_wrong_at_once() {
    let settings = [(".config/bedrock-auth/settings.json", r#"{ "regoin": "eu-west-1" }"#)];
    let person = Person::with(
        &settings,
        &[
            ("ZED_ACCESS_KEY_ID", KEY),
            ("ZED_SECRET_ACCESS_KEY", "hush"),
            ("AWS_BEARER_TOKEN_BEDROCK", "hush"),
            ("AWS_CA_BUNDLE", "/nonexistent/bundle.pem"),
        ],
    );
    let answer = person.asks_the_doctor(&["--json"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    for subject in ["settings", "network", "ambient"] {
        assert!(
            about(&answer, subject)[0].starts_with(&format!("{subject} warning ")),
            "{answer:?}"
        );
    }
    assert!(!answer.stdout.contains("hush"));
    let page = person.asks_the_doctor(&["--color", "never"]);
    assert!(page.stdout.starts_with("– fine  3 things worth knowing\n"), "{}", page.stdout);
    assert!(
        page.stdout.contains("→ mend what `AWS_CA_BUNDLE` names, or unset it"),
        "{}",
        page.stdout
    );
}

#[test]
fn a_policy_that_denies_and_one_that_is_broken() {
    let person =
        Person::with(&[], &[("ZED_ACCESS_KEY_ID", KEY), ("ZED_SECRET_ACCESS_KEY", "hush")]);
    let strict =
        person.policy(r#"{ "schema_version": 1, "id": "corp", "methods": { "sso": {} } }"#);
    let answer = person.asks_the_doctor(&["--json", "--online", "--managed", &strict]);
    assert_eq!(answer.code, 3, "{answer:?}");
    assert!(about(&answer, "answer")[0].starts_with("answer problem the policy does not allow"));
    assert_eq!(about(&answer, "caller"), [""; 0], "nobody is asked about what is denied");
    assert_eq!(answer.json()["what_if"], true);
    let page = person.asks_the_doctor(&["--color", "never", "--managed", &strict]);
    assert!(page.stdout.contains("what if: "), "{}", page.stdout);

    let broken = person.policy("{");
    let answer = person.asks_the_doctor(&["--json", "--managed", &broken]);
    assert_eq!(answer.code, 4, "{answer:?}");
    let check = &answer.json()["checks"][0];
    assert_eq!((&check["subject"], &check["state"]), (&"policy".into(), &"problem".into()));
    assert!(check["remedy"].is_string(), "{check}");
}

#[test]
fn sts_takes_the_key_for_what_it_is() {
    let moto = Moto::start();
    let config =
        format!("[profile tool]\naws_access_key_id = {KEY}\naws_secret_access_key = hush\n");
    let answer = Person::with_profile(&config, &moto).asks_the_doctor(&["--json", "--online"]);
    assert_eq!(answer.code, 0, "{answer:?}\n{}", moto.log());
    let caller = &answer.json()["caller"];
    assert_eq!(caller["account"], "123456789012");
    assert_eq!(caller["differences"], Value::Array(Vec::new()));
    assert!(
        about(&answer, "caller")[0].starts_with("caller fine AWS takes the credentials for arn:")
    );
}

#[test]
fn sts_takes_the_role_for_what_it_is() {
    let moto = Moto::start();
    let config = format!(
        "[profile tool]\nrole_arn = {ROLE}\nsource_profile = base\nrole_session_name = ada\n\
         [profile base]\naws_access_key_id = {KEY}\naws_secret_access_key = hush\n"
    );
    let answer = Person::with_profile(&config, &moto).asks_the_doctor(&["--json", "--online"]);
    assert_eq!(answer.code, 0, "{answer:?}\n{}", moto.log());
    let caller = &answer.json()["caller"];
    // moto keeps the path of the role's name, which STS leaves out.
    let arn = caller["arn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:sts::111122223333:assumed-role/"), "{arn}");
    assert!(arn.ends_with("/ada"), "{arn}");
}

#[test]
fn sts_takes_the_key_for_another() {
    let moto = Moto::start();
    let config = format!(
        "[profile tool]\naws_access_key_id = {KEY_OF_ANOTHER_ACCOUNT}\naws_secret_access_key = hush\n"
    );
    let person = Person::with_profile(&config, &moto);
    let answer = person.asks_the_doctor(&["--json", "--online"]);
    assert_eq!(answer.code, 1, "{answer:?}\n{}", moto.log());
    let difference = "the account `609629065308` was foreseen, and it is `123456789012`";
    assert_eq!(answer.json()["caller"]["differences"], Value::Array(vec![difference.into()]));
    let page = person.asks_the_doctor(&["--online", "--color", "never"]);
    assert!(page.stdout.starts_with("✗ broken  one thing to mend\n"), "{}", page.stdout);
    assert!(!page.stdout.contains("hush"));
}

#[test]
fn a_policy_forbids_to_ask_another_sts() {
    let moto = Moto::start();
    let config =
        format!("[profile tool]\naws_access_key_id = {KEY}\naws_secret_access_key = hush\n");
    let person = Person::with_profile(&config, &moto);
    let policy = r#"{ "schema_version": 1, "id": "corp", "methods": { "named_profile": {} } }"#;
    let policy = person.policy(policy);
    let answer = person.asks_the_doctor(&["--json", "--online", "--managed", &policy]);
    assert_eq!(answer.code, 1, "{answer:?}");
    let told = &about(&answer, "caller")[0];
    assert!(told.contains("(service_endpoint_not_allowed)"), "{told}");
    assert!(!moto.log().contains("POST"), "{}", moto.log());
}

#[test]
fn an_api_key_is_not_shown_to_sts() {
    let person = Person::with(&[], &[("ZED_BEDROCK_BEARER_TOKEN", "a-token")]);
    let answer = person.asks_the_doctor(&["--json", "--online"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(about(&answer, "caller")[0].starts_with("caller warning AWS STS takes no API key"));
}

#[test]
fn credentials_that_do_not_come() {
    let moto = Moto::start();
    assert!(Path::new("/nonexistent/creds").metadata().is_err());
    let sso = "[profile tool]\nsso_session = corp\nsso_account_id = 111122223333\n\
               sso_role_name = BedrockUser\n[sso-session corp]\n\
               sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n";
    for (config, message, remedy) in [
        (
            "[profile tool]\ncredential_process = /nonexistent/creds --password hush\n",
            "the credential process `/nonexistent/creds` of the AWS profile `tool` failed (exit status: 127): ",
            "mend the program, or `credential_process` in the profile",
        ),
        (
            sso,
            "nobody is signed in for the AWS profile `tool`: failed to load the cached SSO token",
            "`aws sso login --profile tool`",
        ),
    ] {
        let answer = Person::with_profile(config, &moto).asks_the_doctor(&["--json", "--online"]);
        assert_eq!(answer.code, 1, "{answer:?}");
        let told = &about(&answer, "caller")[0];
        let begins = format!("caller problem STS could not say who is calling: {message}");
        assert!(told.starts_with(&begins), "{told}");
        assert!(!told.contains("hush") && !told.contains("DispatchFailure"), "{told}");
        let json = answer.json();
        let is_of_caller = |check: &&Value| check["subject"] == "caller";
        let check = json["checks"].as_array().unwrap().iter().find(is_of_caller).unwrap();
        assert_eq!(check["remedy"], remedy);
    }
}

/// The sign-in of `aws sso login`, found where the SDK looks for it.
#[test]
fn until_when_somebody_is_signed_in() {
    let settings = r#"{ "authentication_method": "sso", "profile": "tool" }"#;
    let config = "[profile tool]\nsso_session = corp\nsso_account_id = 111122223333\n\
                  sso_role_name = BedrockUser\n[sso-session corp]\n\
                  sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n";
    // `printf corp | sha1sum`
    let cache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    let token = r#""accessToken": "hush", "expiresAt": "EXPIRES""#;
    let renewal = r#""clientId": "c", "clientSecret": "hush", "refreshToken": "hush",
        "registrationExpiresAt": "2099-12-31T00:00:00Z""#;
    for (expires, renewal, line) in [
        ("2099-01-01T00:00:00Z", "", "fine signed in until 2099-01-01T00:00:00Z"),
        (
            "2020-01-01T00:00:00Z",
            renewal,
            "fine signed in until 2020-01-01T00:00:00Z, then renewed",
        ),
        (
            "2020-01-01T00:00:00Z",
            "",
            "problem the sign-in to IAM Identity Center for the AWS profile `tool` ended at 2020-01-01T00:00:00Z",
        ),
    ] {
        let comma = if renewal.is_empty() { "" } else { "," };
        let file = format!("{{ {}{comma} {renewal} }}", token.replace("EXPIRES", expires));
        let files = [
            (".config/bedrock-auth/settings.json", settings),
            (".aws/config", config),
            (cache, &file),
        ];
        let answer = Person::with(&files, &[]).asks_the_doctor(&["--json"]);
        assert_eq!(about(&answer, "sign_in"), [format!("sign_in {line}")], "{answer:?}");
        assert!(!answer.stdout.contains("hush"));
    }
}

#[test]
fn sts_does_not_answer() {
    let config =
        format!("[profile tool]\naws_access_key_id = {KEY}\naws_secret_access_key = hush\n");
    let settings = r#"{ "authentication_method": "named_profile", "profile": "tool" }"#;
    let files = [(".config/bedrock-auth/settings.json", settings), (".aws/config", &config)];
    let person = Person::with(&files, &[("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")]);
    let answer = person.asks_the_doctor(&["--json", "--online"]);
    let told = &about(&answer, "caller")[0];
    let begins = "caller problem STS could not say who is calling: AWS STS gives no answer: ";
    assert!(told.starts_with(begins) && !told.contains("DispatchFailure"), "{told}");
}
