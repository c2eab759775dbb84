//! A policy of the catalogue with a company's own values in it, and with its comments.

use std::path::Path;

use bedrock_auth::jsonc::{self, FormatError, SourceText, Value};
use bedrock_auth::policy::{Document, NamePattern};
use jiff::{SignedDuration, Timestamp};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstRootNode};

use super::presets::Preset;
use super::value::parsed;
use crate::exit::Failure;

/// What a company brings along. An empty list leaves what the preset says.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(crate) id: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) start_urls: Vec<String>,
    pub(crate) accounts: Vec<String>,
    pub(crate) regions: Vec<String>,
    pub(crate) expires: Option<Timestamp>,
}

/// How long a policy is valid that has an end and is given none.
const USUAL_DAYS: u16 = 365;

/// Fills a preset in.
///
/// # Errors
/// When the values do not go together, and where the outcome is no policy, which is a fault of this program.
pub(crate) fn fill(
    preset: &Preset,
    values: &Values,
    now: Timestamp,
) -> Result<SourceText, Failure> {
    let fault = || Failure::new(format!("the preset `{}` cannot be filled in", preset.name));
    let root = CstRootNode::parse(preset.text, &ParseOptions::default()).map_err(|_| fault())?;
    let policy = root.object_value().ok_or_else(fault)?;
    // It leads into the repository that the preset comes from.
    if let Some(schema) = policy.get("$schema") {
        schema.remove();
    }
    let text = |text: &str| CstInputValue::String(text.to_owned());
    for (key, value) in [("id", &values.id), ("contact", &values.contact)] {
        if let (Some(property), Some(value)) = (policy.get(key), value) {
            property.set_value(text(value));
        }
    }
    let list = |all: &[String]| CstInputValue::Array(all.iter().map(|one| text(one)).collect());
    for (key, all) in [("start_urls", &values.start_urls), ("accounts", &values.accounts)] {
        if !all.is_empty() {
            for rule in rules(&policy) {
                if let Some(property) = rule.get(key) {
                    property.set_value(list(all));
                }
            }
        }
    }
    if preset.allows_any_portal() && !values.start_urls.is_empty() {
        let methods = policy.object_value("methods");
        if let Some(sso) = methods.and_then(|methods| methods.get("sso")) {
            let portal = vec![("start_urls".to_owned(), list(&values.start_urls))];
            sso.set_value(CstInputValue::Object(portal));
        }
    }
    set_validity(&policy, values.expires, now);
    if !values.regions.is_empty() {
        match policy.get("regions") {
            Some(property) => property.set_value(list(&values.regions)),
            None => drop(policy.append("regions", list(&values.regions))),
        }
        keep_in_regions(&policy, &values.regions)?;
    }
    proven(&root.to_string()).ok_or_else(fault)
}

/// Dates of the catalogue are of the time when it was written.
fn set_validity(policy: &CstObject, expires: Option<Timestamp>, now: Timestamp) {
    let text = |instant: Timestamp| CstInputValue::String(instant.to_string());
    match (policy.object_value("valid"), expires) {
        (Some(valid), expires) => {
            if let Some(begin) = valid.get("not_before") {
                begin.set_value(text(midnight_after(now, 0)));
            }
            if let Some(end) = valid.get("expires") {
                end.set_value(text(expires.unwrap_or_else(|| midnight_after(now, USUAL_DAYS))));
            }
        }
        (None, Some(expires)) => {
            let behind = policy.get("enforcement").or_else(|| policy.get("contact"));
            let at = behind.map_or(0, |property| property.property_index() + 1);
            let end = vec![("expires".to_owned(), text(expires))];
            policy.insert(at, "valid", CstInputValue::Object(end));
        }
        (None, None) => {}
    }
}

/// The last midnight of UTC before so many days are over.
pub(crate) fn midnight_after(now: Timestamp, days: u16) -> Timestamp {
    let then = now.saturating_add(SignedDuration::from_hours(24 * i64::from(days)));
    let then = then.unwrap_or(Timestamp::MAX).as_second();
    Timestamp::from_second(then - then.rem_euclid(24 * 60 * 60)).unwrap_or(now)
}

