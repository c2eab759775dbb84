//! The summary against counting by hand.

use std::collections::BTreeMap;

use bedrock_auth::journal::Layout;
use bedrock_auth::journal::query::{Filter, Snapshot, UseColumn, summarize};
use serde_json::{Value, json};

use crate::support::journal::Generator;
use crate::support::program::{answer, program};

type Rows = BTreeMap<String, (u64, String, String)>;

fn add(rows: &mut Rows, key: &Value, record: &Value) {
    let time = record["time"].as_str().unwrap().to_owned();
    let row = rows.entry(key.to_string()).or_insert((0, time.clone(), time.clone()));
    *row = (row.0 + 1, row.1.clone().min(time.clone()), row.2.clone().max(time));
}

fn rows_of(rows: &Value, keys: &[&str]) -> Rows {
    let row = |row: &Value| {
        let key: Vec<_> = keys.iter().map(|key| row[*key].clone()).collect();
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        (json!(key).to_string(), (row["count"].as_u64().unwrap(), text("first"), text("last")))
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn counts_are_those_of_counting_one_by_one() {
    let directory = tempfile::tempdir().unwrap();
    Generator::new(2).journal(directory.path(), 2_000, 1_500);
    let lines = String::from_utf8(Generator::new(2).lines(2_000)).unwrap();
    let (mut uses, mut denials, mut keys, mut policies) =
        (Rows::new(), Rows::new(), Rows::new(), Rows::new());
    let mut outcomes = BTreeMap::new();
    for line in lines.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        for source in record["policy"]["sources"].as_array().into_iter().flatten() {
            let key = json!([record["policy"]["digest"], source["id"], source["revision"]]);
            add(&mut policies, &key, &record);
        }
        if record["event"] != "credential" {
            continue;
        }
        *outcomes.entry(record["outcome"].to_string()).or_insert(0) += 1;
        let user = &record["user"];
        let key = json!([
            user["name"],
            user["uid"],
            record["host"],
            record["method"],
            record["root"],
            record["door"]
        ]);
        add(&mut uses, &key, &record);
        for denial in record["denials"].as_array().into_iter().flatten() {
            add(&mut denials, &json!([denial["code"]]), &record);
        }
        if record["outcome"] == "allowed"
            && (record["root"] == "long_lived_keys" || record["root"] == "long_term_api_key")
        {
            add(
                &mut keys,
                &json!([record["root"], record["access_key_id"], record["fingerprint"]]),
                &record,
            );
        }
    }
    let snapshot = Snapshot::of(&Layout::of(directory.path())).unwrap();
    let summary =
        serde_json::to_value(summarize(&snapshot, &Filter::default(), &UseColumn::USUAL).unwrap())
            .unwrap();
    assert_eq!(summary["records"], 2_000);
    assert_eq!(rows_of(&summary["uses"], &["user", "uid", "host", "method", "root", "door"]), uses);
    assert_eq!(rows_of(&summary["denials"], &["code"]), denials);
    assert_eq!(rows_of(&summary["policies"], &["digest", "id", "revision"]), policies);
    assert_eq!(
        rows_of(&summary["long_lived_keys"], &["root", "access_key_id", "fingerprint"]),
        keys
    );
    for (outcome, count) in outcomes {
        assert_eq!(summary["outcomes"][outcome.trim_matches('"')], count, "{outcome}");
    }
    let mut asked = program(&["audit", "summary", "--json"]);
    assert_eq!(answer(asked.arg(directory.path())).json(), summary);
}
