//! Events against the published schema of OCSF 1.6.0, which `tests/peers/ocsf_schema.py` turned into a JSON Schema.

use std::collections::BTreeSet;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::support::journal::Generator;
use crate::support::program::{answer, program};

const RECORDS: u64 = 1_400;

fn published() -> Validator {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit_query/ocsf-1.6.0.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::draft7::new(&schema).unwrap()
}

/// Each record and its event.
fn exported() -> Vec<(Value, Value)> {
    let directory = tempfile::tempdir().unwrap();
    Generator::new(9).journal(directory.path(), RECORDS, 350);
    let lines = String::from_utf8(Generator::new(9).lines(RECORDS)).unwrap();
    let events = answer(program(&["audit", "export", "--format", "ocsf"]).arg(directory.path()));
    assert_eq!((events.code, events.stderr.as_str()), (0, ""));
    let value = |line: &str| serde_json::from_str(line).unwrap();
    let pairs: Vec<_> = lines.lines().map(value).zip(events.stdout.lines().map(value)).collect();
    assert_eq!((pairs.len() as u64, events.stdout.lines().count() as u64), (RECORDS, RECORDS));
    pairs
}

#[test]
fn events_validate() {
    let published = published();
    let mut classes = BTreeSet::new();
    for (record, event) in exported() {
        if let Err(fault) = published.validate(&event) {
            let class = event["class_uid"].clone();
            let parts = published
                .iter_errors(&event)
                .map(|it| format!("{:?}", it.kind()))
                .collect::<Vec<_>>();
            panic!("{fault} of {class}: {record}\n{event}\n{parts:#?}");
        }
        classes.insert(event["class_uid"].as_u64());
    }
    assert_eq!(classes, BTreeSet::from([1008, 3002, 3004].map(Some)));
}

#[test]
fn the_schema_rejects_what_is_wrong() {
    let published = published();
    let pairs = exported();
    let is_one = |record: &Value| record["outcome"] == "denied" && record["account"].is_string();
    let (_, event) = pairs.iter().find(|(record, _)| is_one(record)).unwrap();
    assert!(published.is_valid(event));
    for (pointer, wrong) in [
        ("/activity_id", json!(8)),
        ("/type_uid", json!(300_308)),
        ("/class_uid", json!(3003)),
        ("/severity_id", json!("high")),
        ("/time", json!("2026-01-01T00:00:00Z")),
        ("/user", json!({})),
        ("/metadata/version", json!("1.1.0")),
        ("/cloud/account/type_id", json!(77)),
        ("/unmapped", json!("text")),
    ] {
        let mut changed = event.clone();
        *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = wrong;
        assert!(!published.is_valid(&changed), "{pointer}");
    }
    for key in ["metadata", "time", "user", "cloud", "type_uid", "severity_id", "service"] {
        let mut changed = event.clone();
        changed.as_object_mut().unwrap().remove(key).unwrap();
        assert!(!published.is_valid(&changed), "{key}");
    }
    let mut changed = event.clone();
    changed["methode"] = json!("sso");
    assert!(!published.is_valid(&changed));
}

/// What schemas cannot say: numbers that belong together, and what the record said.
#[test]
fn events_say_what_records_say() {
    for (record, event) in exported() {
        let number = |key: &str| event[key].as_u64().unwrap();
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
        assert_eq!(number("category_uid"), number("class_uid") / 1000);
        let time: jiff::Timestamp = record["time"].as_str().unwrap().parse().unwrap();
        assert_eq!(event["time"], time.as_millisecond());
        assert_eq!(event["metadata"]["original_time"], record["time"]);
        assert_eq!(event["metadata"]["uid"], record["sequence"].to_string());
        assert_eq!(event["unmapped"]["hash"], record["hash"]);
        assert_eq!(event["unmapped"]["event"], record["event"]);
        let class = match record["event"].as_str().unwrap() {
            "credential" => 3002,
            "policy" => 3004,
            _ => 1008,
        };
        assert_eq!(number("class_uid"), class);
        if record["event"] != "credential" {
            continue;
        }
        let (status, action) = match record["outcome"].as_str().unwrap() {
            "allowed" => (1, 1),
            "denied" => (2, 2),
            "failed" => (2, 1),
            _ => (2, 99),
        };
        assert_eq!((number("status_id"), number("action_id")), (status, action));
        assert_eq!(event["device"]["hostname"], record["host"]);
        assert_eq!(event["cloud"]["account"]["uid"], record["account"]);
        assert_eq!(event["actor"]["process"]["pid"], record["process"]["pid"]);
        assert_eq!(event["actor"]["process"]["parent_process"]["pid"], record["caller"]["pid"]);
        for key in ["outcome", "door", "method", "root", "fingerprint", "access_key_id", "what_if"]
        {
            assert_eq!(event["unmapped"][key], record[key], "{key}");
        }
        for key in ["denials", "would_deny"] {
            let codes = record[key]
                .as_array()
                .map(|all| all.iter().map(|it| it["code"].clone()).collect::<Vec<_>>());
            assert_eq!(event["unmapped"][key], json!(codes), "{key}");
        }
    }
}
