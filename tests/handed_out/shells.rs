//! `export` for shells, as real shells read it.

use std::process::Command;

use serde_json::Value;

use crate::support::program::Answer;
use crate::world::{Has, KEY, World, command};

/// Whatever a credential may hold that means something to some shell; `export` itself is tested with more.
const AWKWARD: &str = r#"a'b"c$HOME`id`\n\\\'%PATH%!x*~;{}()<>#\"#;

/// What a child of the shell sees, after the shell has read what is exported.
fn environment_after(
    shell: &[&str],
    read: &str,
    variables: &[(String, String)],
    world: &World,
) -> Vec<(String, String)> {
    let exported = world.path("exported");
    let words: Vec<_> = shell.iter().map(|word| (*word).to_owned()).collect();
    let mut command: Command = command(&words, variables);
    let show = format!("{read} {}; /usr/bin/env -0", exported.display());
    let answer = Answer::of(&command.arg(show).output().unwrap());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{shell:?}: {answer:?}");
    let pairs = answer.stdout.split('\0').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The person's variables, an awkward credential among them, and things that mislead.
fn awkward(world: &World) -> Vec<(String, String)> {
    let more = [
        ("ZED_BEDROCK_BEARER_TOKEN", AWKWARD),
        ("AWS_PROFILE", "own"),
        ("AWS_ENDPOINT_URL_S3", "https://elsewhere.example"),
        ("AWS_ENDPOINT_URL_;touch${IFS}injected;", "x"),
    ];
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    world.surroundings().into_iter().chain(more).collect()
}

fn export(world: &World, format: &str, variables: &[(String, String)]) -> String {
    let words = world.ours(&["export", "--format", format]);
    let answer = Answer::of(&command(&words, variables).output().unwrap());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{format}: {answer:?}");
    answer.stdout
}

/// What `exec` makes of the same.
fn by_exec(world: &World, variables: &[(String, String)]) -> Vec<(String, String)> {
    let words = world.ours(&["exec", "--", "/usr/bin/env", "-0"]);
    let answer = Answer::of(&command(&words, variables).output().unwrap());
    let pairs = answer.stdout.split('\0').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn about_credentials(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let is_one = |name: &str| name.starts_with("AWS_") || name.starts_with("ZED_");
    // Shells do not hand on a variable whose name is none to them, and `export` does not name it.
    pairs.retain(|(name, _)| is_one(name) && !name.contains(';'));
    pairs.sort();
    pairs
}

#[test]
fn shells_come_to_the_same_as_exec() {
    for (format, shell, read) in [
        ("env", &["sh", "-c"][..], "."),
        ("env", &["bash", "--norc", "-c"], "."),
        ("fish", &["fish", "--no-config", "-c"], "source"),
    ] {
        let world = World::new();
        let variables = awkward(&world);
        world.write("exported", &export(&world, format, &variables));
        let after = environment_after(shell, read, &variables, &world);
        let expected = about_credentials(by_exec(&world, &variables));
        assert_eq!(about_credentials(after), expected, "{shell:?}");
        let token = ("AWS_BEARER_TOKEN_BEDROCK".to_owned(), AWKWARD.to_owned());
        assert!(expected.contains(&token), "{expected:?}");
        assert!(!world.path("injected").exists());
    }
}

/// Fish keeps universal variables, which would show through where others are erased.
#[test]
fn a_universal_variable_of_fish_does_not_show_through() {
    let world = World::new();
    let variables = world.person(Has::AccessKey);
    world.write("exported", &export(&world, "fish", &variables));
    let shell = ["fish", "--no-config", "-c"];
    let set = "set -Ux AWS_PROFILE own; set -Ux AWS_REGION own; source";
    let after = environment_after(&shell, set, &variables, &world);
    assert_eq!(about_credentials(after), about_credentials(by_exec(&world, &variables)));
}

#[test]
fn json_has_a_null_for_what_is_removed() {
    let world = World::new();
    let mut variables = world.person(Has::AccessKey);
    variables.push(("AWS_ENDPOINT_URL_S3".to_owned(), "https://elsewhere.example".to_owned()));
    let json: Value = serde_json::from_str(&export(&world, "json", &variables)).unwrap();
    assert_eq!(json["AWS_ACCESS_KEY_ID"], KEY);
    for name in
        ["AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "ZED_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK"]
    {
        assert_eq!(json.get(name), Some(&Value::Null), "{name}");
    }
    assert_eq!(json.get("PATH"), None);
    assert_eq!(json.get("AWS_CA_BUNDLE"), None);
}

#[test]
fn as_the_aws_cli_exports_them() {
    let world = World::new();
    let exported = export(&world, "aws", &world.person(Has::AccessKey));
    let json: Value = serde_json::from_str(&exported).unwrap();
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    // No end is known, and none is made up.
    assert_eq!(keys, ["AccessKeyId", "AccountId", "SecretAccessKey", "SessionToken", "Version"]);
}

/// `eval "$(bedrock-auth export)"` must not leave the shell with what it had.
#[test]
fn where_nothing_is_allowed_the_shell_has_nothing_and_knows_it() {
    let world = World::new();
    world.tighten();
    let mut variables = world.person(Has::AccessKey);
    let own = [("AWS_ACCESS_KEY_ID", "AKIAWO645SY5AVARIABL"), ("AWS_PROFILE", "own")];
    variables.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let program = world.ours(&["export"]).join(" ");
    for (shell, script) in [
        ("sh", format!("eval \"$({program})\"; echo $?; env")),
        ("bash", format!("eval \"$({program})\"; echo $?; env")),
        ("fish", format!("{program} --format fish | source; echo $status; env")),
    ] {
        let words = [shell, "-c", &script].map(str::to_owned);
        let output = command(&words, &variables).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.starts_with("1\n"), "{shell}: {shown}");
        assert!(
            !shown.contains("AKIAWO645SY5AVARIABL") && !shown.contains("AWS_PROFILE"),
            "{shown}"
        );
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("method_not_allowed"), "{shell}: {told}");
    }
    let words = ["sh", "-ec", &format!("eval \"$({program})\"; echo went on")].map(str::to_owned);
    let output = command(&words, &variables).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), b"".as_slice()));
}
