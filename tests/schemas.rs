//! The committed JSON Schemas are those of the types, and say of files what the readers say.

mod catalogue;

use std::fs;
use std::path::Path;

use bedrock_auth::audit::audit_event_schema;
use bedrock_auth::check;
use bedrock_auth::doctor::report_schema;
use bedrock_auth::journal::query::summary_schema;
use bedrock_auth::journal::verify::audit_verify_schema;
use bedrock_auth::policy::{policy_schema, settings_schema};
use bedrock_auth::resolve::answer_schema;
use bedrock_auth::scenario::{Scenario, scenario_schema};
use catalogue::{files, plain_json, root, shown};
use jsonschema::Validator;
use serde_json::{Value, json};

/// Name of the file, and what the types give.
fn schemas() -> [(&'static str, Value); 9] {
    [
        ("policy", policy_schema().to_value()),
        ("settings", settings_schema().to_value()),
        ("scenario", scenario_schema().to_value()),
        ("answer", answer_schema().to_value()),
        ("check", check::report_schema().to_value()),
        ("doctor", report_schema().to_value()),
        ("audit-event", audit_event_schema().to_value()),
        ("audit-verify", audit_verify_schema().to_value()),
        ("audit-summary", summary_schema().to_value()),
    ]
}

fn committed(name: &str) -> Value {
    plain_json(&root().join(format!("schemas/{name}.schema.json")))
}

fn validator(name: &str) -> Validator {
    let schema = committed(name);
    let options = jsonschema::draft7::options();
    options.should_validate_formats(true).build(&schema).unwrap()
}

/// What a schema has against a file, a line for each fault.
fn faults(validator: &Validator, path: &Path) -> Vec<String> {
    let instance = plain_json(path);
    let faults = validator.iter_errors(&instance);
    faults.map(|fault| format!("{}: {fault} at {}", shown(path), fault.instance_path())).collect()
}

#[test]
fn committed_schemas_are_those_of_the_types() {
    let mut stale = Vec::new();
    for (name, schema) in schemas() {
        let path = root().join(format!("schemas/{name}.schema.json"));
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
            fs::write(&path, &text).unwrap();
        }
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            stale.push(shown(&path));
        }
    }
    assert!(stale.is_empty(), "run this test with UPDATE_SCHEMAS=1, which writes {stale:?}");
}

#[test]
fn schemas_are_valid_draft_07() {
    for (name, schema) in schemas() {
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#", "{name}");
        if let Err(fault) = jsonschema::draft7::meta::validate(&schema) {
            panic!("{name}: {fault}");
        }
    }
}

