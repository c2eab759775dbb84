//! No secret is seen in a record, whatever was decided.

use bedrock_auth::audit::{
    CredentialUse, Door, Event, Hash, Person, PolicyChange, PolicyInForce, Process, Record, Text,
    Who, seal,
};
use bedrock_auth::resolve::resolve;
use jiff::Timestamp;
use proptest::prelude::*;

use crate::strategies::{cases, worlds};
use crate::world::pools::CANARY;

fn who() -> Who {
    Who {
        user: Person::default(),
        host: Some(Text::new("host")),
        process: Process { pid: Some(1), uid: None, executable: None },
        caller: None,
    }
}

proptest! {
    // Four records each.
    #![proptest_config(cases(25_000))]

    #[test]
    fn no_secret_is_in_a_record(world in worlds()) {
        let facts = world.to_facts();
        let resolution = resolve(&facts);
        let made = CredentialUse::of_answer(Door::Export, who(), &resolution);
        let policy = PolicyInForce::of_answer(&resolution);
        let change = PolicyChange { who: who(), policy, changed_from: None };
        let events = [
            Event::Credential(Box::new(made.clone())),
            Event::Credential(Box::new(made.clone().failed(&resolution.display))),
            Event::Credential(Box::new(made.refused(&resolution.denials, Some(&resolution.display)))),
            Event::Policy(change),
        ];
        let mut text = Vec::new();
        for event in &events {
            let (previous, time) = (Hash::NONE, Timestamp::UNIX_EPOCH);
            let record = Record { schema_version: 1, sequence: 1, previous, time, event };
            let begin = text.len();
            let hash = seal(&record, &mut text);
            // The line is what serde, and with it the schema, makes of the record.
            let mut expected = serde_json::to_value(record).unwrap();
            expected["hash"] = hash.to_string().into();
            let line: serde_json::Value = serde_json::from_slice(&text[begin..]).unwrap();
            prop_assert_eq!(line, expected);
        }
        prop_assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), events.len());
        let text = std::str::from_utf8(&text).unwrap();
        for secret in world.secrets().iter().map(String::as_str).chain([CANARY]) {
            prop_assert!(!text.contains(secret), "{} is seen in {}", secret, text);
        }
    }
}
