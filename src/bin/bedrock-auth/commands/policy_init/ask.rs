//! The questions of `policy init`, one after the other, each until its answer is one.

use std::io::{self, Write};

use super::presets::{PRESETS, Preset, Takes};
use super::starting_policy::Values;
use super::value::{self, Check};
use jiff::Timestamp;

use crate::exit::Failure;
use crate::render::Page;

pub(super) fn for_preset() -> Result<&'static Preset, Failure> {
    let mut page = Page::for_stderr();
    page.note("What is the policy for? People shall …");
    for (at, preset) in PRESETS.iter().enumerate() {
        page.entry_at("  ", 4, &format!("{}", at + 1), &format!("… {}", preset.intent));
    }
    page.print_to_stderr()?;
    loop {
        let answer = line(&format!("Number, 1 to {}: ", PRESETS.len()))?;
        let number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let by_name = || PRESETS.iter().find(|preset| preset.name == answer);
        match number.and_then(|at| PRESETS.get(at)).or_else(by_name) {
            Some(preset) => return Ok(preset),
            None => again("this is none of them")?,
        }
    }
}

/// Asks for what the preset needs and the command line does not say.
pub(super) fn for_values(
    preset: &Preset,
    values: &mut Values,
    now: Timestamp,
) -> Result<(), Failure> {
    let portal = match preset.allows_any_portal() {
        true => "Start URL of your Identity Center portal (nothing: any portal): ",
        false => "Start URL of your Identity Center portal: ",
    };
    if values.id.is_none() {
        values.id = Some(one(
            &format!("Name for audit records [{}]: ", preset.name),
            Some(preset.name),
            value::id,
        )?);
    }
    if values.contact.is_none() {
        let question = "Whom do people ask who are denied (URL or mail address)? ";
        values.contact = Some(one(question, None, value::contact)?);
    }
    for (takes, all, question, check) in [
        (Takes::StartUrls, &mut values.start_urls, portal, value::start_url as Check),
        (
            Takes::Accounts,
            &mut values.accounts,
            "AWS accounts, twelve digits each, with blanks between: ",
            value::account,
        ),
        (
            Takes::Regions,
            &mut values.regions,
            "Regions, as in eu-west-1 or eu-*, with blanks between: ",
            value::region,
        ),
    ] {
        if preset.takes.contains(&takes) && all.is_empty() {
            let may_be_none = takes == Takes::StartUrls && preset.allows_any_portal();
            *all = many(question, check, may_be_none)?;
        }
    }
    if preset.takes.contains(&Takes::End) && values.expires.is_none() {
        values.expires = end(now)?;
    }
    Ok(())
}

fn end(now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    loop {
        let answer =
            line("In how many days does it end, and denies everything (nothing: never)? ")?;
        if answer.is_empty() {
            return Ok(None);
        }
        match value::expires(&answer, now) {
            Ok(end) => return Ok(Some(end)),
            Err(why) => again(&why)?,
        }
    }
}

fn one(question: &str, usual: Option<&str>, check: Check) -> Result<String, Failure> {
    loop {
        let answer = line(question)?;
        let answer = match usual {
            Some(usual) if answer.is_empty() => usual,
            _ => &answer,
        };
        match check(answer) {
            Ok(value) => return Ok(value),
            Err(why) => again(&why)?,
        }
    }
}

fn many(question: &str, check: Check, may_be_none: bool) -> Result<Vec<String>, Failure> {
    loop {
        let answer = line(question)?;
        let parts = answer.split([' ', ',', '\t']).filter(|part| !part.is_empty());
        match parts.map(check).collect::<Result<Vec<_>, _>>() {
            Ok(values) if may_be_none || !values.is_empty() => return Ok(values),
            Ok(_) => again("nothing is given")?,
            Err(why) => again(&why)?,
        }
    }
}

fn again(why: &str) -> Result<(), Failure> {
    let mut page = Page::for_stderr();
    page.warning(why, None);
    Ok(page.print_to_stderr()?)
}

fn line(question: &str) -> Result<String, Failure> {
    let mut stderr = io::stderr();
    stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush())?;
    let mut answer = String::new();
    let length = io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Failure::new(format!("the terminal cannot be read: {error}")))?;
    if length == 0 {
        return Err(Failure::new("nothing was written: a question has no answer"));
    }
    Ok(answer.trim().to_owned())
}
