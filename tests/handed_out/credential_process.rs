//! `credential-process`: a client runs it for the credentials of a profile, again and again.

use serde_json::Value;

use crate::clients::{ALL, Client, Conversation, Outcome};
use crate::support::program::Answer;
use crate::world::{
    ANYTHING, BEDROCK, Has, KEY, ROLE_KEY, World, as_meant, command, is_signed_as_meant,
};

/// A world with the profile `bedrock`, whose process is ours.
fn world() -> World {
    let world = World::new();
    let process = world.ours(&["credential-process"]).join(" ");
    world.write(
        ".aws/config",
        &format!("[profile bedrock]\ncredential_process = {process}\nregion = eu-west-1\n"),
    );
    world
}

/// What the client is run with, besides the person's own.
fn with_profile(world: &World) -> Vec<(String, String)> {
    let mut variables = world.person(Has::AccessKey);
    variables.push(("AWS_PROFILE".to_owned(), "bedrock".to_owned()));
    variables
}

#[test]
fn every_client_signs_with_what_it_prints() {
    for client in ALL {
        let world = world();
        client.ask(&[], &with_profile(&world)).must_be_answered();
        assert_eq!(world.arrived(), [as_meant(Has::AccessKey)], "{client:?}");
        assert!(is_signed_as_meant(&world.requests()[0]), "{client:?}");
        world.tighten();
        let told = client.ask(&[], &with_profile(&world));
        assert!(told.must_fail().contains(reason_as_told_by(client)), "{client:?}: {told:?}");
        assert_eq!(world.arrived().len(), 1, "{client:?}: nothing more arrives");
    }
}

fn reason_as_told_by(client: Client) -> &'static str {
    match client {
        // Its default chain says nothing of what a process complains about.
        Client::JavaScript => "Could not load credentials from any providers",
        Client::Boto3 | Client::AwsCli | Client::Rust => REFUSED,
    }
}

const REFUSED: &str = "method_not_allowed";

/// A client that runs on, and does not get through any more once the policy has tightened.
#[track_caller]
fn is_stopped_while_it_runs(words: &[String], after: &str, reason: &str) {
    let world = world();
    let mut client = Conversation::start(words, &with_profile(&world));
    client.ask("now").must_be_answered();
    client.ask("now").must_be_answered();
    assert_eq!(world.arrived(), [as_meant(Has::AccessKey), as_meant(Has::AccessKey)]);
    world.tighten();
    let told = client.ask(after);
    assert!(told.must_fail().contains(reason), "{told:?}");
    assert_eq!(world.arrived().len(), 2, "nothing more arrives");
    world.write("policy.json", ANYTHING);
    client.ask("now").must_be_answered();
}

#[test]
fn boto3_is_stopped_at_once() {
    is_stopped_while_it_runs(&Client::Boto3.words(), "now", REFUSED);
}

#[test]
fn javascript_is_stopped_at_once_where_code_names_the_profile() {
    let mut words = Client::JavaScript.words();
    words.push("bedrock".to_owned());
    is_stopped_while_it_runs(&words, "now", REFUSED);
}

/// Its default chain goes on with what it has until the end that was printed, whatever comes of asking again.
#[test]
fn javascript_is_stopped_within_two_minutes_where_it_finds_the_profile_itself() {
    let client = Client::JavaScript;
    is_stopped_while_it_runs(&client.words(), "later", reason_as_told_by(client));
}

/// Roles are fetched: the end is further away, because each time a service has to be asked.
#[test]
fn a_role_is_assumed_and_signs() {
    let world = world();
    let config = std::fs::read_to_string(world.path(".aws/config")).unwrap();
    let role = "[profile corp]\nrole_arn = arn:aws:iam::111122223333:role/Bedrock\n\
                source_profile = base\nregion = eu-west-1\n\
                [profile base]\naws_access_key_id = AKIAWO645SY5APROFILE\n\
                aws_secret_access_key = base-secret\n";
    world.write(".aws/config", &(config + role));
    world.write(
        ".config/bedrock-auth/settings.json",
        r#"{ "authentication_method": "named_profile", "profile": "corp", "region": "eu-west-1" }"#,
    );
    let mut variables = world.surroundings();
    variables.push(("AWS_PROFILE".to_owned(), "bedrock".to_owned()));
    Client::Boto3.ask(&[], &variables).must_be_answered();
    let arrived = world.arrived();
    assert_eq!(arrived.len(), 2, "{arrived:?}");
    assert!(arrived[0].ends_with("AssumeRole key AKIAWO645SY5APROFILE"), "{arrived:?}");
    assert_eq!(arrived[1], format!("{BEDROCK} Converse session {ROLE_KEY}"));

    let printed = printed(&world, &world.surroundings());
    assert_eq!(printed["AccessKeyId"], ROLE_KEY);
    assert_eq!(printed["AccountId"], "111122223333");
    assert!((19.0..=20.0).contains(&minutes_left(&printed)), "{printed}");
}

fn printed(world: &World, variables: &[(String, String)]) -> Value {
    let output = command(&world.ours(&["credential-process"]), variables).output().unwrap();
    let answer = Answer::of(&output);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert_eq!(answer.stdout.lines().count(), 1, "{answer:?}");
    answer.json()
}

fn minutes_left(printed: &Value) -> f64 {
    let end: jiff::Timestamp = printed["Expiration"].as_str().unwrap().parse().unwrap();
    end.duration_since(jiff::Timestamp::now()).as_secs_f64() / 60.0
}

#[test]
fn what_is_at_hand_ends_within_a_minute() {
    let world = world();
    let printed = printed(&world, &world.person(Has::AccessKey));
    assert_eq!((&printed["Version"], &printed["AccessKeyId"]), (&1.into(), &KEY.into()));
    assert_eq!(printed["AccountId"], "111122223333");
    assert!((0.0..=1.0).contains(&minutes_left(&printed)), "{printed}");
}

#[test]
fn what_is_no_access_key_is_refused() {
    let world = world();
    for words in [&["credential-process"][..], &["export", "--format", "aws"]] {
        let mut command = command(&world.ours(words), &world.person(Has::ApiKey));
        let answer = Answer::of(&command.output().unwrap());
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{words:?}");
        assert!(answer.stderr.contains("bedrock-auth exec -- CMD"), "{answer:?}");
    }
}

/// The settings mean the very profile whose process asks.
#[test]
fn it_does_not_ask_itself() {
    let world = world();
    world.write(
        ".config/bedrock-auth/settings.json",
        r#"{ "authentication_method": "named_profile", "profile": "bedrock" }"#,
    );
    let mut variables = world.surroundings();
    let mut command = command(&world.ours(&["credential-process"]), &variables);
    let answer = Answer::of(&command.output().unwrap());
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{answer:?}");
    assert!(answer.stderr.contains("bedrock-auth is asked by a credential process"), "{answer:?}");

    variables.push(("AWS_PROFILE".to_owned(), "bedrock".to_owned()));
    let told = Client::Boto3.ask(&[], &variables);
    assert!(matches!(&told, Outcome::Failed(text) if text.contains("is asked by")), "{told:?}");
    assert_eq!(world.arrived(), [""; 0]);
}
