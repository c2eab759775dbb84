//! `action.yml`, run as GitHub runs it: the script in bash, inputs as variables.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::files::{must_be_sound, must_fit, project, system, text, yaml};
use crate::stand_in::{StandIn, install, search_path};
use crate::support::program::{Answer, answer};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One step of a workflow that uses the action.
pub(crate) struct Step {
    pub(crate) workspace: TempDir,
    outputs: PathBuf,
    stand_in: StandIn,
    action: Value,
    version: &'static str,
    code: i32,
}

impl Step {
    pub(crate) fn new() -> Self {
        let workspace = tempfile::tempdir().unwrap();
        let outputs = workspace.path().join(".outputs");
        let action = yaml(&text("action.yml"));
        let stand_in = StandIn::new();
        Step { workspace, outputs, stand_in, action, version: VERSION, code: 0 }
    }

    /// Runs it with these inputs, and with its defaults for the others.
    fn run(&self, inputs: &[(&str, &str)]) -> Answer {
        let temporary = self.workspace.path().join(".temp");
        let mut bash = self.bash(inputs);
        bash.env("RUNNER_TEMP", temporary);
        answer(bash.envs(self.stand_in.variables(self.version, self.code)))
    }

    /// The script in bash, without anything on the search path but what the system has.
    pub(crate) fn bash(&self, inputs: &[(&str, &str)]) -> std::process::Command {
        let step = &self.action["runs"]["steps"][0];
        let mut script =
            tempfile::Builder::new().suffix(".sh").tempfile_in(&self.workspace).unwrap();
        std::io::Write::write_all(&mut script, step["run"].as_str().unwrap().as_bytes()).unwrap();
        let _ = fs::remove_file(&self.outputs);
        fs::write(&self.outputs, "").unwrap();
        let (_, path) = script.keep().unwrap();
        let mut bash = system("bash");
        // As GitHub calls it for `shell: bash`.
        bash.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(path);
        bash.current_dir(&self.workspace).env("GITHUB_OUTPUT", &self.outputs);
        bash.env("GITHUB_ACTION_PATH", project());
        for (variable, value) in step["env"].as_object().unwrap() {
            let input = value.as_str().unwrap();
            let input = input.strip_prefix("${{ inputs.").unwrap().strip_suffix(" }}").unwrap();
            let default = self.action["inputs"][input]["default"].as_str().unwrap_or_default();
            let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
            bash.env(variable, given.unwrap_or(default));
        }
        bash
    }

    pub(crate) fn outputs(&self) -> BTreeMap<String, String> {
        let text = fs::read_to_string(&self.outputs).unwrap();
        let pairs = text.lines().map(|line| line.split_once('=').unwrap());
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// What lies in the workspace by now, but for what the runner keeps there.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.workspace).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> =
            names.filter(|name| !name.starts_with('.') && !name.ends_with(".sh")).collect();
        names.sort();
        names
    }
}

#[test]
fn the_action_is_one() {
    must_fit("github-actions", &project().join("action.yml"));
    must_be_sound(yaml(&text("action.yml"))["runs"]["steps"][0]["run"].as_str().unwrap());
}

/// What stands in `${{ }}` becomes part of the script before bash reads it.
#[test]
fn inputs_reach_the_script_as_variables_only() {
    let action = yaml(&text("action.yml"));
    let steps = action["runs"]["steps"].as_array().unwrap();
    assert!(!steps.is_empty());
    for step in steps {
        assert!(!step["run"].as_str().unwrap().contains("${{"));
    }
    let used: Vec<_> = steps[0]["env"].as_object().unwrap().values().collect();
    for input in action["inputs"].as_object().unwrap().keys() {
        let expected = Value::from(format!("${{{{ inputs.{input} }}}}"));
        assert!(used.contains(&&expected), "{input} is not used");
    }
}

#[test]
fn inputs_become_arguments_whatever_they_hold() {
    let step = Step::new();
    let nasty = [
        "with space/policy.json",
        "$(touch executed)",
        "`touch executed`",
        "'; touch executed; '",
        "\"; touch executed; \"",
        "--output=stolen",
        "*",
        "a\\b",
        "${HOME}",
        "::error::x",
        "%0Aé",
    ];
    let settings = ["$(touch executed)#/a b", "'\"; touch executed #"];
    let paths = nasty.join("\n") + "\r\n\n";
    let told = step.run(&[("paths", &paths), ("settings", &settings.join("\n"))]);
    assert_eq!(told.code, 0, "{told:?}");
    let mut expected = vec!["policy".to_owned(), "check".to_owned()];
    expected.extend(settings.map(|file| format!("--settings={file}")));
    expected.extend(["--format=github", "--"].map(str::to_owned));
    expected.extend(nasty.map(str::to_owned));
    assert_eq!(step.stand_in.calls(), [expected]);
    assert_eq!(step.files(), [""; 0]);

    for input in ["format", "expires-within", "deny-warnings", "sarif-file", "version"] {
        for value in nasty {
            let told = step.run(&[("paths", "x"), (input, value)]);
            assert!(!step.files().contains(&"executed".to_owned()), "{input}: {told:?}");
        }
    }
}

#[test]
fn options_are_passed_on() {
    let step = Step::new();
    step.run(&[("paths", "p"), ("deny-warnings", "true"), ("expires-within", "30")]);
    let expected = ["policy", "check", "--deny-warnings", "--expires-within=30", "--format=github"];
    assert_eq!(step.stand_in.calls(), [[&expected[..], &["--", "p"]].concat()]);
}

