//! `exec`: a client finds exactly the allowed credential in its environment.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;

use crate::clients::{ALL, Client, Conversation};
use crate::support::program::Answer;
use crate::world::{ANYTHING, Has, NOTHING, World, as_meant, command, is_signed_as_meant};

/// Runs the client by `exec`, as long as policy allows it, and once more after that.
#[track_caller]
fn runs_until_the_policy_tightens(client: Client, has: Has) {
    let world = World::new();
    let exec = world.ours(&["exec", "--"]);
    client.ask(&exec, &world.person(has)).must_be_answered();
    assert_eq!(world.arrived(), [as_meant(has)], "{client:?}");
    assert!(is_signed_as_meant(&world.requests()[0]), "{client:?}: {:?}", world.requests());
    world.tighten();
    let words = [exec, client.words()].concat();
    let mut refused = Conversation::start(&words, &world.person(has));
    let told = refused.ask("now");
    assert!(told.must_fail().contains("method_not_allowed"), "{client:?}: {told:?}");
    assert_eq!(refused.code(), Some(3), "{client:?}");
    assert_eq!(world.arrived().len(), 1, "{client:?}: nothing more arrives");
}

#[test]
fn access_keys() {
    for client in ALL {
        runs_until_the_policy_tightens(client, Has::AccessKey);
    }
}

#[test]
fn api_keys() {
    for client in ALL {
        runs_until_the_policy_tightens(client, Has::ApiKey);
    }
}

fn run(world: &World, words: &[&str]) -> Answer {
    let words =
        [world.ours(&["exec", "--"]), words.iter().map(|w| (*w).to_owned()).collect()].concat();
    Answer::of(&command(&words, &world.person(Has::AccessKey)).output().unwrap())
}

/// The program takes the place of this one: same process, so signals and status pass by themselves.
#[test]
fn no_parent_stays_behind() {
    let world = World::new();
    let words = [
        world.ours(&["exec", "--"]),
        ["sh", "-c", "echo $$; exec sleep 60"].map(str::to_owned).into(),
    ]
    .concat();
    let mut command = command(&words, &world.person(Has::AccessKey));
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), child.id().to_string());
    let killed = std::process::Command::new("kill").args(["-TERM", line.trim()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().signal(), Some(15));
}

#[test]
fn status_arguments_and_streams_are_those_of_the_program() {
    let world = World::new();
    let answer =
        run(&world, &["sh", "-c", "echo \"$1\"; echo err >&2; exit 42", "sh", "--json $x"]);
    assert_eq!(
        (answer.code, answer.stdout.as_str(), answer.stderr.as_str()),
        (42, "--json $x\n", "err\n")
    );
    // Rust ignores the signal of a broken pipe, and its programs must not hand that on.
    let ignored = run(&world, &["sh", "-c", "sed -n 's/^SigIgn:.//p' /proc/self/status"]);
    let mask = u64::from_str_radix(ignored.stdout.trim(), 16).unwrap();
    assert_eq!(mask & 1 << 12, 0, "{ignored:?}");
}

#[test]
fn what_cannot_be_started() {
    let world = World::new();
    world.write("plain", "echo");
    world.write("odd", "#!/nonexistent/shell\n");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(world.path("odd"), executable).unwrap();
    let path = |name| world.path(name).to_str().unwrap().to_owned();
    for (program, why) in [
        ("no-such-program".to_owned(), "there is no such program"),
        (path("plain"), "it is not executable"),
        (path("odd"), "what its first line names is missing"),
    ] {
        let answer = run(&world, &[&program]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{answer:?}");
        assert!(answer.stderr.contains(why), "{answer:?}");
        assert!(!answer.stderr.contains("handed-"), "{answer:?}");
    }
}

/// Each way not to hand anything out has its exit code, for every command, and says why on standard error alone.
#[test]
fn refusals() {
    let world = World::new();
    let nobody = world.surroundings();
    let person = world.person(Has::AccessKey);
    let broken =
        [("AWS_CONFIG_FILE", world.path("config")), ("XDG_CONFIG_HOME", world.path("xdg"))]
            .map(|(name, value)| (name.to_owned(), value.to_str().unwrap().to_owned()));
    world.write("config", "[profile p]\ncredential_process = false\n");
    world.write(
        "xdg/bedrock-auth/settings.json",
        r#"{ "authentication_method": "named_profile", "profile": "p" }"#,
    );
    let broken = [nobody.clone(), broken.into()].concat();
    for words in [&["exec", "--", "echo"][..], &["export"], &["credential-process"]] {
        for (policy, variables, code, why) in [
            (NOTHING, &person, 3, "method_not_allowed"),
            ("{", &person, 4, "policy_malformed"),
            (ANYTHING, &nobody, 5, "unconfigured"),
            (ANYTHING, &broken, 1, "mend the program, or `credential_process` in the profile"),
        ] {
            world.write("policy.json", policy);
            let answer = Answer::of(&command(&world.ours(words), variables).output().unwrap());
            assert_eq!(answer.code, code, "{words:?}: {answer:?}");
            match words[0] {
                // What a shell evaluates takes away what it has, and fails.
                "export" => {
                    let mut lines: Vec<_> = answer.stdout.lines().collect();
                    assert_eq!(lines.pop(), Some("false"), "{answer:?}");
                    assert!(lines.iter().all(|line| line.starts_with("unset ")), "{answer:?}");
                }
                _ => assert_eq!(answer.stdout, "", "{words:?}: {answer:?}"),
            }
            let told = answer.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains(why), "{words:?}: {answer:?}");
        }
        world.write("policy.json", NOTHING);
        let words = [&[words[0], "--json"], &words[1..]].concat();
        let answer = Answer::of(&command(&world.ours(&words), &person).output().unwrap());
        let told: serde_json::Value = serde_json::from_str(&answer.stderr).unwrap();
        assert_eq!(told["denials"][0]["code"], "method_not_allowed");
    }
}
