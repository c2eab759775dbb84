//! Values for a new policy, checked with the policy's own types before they go into it.

use std::path::Path;

use bedrock_auth::auth::AccountId;
use bedrock_auth::jsonc::{self, FromJson, SourceText, UnknownKeys};
use bedrock_auth::policy::{NamePattern, PolicyId, StartUrlPattern};

/// Gives the value as it goes into the policy, or says why it does not.
pub(super) type Checked = fn(&str) -> Result<String, String>;

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

/// An empty value would count as absent.
fn read_as<T: FromJson>(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("nothing is given".to_owned());
    }
    let json = serde_json::Value::from(text).to_string();
    let source = SourceText::new(Path::new("value"), json);
    match jsonc::read::<T>(&source, UnknownKeys::Refuse) {
        Ok(_) => Ok(text.to_owned()),
        Err(findings) => Err(findings.into_iter().map(|finding| finding.message).collect()),
    }
}
