//! What AWS's own test cases say of profile files holds for `aws` too.
//!
//! They come with the sources of `aws-runtime`, in the version that the project is locked to. The crate runs them
//! against its parser; here they meet what we make of its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use bedrock_auth::aws::{AwsFacts, AwsInputs, FileKind, FileText, profile_file};
use bedrock_auth::signer::{Signer, SignerFault, SignerFaultKind, Signers, StepKind};
use serde_json::Value;

/// As many cases as there were when this was written: a later version may bring more, and not silently fewer.
const PARSER_CASES: usize = 65;
const LOCATION_CASES: usize = 9;

/// The key under which a value of a case can be asked for: it alone makes a whole signer.
const PROBE: &str = "credential_process";

#[test]
fn every_case_of_the_parser() {
    let cases = cases("profile-parser-tests.json", PARSER_CASES);
    let mut compared = Compared::default();
    for case in &cases {
        let texts = Texts::of(&case["input"]);
        match case["output"]["errorContaining"].as_str() {
            Some(error) => {
                refuses_everything(case, &texts, error);
                compared.refusals += 1;
            }
            None => {
                has_the_profiles(case, &texts);
                compared.values += has_the_values(case, &texts);
                compared.sessions += has_the_sessions(case, &texts);
            }
        }
    }
    let least = Compared { refusals: 10, values: 63, sessions: 1 };
    assert!(
        compared.refusals >= least.refusals
            && compared.values >= least.values
            && compared.sessions >= least.sessions,
        "{compared:?} is less than {least:?}"
    );
}

#[derive(Debug, Default)]
struct Compared {
    refusals: usize,
    values: usize,
    sessions: usize,
}

#[test]
fn every_case_of_the_places() {
    let here = if cfg!(windows) { "windows" } else { "linux" };
    let cases = cases("file-location-tests.json", LOCATION_CASES);
    let mut compared = 0;
    for case in cases.iter().filter(|case| case["platform"] == here) {
        let environment = strings(&case["environment"]);
        for (kind, key) in
            [(FileKind::Config, "configLocation"), (FileKind::Credentials, "credentialsLocation")]
        {
            let path = profile_file(kind, &environment);
            assert_eq!(path.to_str(), case[key].as_str(), "{case:#}");
        }
        if let Some(profile) = case["profile"].as_str() {
            assert_eq!(chosen_profile(environment, profile), profile, "{case:#}");
        }
        compared += 1;
    }
    assert!(compared >= 4, "only {compared} cases are for {here}");
}

/// The profile that the default chain takes, of the one that is expected and the one of every other case.
fn chosen_profile(environment: BTreeMap<String, String>, expected: &str) -> String {
    let profile = |name: &str| format!("[profile {name}]\n{PROBE} = {name}\n");
    let names = BTreeSet::from(["default", "other", expected]);
    let config: String = names.into_iter().map(profile).collect();
    let config = Some(FileText::new("config", config.into_bytes()));
    let signer = AwsFacts::new(AwsInputs { environment, config, credentials: None }).automatic();
    command(&signer.unwrap()).to_owned()
}

/// The profile files of a case.
struct Texts {
    config: Option<String>,
    credentials: Option<String>,
}

impl Texts {
    fn of(input: &Value) -> Self {
        let text = |key: &str| input[key].as_str().map(str::to_owned);
        Texts { config: text("configFile"), credentials: text("credentialsFile") }
    }

    fn facts(&self) -> AwsFacts {
        let file = |name, text: &Option<String>| {
            text.as_ref().map(|text| FileText::new(name, text.clone().into_bytes()))
        };
        AwsFacts::new(AwsInputs {
            environment: BTreeMap::new(),
            config: file("config", &self.config),
            credentials: file("credentials", &self.credentials),
        })
    }

    /// The names that stand before an `=` at the beginning of a line, in lower case.
    fn keys(&self) -> BTreeSet<String> {
        let lines = [&self.config, &self.credentials].into_iter().flatten().flat_map(|t| t.lines());
        let keys = lines.filter_map(key_of);
        keys.filter(|key| !key.is_empty() && !key.contains(' ')).collect()
    }

