//! The files and scripts of `docs/ci.md`, as they stand there.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::files::{must_be_sound, must_fit, system, text, yaml};
use crate::stand_in::StandIn;
use crate::support::peers;
use crate::support::program::{Answer, answer};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The blocks that begin with that line, in order.
fn blocks(begin: &str) -> Vec<String> {
    let page = text("docs/ci.md");
    let begin = format!("```{begin}\n");
    let blocks =
        page.split(&begin).skip(1).map(|rest| rest.split_once("```").unwrap().0.to_owned());
    blocks.collect()
}

fn only(begin: &str) -> String {
    let mut blocks = blocks(begin);
    assert_eq!(blocks.len(), 1, "{begin}");
    blocks.remove(0)
}

pub(crate) fn pre_commit_configs() -> Vec<String> {
    let configs = blocks("yaml .pre-commit-config.yaml");
    assert_eq!(configs.len(), 2);
    configs
}

/// Validates a block by the published schema.
fn must_be_valid(schema: &str, block: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("block.yml");
    fs::write(&path, block).unwrap();
    must_fit(schema, &path);
}

fn workflows() -> [String; 2] {
    ["policies", "policies-scan"].map(|name| only(&format!("yaml .github/workflows/{name}.yml")))
}

#[test]
fn files_for_others_are_what_others_take() {
    for workflow in workflows() {
        must_be_valid("github-workflows", &workflow);
    }
    must_be_valid("gitlab-ci", &only("yaml .gitlab-ci.yml"));
    for config in pre_commit_configs() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("config.yaml"), config).unwrap();
        let mut pre_commit = peers::python_program("pre-commit");
        pre_commit.env("PRE_COMMIT_HOME", dir.path().join("cache")).current_dir(&dir);
        let told = answer(pre_commit.args(["validate-config", "config.yaml"]));
        assert_eq!(told.code, 0, "{told:?}");
    }
}

/// The schemas know neither which inputs our action has nor which version this is.
#[test]
fn workflows_use_the_action_as_it_is() {
    let action = yaml(&text("action.yml"));
    for workflow in workflows() {
        let steps = yaml(&workflow)["jobs"]["check"]["steps"].clone();
        let ours = format!("OWNER/bedrock-auth@v{VERSION}");
        let step = steps.as_array().unwrap().iter().find(|step| step["uses"] == ours.as_str());
        for input in step.unwrap()["with"].as_object().unwrap().keys() {
            assert!(action["inputs"].get(input).is_some(), "{input}");
        }
        let used = workflow.split("steps.policies.outputs.").skip(1);
        for output in used.map(|rest| rest.split([' ', '}']).next().unwrap()) {
            assert!(action["outputs"].get(output).is_some(), "{output}");
        }
    }
    for config in pre_commit_configs() {
        assert_eq!(yaml(&config)["repos"][0]["rev"], format!("v{VERSION}"));
    }
}

#[test]
fn the_inputs_and_outputs_of_the_action_stand_on_the_page() {
    let action = yaml(&text("action.yml"));
    let page = text("docs/ci.md");
    for input in action["inputs"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("| `{input}` |")), "{input}");
    }
    for output in action["outputs"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("`{output}`")), "{output}");
    }
}

/// Runs a script where a stand-in ends each check with that code.
fn run(script: &str, stand_in: &StandIn, code: i32, place: &Path) -> Answer {
    let mut bash = system("bash");
    bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(place);
    answer(bash.envs(stand_in.variables(VERSION, code)))
}

fn gitlab_job() -> Value {
    yaml(&only("yaml .gitlab-ci.yml"))["policies"].clone()
}

/// A runner puts the lines one after the other and ends at the first that fails.
fn gitlab_script() -> String {
    let lines = gitlab_job()["script"].clone();
    let lines: Vec<_> =
        lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
    lines.join("\n")
}

#[test]
fn the_gitlab_job_writes_its_reports_and_ends_as_the_check_does() {
    let script = gitlab_script();
    must_be_sound(&script);
    for code in [0, 2, 4] {
        let (place, stand_in) = (TempDir::new().unwrap(), StandIn::new());
        let told = run(&script, &stand_in, code, place.path());
        assert_eq!(told.code, code, "{told:?}");
        assert_eq!(stand_in.calls().len(), 3);
        let job = gitlab_job();
        let reports = job["artifacts"]["reports"].as_object().unwrap();
        assert_eq!(reports.len(), 2);
        for report in reports.values() {
            assert!(place.path().join(report.as_str().unwrap()).exists(), "{report}");
        }
        assert_eq!(job["artifacts"]["when"], "always");
    }
}

#[test]
fn the_script_ends_at_the_first_failure() {
    let script = only("sh");
    must_be_sound(&script);
    for (code, calls) in [(0, 2), (4, 1)] {
        let (place, stand_in) = (TempDir::new().unwrap(), StandIn::new());
        assert_eq!(run(&script, &stand_in, code, place.path()).code, code);
        assert_eq!(stand_in.calls().len(), calls);
    }
}
