//! The clients, each of which asks a model.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_sdk_bedrockruntime::Client as BedrockRuntime;
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use aws_smithy_async::time::TimeSource;
use aws_smithy_types::retry::RetryConfig;

use crate::support::aws::bedrock::REPLY;
use crate::support::aws::plain::http_client;
use crate::support::peers;
use crate::world::command;

/// A program that calls Bedrock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Boto3,
    AwsCli,
    JavaScript,
    /// The AWS SDK for Rust, without anything of ours.
    Rust,
}

pub(crate) const ALL: [Client; 4] =
    [Client::Boto3, Client::AwsCli, Client::JavaScript, Client::Rust];

impl Client {
    /// The program and its arguments; with a profile that is chosen in code where one is given.
    pub(crate) fn words(self) -> Vec<String> {
        let script = |name| peers::script(name).into_os_string().into_string().unwrap();
        match self {
            Client::Boto3 => vec![peers::python_path("python"), script("converse.py")],
            Client::AwsCli => {
                let messages = r#"[{"role": "user", "content": [{"text": "ping"}]}]"#;
                let mut words = vec![peers::python_path("aws")];
                words.extend(
                    ["bedrock-runtime", "converse", "--model-id", "local.model", "--messages"]
                        .map(str::to_owned),
                );
                words.push(messages.to_owned());
                words
            }
            Client::JavaScript => vec!["node".to_owned(), script("converse.cjs")],
            Client::Rust => {
                let this = std::env::current_exe().unwrap().into_os_string().into_string().unwrap();
                let rest = ["--exact", "clients::rust", "--ignored", "--nocapture"];
                [this].into_iter().chain(rest.map(str::to_owned)).collect()
            }
        }
    }

    /// Asks once, in a process of its own. `before` are the words that run it.
    pub(crate) fn ask(self, before: &[String], variables: &[(String, String)]) -> Outcome {
        let words = [before, &self.words()].concat();
        Conversation::start(&words, variables).ask("now")
    }
}

/// What a client says.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answered,
    Failed(String),
}

impl Outcome {
    #[track_caller]
    pub(crate) fn must_be_answered(&self) {
        assert!(matches!(self, Outcome::Answered), "{self:?}");
    }

    #[track_caller]
    pub(crate) fn must_fail(&self) -> &str {
        match self {
            Outcome::Failed(text) => text,
            Outcome::Answered => panic!("it was answered"),
        }
    }
}

/// A client that runs on from question to question.
pub(crate) struct Conversation {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Conversation {
    pub(crate) fn start(words: &[String], variables: &[(String, String)]) -> Self {
        let mut command = command(words, variables);
        command.env("NODE_PATH", peers::node_modules());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Conversation { process, input, output }
    }

    /// Asks once; a client that ends before it answers has failed.
    pub(crate) fn ask(&mut self, line: &str) -> Outcome {
        // Whoever ends at once does not listen.
        let _ = writeln!(self.input, "{line}");
        let mut heard = String::new();
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return Outcome::Failed(heard + &self.complaint());
            }
            if line.contains("failed: ") {
                return Outcome::Failed(line);
            }
            if line.contains(REPLY) {
                return Outcome::Answered;
            }
            heard += &line;
        }
    }

    fn complaint(&mut self) -> String {
        let mut text = String::new();
        let mut stderr = self.process.stderr.take().unwrap();
        std::io::Read::read_to_string(&mut stderr, &mut text).unwrap();
        text
    }

    /// How it ended.
    pub(crate) fn code(mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether two minutes have passed by the clock of [`Client::Rust`].
static IS_LATER: AtomicBool = AtomicBool::new(false);

#[derive(Debug)]
struct Clock;

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        let passed = if IS_LATER.load(Ordering::Relaxed) { 120 } else { 0 };
        SystemTime::now() + Duration::from_secs(passed)
    }
}

/// Not a test: the client [`Client::Rust`].
#[tokio::test]
#[ignore = "the tests start it as a child"]
async fn rust() {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client())
        .retry_config(RetryConfig::disabled())
        .time_source(Clock)
        .load()
        .await;
    let client = BedrockRuntime::new(&config);
    while let Some(Ok(line)) = std::io::stdin().lines().next() {
        IS_LATER.fetch_or(line == "later", Ordering::Relaxed);
        println!("{}", converse(&client).await);
    }
}

async fn converse(client: &BedrockRuntime) -> String {
    let content = ContentBlock::Text("ping".to_owned());
    let message = Message::builder().role(ConversationRole::User).content(content);
    let call = client.converse().model_id("local.model").messages(message.build().unwrap());
    match call.send().await {
        Ok(answer) => {
            let output = answer.output.unwrap();
            format!("answered: {}", output.as_message().unwrap().content[0].as_text().unwrap())
        }
        Err(error) => {
            format!("failed: {}", DisplayErrorContext(&error).to_string().replace('\n', " "))
        }
    }
}
