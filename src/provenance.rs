//! Where a value stands: its layer and its exact place.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::words::words;

words! {
    /// The layers that ask for values, in the order in which they are heard.
    pub enum Layer {
        /// Values that IT supplies inside a managed policy file.
        Managed = "managed",
        /// The person's own settings file.
        User = "user",
        /// Environment variables of the families in force.
        Environment = "environment",
        /// The operating system's keychain.
        Keychain = "keychain",
    }
}

/// A position in a text, both numbers counted from 1; columns count Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in Unicode scalar values, from 1.
    pub column: u32,
}

impl Position {
    /// The position behind so many lines, and behind so many characters of its own.
    pub(crate) fn after(lines: usize, characters: usize) -> Self {
        let number = |before: usize| u32::try_from(before + 1).unwrap_or(u32::MAX);
        Position { line: number(lines), column: number(characters) }
    }
}

/// The exact place where something is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A file, with the position where one is known.
    File {
        /// The file as it was opened.
        path: Arc<Path>,
        /// The position inside it; none where the whole file is meant.
        position: Option<Position>,
    },
    /// An environment variable.
    Variable(Arc<str>),
    /// A keychain item, by the name a keychain program shows.
    KeychainItem(Arc<str>),
}

impl Place {
    /// A place inside a file.
    pub fn in_file(path: &Arc<Path>, position: Position) -> Self {
        Place::File { path: Arc::clone(path), position: Some(position) }
    }

    /// The file, if that is where it is.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Place::File { path, .. } => Some(path),
            Place::Variable(_) | Place::KeychainItem(_) => None,
        }
    }

    /// A file as a whole.
    pub fn whole_file(path: impl AsRef<Path>) -> Self {
        Place::File { path: Arc::from(path.as_ref()), position: None }
    }

    /// An environment variable.
    pub fn variable(name: &str) -> Self {
        Place::Variable(Arc::from(name))
    }

    fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Place::File { path, position } => {
                map.serialize_entry("file", &path.to_string_lossy())?;
                if let Some(at) = position {
                    map.serialize_entry("line", &at.line)?;
                    map.serialize_entry("column", &at.column)?;
                }
            }
            Place::Variable(name) => map.serialize_entry("variable", name.as_ref())?,
            Place::KeychainItem(item) => map.serialize_entry("item", item.as_ref())?,
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { path, position: Some(at) } => {
                write!(f, "{}:{}:{}", path.display(), at.line, at.column)
            }
            Place::File { path, position: None } => write!(f, "{}", path.display()),
            Place::Variable(name) => f.write_str(name),
            Place::KeychainItem(item) => f.write_str(item),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.serialize_into(&mut map)?;
        map.end()
    }
}

impl JsonSchema for Place {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Place".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The exact place where something is written: a file, a variable or a keychain item.",
            "type": "object",
            "properties": {
                "file": { "description": "The file.", "type": "string" },
                "line": { "description": "The line in the file, from 1.", "type": "integer", "minimum": 1 },
                "column": {
                    "description": "The column in Unicode scalar values, from 1.",
                    "type": "integer",
                    "minimum": 1,
                },
                "variable": { "description": "The environment variable.", "type": "string" },
                "item": { "description": "The keychain item, as a keychain program shows it.", "type": "string" },
            },
            "oneOf": [
                { "required": ["file"] },
                { "required": ["variable"] },
                { "required": ["item"] },
            ],
        })
    }
}

/// A layer and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// Which layer spoke.
    pub layer: Layer,
    /// Where exactly.
    pub place: Place,
}

impl Source {
    /// A place of a layer.
    pub fn new(layer: Layer, place: Place) -> Self {
        Source { layer, place }
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("layer", &self.layer)?;
        self.place.serialize_into(&mut map)?;
        map.end()
    }
}

impl JsonSchema for Source {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Source".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let layer = generator.subschema_for::<Layer>();
        let mut schema = Place::json_schema(generator);
        schema.insert("description".to_owned(), "A layer and the exact place in it.".into());
        schema.insert("required".to_owned(), vec!["layer"].into());
        if let Some(properties) = schema.get_mut("properties").and_then(|p| p.as_object_mut()) {
            let described = json_schema!({ "description": "The layer.", "allOf": [layer] });
            properties.insert("layer".to_owned(), described.to_value());
        }
        schema
    }
}

/// A value and the source it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub source: Source,
}

impl<T> Sourced<T> {
    /// A value from a source.
    pub fn new(value: T, source: Source) -> Self {
        Sourced { value, source }
    }
}

/// A path as answers write it; bytes that are no text are replaced, because JSON cannot hold them.
pub fn path_as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}
