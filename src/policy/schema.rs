use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::json;

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
pub fn schema_of<T: JsonSchema>(title: &str) -> Schema {
    let mut schema = SchemaSettings::draft07()
        .with_transform(FreeKeys)
        .into_generator()
        .into_root_schema_for::<T>();
    schema.insert("title".to_owned(), json!(title));
    if let Some(properties) = schema.get_mut("properties").and_then(|p| p.as_object_mut()) {
        let description = "The schema that an editor checks this file with.";
        properties
            .insert("$schema".to_owned(), json!({ "type": "string", "description": description }));
    }
    schema
}

/// Keys that begin with `x-` are free for other tools.
#[derive(Debug, Clone)]
struct FreeKeys;

impl Transform for FreeKeys {
    fn transform(&mut self, schema: &mut Schema) {
        if schema.get("additionalProperties") == Some(&json!(false)) {
            schema.insert("patternProperties".to_owned(), json!({ "^x-": true }));
        }
        transform_subschemas(self, schema);
    }
}