#[test]
fn the_step_ends_as_the_check_does() {
    for code in [0, 1, 2, 4] {
        let step = Step { code, ..Step::new() };
        for inputs in [&[("paths", "p")][..], &[("paths", "p"), ("sarif-file", "out.sarif")]] {
            let told = step.run(inputs);
            assert_eq!(told.code, code, "{told:?}");
            assert_eq!(step.outputs()["exit-code"], code.to_string());
        }
    }
}

#[test]
fn a_sarif_file_is_written_besides_even_when_there_are_findings() {
    let step = Step { code: 4, ..Step::new() };
    let told = step.run(&[("paths", "p"), ("sarif-file", "my results.sarif")]);
    assert_eq!(told.code, 4);
    assert_eq!(step.outputs()["sarif-file"], "my results.sarif");
    assert_eq!(step.files(), ["my results.sarif"]);
    let formats = step.stand_in.calls().into_iter().map(|call| call[2].clone());
    assert_eq!(formats.collect::<Vec<_>>(), ["--format=sarif", "--format=github"]);
}

/// Whoever opens a pull request could put a report there that finds nothing. It is left alone: it could be a policy.
#[test]
fn a_sarif_file_of_the_checkout_is_not_taken_for_the_report() {
    let step = Step::new();
    let bin = step.workspace.path().join(".bin");
    fs::create_dir(&bin).unwrap();
    let fails = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo bedrock-auth {VERSION} && exit\nexit 2\n"
    );
    install(&bin.join("bedrock-auth"), &fails);
    fs::write(step.workspace.path().join("out.sarif"), "planted").unwrap();
    let mut bash = step.bash(&[("paths", "p"), ("sarif-file", "out.sarif")]);
    let told = answer(bash.env("PATH", search_path(&bin)));
    assert_eq!(told.code, 2, "{told:?}");
    assert_eq!(step.outputs().get("sarif-file"), None);
    assert_eq!(fs::read_to_string(step.workspace.path().join("out.sarif")).unwrap(), "planted");
}

#[test]
fn wrong_inputs_are_told_and_fail() {
    for (inputs, told) in [
        (&[][..], "'paths'"),
        (&[("paths", "\r\n\n")], "'paths'"),
        (&[("paths", "p"), ("deny-warnings", "yes")], "'deny-warnings'"),
        (&[("paths", "p"), ("sarif-file", "a\nexit-code=0")], "'sarif-file'"),
        (&[("paths", "p"), ("version", "9.9.9")], "9.9.9"),
    ] {
        let step = Step::new();
        let answer = step.run(inputs);
        assert_eq!(answer.code, 2, "{answer:?}");
        assert!(answer.stdout.starts_with("::error "), "{answer:?}");
        let says = if told == "9.9.9" { VERSION } else { told };
        assert!(answer.stdout.contains(says), "{answer:?}");
        assert_eq!(step.outputs()["exit-code"], "2");
        assert!(step.stand_in.calls().is_empty());
    }
}

/// Of another version on the search path, nothing is used; here there is no cargo to build the wanted one.
#[test]
fn a_program_of_another_version_is_not_used() {
    let step = Step { version: "0.0.1", ..Step::new() };
    let mut bash = step.bash(&[("paths", "p")]);
    bash.envs(step.stand_in.variables("0.0.1", 0));
    let temporary = step.workspace.path().join(".temp");
    let bin = step.workspace.path().join(".bin");
    fs::create_dir(&bin).unwrap();
    let cargo = "#!/bin/bash\nprintf '%s\\n' \"$@\" > \"$RUNNER_TEMP/asked\"\nmkdir -p \"$RUNNER_TEMP/bedrock-auth/bin\"\n\
                 printf '#!/bin/sh\\necho built \"$@\"\\nexit 4' > \"$RUNNER_TEMP/bedrock-auth/bin/bedrock-auth\"\n\
                 chmod +x \"$RUNNER_TEMP/bedrock-auth/bin/bedrock-auth\"\n";
    fs::create_dir(&temporary).unwrap();
    install(&bin.join("cargo"), cargo);
    let stand_in = step.stand_in.variables("0.0.1", 0).remove(0).1;
    let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&stand_in)));
    bash.env("RUNNER_TEMP", &temporary).env("PATH", path.unwrap());
    let told = answer(&mut bash);
    assert_eq!(told.code, 4, "{told:?}");
    assert!(told.stdout.contains("built policy check --format=github -- p"), "{told:?}");
    let asked = fs::read_to_string(temporary.join("asked")).unwrap();
    let root = temporary.join("bedrock-auth");
    let (project, root) = (project().display().to_string(), root.display().to_string());
    let expected = ["install", "--locked", "--path", &project, "--root", &root];
    assert_eq!(asked.lines().collect::<Vec<_>>(), expected);
    assert!(step.stand_in.calls().is_empty());
}

/// The text of a policy stands in such a log, and could be a command at the beginning of a line.
#[test]
fn other_formats_stand_in_the_log_with_commands_switched_off() {
    let step = Step::new();
    for format in ["human", "json"] {
        let told = step.run(&[("paths", "p"), ("format", format)]);
        let lines: Vec<_> = told.stdout.lines().collect();
        let token = lines[0].strip_prefix("::stop-commands::").unwrap();
        assert!(token.len() == 32, "{token}");
        assert_eq!(lines[1..], ["::error::as found", &format!("::{token}::")]);
    }
    assert_eq!(step.run(&[("paths", "p")]).stdout, "::error::as found\n");
}
