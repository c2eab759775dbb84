//! The files of the catalogue, and their texts as plain JSON.

#![allow(dead_code, reason = "each test program uses a part")]

use std::fs;
use std::path::{Path, PathBuf};

use jsonc_parser::{ParseOptions, parse_to_serde_value};
use serde_json::Value;

/// Where this crate's sources stand.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a directory of the crate whose names end like this, in order.
pub(crate) fn files(directory: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(directory), ending, &mut found);
    found.sort();
    found
}

fn collect(directory: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let entries =
        fs::read_dir(directory).unwrap_or_else(|e| panic!("{}: {e}", directory.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

/// The path as a person at the crate's root would write it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The text of a file without comments and trailing commas, as any JSON reader sees it.
pub(crate) fn plain_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    let value: Option<Value> = parse_to_serde_value(&text, &ParseOptions::default())
        .unwrap_or_else(|e| panic!("{}: {e}", shown(path)));
    value.unwrap_or_default()
}
