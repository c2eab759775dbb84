//! A person's settings, alone or under policies: may they keep what they have?

use super::Checked;
use super::code::Lint;
use super::drafts::{Drafts, Spot};
use super::finding::Finding;
use super::lints::names::region_name;
use super::lints::secrets::secrets;
use super::lints::values::{Asked, Refused, deprecated, refused};
use crate::jsonc::{self, SourceText, UnknownKeys};
use crate::settings::{RequestedMethod, UserSettings};

/// Looks at the settings in a text, or at the object inside it that a JSON pointer names, and holds them against policies.
pub fn settings(text: &SourceText, pointer: Option<&str>, policies: &[&Checked]) -> Vec<Finding> {
    let mut drafts = Drafts::default();
    let read = match pointer {
        Some(pointer) => jsonc::read_at::<UserSettings>(text, pointer, UnknownKeys::Ignore),
        None => {
            // Of another program's file only what is ours counts.
            secrets(text, &mut drafts);
            jsonc::read::<UserSettings>(text, UnknownKeys::Refuse).map(Some)
        }
    };
    let mut findings = Vec::new();
    match read {
        Ok(Some(settings)) => {
            of_settings(&settings, pointer.unwrap_or_default(), policies, &mut drafts);
        }
        // The object is not there, so nothing is asked for.
        Ok(None) => {}
        Err(faults) => {
            findings.extend(faults.into_iter().map(|fault| Finding::of_text(fault, text)));
        }
    }
    let texts = std::iter::once(text).chain(policies.iter().map(|policy| &policy.text));
    findings.extend(drafts.place(&texts.collect::<Vec<_>>()));
    findings.sort_by_key(|finding| finding.range.start);
    findings
}

fn of_settings(settings: &UserSettings, above: &str, policies: &[&Checked], drafts: &mut Drafts) {
    let below = |key: &str| Spot::value(format!("{above}/{key}"));
    if let Some(region) = &settings.region {
        region_name(region, below("region"), drafts);
    }
    if settings.authentication_method.as_deref() == Some(&RequestedMethod::Automatic) {
        deprecated(below("authentication_method"), drafts);
    }
    let asked = Asked::of_user(settings);
    for (index, policy) in policies.iter().enumerate() {
        let Some(document) = &policy.document else { continue };
        for Refused { key, why, constraint } in refused(&asked, document) {
            drafts
                .add(
                    Lint::SettingNotAllowed,
                    below(key.as_str()),
                    format!("the policies do not allow this: {why}"),
                )
                .advise("tell the person what to use instead, lock the value, or allow this one")
                .relate_in(index + 1, constraint, "the constraint");
        }
    }
}
