//! The macro that writes down the JSON Schema of types read from a single value.

/// Gives types that are read from a single string or number the schema of what they read.
macro_rules! string_schemas {
    ($($name:ident: $schema:tt,)+) => {$(
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    )+};
}

pub(crate) use string_schemas;