fn rules(policy: &CstObject) -> Vec<CstObject> {
    let methods = policy.object_value("methods").map(|methods| methods.properties());
    methods.unwrap_or_default().iter().filter_map(|method| method.object_value()).collect()
}

/// A region that the policy sets for people is one that it allows.
fn keep_in_regions(policy: &CstObject, regions: &[String]) -> Result<(), Failure> {
    let Some(settings) = policy.object_value("settings") else { return Ok(()) };
    for strength in ["locked", "recommended"] {
        let set = settings.object_value(strength).and_then(|values| values.get("region"));
        let Some(property) = set else { continue };
        let Some(region) = string(property.value()) else { continue };
        if regions.iter().any(|pattern| covers(pattern, &region)) {
            continue;
        }
        let Some(first) = regions.iter().find(|region| !region.contains('*')) else {
            return Err(Failure::usage(format!(
                "`--region` needs one region without `*`: the policy sets one for people, and `{region}` is outside"
            )));
        };
        property.set_value(CstInputValue::String(first.clone()));
        move_endpoints(&settings, &region, first);
    }
    Ok(())
}

/// An endpoint of AWS's names its region.
fn move_endpoints(settings: &CstObject, from: &str, to: &str) {
    for strength in ["locked", "recommended"] {
        let set = settings.object_value(strength).and_then(|values| values.get("endpoint_url"));
        let Some(property) = set else { continue };
        let Some(url) = string(property.value()) else { continue };
        let moved = url.replace(&format!(".{from}."), &format!(".{to}."));
        property.set_value(CstInputValue::String(moved));
    }
}

fn covers(pattern: &str, region: &str) -> bool {
    parsed::<NamePattern>(pattern).is_ok_and(|pattern| pattern.matches(region))
}

fn string(node: Option<CstNode>) -> Option<String> {
    node?.as_string_lit()?.decoded_value().ok()
}

/// The text in the layout of `policy fmt`, if the program that runs on laptops takes it for a policy.
fn proven(text: &str) -> Option<SourceText> {
    let path = Path::new("policy.json");
    let text: Result<String, FormatError> = jsonc::format(&SourceText::new(path, text));
    let text = SourceText::new(path, text.ok()?);
    Document::parse(&text).ok()?;
    Some(text)
}

