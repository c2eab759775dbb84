//! What is told of the sound part of a faulty policy is so however its faults are mended.

use bedrock_auth::check::{Checked, Code, Finding, Lint};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::lints::{checked_text, content};
use crate::strategies::{cases, rolled};
use crate::world::{Dice, PolicyFile};

/// A kind, what it says, and of which part of the text.
type Told = (Code, String, String);

/// A value of this name stands in the text without quotes, as something that JSON does not know.
const NO_JSON: &str = "⊘";

/// The faults of the text, and everything else that is told.
fn told(policy: &Value) -> [Vec<Told>; 2] {
    let json = format!("{policy:#}").replace(&json!(NO_JSON).to_string(), NO_JSON);
    let Checked { text, findings, document: _ } = checked_text(json);
    let marked = |finding: &Finding| text.as_str()[finding.range.clone()].to_owned();
    let told =
        findings.iter().map(|finding| (finding.code, finding.message.clone(), marked(finding)));
    // What the characters of the text show is so wherever they stand.
    let is_of_text =
        |code: &Code| matches!(code, Code::Lint(Lint::SecretInPolicy | Lint::HiddenCharacter));
    let told = told.filter(|(code, ..)| !is_of_text(code));
    // An element that another one covers can be the same as a third.
    let told = told.map(|(code, message, marked)| match code {
        Code::Lint(Lint::Duplicate | Lint::Shadowed) => {
            (Code::Lint(Lint::Shadowed), "it adds nothing".to_owned(), marked)
        }
        _ => (code, message, marked),
    });
    let (faults, lints) = told.partition(|(code, ..)| matches!(code, Code::Text(_)));
    [faults, lints]
}

/// The pointers of all members and elements.
fn places(value: &Value, above: &str, all: &mut Vec<String>) {
    let mut add = |key: &str, below: &Value| {
        let place = format!("{above}/{key}");
        places(below, &place, all);
        all.push(place);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| add(key, value)),
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, value)| add(&index.to_string(), value));
        }
        _ => {}
    }
}

/// A policy, another one that differs from it in one place, and one that is faulty there.
fn mended_and_faulty(dice: &mut Dice) -> Option<[Value; 3]> {
    let roll = |dice: &mut Dice| content(&PolicyFile::roll(dice, 0)).cloned();
    let one = roll(dice)?;
    let other = roll(dice)?;
    let mut all = Vec::new();
    places(&one, "", &mut all);
    // Nothing below such a key is at fault.
    all.retain(|place| !place.contains("/x-") && !place.starts_with("/$schema"));
    let place = &all[dice.below(all.len())];
    let (above, key) = place.rsplit_once('/')?;
    let (mut mended, mut faulty) = (one.clone(), one.clone());
    // No key of the format takes the one, and no JSON the other.
    let fault = if dice.percent(50) { json!(-1.5) } else { json!(NO_JSON) };
    match (mended.pointer_mut(above)?, faulty.pointer_mut(above)?) {
        (Value::Object(mended), Value::Object(faulty)) => {
            match other.pointer(place) {
                Some(value) => mended.insert(key.to_owned(), value.clone()),
                None => mended.remove(key),
            };
            match dice.percent(50) {
                true => faulty.insert(key.to_owned(), fault),
                false => {
                    let value = faulty.remove(key)?;
                    faulty.insert(format!("{key}_"), value)
                }
            };
        }
        (Value::Array(mended), Value::Array(faulty)) => {
            let index: usize = key.parse().ok()?;
            match other.pointer(place) {
                Some(value) => mended[index] = value.clone(),
                None => drop(mended.remove(index)),
            }
            faulty[index] = fault;
        }
        _ => return None,
    }
    Some([one, mended, faulty])
}

/// The law below would hold of nothing, too.
#[test]
fn of_most_faulty_policies_something_is_told() {
    let seeds = (0..2_000).map(|seed| mended_and_faulty(&mut Dice::seeded(seed)));
    let (mut faulty, mut any_told) = (0, 0);
    for [_, _, policy] in seeds.flatten() {
        faulty += 1;
        let [faults, lints] = told(&policy);
        assert!(!faults.is_empty(), "{policy:#}");
        any_told += usize::from(!lints.is_empty());
    }
    assert!(faulty > 1_000 && any_told * 2 > faulty, "{any_told} of {faulty}");
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn what_is_told_of_a_part_is_told_of_the_whole(policies in rolled(mended_and_faulty)) {
        let Some([one, mended, faulty]) = policies else { return Ok(()) };
        let [_, of_part] = told(&faulty);
        for whole in [&one, &mended] {
            let [faults, of_whole] = told(whole);
            // A way to mend it that is faulty itself shows nothing.
            if !faults.is_empty() {
                continue;
            }
            let lost: Vec<_> = of_part.iter().filter(|told| !of_whole.contains(told)).collect();
            prop_assert!(lost.is_empty(), "{lost:?}\n{faulty:#}\n{whole:#}");
        }
    }
}
