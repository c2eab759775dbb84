//! The program under trial, in a process whose environment is the case's.
//!
//! The test program starts itself. On standard input: what to open, then a line for each call; on standard output: a
//! line for each of them.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use bedrock_auth::client::{OpenError, Session, StepFailed, refusal, step_failed};
use bedrock_auth::load::keychain::NoKeychain;
use bedrock_auth::load::{Machine, Managed, SettingsPlace};
use bedrock_auth::policy::Denial;
use bedrock_auth::resolve::{Resolution, WarningCode};
use serde::{Deserialize, Serialize};

use crate::case::{Case, InCode};
use crate::support::aws::bedrock::REPLY;
use crate::support::aws::plain::http_client;
use crate::world::World;

/// Which program runs, and what it is told besides its environment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Program {
    /// The SDK as ordinary programs use it, and what they set in code.
    Plain { profile: Option<String>, access_key_id: Option<String> },
    /// Ours, and where its settings and its policy stand.
    Ours { settings: PathBuf, policy: PathBuf },
}

/// What came of opening the program or of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// It is open; ours says what it has neutralised.
    Opened { neutralised: Vec<String> },
    /// The model has answered.
    Answered,
    /// No session opened: the outcome of the resolution, and its codes.
    NotAllowed(String),
    /// A use was refused, by these codes.
    Refused(String),
    /// Anything else, in words; `message → remedy` where both are known.
    Failed(String),
}

impl Program {
    pub(crate) fn plain(case: &Case, _world: &World) -> Self {
        let (profile, access_key_id) = match case.in_code {
            InCode::Nothing => (None, None),
            InCode::Profile(name) => (Some(name.to_owned()), None),
            InCode::Key(id) => (None, Some(id.to_owned())),
        };
        Program::Plain { profile, access_key_id }
    }

    pub(crate) fn ours(case: &Case, world: &World) -> Self {
        world.write(&[(SETTINGS, case.settings), (POLICY, case.policy)]);
        Program::Ours { settings: world.path(SETTINGS), policy: world.path(POLICY) }
    }
}

const SETTINGS: &str = "settings.json";
/// The policy of our program, below the home.
pub(crate) const POLICY: &str = "policy.json";

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
    /// Starts the program in this environment; says what came of opening it if it did not open.
    pub(crate) fn open(
        variables: impl IntoIterator<Item = (String, String)>,
        program: &Program,
    ) -> (Self, Outcome) {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::program", "--ignored", "--nocapture"])
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
async fn program() {
    let program = serde_json::from_str(&next_line().expect("the cases say what to open")).unwrap();
    let opened = match program {
        Program::Plain { profile, access_key_id } => {
            Ok((open_plain(profile, access_key_id).await, Vec::new()))
        }
        Program::Ours { settings, policy } => open_ours(&settings, policy),
    };
    let (client, neutralised) = match opened {
        Ok(opened) => opened,
        Err(outcome) => return tell(&outcome),
    };
    tell(&Outcome::Opened { neutralised });
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
async fn open_plain(profile: Option<String>, access_key_id: Option<String>) -> Client {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(id) = access_key_id {
        let credentials = Credentials::new(id, "secret-in-code", None, None, "in-code");
        loader = loader.credentials_provider(credentials);
    }
    Client::new(&loader.load().await)
}

/// The machine that the environment describes, as our program sees it.
pub(crate) fn machine(settings: &Path, policy: PathBuf) -> Machine {
    Machine::this()
        .with_managed(Managed::WhatIf(policy))
        .with_settings(SettingsPlace::named(settings.to_str().unwrap()).unwrap())
        .with_keychain(NoKeychain)
}

/// A client as our library hands it out, and what was neutralised.
fn open_ours(settings: &Path, policy: PathBuf) -> Result<(Client, Vec<String>), Outcome> {
    let machine = machine(settings, policy);
    match Session::builder(machine, BehaviorVersion::latest()).open() {
        Ok(session) => Ok((session.bedrock_runtime(), neutralised(session.resolution()))),
        Err(OpenError::NotAllowed(resolution)) => {
            let codes = codes(&resolution.denials);
            Err(Outcome::NotAllowed(format!("{} {codes}", resolution.outcome).trim_end().into()))
        }
        Err(error) => Err(Outcome::Failed(in_full(&error))),
    }
}

/// The variables and keys that a plain SDK would have heeded.
fn neutralised(resolution: &Resolution) -> Vec<String> {
    let warnings = resolution.warnings.iter();
    warnings
        .filter(|warning| warning.code == WarningCode::AmbientNeutralised)
        .map(|warning| warning.message.split(" plays no part").next().unwrap().to_owned())
        .collect()
}

/// Asks the model once, with any client.
pub(crate) async fn converse(client: &Client) -> Outcome {
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("ping".to_owned()))
        .build()
        .unwrap();
    let call = client.converse().model_id("local.model").messages(message).send();
    let answer = match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return failed(&error),
        Err(elapsed) => return failed(&elapsed),
    };
    let message = answer.output.unwrap().as_message().unwrap().clone();
    assert_eq!(message.content[0].as_text().unwrap(), REPLY);
    Outcome::Answered
}

fn failed(error: &(dyn Error + 'static)) -> Outcome {
    match (refusal(error), step_failed(error)) {
        (Some(refused), _) => Outcome::Refused(codes(&refused.denials)),
        (None, Some(StepFailed { message, remedy: Some(remedy), .. })) => {
            Outcome::Failed(format!("{message} → {remedy}"))
        }
        (None, _) => Outcome::Failed(in_full(error)),
    }
}

fn in_full(error: &(dyn Error + 'static)) -> String {
    DisplayErrorContext(error).to_string()
}

/// Each code once, where the same is objected to several times.
pub(crate) fn codes(denials: &[Denial]) -> String {
    let mut codes: Vec<_> = denials.iter().map(|denial| denial.code.to_string()).collect();
    codes.dedup();
    codes.join(" ")
}
