//! The recipes of `docs/recipes.md`, as they stand there, with the real programs.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::aws::bedrock::REPLY;
use crate::support::peers;
use crate::support::program::Answer;
use crate::world::{Has, World, command};

/// A section of the page: files, and scripts to run one after the other.
struct Recipe {
    /// Where each belongs below the home, and its text.
    files: Vec<(String, String)>,
    scripts: Vec<String>,
}

impl Recipe {
    fn of(title: &str) -> Self {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes.md");
        let page = std::fs::read_to_string(page).unwrap();
        let heading = format!("{title}\n");
        let section = page.split("\n## ").find(|section| section.starts_with(&heading));
        let section = section.unwrap_or_else(|| panic!("no recipe `{title}`"));
        let mut recipe = Recipe { files: Vec::new(), scripts: Vec::new() };
        // Every second part stands inside of a fence.
        for block in section.split("```").skip(1).step_by(2) {
            let (head, text) = block.split_once('\n').unwrap();
            match head.split_once(" ~/") {
                Some((_, place)) => recipe.files.push((place.to_owned(), text.to_owned())),
                None => {
                    assert_eq!(head, "sh", "`{title}`: neither a file nor a script");
                    recipe.scripts.push(text.to_owned());
                }
            }
        }
        assert!(!recipe.scripts.is_empty(), "`{title}` runs nothing");
        recipe
    }
}

/// A home where the recipe was followed, and the programs that it names.
struct Kitchen {
    world: World,
    variables: Vec<(String, String)>,
}

impl Kitchen {
    fn with(recipe: &Recipe, has: Has) -> Self {
        let world = World::new();
        for (place, text) in Recipe::of("An AWS profile").files.iter().chain(&recipe.files) {
            world.write(place, text);
        }
        let ours = world.ours(&["$command"]).join(" ");
        let wrapper = format!("#!/bin/sh\ncommand=$1\nshift\nexec {ours} \"$@\"\n");
        world.write("bin/bedrock-auth", &wrapper);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(world.path("bin/bedrock-auth"), executable).unwrap();
        for (name, program) in [
            ("aws", peers::python_path("aws")),
            ("claude", peers::agent("claude")),
            ("opencode", peers::agent("opencode")),
        ] {
            std::os::unix::fs::symlink(program, world.path("bin").join(name)).unwrap();
        }
        // Python finds its packages by where it is called from.
        let python = format!("#!/bin/sh\nexec {} \"$@\"\n", peers::python_path("python"));
        world.write("bin/python3", &python);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(world.path("bin/python3"), executable).unwrap();

        let mut variables = world.person(has);
        let path = variables.iter_mut().find(|(name, _)| name == "PATH").unwrap();
        path.1 = format!("{}:{}", world.path("bin").display(), path.1);
        let preload = format!("--require {}", peers::script("to_local_port.cjs").display());
        for (name, value) in [
            ("NODE_PATH", peers::node_modules()),
            ("NODE_OPTIONS", preload),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".to_owned()),
            ("OPENCODE_DISABLE_AUTOUPDATE", "1".to_owned()),
        ] {
            variables.push((name.to_owned(), value));
        }
        Kitchen { world, variables }
    }

    fn run(&self, script: &str) -> Answer {
        let words = ["timeout", "60", "sh", "-eu", "-c", script].map(str::to_owned);
        let mut command = command(&words, &self.variables);
        command.current_dir(self.world.path("")).stdin(std::process::Stdio::null());
        Answer::of(&command.output().unwrap())
    }

    /// Who has signed requests to Bedrock since the last look.
    fn signers(&self, seen: &mut usize) -> BTreeSet<String> {
        let requests = self.world.requests();
        let new = &requests[*seen..];
        *seen = requests.len();
        let to_bedrock = new.iter().filter(|request| request.host().starts_with("bedrock"));
        to_bedrock
            .map(|request| {
                let line = request.to_string();
                let signer = line.rsplitn(3, ' ').collect::<Vec<_>>();
                format!("{} {}", signer[1], signer[0])
            })
            .collect()
    }
}

/// Follows the recipe with what the person has, and once more after the policy was tightened.
#[track_caller]
fn works(title: &str, has: Has, scripts: impl Fn(&str) -> bool) {
    let recipe = Recipe::of(title);
    let kitchen = Kitchen::with(&recipe, has);
    let mut seen = 0;
    let signed_as_meant = BTreeSet::from([crate::world::signed_as_meant(has)]);
    let scripts: Vec<_> = recipe.scripts.iter().filter(|script| scripts(script)).collect();
    assert!(!scripts.is_empty(), "`{title}` has no such script");
    for script in &scripts {
        let answer = kitchen.run(script);
        assert!(
            answer.stdout.contains(REPLY),
            "`{title}`: {script}\n{answer:#?}\n{:#?}",
            kitchen.world.arrived()
        );
        assert_eq!(kitchen.signers(&mut seen), signed_as_meant, "`{title}`: {script}");
    }
    kitchen.world.tighten();
    for script in &scripts {
        let answer = kitchen.run(script);
        assert!(!answer.stdout.contains(REPLY), "`{title}`: {script}\n{answer:#?}");
        assert_eq!(kitchen.signers(&mut seen), BTreeSet::new(), "`{title}`: {script}");
    }
}

fn all(_: &str) -> bool {
    true
}

/// What is run by `exec` works with API keys, too.
fn by_exec(script: &str) -> bool {
    script.contains("bedrock-auth exec")
}

#[test]
fn an_aws_profile() {
    works("An AWS profile", Has::AccessKey, all);
}

#[test]
fn aws_cli() {
    works("AWS CLI", Has::AccessKey, all);
    works("AWS CLI", Has::ApiKey, all);
}

#[test]
fn boto3() {
    works("boto3", Has::AccessKey, all);
    works("boto3", Has::ApiKey, by_exec);
}

#[test]
fn javascript_sdk() {
    works("JavaScript SDK", Has::AccessKey, all);
    works("JavaScript SDK", Has::ApiKey, by_exec);
}

#[test]
fn claude_code() {
    works("Claude Code", Has::AccessKey, all);
    works("Claude Code", Has::ApiKey, by_exec);
}

#[test]
fn opencode() {
    works("opencode", Has::AccessKey, all);
    works("opencode", Has::ApiKey, by_exec);
}
