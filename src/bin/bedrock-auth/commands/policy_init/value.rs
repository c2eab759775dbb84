//! Values for a new policy, checked with the policy's own types before they go into it.

use std::path::Path;

use bedrock_auth::auth::AccountId;
use bedrock_auth::jsonc::{self, FromJson, SourceText, UnknownKeys};
use bedrock_auth::policy::{Instant, NamePattern, PolicyId, StartUrlPattern};
use jiff::Timestamp;

use super::starting_policy::midnight_after;

/// Gives the value as it goes into the policy, or says why it does not.
pub(super) type Check = fn(&str) -> Result<String, String>;

pub(super) fn id(text: &str) -> Result<String, String> {
    read_as::<PolicyId>(text)
}

pub(super) fn contact(text: &str) -> Result<String, String> {
    if text.chars().any(bedrock_auth::prose::steers_a_terminal) {
        return Err(
            "the contact is shown on terminals, and holds a character that steers one".to_owned()
        );
    }
    read_as::<String>(text)
}

pub(super) fn start_url(text: &str) -> Result<String, String> {
    read_as::<StartUrlPattern>(text)
}

pub(super) fn account(text: &str) -> Result<String, String> {
    // As the console shows it.
    let text = text.trim().replace('-', "");
    read_as::<AccountId>(&text)
}

pub(super) fn region(text: &str) -> Result<String, String> {
    let is_of_a_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-*".contains(c);
    if !text.chars().all(is_of_a_region) || !text.contains(['-', '*']) {
        return Err("a region is written as in `eu-west-1`, or with `*` as in `eu-*`".to_owned());
    }
    read_as::<NamePattern>(text)
}

/// The end of a policy, as a moment or as days from now.
pub(super) fn expires(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.trim();
    let end = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let days = text.parse().map_err(|_| format!("at most {} days", u16::MAX))?;
        midnight_after(now, days)
    } else {
        parsed::<Instant>(text).map_err(|why| format!("{why}, or in days as in `90`"))?.0
    };
    match end > now {
        true => Ok(end),
        false => Err("the policy would have ended already, and deny everything".to_owned()),
    }
}

fn read_as<T: FromJson>(text: &str) -> Result<String, String> {
    parsed::<T>(text).map(|_| text.trim().to_owned())
}

/// An empty value would count as absent.
pub(super) fn parsed<T: FromJson>(text: &str) -> Result<T, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("nothing is given".to_owned());
    }
    let json = serde_json::Value::from(text).to_string();
    let source = SourceText::new(Path::new("value"), json);
    jsonc::read::<T>(&source, UnknownKeys::Refuse)
        .map_err(|findings| findings.into_iter().map(|finding| finding.message).collect())
}
