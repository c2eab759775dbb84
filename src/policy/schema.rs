//! The JSON Schemas of the files that this crate reads, derived from its types.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::Document;
use crate::settings::UserSettings;

/// The JSON Schema of a managed policy file.
pub fn policy_schema() -> Schema {
    schema_of::<Document>("bedrock-auth managed policy")
}

/// The JSON Schema of a person's settings file.
pub fn settings_schema() -> Schema {
    schema_of::<UserSettings>("bedrock-auth settings")
}

/// The JSON Schema (draft-07, which editors and SchemaStore take) of a file that this crate reads.
pub(crate) fn schema_of<T: JsonSchema>(title: &str) -> Schema {
    let mut schema = root_schema::<T>(SchemaSettings::draft07().with_transform(AsRead), title);
    if let Some(properties) = schema.get_mut("properties").and_then(|p| p.as_object_mut()) {
        let description = "The schema that an editor checks this file with.";
        properties
            .insert("$schema".to_owned(), json!({ "type": "string", "description": description }));
    }
    schema
}

/// The JSON Schema (draft-07) of what this crate writes. Keys may be added later.
pub(crate) fn schema_of_answer<T: JsonSchema>(title: &str) -> Schema {
    root_schema::<T>(SchemaSettings::draft07().for_serialize().with_transform(AsWritten), title)
}

fn root_schema<T: JsonSchema>(settings: SchemaSettings, title: &str) -> Schema {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), json!(title));
    schema
}

/// Makes a derived schema say what the writers do: a key that may be absent is never `null`.
#[derive(Debug, Clone)]
struct AsWritten;

impl Transform for AsWritten {
    fn transform(&mut self, schema: &mut Schema) {
        on_one_line(schema);
        let required = schema.get("required").cloned().unwrap_or_default();
        let is_required = |key: &str| {
            required.as_array().is_some_and(|required| required.iter().any(|name| name == key))
        };
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (_, property) in properties.into_iter().flatten().filter(|(key, _)| !is_required(key)) {
            if let Ok(property) = property.try_into() {
                without_null(property);
            }
        }
        transform_subschemas(self, schema);
    }
}

/// Makes a derived schema say what the readers do: keys that begin with `x-` are free for other tools, and a
/// key that may be absent does not take `null`. Descriptions become one line, as editors show them.
#[derive(Debug, Clone)]
struct AsRead;

impl Transform for AsRead {
    fn transform(&mut self, schema: &mut Schema) {
        free_keys(schema);
        without_null(schema);
        on_one_line(schema);
        transform_subschemas(self, schema);
    }
}

fn free_keys(schema: &mut Schema) {
    if schema.get("additionalProperties") == Some(&json!(false)) {
        schema.insert("patternProperties".to_owned(), json!({ "^x-": true }));
    }
}

/// Undoes what schemars makes of an `Option`.
fn without_null(schema: &mut Schema) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|name| *name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(mut ways)) = schema.get("anyOf").cloned() {
        let all = ways.len();
        ways.retain(|way| *way != json!({ "type": "null" }));
        if ways.len() < all {
            schema.remove("anyOf");
            let key = if ways.len() == 1 { "allOf" } else { "anyOf" };
            schema.insert(key.to_owned(), ways.into());
        }
    }
}

fn on_one_line(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}
