//! `.pre-commit-hooks.yaml`, used by the real pre-commit from repositories as people have them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::files::{project, system, text, yaml};
use crate::page;
use crate::stand_in::StandIn;
use crate::support::peers;
use crate::support::program::{Answer, answer};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A repository of policies, and one that the hooks come from.
pub(crate) struct Repositories {
    place: TempDir,
}

impl Repositories {
    /// With the configuration that the page shows, and these files.
    pub(crate) fn new(config: &str, files: &[&str]) -> Self {
        let repositories = Repositories { place: tempfile::tempdir().unwrap() };
        let (hooks, policies) = (repositories.hooks(), repositories.policies());
        write(&hooks, ".pre-commit-hooks.yaml", &text(".pre-commit-hooks.yaml"));
        repositories.commit(&hooks);
        repositories.git(&hooks, &["tag", &format!("v{VERSION}")]);
        let local = config.replace("https://git.example/bedrock-auth", hooks.to_str().unwrap());
        assert_ne!(local, config);
        write(&policies, ".pre-commit-config.yaml", &local);
        for file in files {
            write(&policies, file, "{}\n");
        }
        repositories.commit(&policies);
        repositories
    }

    fn hooks(&self) -> PathBuf {
        self.place.path().join("hooks")
    }

    pub(crate) fn policies(&self) -> PathBuf {
        self.place.path().join("policies")
    }

    fn commit(&self, repository: &Path) {
        self.git(repository, &["init", "--quiet", "--initial-branch=main"]);
        self.git(repository, &["add", "--all"]);
        self.git(repository, &["commit", "--quiet", "--message=All"]);
    }

    fn git(&self, repository: &Path, arguments: &[&str]) {
        let mut git = system("git");
        git.args(arguments).current_dir(repository);
        let told = answer(self.undisturbed(&mut git));
        assert_eq!(told.code, 0, "{told:?}");
    }

    /// Whoever runs the tests has git set up in a way of their own.
    fn undisturbed<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ann");
            command.env(format!("GIT_{who}_EMAIL"), "ann@corp.example");
        }
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("PRE_COMMIT_HOME", self.place.path().join("cache"))
    }

    fn pre_commit(&self, stand_in: &StandIn, code: i32, arguments: &[&str]) -> Answer {
        answer(self.command(arguments).envs(stand_in.variables(VERSION, code)))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut pre_commit = peers::python_program("pre-commit");
        pre_commit.args(arguments).arg("--color=never").current_dir(self.policies());
        self.undisturbed(&mut pre_commit);
        pre_commit
    }
}

fn write(repository: &Path, name: &str, text: &str) {
    let path = repository.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const FILES: &[&str] = &[
    "policy.json",
    "policies/a b/policy.json",
    "etc/policy.d/10-corp.json",
    "--output=x/policy.json",
    // Not policies:
    "package.json",
    "my-policy.json",
    "policy.d/README.md",
    "policy.d/.hidden.json",
    "policy.d/old/10.json",
    "policies/scenarios/a.scenario.json",
];

#[test]
fn the_manifest_is_valid() {
    let mut pre_commit = peers::python_program("pre-commit");
    let cache = tempfile::tempdir().unwrap();
    pre_commit.env("PRE_COMMIT_HOME", cache.path());
    let manifest = project().join(".pre-commit-hooks.yaml");
    let told = answer(pre_commit.arg("validate-manifest").arg(manifest));
    assert_eq!(told.code, 0, "{told:?}");
    assert!(!told.stdout.contains("warning") && !told.stderr.contains("warning"), "{told:?}");
}

/// pre-commit builds with Rust what it takes from here, and leaves the search path to the other hooks.
#[test]
fn each_hook_comes_built_and_from_the_search_path() {
    let hooks = yaml(&text(".pre-commit-hooks.yaml"));
    let hooks: Vec<_> = hooks.as_array().unwrap().iter().collect();
    for name in ["bedrock-auth-policy-check", "bedrock-auth-policy-fmt"] {
        let find = |id: &str| *hooks.iter().find(|hook| hook["id"] == id).unwrap();
        let (built, found) = (find(name), find(&format!("{name}-system")));
        assert_eq!((&built["language"], &found["language"]), (&"rust".into(), &"system".into()));
        for key in ["entry", "args", "files", "types", "require_serial"] {
            assert_eq!(built[key], found[key], "{name}: {key}");
        }
    }
    assert_eq!(hooks.len(), 4);
}

#[test]
fn hooks_are_given_policies_and_nothing_else() {
    let repositories = Repositories::new(&page::pre_commit_configs()[0], FILES);
    let stand_in = StandIn::new();
    let told = repositories.pre_commit(&stand_in, 0, &["run", "--all-files"]);
    assert_eq!(told.code, 0, "{told:?}");
    let mut calls = stand_in.calls();
    for call in &mut calls {
        let end = call.iter().position(|argument| argument == "--").unwrap() + 1;
        call[end..].sort();
    }
    let policies = [
        "--output=x/policy.json",
        "etc/policy.d/10-corp.json",
        "policies/a b/policy.json",
        "policy.json",
    ];
    let expected = [
        [&["policy", "check", "--deny-warnings", "--"][..], &policies].concat(),
        [&["policy", "fmt", "--"][..], &policies].concat(),
    ];
    assert_eq!(calls, expected);
}

/// More files than one command line would take of pre-commit's own accord.
#[test]
fn all_files_are_checked_by_one_process() {
    let names: Vec<_> = (0..300).map(|n| format!("policy.d/{n:03}.json")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let repositories = Repositories::new(&page::pre_commit_configs()[0], &names);
    let stand_in = StandIn::new();
    let arguments = ["run", "--all-files", "bedrock-auth-policy-check-system"];
    assert_eq!(repositories.pre_commit(&stand_in, 0, &arguments).code, 0);
    assert_eq!(stand_in.calls().iter().map(Vec::len).collect::<Vec<_>>(), [4 + 300]);
}

#[test]
fn a_hook_fails_as_the_check_does() {
    let repositories = Repositories::new(&page::pre_commit_configs()[0], &["policy.json"]);
    let stand_in = StandIn::new();
    for code in [1, 2, 4] {
        let told = repositories.pre_commit(&stand_in, code, &["run", "--all-files"]);
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.stdout.contains(&format!("exit code: {code}")), "{told:?}");
        // What the check prints is what people see.
        assert!(told.stdout.contains("::error::as found"), "{told:?}");
    }
}

#[test]
fn a_directory_is_checked_as_a_whole() {
    let repositories =
        Repositories::new(&page::pre_commit_configs()[1], &["policies/laptops/policy.json"]);
    let stand_in = StandIn::new();
    assert_eq!(repositories.pre_commit(&stand_in, 0, &["run", "--all-files"]).code, 0);
    assert_eq!(stand_in.calls(), [["policy", "check", "--together", "--", "policies/laptops"]]);
}

#[test]
fn a_hook_can_be_tried_from_a_repository() {
    let repositories = Repositories::new(&page::pre_commit_configs()[0], &["policy.json"]);
    let stand_in = StandIn::new();
    let hooks = repositories.hooks().into_os_string().into_string().unwrap();
    let arguments = ["try-repo", &hooks, "bedrock-auth-policy-check-system", "--all-files"];
    let told = repositories.pre_commit(&stand_in, 0, &arguments);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(stand_in.calls(), [["policy", "check", "--", "policy.json"]]);
}