/// The values that are still those of the catalogue's invented companies, by line.
pub(crate) fn invented(text: &SourceText) -> Vec<(u32, String)> {
    let is_invented =
        |value: &str| value.contains("example") || matches!(value, "111122223333" | "444455556666");
    let Some(tree) = text.tree() else { return Vec::new() };
    let strings = tree.values().filter_map(|node| match node.value() {
        Value::String(value) => Some((node.position().line, value)),
        _ => None,
    });
    let invented = strings.filter(|(_, value)| is_invented(value));
    invented.map(|(line, value)| (line, value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use bedrock_auth::check::{self, Rules};

    use super::*;
    use crate::commands::policy_init::presets::{PRESETS, Takes, preset};

    /// Years after the catalogue was written.
    fn now() -> Timestamp {
        "2031-05-06T17:08:09.123Z".parse().unwrap()
    }

    fn filled(preset: &Preset, values: &Values) -> Result<String, Failure> {
        fill(preset, values, now()).map(SourceText::into_string)
    }

    fn own_values(preset: &Preset) -> Values {
        let given = |what, values: &[&str]| match preset.takes.contains(&what) {
            true => values.iter().map(|value| (*value).to_owned()).collect(),
            false => Vec::new(),
        };
        Values {
            id: Some("acme".to_owned()),
            contact: Some("it@acme.test \"help\" // not a comment".to_owned()),
            start_urls: given(Takes::StartUrls, &["https://acme.awsapps.com/start"]),
            accounts: given(Takes::Accounts, &["999988887777", "000000000012"]),
            regions: given(Takes::Regions, &["us-west-2", "us-gov-*"]),
            expires: preset.takes.contains(&Takes::End).then(|| midnight_after(now(), 90)),
        }
    }

    #[test]
    fn every_preset_is_a_policy_with_its_comments_and_the_values_given() {
        for preset in PRESETS {
            for values in [Values::default(), own_values(preset)] {
                let text =
                    filled(preset, &values).unwrap_or_else(|f| panic!("{}: {f:?}", preset.name));
                let head = preset.text.split("\n{").next().unwrap();
                assert!(text.starts_with(head) && head.contains("Does NOT stop:"), "{text}");
                assert!(!text.contains("$schema"), "{text}");
                for value in values.start_urls.iter().chain(&values.accounts).chain(&values.regions)
                {
                    assert!(
                        text.contains(&format!("\"{value}\"")),
                        "{}: {value}\n{text}",
                        preset.name
                    );
                }
                if !values.accounts.is_empty() {
                    assert!(!text.contains("\"111122223333\""), "{text}");
                }
                let document = Document::parse(&SourceText::new(Path::new("f"), text)).unwrap();
                assert_eq!(document.id.as_str() == "acme", values.id.is_some());
            }
        }
    }

    #[test]
    fn a_region_that_is_set_for_people_stays_allowed() {
        let regions = |all: &[&str]| Values {
            regions: all.iter().map(|one| (*one).to_owned()).collect(),
            ..Values::default()
        };
        let preset = preset("eu-regions-only").unwrap();
        let text = filled(preset, &regions(&["us-*", "us-west-2"])).unwrap();
        assert!(text.contains("\"recommended\": { \"region\": \"us-west-2\" }"), "{text}");
        let text = filled(preset, &regions(&["eu-*"])).unwrap();
        assert!(text.contains("\"recommended\": { \"region\": \"eu-central-1\" }"), "{text}");
        assert!(filled(preset, &regions(&["us-*"])).unwrap_err().message.contains("--region"));
    }

    /// Whoever runs `policy check --deny-warnings` on a new policy is told beforehand why it would fail.
    #[test]
    fn a_check_finds_nothing_but_what_a_preset_is_for() {
        let rules = Rules::at(now(), 30);
        let mut found = Vec::new();
        for preset in PRESETS {
            let text = filled(preset, &own_values(preset)).unwrap();
            let checked = check::policy(SourceText::new(Path::new("f"), text.as_str()), &rules);
            for finding in checked.findings {
                let comment = format!("({})", finding.code);
                assert!(text.contains(&comment), "{}: {finding:?}\n{text}", preset.name);
                found.push((preset.name, finding.code.to_string()));
            }
        }
        let found: Vec<_> = found.iter().map(|(name, code)| (*name, code.as_str())).collect();
        let meant = [
            ("keychain-only", "long_term_api_keys_allowed"),
            ("gateway-only", "long_term_api_keys_allowed"),
            ("full", "no_effect"),
            ("full", "no_effect"),
        ];
        assert_eq!(found, meant);
    }

    #[test]
    fn a_policy_begins_and_ends_as_seen_from_now() {
        let full = filled(preset("full").unwrap(), &Values::default()).unwrap();
        let year =
            "\"not_before\": \"2031-05-06T00:00:00Z\", \"expires\": \"2032-05-05T00:00:00Z\"";
        assert!(full.contains(year), "{full}");
        let end = Values { expires: Some(midnight_after(now(), 90)), ..Values::default() };
        for (name, behind) in
            [("sso-only", "\"contact\":"), ("report-only-migration", "\"enforcement\":")]
        {
            let text = filled(preset(name).unwrap(), &end).unwrap();
            let mut lines = text.lines().skip_while(|line| !line.contains(behind));
            assert_eq!(lines.nth(1), Some("  \"valid\": {"), "{text}");
            assert_eq!(lines.next(), Some("    \"expires\": \"2031-08-04T00:00:00Z\","), "{text}");
        }
    }

    #[test]
    fn what_is_left_of_invented_companies_is_found_by_line() {
        let text = "// a.example\n{\n  \"a.example\": 1, //\"example\"\n  \"b\": [\"x\", \"https://b.example // c\", \"444455556666\"],\n  \"c\": \"111122223333\"\n}\n";
        let expected = [(4, "https://b.example // c"), (4, "444455556666"), (5, "111122223333")];
        let found = invented(&SourceText::new(Path::new("f"), text));
        let found: Vec<_> = found.iter().map(|(line, value)| (*line, value.as_str())).collect();
        assert_eq!(found, expected);
    }
}
