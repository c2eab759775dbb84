//! A person's settings, alone or under policies: may they keep what they have?

use super::Checked;
use super::asked::{Asked, Refused, refused};
use super::code::{Code, Lint, Severity};
use super::drafts::{Draft, Drafts, Spot};
use super::finding::Finding;
use super::lints;
use super::lints::names::region_name;
use super::lints::values::{FORM_OF_ENDPOINTS, deprecated};
use crate::jsonc::{self, FindingCode, SourceText, UnknownKeys};
use crate::settings::{RequestedMethod, SettingsRead, UserSettings};

/// Looks at the settings in a text, or at the object inside it that a JSON pointer names, and holds them against policies.
pub fn settings(text: &SourceText, pointer: Option<&str>, policies: &[&Checked]) -> Vec<Finding> {
    let mut drafts = Drafts::default();
    let mut findings = Vec::new();
    let read = match pointer {
        Some(pointer) => {
            // Of another program's file only what is ours counts.
            if let Some((_, part)) = text.tree().and_then(|tree| tree.find(pointer)) {
                lints::of_text(text, part, &mut drafts);
            }
            jsonc::read_at::<UserSettings>(text, pointer, UnknownKeys::Ignore)
        }
        None => {
            lints::of_text(text, 0..text.as_str().len(), &mut drafts);
            let SettingsRead { settings, faults, remarks } = SettingsRead::of_own(text);
            let remarks = remarks.into_iter().map(|remark| Finding::of_text(remark, text));
            findings.extend(remarks.map(|f| Finding { severity: Severity::Warning, ..f }));
            if faults.is_empty() { Ok(settings) } else { Err(faults) }
        }
    };
    match read {
        Ok(Some(settings)) => {
            of_settings(&settings, pointer.unwrap_or_default(), policies, &mut drafts);
        }
        Ok(None) => findings.push(Finding::about_file(
            Code::Text(FindingCode::MissingKey),
            text.path(),
            "there is nothing at this place of the file".to_owned(),
            "name the object that holds the settings, as in `#/language_models/bedrock`",
        )),
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
        region_name(region, || below("region"), drafts);
    }
    if settings.authentication_method.as_deref() == Some(&RequestedMethod::Automatic) {
        deprecated(below("authentication_method"), drafts);
    }
    let asked = Asked::of_user(settings);
    if let Some(fault) = asked.fault_of_endpoint() {
        drafts
            .add(
                Lint::SettingNotAllowed,
                below("endpoint_url"),
                format!("this is no endpoint, so every call is denied: {fault}"),
            )
            .advise(FORM_OF_ENDPOINTS);
    }
    let documents = policies.iter().enumerate().filter_map(|(index, policy)| {
        // The text of the settings is the first.
        Some((index + 1, policy.document.as_deref().filter(|document| document.enforces())?))
    });
    let documents: Vec<_> = documents.collect();
    for (index, document) in &documents {
        // What a policy locks replaces what the person asks for, where the policy counts.
        let locks = documents
            .iter()
            .map(|(_, other)| *other)
            .filter(|other| std::ptr::eq(*other, *document) || other.applies_to.is_none());
        let (asked, locked) = asked.under(locks);
        let of_person = refused(&asked, document).into_iter();
        for Refused { key, why, constraint: (spot, what) } in
            of_person.filter(|refused| !locked.contains(&refused.key))
        {
            not_allowed(below(key.as_str()), why, drafts).relate_in(*index, spot, what);
        }
        let Some(allowed) = &document.environment_families else { continue };
        let families = settings.environment_families.iter().flat_map(|families| families.iter());
        for (place, _) in families.enumerate().filter(|(_, family)| !allowed.contains(family)) {
            let spot = Spot::element(&format!("{above}/environment_families"), place);
            not_allowed(spot, "`environment_families` does not list it", drafts).relate_in(
                *index,
                Spot::key("/environment_families"),
                "the constraint",
            );
        }
    }
}

fn not_allowed<'d>(spot: Spot, why: &str, drafts: &'d mut Drafts) -> &'d mut Draft {
    drafts
        .add(Lint::SettingNotAllowed, spot, format!("the policies do not allow this: {why}"))
        .advise("tell the person what to use instead, lock the value, or allow this one")
}