    /// The same files with another name in the place of a key.
    fn renamed(&self, key: &str, new: &str) -> Texts {
        let line = |line: &str| match (key_of(line), line.split_once('=')) {
            (Some(found), Some((_, rest))) if found == key => format!("{new} ={rest}"),
            _ => line.to_owned(),
        };
        let text = |text: &Option<String>| {
            text.as_ref().map(|text| text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
        };
        Texts { config: text(&self.config), credentials: text(&self.credentials) }
    }
}

fn key_of(line: &str) -> Option<String> {
    let is_key = !line.starts_with(['[', '#', ';', ' ', '\t']);
    let (key, _) = line.split_once('=').filter(|_| is_key)?;
    Some(key.trim().to_ascii_lowercase())
}

fn refuses_everything(case: &Value, texts: &Texts, error: &str) {
    let facts = texts.facts();
    assert_eq!(facts.profile_names().count(), 0, "{error}: {case:#}");
    for name in ["default", "foo"] {
        let fault = facts.profile(name).err();
        let kind = fault.map(|fault| fault.kind);
        assert!(matches!(kind, Some(SignerFaultKind::FileUnusable { .. })), "{kind:?}: {case:#}");
    }
    assert!(facts.automatic().is_err(), "the chain must not go on: {case:#}");
}

fn has_the_profiles(case: &Value, texts: &Texts) {
    let facts = texts.facts();
    let found: BTreeSet<_> = facts.profile_names().map(str::to_owned).collect();
    let expected = case["output"]["config"]["profiles"].as_object().unwrap();
    assert_eq!(found, expected.keys().cloned().collect(), "{case:#}");
}

/// Asks each profile for each key that stands anywhere in the files, be it there or not.
fn has_the_values(case: &Value, texts: &Texts) -> usize {
    let profiles = case["output"]["config"]["profiles"].as_object().unwrap();
    let mut compared = 0;
    for key in texts.keys() {
        let facts = texts.renamed(&key, PROBE).facts();
        for (name, values) in profiles {
            agree(&facts.profile(name), strings(values).get(&key), case);
            compared += 1;
        }
    }
    compared
}

fn agree(found: &Result<Signer, SignerFault>, expected: Option<&String>, case: &Value) {
    match (found, expected) {
        (Ok(signer), Some(value)) => assert_eq!(command(signer), value, "{case:#}"),
        (Err(fault), Some(value)) => {
            let is_empty = matches!(fault.kind, SignerFaultKind::Invalid { key: PROBE, .. });
            assert!(is_empty && value.is_empty(), "{fault}: {case:#}");
        }
        (Err(fault), None) => {
            let has_none = matches!(fault.kind, SignerFaultKind::NoCredentials { .. });
            assert!(has_none, "{fault}: {case:#}");
        }
        (Ok(signer), None) => panic!("{signer:?}: {case:#}"),
    }
}

fn command(signer: &Signer) -> &str {
    match &signer.chain[..] {
        [step] => match &step.kind {
            StepKind::CredentialProcess { command, .. } => {
                assert!(step.at.is_some(), "{step:?}");
                command.as_str()
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// A profile of ours that uses the session finds its value there.
fn has_the_sessions(case: &Value, texts: &Texts) -> usize {
    let Some(sessions) = case["output"]["config"]["sso_sessions"].as_object() else { return 0 };
    let mut compared = 0;
    for (name, values) in sessions {
        for (key, value) in strings(values) {
            let mut texts = texts.renamed(&key, "sso_start_url");
            texts.config.get_or_insert_default().push_str(&format!(
                "\n[sso-session {name}]\nsso_region = eu-west-1\n[profile probe]\nsso_session = {name}\n\
                 sso_account_id = 111122223333\nsso_role_name = r"
            ));
            let signer = texts.facts().profile("probe").unwrap();
            let StepKind::Sso { start_url, .. } = &signer.chain[0].kind else {
                panic!("{signer:?}: {case:#}")
            };
            assert_eq!(start_url, &value, "{case:#}");
            compared += 1;
        }
    }
    compared
}

fn strings(object: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(object.clone()).unwrap()
}

/// The cases of a file of `aws-runtime`, at least so many.
fn cases(file: &str, least: usize) -> Vec<Value> {
    let path = sources_of("aws-runtime").join("test-data").join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} is gone: {error}", path.display()));
    let mut whole: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(cases) = whole["tests"].take() else { panic!("no cases in {file}") };
    assert!(cases.len() >= least, "{file} holds {} cases, once {least}", cases.len());
    cases
}

/// The system that cargo builds for.
fn host() -> String {
    let output = Command::new("rustc").args(["--print", "host-tuple"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Where cargo keeps the sources of a dependency.
fn sources_of(package: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        // What other systems need was not downloaded.
        .args(["--filter-platform", &host(), "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let named: Vec<_> = packages.iter().filter(|one| one["name"] == package).collect();
    let [one] = named[..] else { panic!("{} packages are called {package}", named.len()) };
    Path::new(one["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}
