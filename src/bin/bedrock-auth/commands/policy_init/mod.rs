mod ask;
mod presets;
mod starting_policy;
mod told;
mod value;

use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use bedrock_auth::words::did_you_mean;
use jiff::Timestamp;
use serde::Serialize;

use self::presets::{EU_REGIONS_ONLY, PRESETS, Preset, Takes, preset};
use self::starting_policy::{Values, fill, invented};
use self::told::{Warning, next_steps, warnings};
use self::value::Check;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, print_json, print_raw};
use crate::replace::replace;

/// Write a commented policy to start from
///
/// Without `--preset`, asks on a terminal what the policy is for and for the values that it needs. The comment at the
/// top of the policy says what it stops and what it does not.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which policy to start from; `--list` shows them
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,

    /// The name that audit records will refer to
    #[arg(long)]
    id: Option<String>,

    /// Whom people ask who are denied: an address that is shown with every denial
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,

    /// The start URL of your IAM Identity Center portal; may be given several times
    #[arg(long = "start-url", value_name = "URL")]
    start_urls: Vec<String>,

    /// An AWS account that may be used; may be given several times
    #[arg(long = "account", value_name = "ID")]
    accounts: Vec<String>,

    /// A region that requests may go to, as in `eu-west-1` or `eu-*`; may be given several times
    #[arg(long = "region", value_name = "PATTERN")]
    regions: Vec<String>,

    /// When the policy ends, and from then on denies everything: in days, or as in `2027-01-31T08:00:00Z`
    #[arg(long, value_name = "DAYS|INSTANT")]
    expires: Option<String>,

    /// Where to write the policy; `-` for standard output
    #[arg(long, short, value_name = "FILE", default_value = "policy.json")]
    output: PathBuf,

    /// Replace the file if it exists
    #[arg(long)]
    force: bool,

    /// List the presets and write nothing
    #[arg(long)]
    list: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    schema_version: u32,
    file: &'a Path,
    preset: &'static str,
    /// Values that are still those of an invented company.
    replace: Vec<Invented>,
    /// What a check will find in it, because that is what it is for.
    warnings: &'a [Warning],
}

#[derive(Serialize)]
struct Invented {
    line: u32,
    value: String,
}

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    intent: &'static str,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    if args.list {
        return list(common);
    }
    let to_stdout = args.output == Path::new("-");
    if common.json && to_stdout {
        return Err(Failure::usage("`--json` and the policy would both be on standard output")
            .with_advice("name a file with `--output`"));
    }
    // Before any question, so that no answer is given in vain.
    if !to_stdout && !args.force && args.output.symlink_metadata().is_ok() {
        return Err(exists(&args.output));
    }
    let now = Timestamp::now();
    let mut values = given(args, now)?;
    let preset = match &args.preset {
        Some(name) => preset(name).ok_or_else(|| unknown(name))?,
        None if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() => {
            let preset = ask::for_preset()?;
            refuse_what_is_not_taken(preset, &values)?;
            ask::for_values(preset, &mut values, now)?;
            preset
        }
        None => {
            let names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
            return Err(Failure::usage(
                "without a terminal, `--preset` must name a policy to start from",
            )
            .with_advice(format!("the presets are {}", names.join(", "))));
        }
    };
    refuse_what_is_not_taken(preset, &values)?;
    let text = fill(preset, &values, now)?;
    let warnings = warnings(&text, now);
    if to_stdout {
        print_raw(text.as_str().as_bytes())?;
    } else {
        write(&args.output, text.as_str(), args.force)?;
    }
    if common.json {
        let invented = invented(&text).into_iter().map(|(line, value)| Invented { line, value });
        let replace = invented.collect();
        print_json(&Answer {
            schema_version: 1,
            file: &args.output,
            preset: preset.name,
            replace,
            warnings: &warnings,
        })?;
    } else {
        let leaves_europe = preset.name == EU_REGIONS_ONLY
            && values.regions.iter().any(|region| !region.starts_with("eu"));
        next_steps(&args.output, &text, &warnings, leaves_europe, to_stdout).print_to_stderr()?;
    }
    Ok(Exit::Fine)
}

fn list(common: &Common) -> Result<Exit, Failure> {
    if common.json {
        let all: Vec<_> = PRESETS
            .iter()
            .map(|preset| Listed { name: preset.name, intent: preset.intent })
            .collect();
        print_json(&all)?;
    } else {
        let mut page = Page::for_stdout();
        page.note("people shall …");
        let row = |preset: &Preset| (preset.name.to_owned(), format!("… {}", preset.intent));
        page.entries(&PRESETS.iter().map(row).collect::<Vec<_>>());
        page.print()?;
    }
    Ok(Exit::Fine)
}

fn given(args: &Args, now: Timestamp) -> Result<Values, Failure> {
    let option = |name: &str, value: &str, check: Check| {
        check(value).map_err(|why| Failure::usage(format!("`{name}`: {why}")))
    };
    let list = |name: &str, values: &[String], check: Check| {
        values.iter().map(|value| option(name, value, check)).collect::<Result<Vec<_>, _>>()
    };
    Ok(Values {
        id: args.id.as_deref().map(|id| option("--id", id, value::id)).transpose()?,
        contact: args
            .contact
            .as_deref()
            .map(|it| option("--contact", it, value::contact))
            .transpose()?,
        start_urls: list("--start-url", &args.start_urls, value::start_url)?,
        accounts: list("--account", &args.accounts, value::account)?,
        regions: list("--region", &args.regions, value::region)?,
        expires: args
            .expires
            .as_deref()
            .map(|end| value::expires(end, now))
            .transpose()
            .map_err(|why| Failure::usage(format!("`--expires`: {why}")))?,
    })
}

/// A value that would be dropped is a mistake that nobody would see. Regions and an end can be added to any policy.
fn refuse_what_is_not_taken(preset: &Preset, values: &Values) -> Result<(), Failure> {
    for (option, all, takes) in [
        ("--start-url", &values.start_urls, Takes::StartUrls),
        ("--account", &values.accounts, Takes::Accounts),
    ] {
        if !all.is_empty() && !preset.takes.contains(&takes) {
            let taking = PRESETS.iter().filter(|preset| preset.takes.contains(&takes));
            let names: Vec<_> = taking.map(|preset| preset.name).collect();
            let message = format!("`{option}` means nothing to the preset `{}`", preset.name);
            return Err(Failure::usage(message)
                .with_advice(format!("presets that take it: {}", names.join(", "))));
        }
    }
    Ok(())
}

fn unknown(name: &str) -> Failure {
    let names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
    let all = || format!("the presets are {}", names.join(", "));
    let advice = did_you_mean(name, names.iter().copied(), all);
    Failure::usage(format!("there is no preset `{name}`")).with_advice(advice)
}

fn exists(path: &Path) -> Failure {
    Failure::new(format!("`{}` exists already", path.display()))
        .with_advice("name another file with `--output`, or replace this one with `--force`")
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let new = OpenOptions::new().write(true).create_new(true).open(path);
    let written = match new {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && force => replace(path, text),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(exists(path)),
        opened => opened.and_then(|mut file| file.write_all(text.as_bytes())),
    };
    written
        .map_err(|error| Failure::new(format!("`{}` cannot be written: {error}", path.display())))
}
