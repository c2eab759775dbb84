//! What `--json` prints is what its schema says, and no more.

use std::path::Path;

use serde_json::Value;

/// The schema lets keys be added in later versions; of this version, it knows all.
pub(crate) fn is_as_its_schema_says(report: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/doctor.schema.json");
    let mut schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    close(&mut schema);
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let faults: Vec<_> = validator
        .iter_errors(report)
        .map(|fault| format!("{fault} at {}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}\n{report:#}");
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) {
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(parts) => parts.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
#[should_panic(expected = "Additional properties are not allowed")]
fn a_key_that_the_schema_does_not_know_is_noticed() {
    is_as_its_schema_says(&serde_json::json!({
        "schema_version": 1, "outcome": "allowed", "what_if": false, "checks": [], "more": 1
    }));
}
