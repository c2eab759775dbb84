//! Every record has the form that the schema describes.

use std::path::Path;

use serde_json::Value;

use crate::home::{API_KEY, Home};

pub(crate) fn faults(records: &[Value]) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/audit-event.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let options = jsonschema::draft7::options();
    let validator = options.should_validate_formats(true).build(&schema).unwrap();
    let faults = |record| {
        validator.iter_errors(record).map(|fault| format!("{fault}: {record}")).collect::<Vec<_>>()
    };
    records.iter().flat_map(faults).collect()
}

#[test]
fn records_of_every_kind_validate() {
    let mut home = Home::new("");
    home.run(&["export"]);
    home.policy(r#", "methods": {}"#);
    home.run(&["export"]);
    home.variables = vec![("ZED_BEDROCK_BEARER_TOKEN", API_KEY)];
    home.policy(r#", "enforcement": "report_only", "methods": {}"#);
    home.run(&["export"]);
    std::fs::remove_file(home.layout().head()).unwrap();
    home.run(&["export"]);
    // The end of a policy is one of the machine's own, which a what-if question has none of.
    let journal = bedrock_auth::journal::Journal::open(home.layout(), Default::default()).unwrap();
    let who = bedrock_auth::audit::Who {
        user: Default::default(),
        host: None,
        process: bedrock_auth::journal::process(1),
        caller: None,
    };
    let digest = bedrock_auth::policy::Digest::of_bytes(b"policy");
    let policy = bedrock_auth::audit::PolicyInForce { digest: Some(digest), ..Default::default() };
    assert!(journal.note_policy(jiff::Timestamp::now(), &who, &policy).unwrap());
    let records = home.records();
    for event in ["credential", "policy", "journal", "checkpoint"] {
        assert!(records.iter().any(|record| record["event"] == event), "{event}");
    }
    assert_eq!(faults(&records), Vec::<String>::new());
    // And a wrong one does not.
    let mut wrong = records[0].clone();
    wrong["sequence"] = "one".into();
    assert_ne!(faults(&[wrong]), Vec::<String>::new());
}
