//! The structure that the front page of the documentation promises.

use std::path::{Path, PathBuf};

/// Modules from the ground up: each may use those that stand before it.
const FLOORS: &[&str] = &[
    "targets",
    "words",
    "regions",
    "prose",
    "provenance",
    "credentials",
    "auth",
    "jsonc",
    "family",
    "settings",
    "network",
    "lure",
    "signer",
    "endpoint",
    "aws",
    "policy",
    "facts",
    "resolve",
    "audit",
    "load",
    "journal",
    "watch",
    "scenario",
    "client",
    "doctor",
];

/// All but these are the decision core.
const ADAPTERS: &[&str] = &["client", "doctor", "journal", "load", "scenario", "watch"];

/// What the decision core may not touch.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "tracing",
    "println!",
];

/// Where the decision core does: AWS's parser logs lines of the files unless it is told not to.
const EXCEPTIONS: &[(&str, &str)] = &[("aws", "tracing")];

fn source_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(source_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The top module that a file belongs to; none for the front page and the program.
fn module_of(file: &Path) -> Option<String> {
    let inside = file.strip_prefix(library()).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    let name = first.trim_end_matches(".rs").to_owned();
    (name != "lib" && name != "bin").then_some(name)
}

/// Comments speak of other modules without using them.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn floor_of(module: &str) -> usize {
    let floor = FLOORS.iter().position(|known| *known == module);
    floor.unwrap_or_else(|| panic!("`{module}` has no floor: give it one in FLOORS"))
}

#[test]
fn imports_run_downward() {
    let mut seen = 0;
    let mut upward = Vec::new();
    for file in source_files(&library()) {
        let Some(module) = module_of(&file) else { continue };
        for used in code(&file).split("crate::").skip(1) {
            let used: String =
                used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if used.is_empty() || !FLOORS.contains(&used.as_str()) {
                continue;
            }
            seen += 1;
            if floor_of(&used) > floor_of(&module) {
                upward.push(format!("{}: `{module}` uses `{used}`", file.display()));
            }
        }
    }
    assert!(seen > 100, "only {seen} imports were found, so this proves nothing");
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn the_decision_core_touches_nothing() {
    let mut faults = Vec::new();
    for file in source_files(&library()) {
        let Some(module) = module_of(&file) else { continue };
        if ADAPTERS.contains(&module.as_str()) {
            continue;
        }
        let code = code(&file);
        let touched = IMPURE.iter().filter(|word| code.contains(**word));
        let unexpected = touched.filter(|word| !EXCEPTIONS.contains(&(module.as_str(), **word)));
        faults.extend(unexpected.map(|word| format!("{}: {word}", file.display())));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
