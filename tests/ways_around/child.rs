//! The program under trial, in a process whose environment is the case's.
//!
//! The test program starts itself. On standard input: what to open, then a line for each call; on standard output: a
//! line for each of them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde::{Deserialize, Serialize};

/// Which program, and what it sets in code.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Program {
    /// The profile that a plain program names.
    pub(crate) profile: Option<String>,
    /// The access key that a plain program is given.
    pub(crate) access_key_id: Option<String>,
    /// The endpoint that a plain program is given.
    pub(crate) endpoint: Option<String>,
}

/// What the model said, or the whole chain of the error.
pub(crate) type Outcome = Result<String, String>;

/// Stands before each line of the child's that is meant for us.
const MARK: &str = "outcome: ";
/// Far more than any call on loopback takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The parent's end.
pub(crate) struct Child {
    process: std::process::Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Child {
    /// Starts the program in this environment, and says whether it opened.
    pub(crate) fn open(
        variables: impl IntoIterator<Item = (String, String)>,
        program: &Program,
    ) -> (Self, Outcome) {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::plain", "--ignored", "--nocapture"])
            .env_clear()
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut child = Child { process, input, output };
        let opened = child.ask(&serde_json::to_string(program).unwrap());
        (child, opened)
    }

    /// Asks the model once.
    pub(crate) fn call(&mut self) -> Outcome {
        self.ask("call")
    }

    fn ask(&mut self, line: &str) -> Outcome {
        writeln!(self.input, "{line}").unwrap();
        loop {
            let mut line = String::new();
            assert_ne!(self.output.read_line(&mut line).unwrap(), 0, "the child has ended");
            if let Some((_, outcome)) = line.split_once(MARK) {
                return serde_json::from_str(outcome).unwrap();
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test: what [`Child::open`] starts.
#[tokio::test]
#[ignore = "the cases start it as a child"]
async fn plain() {
    let program = serde_json::from_str(&next_line().expect("the cases say what to open")).unwrap();
    let client = open_plain(program).await;
    tell(&Ok("open".to_owned()));
    while next_line().is_some() {
        tell(&converse(&client).await);
    }
}

fn next_line() -> Option<String> {
    std::io::stdin().lines().next().transpose().unwrap()
}

fn tell(outcome: &Outcome) {
    println!("{MARK}{}", serde_json::to_string(outcome).unwrap());
}

/// A client as an ordinary program makes it.
async fn open_plain(program: Program) -> Client {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
    if let Some(profile) = program.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(id) = program.access_key_id {
        let credentials = Credentials::new(id, "secret-in-code", None, None, "in-code");
        loader = loader.credentials_provider(credentials);
    }
    if let Some(endpoint) = program.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    Client::new(&loader.load().await)
}

/// The SDK's own, with the proxy of the environment.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder()
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(Provider::Rustls(CryptoMode::Ring));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.build()
    })
}

async fn converse(client: &Client) -> Outcome {
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("ping".to_owned()))
        .build()
        .unwrap();
    let call = client.converse().model_id("local.model").messages(message).send();
    let answer = tokio::time::timeout(PATIENCE, call).await.map_err(|error| error.to_string())?;
    let answer = answer.map_err(|error| DisplayErrorContext(&error).to_string())?;
    let message = answer.output.unwrap().as_message().unwrap().clone();
    Ok(message.content[0].as_text().unwrap().clone())
}
