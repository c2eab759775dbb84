//! Records as events of the Open Cybersecurity Schema Framework (OCSF) 1.6.0, for a SIEM or a security lake.
//!
//! | record | class | activity |
//! |---|---|---|
//! | `credential` | Authentication (3002) | 99, handing out a credential |
//! | `policy` | Entity Management (3004) | 10 Activate, or 11 Deactivate where none is left |
//! | `journal` | Event Log Activity (1008) | 6 Start, 5 Rotate, 2 Delete, 1 Clear, or 99 with the note's name |
//! | `checkpoint` | Event Log Activity (1008) | 99, with the signed note in `unmapped` |
//!
//! A record of a credential is about whether a person's program is let in, by which means, and who refuses it: that is
//! Authentication. Authorize Session (3003) tells of privileges that a session gets, which a policy here never grants,
//! and API Activity (6003) of a call to a service, which is made later if at all.
//!
//! `metadata.uid` is the record's number, and `unmapped` holds what has no place, with the record's hash. So an event leads
//! back to its line. Who runs the program that decided is `user`; that program is `actor.process`, and the one that asked
//! its parent process.

mod class;
mod object;

use serde_json::{Value, json};

use super::query::View;
use class::Class;
use object::{actor, cloud, device, member, policies, policy, put, text, user};

/// The version of OCSF that events are written in.
pub const VERSION: &str = "1.6.0";

/// The event of a record, as a line.
pub fn write(record: &View<'_>, _line: &[u8], out: &mut Vec<u8>) {
    // A value is always JSON, and memory takes it.
    let _ = serde_json::to_writer(&mut *out, &event(record));
    out.push(b'\n');
}

/// The event of a record.
pub fn event(record: &View<'_>) -> Value {
    let class = Class::of(record);
    let mut event = json!({
        "class_uid": class.uid,
        "class_name": class.name,
        "category_uid": class.uid / 1000,
        "category_name": class.category,
        "activity_id": class.activity,
        "activity_name": class.activity_name,
        "type_uid": class.uid * 100 + class.activity,
        "severity_id": class.severity,
        "severity": class::severity_name(class.severity),
        "time": milliseconds(&record.time),
        "message": class.message,
        "metadata": {
            "version": VERSION,
            "product": {
                "name": "bedrock-auth",
                "vendor_name": "bedrock-auth",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "profiles": class.profiles,
            "uid": record.sequence.to_string(),
            "sequence": record.sequence,
            "original_time": &*record.time,
            "log_name": "bedrock-auth audit",
        },
    });
    put(&mut event, "device", device(record));
    put(&mut event, "actor", actor(record));
    match &*record.event {
        "credential" => credential(record, &mut event),
        "policy" => policy_change(record, &mut event),
        _ => log_activity(record, &mut event),
    }
    event
}

fn credential(record: &View<'_>, event: &mut Value) {
    let outcome = record.outcome.as_deref().unwrap_or_default();
    let (status, status_name, action, action_name, disposition, disposition_name) = match outcome {
        "allowed" => (1, "Success", 1, "Allowed", 1, "Allowed"),
        "denied" => (2, "Failure", 2, "Denied", 2, "Blocked"),
        "failed" => (2, "Failure", 1, "Allowed", 27, "Error"),
        _ => (2, "Failure", 99, "Unconfigured", 16, "No Action"),
    };
    for (key, value) in [
        ("status_id", json!(status)),
        ("status", json!(status_name)),
        ("action_id", json!(action)),
        ("action", json!(action_name)),
        ("disposition_id", json!(disposition)),
        ("disposition", json!(disposition_name)),
        // What the credential is for.
        ("service", json!({ "name": "Amazon Bedrock" })),
        ("user", user(record)),
        ("cloud", cloud(record)),
    ] {
        event[key] = value;
    }
    put(event, "status_code", record.denials.first().map(|denial| json!(&*denial.code)));
    put(event, "status_detail", text(&record.reason));
    put(event, "policy", policy(record));
    let codes = |reasons: &[super::query::CodeView<'_>]| {
        let codes: Vec<_> = reasons.iter().map(|reason| reason.code.to_string()).collect();
        (!codes.is_empty()).then(|| json!(codes))
    };
    let unmapped = [
        member("outcome", text(&record.outcome)),
        member("door", text(&record.door)),
        member("method", text(&record.method)),
        member("root", text(&record.root)),
        member("profile", text(&record.profile)),
        member("source", record.source.as_ref().map(object::source)),
        member("access_key_id", text(&record.access_key_id)),
        member("fingerprint", text(&record.fingerprint)),
        member("endpoint", text(&record.endpoint)),
        member("expires", text(&record.expires)),
        member("what_if", record.what_if.map(Value::from)),
        member("denials", codes(&record.denials)),
        member("would_deny", codes(&record.would_deny)),
        member("policies", policies(record)),
    ];
    event["unmapped"] = unmapped_of(record, unmapped);
}

fn policy_change(record: &View<'_>, event: &mut Value) {
    let digest = record.policy.as_ref().and_then(|policy| policy.digest.as_deref());
    event["status_id"] = json!(1);
    event["status"] = json!("Success");
    event["entity"] = object::entity(record, digest);
    let unmapped = [
        member("policies", policies(record)),
        member("changed_from", record.changed_from.map(Value::from)),
    ];
    event["unmapped"] = unmapped_of(record, unmapped);
}

fn log_activity(record: &View<'_>, event: &mut Value) {
    event["log_name"] = json!("bedrock-auth audit");
    event["log_type_id"] = json!(2);
    event["log_type"] = json!("Application");
    event["status_id"] = json!(1);
    event["status"] = json!("Success");
    if record.noted.as_deref() == Some("sync_failed") {
        event["status_id"] = json!(2);
        event["status"] = json!("Failure");
    }
    let file = record.segment.as_deref().map(|name| json!({ "name": name, "type_id": 1 }));
    put(event, "file", file);
    let unmapped = [
        member("noted", text(&record.noted)),
        member("journal", text(&record.journal)),
        member("checkpoint", text(&record.checkpoint)),
    ];
    event["unmapped"] = unmapped_of(record, unmapped);
}

fn unmapped_of<const N: usize>(record: &View<'_>, members: [Option<(String, Value)>; N]) -> Value {
    let event = member("event", Some(json!(&*record.event)));
    let hash = member("hash", Some(json!(&*record.hash)));
    Value::Object(members.into_iter().chain([event, hash]).flatten().collect())
}

fn milliseconds(time: &str) -> i64 {
    // A record whose hash is right holds an instant.
    time.parse().map_or(0, |time: jiff::Timestamp| time.as_millisecond())
}