#[test]
fn policies_of_the_catalogue_validate() {
    let policy = validator("policy");
    let paths = files("policies", "policy.json");
    let faults: Vec<_> = paths.iter().flat_map(|path| faults(&policy, path)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(paths.len() >= 9, "only {} policies", paths.len());
}

#[test]
fn scenarios_validate() {
    let scenario = validator("scenario");
    let mut paths = files("policies", ".scenario.json");
    paths.extend(files("tests/scenarios", ".scenario.json"));
    let faults: Vec<_> = paths.iter().flat_map(|path| faults(&scenario, path)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(paths.len() >= 100, "only {} scenarios", paths.len());
}

/// All that the scenarios come to, and no key of it that the schema does not know.
#[test]
fn answers_validate() {
    let mut schema = committed("answer");
    close(&mut schema);
    let options = jsonschema::draft7::options();
    let answer = options.should_validate_formats(true).build(&schema).unwrap();
    let mut paths = files("policies", ".scenario.json");
    paths.extend(files("tests/scenarios", ".scenario.json"));
    let mut faults = Vec::new();
    for path in &paths {
        let (resolution, _) = Scenario::read(path).unwrap().run();
        let instance = serde_json::to_value(&resolution).unwrap();
        let found = answer.iter_errors(&instance);
        faults.extend(
            found.map(|fault| format!("{}: {fault} at {}", shown(path), fault.instance_path())),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(paths.len() >= 100, "only {} scenarios", paths.len());
}

/// Lets no object have keys that its schema does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(parts) => parts.iter_mut().for_each(close),
        _ => {}
    }
}

/// Editors find the schema by this key.
#[test]
fn files_of_the_catalogue_name_their_schema() {
    for (directory, ending, schema) in [
        ("policies", "policy.json", "policy"),
        ("policies", ".scenario.json", "scenario"),
        ("tests/scenarios", ".scenario.json", "scenario"),
    ] {
        for path in files(directory, ending) {
            let named = plain_json(&path)["$schema"].as_str().map(str::to_owned);
            let target = path.parent().unwrap().join(named.unwrap_or_default());
            let expected = root().join(format!("schemas/{schema}.schema.json"));
            let (target, expected) = (target.canonicalize(), expected.canonicalize());
            assert_eq!(target.ok(), expected.ok(), "`$schema` of {}", shown(&path));
        }
    }
}

/// The kinds of faults that a schema can see, by the names of the fixtures.
#[test]
fn policies_that_say_something_wrong_do_not_validate() {
    const SEEN: [&str; 5] =
        ["unknown_key", "missing_key", "wrong_type", "invalid_value", "unknown_version"];
    let policy = validator("policy");
    let mut passed = Vec::new();
    for kind in SEEN {
        let is_of_kind =
            |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with(kind);
        let mut fixtures = files("tests/invalid-policies", ".json");
        fixtures.retain(|path| is_of_kind(path));
        assert!(!fixtures.is_empty(), "no fixture of {kind}");
        passed.extend(fixtures.into_iter().filter(|path| policy.is_valid(&plain_json(path))));
    }
    assert!(passed.is_empty(), "the schema accepts {passed:?}");
}

/// What the readers refuse although it looks harmless, and what they take although it looks odd.
#[test]
fn schemas_agree_with_the_readers_on_edge_cases() {
    let policy = |more: Value| {
        let mut policy = json!({ "schema_version": 1, "id": "p" });
        policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        policy
    };
    for (name, instance, is_valid) in [
        ("policy", policy(json!({})), true),
        ("policy", policy(json!({ "x-owner": "it" })), true),
        ("policy", policy(json!({ "methods": { "x-note": 1, "sso": { "x-why": [] } } })), true),
        ("policy", policy(json!({ "methods": {} })), true),
        ("policy", policy(json!({ "regions": [] })), true),
        ("policy", policy(json!({ "regions": null })), false),
        ("policy", policy(json!({ "methods": { "sso": null } })), false),
        ("policy", policy(json!({ "revision": -1 })), false),
        ("policy", policy(json!({ "revision": 1.5 })), false),
        ("policy", policy(json!({ "methods": { "$schema": "" } })), false),
        ("settings", json!({}), true),
        ("settings", json!({ "region": "" }), true),
        ("settings", json!({ "region": null }), false),
        ("settings", json!({ "audit": "yes" }), false),
        ("scenario", json!({ "expect": {} }), false),
        ("scenario", json!({ "expect": { "outcome": "denied" } }), true),
        ("scenario", json!({}), false),
    ] {
        assert_eq!(validator(name).is_valid(&instance), is_valid, "{name}: {instance}");
    }
}

#[test]
fn every_key_has_a_description() {
    let mut silent = Vec::new();
    for (name, schema) in schemas() {
        undescribed(&schema, name, &mut silent);
    }
    assert!(silent.is_empty(), "no description: {silent:#?}");
}

fn undescribed(schema: &Value, at: &str, silent: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let properties = members.get("properties").and_then(Value::as_object);
            for (key, property) in properties.into_iter().flatten() {
                // beside a `$ref`, draft-07 ignores all other keys, and editors show nothing
                let is_shown = property.get("$ref").is_none()
                    && property["description"].as_str().is_some_and(|text| !text.is_empty());
                if !is_shown {
                    silent.push(format!("{at}/{key}"));
                }
            }
            for (key, part) in members {
                undescribed(part, &format!("{at}/{key}"), silent);
            }
        }
        Value::Array(parts) => parts.iter().for_each(|part| undescribed(part, at, silent)),
        _ => {}
    }
}
