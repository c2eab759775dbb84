//! The macro that declares an object of a file once, for its type, its reader and its schema.

/// Declares an object of a file: the struct, how it is read, and its JSON Schema, from one list of keys.
///
/// `Option<T>` is a key that may be absent, `Located<T>` one that must be there. A key that is not
/// listed is a finding with the nearest key as advice, and every key is read even after a fault.
macro_rules! object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)+ }
    ) => {
        #[derive(Debug, Clone, PartialEq, Eq, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        $(#[$meta])*
        pub struct $name { $($(#[$doc])* pub $field: $type,)+ }

        impl $crate::jsonc::FromJson for $name {
            fn read(
                node: $crate::jsonc::Node<'_>,
                reader: &mut $crate::jsonc::Reader<'_>,
            ) -> Option<Self> {
                $(let mut $field: Option<Option<$type>> = None;)+
                let known = &[$(stringify!($field)),+];
                let object = reader.members(node, known, |name, key, value, reader| match name {
                    $(stringify!($field) => {
                        $field = Some(<$type as $crate::jsonc::Field>::present(key, value, reader));
                        true
                    })+
                    _ => false,
                })?;
                $(let $field = $field.unwrap_or_else(|| {
                    <$type as $crate::jsonc::Field>::absent(stringify!($field), object.clone(), reader)
                });)+
                Some($name { $($field: $field?,)+ })
            }
        }
    };
}

pub(crate) use object;
