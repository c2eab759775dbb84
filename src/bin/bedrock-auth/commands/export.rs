use bedrock_auth::audit::Door;
use bedrock_auth::client::ChildEnvironment;
use clap::ValueEnum;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::hand_out::{child_environment, hand_out, names_of_variables};
use super::process::Process;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{print_raw, print_secret_json_pretty};

/// Print the allowed credentials for a shell or a program
///
/// The same variables as `exec` sets and removes. In a shell: eval "$(bedrock-auth export)". Where nothing is allowed, what is
/// printed for a shell removes the ambient credentials and fails.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// For whom
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// sh, bash, zsh and the like: `export` and `unset` (the default)
    Env,
    /// fish: `bedrock-auth export --format fish | source`
    Fish,
    /// PowerShell: `bedrock-auth export --format powershell | Out-String | Invoke-Expression`
    Powershell,
    /// A JSON object with the value of each variable, or null for those to remove (the default with `--json`)
    Json,
    /// What `aws configure export-credentials` prints
    Aws,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let usual = if common.json { Format::Json } else { Format::Env };
    let format = args.format.unwrap_or(usual);
    let handed = match hand_out(common, Door::Export) {
        Ok(handed) => handed,
        Err(failure) => {
            // A shell that evaluates this must not go on with what it has.
            if let Some(script) = refusal(format) {
                print_raw(script.as_bytes())?;
            }
            return Err(failure);
        }
    };
    let environment = child_environment(&handed);
    match format {
        Format::Env => print_raw(lines(&environment, sh).as_bytes())?,
        Format::Fish => print_raw(lines(&environment, fish).as_bytes())?,
        Format::Powershell => print_raw(lines(&environment, powershell).as_bytes())?,
        Format::Json => print_secret_json_pretty(&object(&environment))?,
        Format::Aws => print_secret_json_pretty(&Process::of(&handed, handed.expires)?)?,
    }
    Ok(Exit::Fine)
}

/// What takes away every ambient credential, and fails.
fn refusal(format: Format) -> Option<String> {
    let (line, fail): (Line, _) = match format {
        Format::Env => (sh, "false\n"),
        Format::Fish => (fish, "false\n"),
        Format::Powershell => (powershell, "throw 'bedrock-auth hands out nothing'\n"),
        Format::Json | Format::Aws => return None,
    };
    let names = names_of_variables();
    let remove = ChildEnvironment::nothing(names.iter().map(String::as_str));
    Some(remove.remove().map(|name| line(name, None)).chain([fail.to_owned()]).collect())
}

/// The line of a shell that sets a variable, or removes it.
type Line = fn(name: &str, value: Option<&str>) -> String;

/// What misleads goes first.
fn lines(environment: &ChildEnvironment, line: Line) -> Zeroizing<String> {
    let remove = environment.remove().map(|name| line(name, None));
    let set = environment.set().map(|(name, value)| line(name, Some(value)));
    Zeroizing::new(remove.chain(set).collect())
}

/// Nothing but the quote itself means anything between single quotes.
fn sh(name: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => format!("export {name}='{}'\n", value.replace('\'', r"'\''")),
        None => format!("unset {name}\n"),
    }
}

/// Between single quotes, the backslash means something before itself and before the quote. A universal variable would
/// show through where a global one is erased, so that one is hidden behind an empty one that is not exported.
fn fish(name: &str, value: Option<&str>) -> String {
    match value {
        Some(value) => {
            format!("set -gx {name} '{}'\n", value.replace('\\', r"\\").replace('\'', r"\'"))
        }
        None => format!("set -gu {name}\n"),
    }
}

/// Between single quotes, each kind of single quote ends the text unless it is doubled.
fn powershell(name: &str, value: Option<&str>) -> String {
    let Some(value) = value else { return format!("$env:{name} = $null\n") };
    let mut quoted = String::with_capacity(value.len());
    for character in value.chars() {
        quoted.push(character);
        if matches!(character, '\'' | '\u{2018}'..='\u{201b}') {
            quoted.push(character);
        }
    }
    format!("$env:{name} = '{quoted}'\n")
}

fn object(environment: &ChildEnvironment) -> Map<String, Value> {
    let set = environment.set().map(|(name, value)| (name.to_owned(), Value::from(value)));
    let remove = environment.remove().map(|name| (name.to_owned(), Value::Null));
    set.chain(remove).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWKWARD: &str =
        "a'b\"c$HOME`id`$(id)\\n\\\\ \\' %PATH% !x *~ é\u{2019}z\u{202e}\n\nnext line\t\\";

    /// What a real shell makes of the line.
    #[cfg(unix)]
    fn read_by(shell: &[&str], line: Line) -> (Option<String>, Option<String>) {
        let text =
            format!("{}{}exec /usr/bin/env -0", line("GIVEN", Some(AWKWARD)), line("TAKEN", None));
        let mut command = std::process::Command::new(shell[0]);
        let output = command.args(&shell[1..]).arg(text).env("TAKEN", "x").output().unwrap();
        assert!(output.status.success(), "{shell:?}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let value = |name: &str| {
            let prefix = format!("{name}=");
            text.split('\0').find_map(|pair| pair.strip_prefix(&prefix)).map(str::to_owned)
        };
        (value("GIVEN"), value("TAKEN"))
    }

    #[cfg(unix)]
    #[test]
    fn real_shells_read_what_was_meant() {
        let meant = (Some(AWKWARD.to_owned()), None);
        assert_eq!(read_by(&["sh", "-c"], sh), meant);
        assert_eq!(read_by(&["bash", "--norc", "-c"], sh), meant);
        assert_eq!(read_by(&["fish", "--no-config", "-c"], fish), meant);
    }

    /// As PowerShell's grammar has it: four characters count as a single quote.
    #[test]
    fn powershell_quotes() {
        let line = powershell("N", Some("a'b\u{2018}c\u{2019}\u{201a}\u{201b}$x`n\nd"));
        let quotes = "a''b\u{2018}\u{2018}c\u{2019}\u{2019}\u{201a}\u{201a}\u{201b}\u{201b}$x`n\nd";
        assert_eq!(line, format!("$env:N = '{quotes}'\n"));
        assert_eq!(powershell("N", None), "$env:N = $null\n");
    }
}
