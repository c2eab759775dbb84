//! Through the agent's container credentials endpoint: any SDK that is given two variables.

use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::clients::{Client, Conversation, Outcome};
use crate::world::{ANYTHING, Has, World, as_meant, command, is_signed_as_meant};

/// An agent of a person with an access key; it is killed with this value.
struct Agent<'a> {
    world: &'a World,
    child: Child,
}

impl<'a> Agent<'a> {
    fn start(world: &'a World) -> Self {
        let mut words = world.ours(&["serve", "--runtime-dir"]);
        words.push(world.path("agent").into_os_string().into_string().unwrap());
        let mut serve = command(&words, &world.person(Has::AccessKey));
        let log = std::fs::File::create(world.path("agent.log")).unwrap();
        let child = serve.stdin(Stdio::null()).stderr(log).spawn().unwrap();
        let agent = Agent { world, child };
        // It is written last, and at once.
        while !agent.file("container.env").exists() {
            std::thread::yield_now();
        }
        agent
    }

    fn file(&self, name: &str) -> PathBuf {
        self.world.path("agent").join(name)
    }

    /// What a program's environment holds that uses it: nothing but the way to AWS and to the agent.
    fn variables(&self) -> Vec<(String, String)> {
        let written = std::fs::read_to_string(self.file("container.env")).unwrap();
        let written = written.lines().map(|line| line.split_once('=').unwrap());
        let own = written.chain([("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-1")]);
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.world.surroundings().into_iter().chain(own).collect()
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A client that runs on, and does not get through any more once the policy has tightened.
#[track_caller]
fn is_stopped_while_it_runs(client: Client, after: &str, reason: &str) {
    let world = World::new();
    let agent = Agent::start(&world);
    let mut running = Conversation::start(&client.words(), &agent.variables());
    running.ask("now").must_be_answered();
    running.ask("now").must_be_answered();
    assert_eq!(world.arrived(), [as_meant(Has::AccessKey), as_meant(Has::AccessKey)]);
    assert!(world.requests().iter().all(is_signed_as_meant));
    world.tighten();
    let told = running.ask(after);
    assert!(told.must_fail().contains(reason), "{told:?}");
    assert_eq!(world.arrived().len(), 2, "nothing more arrives");
    world.write("policy.json", ANYTHING);
    // What is allowed again is so once the agent has noticed.
    while let Outcome::Failed(told) = running.ask("now") {
        assert!(told.contains(reason), "{told}");
    }
}

/// It asks before each request, because the credentials end soon.
#[test]
fn boto3_is_stopped_at_once() {
    is_stopped_while_it_runs(Client::Boto3, "now", "method_not_allowed");
}

/// It uses what it has until the end that it was told, which is a minute away.
#[test]
fn rust_is_stopped_within_two_minutes() {
    is_stopped_while_it_runs(Client::Rust, "later", "403");
}

/// Likewise.
#[test]
fn javascript_is_stopped_within_two_minutes() {
    is_stopped_while_it_runs(Client::JavaScript, "later", "Could not load credentials");
}

/// Each of its runs is a process of its own.
#[test]
fn the_aws_cli_is_stopped_at_once() {
    let world = World::new();
    let agent = Agent::start(&world);
    Client::AwsCli.ask(&[], &agent.variables()).must_be_answered();
    assert_eq!(world.arrived(), [as_meant(Has::AccessKey)]);
    world.tighten();
    let told = Client::AwsCli.ask(&[], &agent.variables());
    assert!(told.must_fail().contains("method_not_allowed"), "{told:?}");
    assert_eq!(world.arrived().len(), 1, "nothing more arrives");
}

/// A program that has the address alone.
#[test]
fn without_the_token_nobody_is_answered() {
    let world = World::new();
    let agent = Agent::start(&world);
    let mut variables = agent.variables();
    variables.retain(|(name, _)| name != "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    for client in crate::clients::ALL {
        client.ask(&[], &variables).must_fail();
    }
    assert_eq!(world.arrived(), [""; 0]);
}
