//! The filter as the documentation tells it, over JSON values: slow, and without any of what makes the real one fast.

use bedrock_auth::journal::query::Filter;
use jiff::Timestamp;
use serde_json::Value;

pub(crate) fn matches(filter: &Filter, record: &Value) -> bool {
    let time: Timestamp = record["time"].as_str().unwrap().parse().unwrap();
    let codes = |key: &str| -> Vec<String> {
        let reasons = record[key].as_array().cloned().unwrap_or_default();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
    };
    let mut reasons = codes("denials");
    if filter.would_deny {
        reasons.extend(codes("would_deny"));
    }
    let sources = record["policy"]["sources"].as_array().cloned().unwrap_or_default();
    let mut policies: Vec<Value> = sources.iter().map(|source| source["id"].clone()).collect();
    policies.push(record["policy"]["digest"].clone());
    filter.since.is_none_or(|since| time >= since)
        && filter.until.is_none_or(|until| time < until)
        && any(&filter.users, &[record["user"]["name"].clone(), record["user"]["uid"].clone()])
        && any(&filter.hosts, &[record["host"].clone()])
        && any(&filter.methods, &[record["method"].clone()])
        && any(&filter.roots, &[record["root"].clone()])
        && any(&filter.outcomes, &[record["outcome"].clone()])
        && any(&filter.doors, &[record["door"].clone()])
        && any(&filter.accounts, &[record["account"].clone()])
        && any(&filter.policies, &policies)
        && any(
            &filter.access_keys,
            &[record["access_key_id"].clone(), record["fingerprint"].clone()],
        )
        && any(&filter.events, &[record["event"].clone()])
        && (filter.codes.is_empty()
            || filter.codes.iter().any(|code| reasons.contains(&code.to_string())))
        && (!filter.would_deny || !filter.codes.is_empty() || !codes("would_deny").is_empty())
}

fn any<T: ToString>(wanted: &[T], there: &[Value]) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let there: Vec<_> = there.iter().filter_map(text).collect();
    wanted.is_empty() || wanted.iter().any(|wanted| there.contains(&wanted.to_string()))
}
