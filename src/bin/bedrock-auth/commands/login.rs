use std::ffi::OsString;
use std::io::{IsTerminal, Read};

use bedrock_auth::auth::ApiKey;
use bedrock_auth::credentials::{Imported, StaticCredentials};
use bedrock_auth::load::Machine;
use bedrock_auth::policy::{Denial, SourceState};
use bedrock_auth::provenance::Layer;
use bedrock_auth::resolve::judge_static_credentials;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use zeroize::Zeroizing;

use super::logout::keychain_failure;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, answer, clean, place, print_json};

/// Put static credentials into the keychain
///
/// On a terminal, an API key or an access key is asked for without echo. Otherwise standard input is
/// read: an API key alone, or JSON in one of these forms:
///
/// {"bearer_token": "…"}
///
/// {"access_key_id": "…", "secret_access_key": "…", "session_token": "…"}
///
/// what `aws configure export-credentials` prints
///
/// Nothing is stored that policy would deny.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Taken only to be refused, because an error of the parser would repeat a secret
    #[arg(hide = true, value_name = "NOTHING")]
    arguments: Vec<OsString>,
}

/// More than any credential takes.
const MAX_INPUT_BYTES: u64 = 64 << 10;

#[derive(Serialize)]
struct Answer<'a> {
    schema_version: u32,
    stored: bool,
    denials: &'a [Denial],
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    if !args.arguments.is_empty() {
        let message = "a credential is never taken as an argument: other programs and the shell's history would see it";
        return Err(Failure::usage(message).with_advice(
            "write it to standard input or enter it when asked; if what you typed was a secret, replace it",
        ));
    }
    if common.managed.is_some() && has_managed_policy(&Machine::this()) {
        return Err(Failure::usage("`--managed` cannot replace the policy of this machine here")
            .with_advice("leave it out: credentials are stored under the machine's own policy"));
    }
    let machine = common.machine();
    let Imported { credentials, expires } = read_credentials()?;
    if let Some(end) = expires.filter(|end| *end <= machine.now()) {
        return Err(Failure::new(format!("the session of these keys ended at {end}"))
            .with_advice("sign in again and export new ones"));
    }
    let policy = machine.policy();
    let verdicts = judge_static_credentials(&policy, &credentials, machine.now())
        .map_err(|(why, remedy)| Failure::new(why).with_advice(remedy))?;
    let mut denials = policy.faults().to_vec();
    let mut would_deny = Vec::new();
    for (_, verdict) in verdicts {
        let is_new = |denial: &Denial| !policy.faults().contains(denial);
        denials.extend(verdict.denials.into_iter().filter(is_new));
        would_deny.extend(verdict.would_deny);
    }
    if !denials.is_empty() {
        if common.json {
            print_json(&Answer { schema_version: 1, stored: false, denials: &denials })?;
        } else {
            answer::refusal(Page::for_stdout(), "not stored", &denials).print()?;
        }
        return Ok(Exit::of_denials(&denials));
    }
    machine.keychain().store(&credentials).map_err(keychain_failure)?;
    if common.json {
        print_json(&Answer { schema_version: 1, stored: true, denials: &[] })?;
    } else {
        report_stored(&machine, expires, &would_deny)?;
    }
    Ok(Exit::Fine)
}

/// Also a policy that is not for this person is one of the machine's own.
fn has_managed_policy(machine: &Machine) -> bool {
    let is_none = |state| matches!(state, SourceState::Absent | SourceState::Empty);
    machine.policy().sources().iter().any(|source| !is_none(source.state))
}

/// What was stored may not be what is used.
fn report_stored(
    machine: &Machine,
    expires: Option<Timestamp>,
    would_deny: &[Denial],
) -> Result<(), Failure> {
    let mut page = Page::for_stdout();
    page.note("stored the credentials in the keychain");
    if let Some(end) = expires {
        page.note(&format!("their session ends at {end}; the keychain does not remember that"));
    }
    for denial in would_deny {
        page.note(&format!(
            "a policy that only reports would deny them: {}",
            clean(&denial.message)
        ));
    }
    let resolution = machine.resolve();
    match &resolution.source {
        Some(source) if source.layer == Layer::Keychain => {}
        Some(source) => page.note(&format!(
            "{} is heard before the keychain: see `bedrock-auth explain`",
            place(&source.place)
        )),
        None => page.note("they are not in use: `bedrock-auth explain` says why"),
    }
    Ok(page.print()?)
}

fn read_credentials() -> Result<Imported, Failure> {
    if std::io::stdin().is_terminal() {
        Ok(ask_for_credentials()?.into())
    } else {
        read_from_stdin()
    }
}

fn ask_for_credentials() -> Result<StaticCredentials, Failure> {
    let first =
        ask("API key or access key id: ")?.ok_or_else(|| Failure::new("nothing was entered"))?;
    let is_access_key_id = !ApiKey::looks_like_one(first.expose_secret())
        && matches!(first.expose_secret().get(..4), Some("AKIA" | "ASIA"));
    if !is_access_key_id {
        return Ok(StaticCredentials::bearer(first));
    }
    let secret =
        ask("Secret access key: ")?.ok_or_else(|| Failure::new("no secret was entered"))?;
    let token =
        if first.expose_secret().starts_with("ASIA") { ask("Session token: ")? } else { None };
    Ok(StaticCredentials::access_key(first, secret, token))
}

fn ask(prompt: &str) -> Result<Option<SecretString>, Failure> {
    let entered = rpassword::prompt_password(prompt)
        .map_err(|error| Failure::new(format!("the terminal cannot be read: {error}")))?;
    let entered = Zeroizing::new(entered);
    Ok(Some(SecretString::from(entered.trim())).filter(|text| !text.expose_secret().is_empty()))
}

fn read_from_stdin() -> Result<Imported, Failure> {
    let mut input = Zeroizing::new(Vec::with_capacity(MAX_INPUT_BYTES as usize + 1));
    std::io::stdin()
        .take(MAX_INPUT_BYTES + 1)
        .read_to_end(&mut input)
        .map_err(|error| Failure::new(format!("standard input cannot be read: {error}")))?;
    if input.len() as u64 > MAX_INPUT_BYTES {
        return Err(Failure::new("standard input holds more than any credential takes"));
    }
    let text =
        std::str::from_utf8(&input).map_err(|_| Failure::new("standard input is not text"))?.trim();
    match text {
        "" => Err(Failure::new("standard input is empty")
            .with_advice("write an API key or a JSON object to it")),
        json if json.starts_with('{') => Imported::from_json(json.as_bytes()).map_err(|error| {
            Failure::new(format!("standard input is not a credential: {error}"))
                .with_advice("see `bedrock-auth login --help` for the forms that are read")
        }),
        other if other.starts_with(['[', '"']) => {
            Err(Failure::new("standard input is neither an API key alone nor a JSON object")
                .with_advice("see `bedrock-auth login --help` for the forms that are read"))
        }
        key => Ok(StaticCredentials::bearer(key).into()),
    }
}
