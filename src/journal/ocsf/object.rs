//! Objects of events: what a record says about people, programs, machines, clouds and policies.

use serde_json::{Map, Value, json};

use crate::journal::query::{PolicySourceView, SourceView, Str, View};

/// OCSF's number of an AWS account.
const AWS_ACCOUNT: u32 = 10;
/// OCSF's number of a managed policy.
const POLICY: u32 = 5;

/// A member, where there is something to say.
pub(super) fn member(key: &str, value: Option<Value>) -> Option<(String, Value)> {
    Some((key.to_owned(), value?))
}

pub(super) fn put(object: &mut Value, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        object[key] = value;
    }
}

pub(super) fn text(text: &Option<Str<'_>>) -> Option<Value> {
    text.as_deref().map(Value::from)
}

fn object<const N: usize>(members: [Option<(String, Value)>; N]) -> Option<Value> {
    let members: Map<_, _> = members.into_iter().flatten().collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

/// Whose credential it is. An event needs a user, and a record may not know one.
pub(super) fn user(record: &View<'_>) -> Value {
    let mut user = person(record).unwrap_or_else(|| json!({ "name": "unknown" }));
    put(
        &mut user,
        "credential_uid",
        text(&record.access_key_id).or_else(|| text(&record.fingerprint)),
    );
    put(&mut user, "account", account(record));
    user
}

fn person(record: &View<'_>) -> Option<Value> {
    let person = record.user.as_ref()?;
    let uid = person.uid.map(|uid| json!(uid.to_string()));
    object([member("name", text(&person.name)), member("uid", uid)])
}

fn account(record: &View<'_>) -> Option<Value> {
    let account = record.account.as_deref()?;
    Some(json!({ "uid": account, "type_id": AWS_ACCOUNT, "type": "AWS Account" }))
}

pub(super) fn cloud(record: &View<'_>) -> Value {
    let mut cloud = json!({ "provider": "AWS" });
    put(&mut cloud, "account", account(record));
    put(&mut cloud, "region", text(&record.region));
    cloud
}

pub(super) fn device(record: &View<'_>) -> Option<Value> {
    let host = record.host.as_deref()?;
    Some(json!({ "name": host, "hostname": host, "type_id": 0, "type": "Unknown" }))
}

pub(super) fn actor(record: &View<'_>) -> Option<Value> {
    let decided = record.process.as_ref().and_then(|program| {
        let mut decided = process(program.pid, program.uid, program.executable.as_deref())?;
        let asked = record.caller.as_ref();
        let asked = asked.and_then(|it| process(it.pid, it.uid, it.executable.as_deref()));
        put(&mut decided, "parent_process", asked);
        Some(decided)
    });
    object([member("process", decided), member("user", person(record))])
}

/// A program has a name or a number that is its own for ever; where its file is unknown, its number has to do.
fn process(pid: Option<u32>, uid: Option<u32>, executable: Option<&str>) -> Option<Value> {
    let mut process = json!({});
    put(&mut process, "pid", pid.map(|pid| json!(pid)));
    match (executable, pid) {
        (Some(path), _) => {
            let name =
                path.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).unwrap_or(path);
            process["name"] = json!(name);
            process["file"] = json!({ "name": name, "path": path, "type_id": 1 });
        }
        (None, Some(pid)) => process["uid"] = json!(pid.to_string()),
        // Of a program of another person, only whose it is is known.
        (None, None) => return None,
    }
    put(&mut process, "user", uid.map(|uid| json!({ "uid": uid.to_string() })));
    Some(process)
}

/// The policy that refused, or the one in force; where there are many, `unmapped` has all.
pub(super) fn policy(record: &View<'_>) -> Option<Value> {
    let sources = &record.policy.as_ref()?.sources;
    let refused = record.denials.iter().find_map(|denial| denial.policy_id.as_deref());
    let is_it = |source: &&PolicySourceView<'_>| {
        source.id.as_deref().is_some_and(|id| refused.is_none_or(|it| it == id))
    };
    let source = sources.iter().find(is_it)?;
    let digest = record.policy.as_ref()?.digest.as_deref();
    object([
        member("name", text(&source.id)),
        member("version", source.revision.map(|revision| json!(revision.to_string()))),
        member("uid", digest.map(Value::from)),
        member("is_applied", Some(json!(true))),
    ])
}

/// All policies together, as one entity that a digest names.
pub(super) fn entity(record: &View<'_>, digest: Option<&str>) -> Value {
    let mut entity = json!({
        "name": "managed policies of bedrock-auth",
        "type": "Policy",
        "type_id": POLICY,
    });
    put(&mut entity, "uid", digest.map(Value::from));
    put(&mut entity, "policy", policy(record));
    entity
}

pub(super) fn policies(record: &View<'_>) -> Option<Value> {
    let sources = &record.policy.as_ref()?.sources;
    let all = sources.iter().filter_map(|source| {
        object([
            member("file", Some(json!(&*source.file))),
            member("state", Some(json!(&*source.state))),
            member("id", text(&source.id)),
            member("revision", source.revision.map(Value::from)),
        ])
    });
    let all: Vec<_> = all.collect();
    (!all.is_empty()).then_some(Value::Array(all))
}

pub(super) fn source(source: &SourceView<'_>) -> Value {
    let members = object([
        member("layer", Some(json!(&*source.layer))),
        member("file", text(&source.file)),
        member("line", source.line.map(Value::from)),
        member("variable", text(&source.variable)),
        member("item", text(&source.item)),
    ]);
    members.unwrap_or_default()
}
