//! A `credential_process`: run as AWS's SDKs run it, within the bound that AWS's tools give it.
//!
//! AWS's own provider is not used, because a process that is given up would live on.

use std::io;
use std::process::{Output, Stdio};
use std::time::Duration;

use aws_credential_types::Credentials;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use super::PROVIDER;
use super::handed::Handed;
use crate::client::failure::StepFailed;
use crate::load::Environment;
use crate::prose::{Shown, quoted};
use crate::signer::CommandLine;

/// As the AWS CLI and AWS's SDKs have it.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// Set for the process, and for whatever it runs.
const MARK: &str = "BEDROCK_AUTH_CREDENTIAL_PROCESS";

/// Runs the command of a profile.
pub(in crate::client) async fn credentials(
    profile: &str,
    command: &CommandLine,
    environment: &Environment,
) -> Result<Credentials, StepFailed> {
    if environment.get(MARK).is_some() {
        return Err(asked_by_itself(profile));
    }
    // Its arguments may hold a secret.
    let program = quoted(command.program());
    let failed = |what: String| {
        let of = quoted(profile);
        StepFailed::new(format!("the credential process {program} of the AWS profile {of} {what}"))
            .with_remedy("mend the program, or `credential_process` in the profile")
    };
    let output = run(command, LONGEST).await.map_err(failed)?;
    if !output.status.success() {
        let failed = failed(format!("failed ({})", output.status));
        return Err(match complaint(&output.stderr) {
            Some(said) => failed.quoting(&said),
            None => failed,
        });
    }
    read(&output.stdout).map_err(|why| failed(format!("printed no credentials: {why}")))
}

/// A process that asks bedrock-auth, whose answer would run a process again.
fn asked_by_itself(profile: &str) -> StepFailed {
    let of = quoted(profile);
    let message = format!(
        "bedrock-auth is asked by a credential process that it runs itself, and would run that of the AWS profile {of} again"
    );
    StepFailed::new(message).with_remedy(
        "let the settings name a profile that does not run `bedrock-auth`; it cannot be its own source",
    )
}

async fn run(command: &CommandLine, longest: Duration) -> Result<Output, String> {
    let mut shell = shell(command.as_str());
    shell.env(MARK, "1").kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let printed = (bounded(child.stdout.take()), bounded(child.stderr.take()));
    let ended = async { tokio::join!(printed.0, printed.1, child.wait()) };
    let (stdout, stderr, status) = tokio::time::timeout(longest, ended).await.map_err(|_| {
        format!("did not end within {longest:?}, or left its output open, and was stopped")
    })?;
    let lost = |error: io::Error| format!("cannot be heard: {error}");
    let (stdout, stderr, status) = (stdout?, stderr?, status.map_err(lost)?);
    Ok(Output { status, stdout, stderr })
}

/// What it wrote to standard error, on one line.
fn complaint(stderr: &[u8]) -> Option<String> {
    let said = String::from_utf8_lossy(stderr);
    let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    (!lines.is_empty()).then(|| Shown(&lines.join("; ")).to_string())
}

/// All that is printed, if it is not more than credentials and a complaint can be.
async fn bounded(stream: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, String> {
    const MAX_BYTES: u64 = 1 << 20;
    let mut bytes = Vec::new();
    let Some(stream) = stream else { return Ok(bytes) };
    let mut stream = stream.take(MAX_BYTES + 1);
    stream.read_to_end(&mut bytes).await.map_err(|error| format!("cannot be heard: {error}"))?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err("printed more than a megabyte".to_owned()),
        false => Ok(bytes),
    }
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

/// `cmd.exe` takes one pair of quotes off, and has no other rules for them.
#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd.exe");
    shell.arg("/C").raw_arg(format!("\"{command}\""));
    shell
}

fn read(printed: &[u8]) -> Result<Credentials, String> {
    let handed = Handed::parse(printed)?;
    if handed.value("Version").and_then(|version| version.as_i64()) != Some(1) {
        return Err("its `Version` is not 1".to_owned());
    }
    Ok(Credentials::new(
        handed.required("AccessKeyId")?,
        handed.required("SecretAccessKey")?,
        handed.text("SessionToken").map(str::to_owned),
        handed.expiration()?,
        PROVIDER,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{ "Version": 1, "AccessKeyId": "ASIAX", "secretaccesskey": "hush",
        "SessionToken": "hush", "Expiration": "2099-01-01T00:00:00+01:00", "AccountId": "1" }"#;

    #[test]
    fn what_a_process_prints() {
        let read_credentials = read(PRINTED.as_bytes()).unwrap();
        assert_eq!(read_credentials.secret_access_key(), "hush");
        assert_eq!(read_credentials.session_token(), Some("hush"));
        assert!(read_credentials.expiry().is_some());
        let long_lived = PRINTED.replace("SessionToken", "x").replace("Expiration", "y");
        let long_lived = read(long_lived.as_bytes()).unwrap();
        assert_eq!((long_lived.session_token(), long_lived.expiry()), (None, None));
        for (text, why) in [
            ("hush".to_owned(), "it is not a JSON object"),
            (PRINTED.replace(": 1,", ": 2,"), "its `Version` is not 1"),
            (PRINTED.replace("ASIAX", ""), "it holds no `AccessKeyId`"),
            (PRINTED.replace("secretaccesskey", "hush"), "it holds no `SecretAccessKey`"),
            (PRINTED.replace("2099", "hush"), "its `Expiration` is no RFC 3339 instant"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err(), why);
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_process_that_is_given_up_does_not_live_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let command = format!(
            "touch {}; sleep 1; touch {}",
            path("begun").display(),
            path("survived").display()
        );
        let error = run(&CommandLine::new(command), Duration::from_millis(400)).await.unwrap_err();
        assert_eq!(error, "did not end within 400ms, or left its output open, and was stopped");
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert!(path("begun").exists() && !path("survived").exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_process_that_fails_says_why_and_never_its_arguments() {
        let command = CommandLine::new("false hush; echo 'no such user' >&2; exit 3 #hush");
        let nothing = Environment::default();
        let told = credentials("corp", &command, &nothing).await.unwrap_err().to_string();
        assert_eq!(
            told,
            "the credential process `false` of the AWS profile `corp` failed (exit status: 3): no such user"
        );
    }
}
