//! Clients of the SDK: each request that is signed is on record before it is, and no other is.

use std::path::Path;

use aws_sdk_bedrockruntime::config::{BehaviorVersion, ProvideCredentials as _};
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use aws_smithy_types::retry::RetryConfig;
use bedrock_auth::client::{Follower, Session, refusal};
use bedrock_auth::load::{Environment, Machine, Managed};
use serde_json::{Value, json};

use crate::home::{Home, KEY, SECRET};
use crate::support::aws::bedrock::Bedrock;
use crate::support::aws::server::{Log, Server};

/// A local Bedrock, and somebody who may call it.
struct World {
    home: Home,
    log: Log,
    server: Server,
}

impl World {
    fn new(policy: &str) -> Self {
        let log = Log::default();
        let server = Server::start(log.clone(), vec![Box::new(Bedrock)]);
        let world = World { home: Home::new(""), log, server };
        world.policy(policy);
        world
    }

    fn policy(&self, keys: &str) {
        let url = self.server.url();
        self.home.policy(&format!(r#", "endpoints": ["{url}"] {keys}"#));
    }

    fn machine(&self) -> Machine {
        let url = self.server.url();
        Machine::empty()
            .with_managed(Managed::WhatIf(self.home.path("policy.json")))
            .with_state_directory(self.home.path("state/bedrock-auth"))
            .with_environment(Environment::from_pairs([
                ("ZED_ACCESS_KEY_ID", KEY),
                ("ZED_SECRET_ACCESS_KEY", SECRET),
                ("ZED_SESSION_TOKEN", "hush-session-token"),
                ("ZED_AWS_ENDPOINT", &url),
            ]))
    }

    fn session(&self) -> Session {
        Session::builder(self.machine(), BehaviorVersion::latest())
            .retry_config(RetryConfig::disabled())
            .open()
            .unwrap()
    }

    /// Door and outcome of each record, in order.
    fn recorded(&self) -> Vec<(String, String)> {
        let text = |record: &Value, key: &str| record[key].as_str().unwrap().to_owned();
        let records = self.home.records_of("credential");
        records.iter().map(|record| (text(record, "door"), text(record, "outcome"))).collect()
    }
}

fn pair(door: &str, outcome: &str) -> (String, String) {
    (door.to_owned(), outcome.to_owned())
}

async fn converse(client: &aws_sdk_bedrockruntime::Client) -> Result<(), String> {
    let ping = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("ping".to_owned()))
        .build()
        .unwrap();
    let said = client.converse().model_id("m").messages(ping).send().await;
    said.map(drop).map_err(|error| {
        let mut causes: Vec<String> = Vec::new();
        let first: &(dyn std::error::Error + 'static) = &error;
        for cause in std::iter::successors(Some(first), |error| error.source()) {
            causes.push(cause.to_string());
        }
        causes.push(refusal(&error).map_or(String::new(), |_| "(refused)".to_owned()));
        causes.join(": ")
    })
}

#[tokio::test]
async fn each_request_is_on_record() {
    let world = World::new("");
    let client = world.session().bedrock_runtime();
    for _ in 0..3 {
        converse(&client).await.unwrap();
    }
    assert_eq!(world.recorded(), vec![pair("client", "allowed"); 3]);
    assert_eq!(world.log.lines().len(), 3);
    let record = world.home.records_of("credential").pop().unwrap();
    assert_eq!(record["access_key_id"], KEY);
    assert_eq!(record["process"]["pid"], std::process::id());
    // The policy tightens: refused before anything is signed, and on record with the reason.
    world.policy(r#", "methods": {}"#);
    let error = converse(&client).await.unwrap_err();
    assert!(error.ends_with("(refused)"), "{error}");
    assert_eq!(world.recorded()[3..], [pair("client", "denied")]);
    let record = world.home.records_of("credential").pop().unwrap();
    assert_eq!(record["denials"][0]["code"], "method_not_allowed");
    // A client that is made now is refused too.
    let opened = Session::builder(world.machine(), BehaviorVersion::latest()).open();
    assert!(opened.is_err());
    assert_eq!(world.recorded()[4..], [pair("client", "denied")]);
    assert_eq!(world.log.lines().len(), 3);
}

#[tokio::test]
async fn nothing_is_signed_without_the_record_that_is_demanded() {
    let world = World::new(r#", "audit": { "required": true }"#);
    let session = world.session();
    let client = session.bedrock_runtime();
    converse(&client).await.unwrap();
    block(world.home.layout().directory());
    let error = converse(&client).await.unwrap_err();
    assert!(error.contains("audit"), "{error}");
    assert!(!error.contains(SECRET), "{error}");
    // Nor does it leave by hand.
    let error = session.credentials().provide_credentials().await.unwrap_err();
    assert!(format!("{:?}", std::error::Error::source(&error)).contains("audit"), "{error:?}");
    let config = session.sdk_config();
    let provider = config.credentials_provider().unwrap();
    assert!(provider.provide_credentials().await.is_err());
    assert_eq!(world.log.lines().len(), 1);
}

/// A file stands where the directory has to be.
fn block(directory: &Path) {
    std::fs::rename(directory, directory.with_extension("moved")).unwrap();
    std::fs::write(directory, "in the way").unwrap();
    // What was moved as a whole is written to for a moment more.
    std::thread::sleep(std::time::Duration::from_millis(100));
}

#[tokio::test]
async fn who_takes_the_credential_out_of_a_configuration_is_on_record() {
    let world = World::new("");
    let session = world.session();
    let config = session.sdk_config();
    let provider = config.credentials_provider().unwrap();
    provider.provide_credentials().await.unwrap();
    session.credentials().provide_credentials().await.unwrap();
    assert_eq!(world.recorded(), vec![pair("library", "allowed"); 2]);
}

#[tokio::test]
async fn a_client_that_follows_has_each_change_of_policy_on_record() {
    let world = World::new("");
    let machine = world.machine();
    let follower = Follower::builder(machine, BehaviorVersion::latest())
        .session(|session| session.retry_config(RetryConfig::disabled()))
        .start()
        .unwrap();
    let client = follower.bedrock_runtime();
    converse(&client).await.unwrap();
    assert_eq!(world.recorded(), [pair("client", "allowed")]);
    let mut changes = follower.watch().changes();
    world.policy(r#", "methods": {}"#);
    changes.next().await.unwrap();
    let error = converse(&client).await.unwrap_err();
    assert!(error.ends_with("(refused)"), "{error}");
    assert_eq!(world.recorded()[1..], [pair("client", "denied")]);
    // Policies of a what-if question are no policies of this machine.
    assert_eq!(world.home.records_of("policy"), Vec::<Value>::new());
    assert_eq!(world.home.records_of("credential")[0]["what_if"], json!(true));
}
