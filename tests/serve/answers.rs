//! The current answer and the stream of those that follow.

use serde_json::{Value, json};

use crate::agent::{Home, KEY};
use crate::http::{Events, to_socket};
use crate::support::program;

fn is_denied(answer: &Value) -> bool {
    answer["outcome"] == "denied"
}

#[test]
fn it_is_that_of_status() {
    let home = Home::new();
    let agent = home.serve();
    let mut answer = agent.answer();
    for (key, value) in [("number", json!(1)), ("watching", json!({ "mode": "events" }))] {
        assert_eq!(answer.as_object_mut().unwrap().remove(key), Some(value), "{key}");
    }
    assert!(answer.as_object_mut().unwrap().remove("since").is_some_and(|since| since.is_string()));
    let status = program::answer(home.program(&["status", "--json"]).envs(KEY));
    assert_eq!(answer, status.json());
}

#[test]
fn an_answer_that_is_known_is_not_sent_again() {
    let home = Home::new();
    let agent = home.serve();
    let first = agent.get("/v1/answer");
    let tag = first.header("etag").unwrap().to_owned();
    let known = agent.ask("GET", "/v1/answer", &[("If-None-Match", &tag)]);
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    home.allow(&["sso"]);
    agent.until_outcome("denied");
    let second = agent.ask("GET", "/v1/answer", &[("If-None-Match", &tag)]);
    assert_eq!((second.status, second.json()["outcome"].as_str()), (200, Some("denied")));
    agent.kill();

    // Another process counts from 1 again, and its first answer is not the first one of that before.
    home.allow(&["iam_credentials"]);
    let agent = home.serve();
    assert_eq!(agent.ask("GET", "/v1/answer", &[("If-None-Match", &tag)]).status, 200);
}

#[test]
fn a_change_is_told_to_who_follows() {
    let home = Home::new();
    let agent = home.serve();
    let mut events = agent.events();
    assert_eq!(events.response.header("content-type"), Some("text/event-stream"));
    let first = events.next().unwrap();
    assert_eq!(first.answer, agent.answer());
    home.allow(&["sso"]);
    let second = events.until(is_denied);
    assert_eq!(second.answer["denials"][0]["code"], "method_not_allowed");
    assert!(second.answer["number"].as_u64() > first.answer["number"].as_u64());
    assert_eq!(second.answer, agent.answer());
    assert_ne!(first.id, second.id);
}

#[test]
fn who_comes_back_is_told_what_is_new_and_nothing_else() {
    let home = Home::new();
    let agent = home.serve();
    let first = agent.events().next().unwrap();
    let follow = |id: &str| Events::follow(to_socket(&agent.socket()), &[("Last-Event-ID", id)]);
    let mut up_to_date = follow(&first.id);
    home.allow(&["sso"]);
    assert!(is_denied(&up_to_date.next().unwrap().answer));
    let mut behind = follow(&first.id);
    assert!(is_denied(&behind.next().unwrap().answer));
    // An event of another process.
    assert!(is_denied(&follow("0-2").next().unwrap().answer));
}

#[test]
fn who_is_slow_gets_the_newest_answer() {
    let home = Home::new();
    let agent = home.serve();
    let mut slow = agent.events();
    let mut watched = agent.events();
    for round in 0..100 {
        let methods: &[&str] = if round % 2 == 0 { &["sso"] } else { &["iam_credentials"] };
        home.allow(methods);
        let outcome = if round % 2 == 0 { "denied" } else { "allowed" };
        watched.until(|answer| answer["outcome"] == outcome);
    }
    home.allow(&["sso"]);
    let last = watched.until(is_denied).answer["number"].clone();
    let mut seen = 0;
    slow.until(|answer| {
        let number = answer["number"].as_u64().unwrap();
        assert!(std::mem::replace(&mut seen, number) < number, "out of order");
        answer["number"] == last
    });
}

/// As the environment of a program that runs does not change, a file that it names does.
#[test]
fn it_looks_again_when_asked_to() {
    let home = Home::new();
    let agent = home.serve();
    let asked = agent.ask("POST", "/v1/refresh", &[]);
    assert_eq!((asked.status, asked.json()), (202, json!({ "number": 1 })));
    agent.signal("-HUP");
    home.allow(&["sso"]);
    agent.until_outcome("denied");
    assert!(agent.log().contains("everything is looked at again"), "{}", agent.log());
}

#[test]
fn a_policy_that_turns_bad_leaves_the_last_good_one() {
    let home = Home::new();
    let agent = home.serve();
    home.write("managed/policy.json", "{ \"schema_version\": 1, ");
    let answer = agent.until(|answer| answer["warnings"][0]["code"] == "last_good_policy");
    assert_eq!(answer["outcome"], "allowed");
    let health = agent.get("/v1/health").json();
    let stand_in = &health["last_good"][0];
    assert_eq!(stand_in["file"].as_str(), Some(home.text("managed/policy.json").as_str()));
    assert!(stand_in["age_seconds"].is_u64(), "{health}");
    let source = home.text("managed/policy.json");
    let malformed =
        format!("bedrock_auth_policy_source_state{{source=\"{source}\",state=\"malformed\"}}");
    assert_eq!(agent.metric(&malformed), 1.0);
    let age = format!("bedrock_auth_last_good_policy_age_seconds{{source=\"{source}\"}}");
    assert!(agent.metric(&age) > 0.0);
    assert_eq!(agent.credentials().status, 200);

    // What starts now denies.
    assert_eq!(program::answer(home.program(&["status"]).envs(KEY)).code, 4);

    home.allow(&["iam_credentials"]);
    agent.until(|answer| answer["warnings"] == json!([]));
    assert_eq!(agent.metric(&malformed), 0.0);
    assert_eq!(agent.get("/v1/health").json()["last_good"], json!([]));
}

#[test]
fn a_machine_where_nothing_is_configured() {
    let home = Home::new();
    let agent = home.serve_with(&[], &[]);
    assert_eq!(agent.answer()["outcome"], "unconfigured");
    assert_eq!(agent.metric("bedrock_auth_outcome{outcome=\"unconfigured\"}"), 1.0);
}
