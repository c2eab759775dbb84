//! Runs every scenario of the catalogue and of this crate's own behaviour.

mod catalogue;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bedrock_auth::policy::DenialCode;
use bedrock_auth::resolve::{Fate, Outcome, Resolution, UnusableCode, WarningCode};
use bedrock_auth::scenario::{Mismatch, Scenario};
use catalogue::{files, plain_json, root, shown};
use serde_json::Value;

struct Run {
    path: PathBuf,
    description: String,
    resolution: Resolution,
    /// The codes of all denials at use, where there is one.
    at_use: Option<Vec<DenialCode>>,
    mismatches: Vec<Mismatch>,
}

impl Run {
    fn of(path: PathBuf) -> Result<Self, String> {
        let scenario = Scenario::read(&path).map_err(|findings| {
            findings.iter().fold(String::new(), |mut told, finding| {
                let advice = finding.advice.as_deref().unwrap_or_default();
                writeln!(told, "{finding} ({}) {advice}", finding.code).unwrap();
                told
            })
        })?;
        let (resolution, mismatches) = scenario.run();
        let verdict = scenario.judge_use(&resolution);
        let at_use = verdict.map(|v| v.denials.iter().map(|denial| denial.code).collect());
        let description = scenario.description().unwrap_or_default().to_owned();
        Ok(Run { path, description, resolution, at_use, mismatches })
    }
}

/// Scenarios of the policies, then our own.
fn paths() -> Vec<PathBuf> {
    const ENDING: &str = ".scenario.json";
    let mut paths = files("policies", ENDING);
    paths.extend(files("tests/scenarios", ENDING));
    paths
}

/// Those that can be read; one that cannot fails `every_scenario_comes_out_as_expected`.
fn runs() -> &'static [Run] {
    static RUNS: LazyLock<Vec<Run>> =
        LazyLock::new(|| paths().into_iter().filter_map(|path| Run::of(path).ok()).collect());
    &RUNS
}

