//! One client for good: each call is made as the answer is when it begins, or refused before anything is signed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use aws_sdk_bedrockruntime::config::BehaviorVersion;
use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::operation::converse::ConverseError;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use aws_smithy_types::retry::RetryConfig;
use bedrock_auth::client::{Follower, refusal};
use bedrock_auth::load::{Environment, Machine, Managed, SettingsPlace};
use bedrock_auth::resolve::Outcome;
use tempfile::TempDir;

use support::aws::bedrock::{Bedrock, REPLY};
use support::aws::request::Authentication;
use support::aws::server::{Log, Server};

/// Two local Bedrocks, and a machine that may use either.
struct World {
    root: TempDir,
    servers: [Server; 2],
    log: Log,
}

impl World {
    fn new() -> Self {
        let log = Log::default();
        let servers = [(); 2].map(|()| Server::start(log.clone(), vec![Box::new(Bedrock)]));
        let world = World { root: tempfile::tempdir().unwrap(), servers, log };
        fs::create_dir_all(world.path("etc")).unwrap();
        fs::create_dir_all(world.path("home/.aws")).unwrap();
        world.write(
            "home/.aws/credentials",
            "[dev]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = hush\naws_session_token = hush\n",
        );
        world.allow(r#""api_key": {}, "named_profile": {}"#);
        world.ask(0, r#""region": "eu-west-1""#);
        world
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.root.path().join(inside)
    }

    fn write(&self, inside: &str, text: &str) {
        let next = self.path(&format!("{inside}.next"));
        fs::write(&next, text).unwrap();
        fs::rename(next, self.path(inside)).unwrap();
    }

    fn allow(&self, methods: &str) {
        let endpoints =
            self.servers.each_ref().map(|server| format!("{:?}", server.url())).join(", ");
        self.write(
            "etc/policy.json",
            &format!(
                r#"{{ "schema_version": 1, "id": "p", "methods": {{ {methods} }}, "endpoints": [{endpoints}] }}"#
            ),
        );
    }

    fn ask(&self, server: usize, rest: &str) {
        let url = self.servers[server].url();
        self.write("settings.json", &format!(r#"{{ "endpoint_url": "{url}", {rest} }}"#));
    }

    fn follower(&self) -> Follower {
        let machine = Machine::empty()
            .with_managed(Managed::WhatIf(self.path("etc")))
            .with_settings(
                SettingsPlace::named(self.path("settings.json").to_str().unwrap()).unwrap(),
            )
            .with_environment(Environment::from_pairs([
                ("HOME", self.path("home").to_str().unwrap()),
                ("ZED_BEDROCK_BEARER_TOKEN", "a-local-token"),
            ]));
        Follower::builder(machine, BehaviorVersion::latest())
            .watch(|watch| watch.poll(Duration::from_secs(3600)))
            .session(|session| session.retry_config(RetryConfig::disabled()))
            .start()
            .unwrap()
    }

    /// What arrived: the port, and who signed.
    fn arrived(&self) -> Vec<(usize, Authentication)> {
        let port = |text: &str| text.rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
        let of = |host: &str| self.servers.iter().position(|s| s.port() == port(host)).unwrap();
        self.log
            .requests()
            .iter()
            .map(|request| (of(request.header("host").unwrap()), request.authentication()))
            .collect()
    }
}

type Said = Result<String, SdkError<ConverseError>>;

async fn converse(client: &aws_sdk_bedrockruntime::Client) -> Said {
    let ping = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("ping".to_owned()))
        .build()
        .unwrap();
    let answer = client.converse().model_id("m").messages(ping).send().await?;
    let message = answer.output().unwrap().as_message().unwrap();
    Ok(message.content()[0].as_text().unwrap().clone())
}

/// The watch has seen what the files say.
async fn until(follower: &Follower, holds: impl Fn(&bedrock_auth::resolve::Resolution) -> bool) {
    let start = Instant::now();
    while !holds(&follower.watch().current().resolution) {
        assert!(start.elapsed() < Duration::from_secs(20), "{:#?}", follower.watch().current());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn bearer() -> Authentication {
    Authentication::Bearer("a-local-token".to_owned())
}

fn signer_of(authentication: &Authentication) -> (&str, &str) {
    match authentication {
        Authentication::Signature { access_key_id, scope } => {
            (access_key_id, scope.split('/').nth(1).unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_client_is_always_that_of_the_answer() {
    let world = World::new();
    let follower = world.follower();
    let client = follower.bedrock_runtime();
    assert_eq!(converse(&client).await.unwrap(), REPLY);

    // Another method, another region, another endpoint: the same client.
    world.ask(
        1,
        r#""authentication_method": "named_profile", "profile": "dev", "region": "eu-west-3""#,
    );
    until(&follower, |r| r.region.value == "eu-west-3").await;
    assert_eq!(converse(&client).await.unwrap(), REPLY);

    world.ask(0, r#""region": "eu-west-1""#);
    until(&follower, |r| r.region.value == "eu-west-1").await;
    assert_eq!(converse(&client).await.unwrap(), REPLY);

    let arrived = world.arrived();
    assert_eq!(arrived[0], (0, bearer()));
    assert_eq!(
        (arrived[1].0, signer_of(&arrived[1].1)),
        (1, ("ASIAIOSFODNN7EXAMPLE", "eu-west-3"))
    );
    assert_eq!(arrived[2], (0, bearer()));
    assert_eq!(arrived.len(), 3);
}

#[tokio::test]
async fn a_policy_that_tightens_refuses_the_next_call() {
    let world = World::new();
    let follower = world.follower();
    let client = follower.bedrock_runtime();
    converse(&client).await.unwrap();

    // At once: each use reads the policies anew, whether or not the watch has seen them.
    world.allow(r#""sso": {}"#);
    let error = converse(&client).await.unwrap_err();
    let refused = refusal(&error).unwrap_or_else(|| panic!("{error:?}"));
    assert_eq!(refused.denials[0].code.as_str(), "method_not_allowed");
    until(&follower, |r| r.outcome == Outcome::Denied).await;
    let error = converse(&client).await.unwrap_err();
    assert_eq!(refusal(&error).unwrap().denials[0].code.as_str(), "method_not_allowed");
    assert_eq!(world.arrived().len(), 1, "nothing was sent");

    world.allow(r#""api_key": {}"#);
    until(&follower, |r| r.outcome == Outcome::Allowed).await;
    converse(&client).await.unwrap();
    assert_eq!(world.arrived().len(), 2);
}

#[tokio::test]
async fn a_policy_that_turns_bad_leaves_the_client_as_it_was() {
    let world = World::new();
    let follower = world.follower();
    let client = follower.bedrock_runtime();
    world.write("etc/policy.json", "{");
    until(&follower, |r| r.warnings.iter().any(|w| w.code.as_str() == "last_good_policy")).await;
    converse(&client).await.unwrap();
    let strict = follower.session().unwrap();
    assert!(strict.resolution().display.contains("Bedrock API Key"));
}

#[tokio::test]
async fn a_session_ends_with_its_answer() {
    let world = World::new();
    let follower = world.follower();
    let before = follower.session().unwrap().bedrock_runtime();
    let config = follower.sdk_config().unwrap();
    let configured = aws_sdk_bedrockruntime::Client::new(&config);
    converse(&before).await.unwrap();
    world.ask(1, r#""region": "eu-west-2""#);
    until(&follower, |r| r.region.value == "eu-west-2").await;
    for client in [before, configured] {
        let error = converse(&client).await.unwrap_err();
        let refused = refusal(&error).unwrap_or_else(|| panic!("{error:?}"));
        assert!(refused.denials.is_empty() && refused.superseded_by.is_some(), "{refused:?}");
    }
    assert_eq!(world.arrived().len(), 1);
    converse(&follower.session().unwrap().bedrock_runtime()).await.unwrap();
}

#[tokio::test]
async fn without_an_answer_no_call_is_made() {
    let world = World::new();
    world.ask(0, r#""authentication_method": "named_profile", "profile": "nobody""#);
    let follower = world.follower();
    let client = follower.bedrock_runtime();
    let error = converse(&client).await.unwrap_err();
    assert!(refusal(&error).is_none() && world.arrived().is_empty(), "{error:?}");
    assert!(!format!("{follower:?} {client:?} {error:?}").contains("a-local-token"));
    world.ask(0, r#""region": "eu-west-1""#);
    until(&follower, |r| r.outcome == Outcome::Allowed).await;
    converse(&client).await.unwrap();
}