#[test]
fn every_scenario_comes_out_as_expected() {
    let paths = paths();
    let mut failures = String::new();
    for path in &paths {
        match Run::of(path.clone()) {
            Err(told) => failures += &told,
            Ok(run) => {
                for Mismatch { key, expected, actual, at } in run.mismatches {
                    let place = at.to_string().replace(&format!("{}/", root().display()), "");
                    writeln!(failures, "{place}: {key}: expected {expected}, got {actual}")
                        .unwrap();
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
    assert!(paths.len() >= 300, "only {} scenarios were found", paths.len());
}

#[test]
fn every_policy_shows_what_it_allows_and_what_it_stops() {
    let runs = runs();
    let mut poor = Vec::new();
    let policies = files("policies", "policy.json");
    for policy in &policies {
        let directory = policy.parent().unwrap();
        let of_policy = || runs.iter().filter(|run| run.path.starts_with(directory));
        let count = |outcome| of_policy().filter(|run| run.resolution.outcome == outcome).count();
        if count(Outcome::Allowed) < 1 || count(Outcome::Denied) < 2 {
            poor.push(shown(directory));
        }
    }
    assert!(poor.is_empty(), "one allowed and two denied scenarios are wanted of {poor:?}");
    assert!(policies.len() >= 9, "only {} policies were found", policies.len());
}

/// Ways around a list of methods, by number: `tests/scenarios/ways-around/NN-name`.
#[test]
fn every_way_around_is_shown_beside_the_machine_without_it() {
    const ROWS: u32 = 21;
    let folder = root().join("tests/scenarios/ways-around");
    let mut shown: BTreeMap<u32, BTreeSet<Shown>> = BTreeMap::new();
    for run in runs() {
        let Ok(inside) = run.path.strip_prefix(&folder) else { continue };
        let name = inside.to_str().expect("names are plain");
        let (number, _) = name.split_once('-').expect("a folder is called NN-name");
        let row = number.parse().expect("a folder begins with its row");
        shown.entry(row).or_default().extend(Shown::by(run));
    }
    assert!(shown.keys().copied().eq(1..=ROWS), "folders: {:?}", shown.keys());
    let both = BTreeSet::from([Shown::Stopped, Shown::Sound]);
    let poor: Vec<_> = shown.iter().filter(|(_, shown)| **shown != both).collect();
    assert!(poor.is_empty(), "each row shows a machine led astray, and the sound one: {poor:?}");
}

/// What a scenario about a way around shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    /// The way around is refused, beforehand or at use, or plays no part.
    Stopped,
    /// Nothing leads astray, and the use is admitted.
    Sound,
}

impl Shown {
    fn by(run: &Run) -> Option<Self> {
        let warned = |code| run.resolution.warnings.iter().any(|warning| warning.code == code);
        let unusable = run.resolution.candidates.iter().any(|c| c.fate == Fate::Unusable);
        match run.resolution.outcome {
            Outcome::Denied => Some(Shown::Stopped),
            Outcome::Unconfigured => unusable.then_some(Shown::Stopped),
            Outcome::Allowed => match run.at_use.as_deref() {
                Some([]) if warned(WarningCode::AmbientNeutralised) => Some(Shown::Stopped),
                Some([]) => Some(Shown::Sound),
                Some(_) => Some(Shown::Stopped),
                None => None,
            },
        }
    }
}

/// Whoever reads the list of scenarios wants to know what each shows; a denial without its code shows little.
#[test]
fn every_scenario_says_what_it_shows() {
    let mut silent = Vec::new();
    for run in runs() {
        let expect = &plain_json(&run.path)["expect"];
        let names_its_codes = match run.resolution.outcome {
            Outcome::Denied => expect.get("codes").is_some(),
            Outcome::Allowed | Outcome::Unconfigured => true,
        };
        let is_one_line = !run.description.is_empty() && !run.description.contains('\n');
        if !is_one_line || expect.get("outcome").is_none() || !names_its_codes {
            silent.push(shown(&run.path));
        }
    }
    assert!(silent.is_empty(), "a description, an outcome and codes are wanted of {silent:#?}");
}

#[test]
fn every_denial_code_is_provoked() {
    let provoked: BTreeSet<_> = runs()
        .iter()
        .flat_map(|run| {
            let at_use = run.at_use.iter().flatten().copied();
            run.resolution.denial_codes().into_iter().chain(at_use)
        })
        .collect();
    let missing: Vec<_> = DenialCode::ALL.iter().filter(|code| !provoked.contains(code)).collect();
    assert!(missing.is_empty(), "no scenario is denied with {missing:?}");
}

#[test]
fn every_unusable_code_is_provoked() {
    let runs = runs();
    let candidates = runs.iter().flat_map(|run| &run.resolution.candidates);
    let unusable = candidates.filter(|candidate| candidate.fate == Fate::Unusable);
    let provoked: BTreeSet<_> = unusable.filter_map(|candidate| candidate.code).collect();
    let missing: Vec<_> =
        UnusableCode::ALL.iter().filter(|code| !provoked.contains(code)).collect();
    assert!(missing.is_empty(), "no scenario has a candidate with {missing:?}");
}

#[test]
fn every_warning_code_is_provoked() {
    let runs = runs();
    let warnings = runs.iter().flat_map(|run| &run.resolution.warnings);
    let provoked: BTreeSet<_> = warnings.map(|warning| warning.code).collect();
    let missing: Vec<_> = WarningCode::ALL.iter().filter(|code| !provoked.contains(code)).collect();
    assert!(missing.is_empty(), "no scenario is warned of {missing:?}");
}

/// A code that a scenario names is one that a person can look up: what, where it was asked for, what to do.
#[test]
fn every_denial_tells_what_to_do() {
    let mut silent = Vec::new();
    for run in runs() {
        for denial in &run.resolution.denials {
            if denial.message.is_empty() || denial.remedy.is_empty() {
                silent.push(format!("{}: {}", shown(&run.path), denial.code));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn no_answer_holds_a_secret() {
    let mut leaks = Vec::new();
    let mut checked = 0;
    for run in runs() {
        let json = serde_json::to_string_pretty(&run.resolution).unwrap();
        let debug = format!("{:?}", run.resolution);
        for secret in secrets(&run.path) {
            checked += 1;
            for (form, text) in [("JSON", &json), ("Debug", &debug)] {
                if text.contains(&secret) {
                    leaks.push(format!("{}: {secret} in {form}", shown(&run.path)));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert!(checked >= 200, "only {checked} secrets were looked for");
}

/// What stands in the fields of secrets, API keys wherever they stand, and whatever begins with `invented`.
fn secrets(path: &Path) -> BTreeSet<String> {
    const NAMES: [&str; 4] = ["secret", "token", "bearer", "password"];
    let scenario = plain_json(path);
    let mut secrets = BTreeSet::new();
    let named = |value: &Value| -> Vec<(String, String)> {
        let members = value.as_object().into_iter().flatten();
        let texts = members.filter_map(|(name, value)| Some((name, value.as_str()?)));
        texts.map(|(name, text)| (name.to_lowercase(), text.to_owned())).collect()
    };
    let keychain = &scenario["keychain"];
    for part in [&scenario["environment"], &keychain["item"], &keychain["zed_item"]] {
        secrets.extend(named(part).into_iter().filter_map(|(name, text)| {
            let is_path = name.ends_with("_file") || name.ends_with("_uri");
            let is_named = !is_path && NAMES.iter().any(|part| name.contains(part));
            let is_key = text.starts_with("ABSK") || text.starts_with("bedrock-api-key-");
            // an access key id in the wrong field is no secret
            let is_id = text.len() == 20 && text.starts_with('A');
            ((is_named && !is_id) || is_key || text.starts_with("invented")).then_some(text)
        }));
    }
    for file in ["config", "credentials"] {
        for line in scenario["aws"][file].as_array().into_iter().flatten() {
            let words = line.as_str().into_iter().flat_map(str::split_whitespace);
            let invented = words.filter(|word| word.starts_with("invented"));
            secrets.extend(invented.map(str::to_owned));
        }
    }
    let environment = &scenario["environment"];
    let variables = ["ZED_AWS_ENDPOINT", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
    let urls = variables.map(|name| &environment[name]);
    let urls = urls.into_iter().chain([&scenario["settings"]["endpoint_url"]]);
    secrets.extend(urls.filter_map(|url| password(url.as_str()?)).flatten());
    secrets.retain(|secret| !secret.is_empty());
    secrets
}

/// The password in `scheme://user:password@host`, and its beginning up to what looks like a query.
fn password(url: &str) -> Option<[String; 2]> {
    let (user_info, _) = url.split_once("://")?.1.split_once('@')?;
    let password = user_info.split_once(':')?.1;
    Some([password.to_owned(), password.split('?').next()?.to_owned()])
}
