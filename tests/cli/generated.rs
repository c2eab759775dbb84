//! What is generated: schemas, completions and manual pages, as far as their readers can tell.

use std::process::Stdio;

use crate::support::program::{answer, bare, program};

#[test]
fn schemas_are_draft_07_and_take_what_the_program_takes() {
    for (name, file) in [
        ("policy", "policies/corp.json"),
        ("settings", "settings/editor.json"),
        ("scenario", "scenarios/right/sso.scenario.json"),
    ] {
        let schema = answer(&mut program(&["policy", "schema", name])).json();
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        let validator = jsonschema::validator_for(&schema).unwrap();
        let text = std::fs::read_to_string(crate::support::program::files().join(file)).unwrap();
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        if name == "settings" {
            document = document["language_models"]["bedrock"].take();
            document.as_object_mut().unwrap().remove("available_models");
        }
        assert!(validator.is_valid(&document), "{name}: {document}");
    }
}

#[test]
fn policy_is_the_schema_where_none_is_named() {
    let of = |words: &[&str]| answer(&mut program(words)).stdout;
    assert_eq!(of(&["policy", "schema"]), of(&["policy", "schema", "policy"]));
}

/// Bash reads its own; of the others the words have to do.
#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = answer(&mut program(&["completions", shell])).stdout;
        for word in ["status", "explain", "policy", "login", "logout", "man", "managed", "color"] {
            assert!(script.contains(word), "{shell}: no `{word}`");
        }
    }
    let mut bash = bare("bash");
    bash.args(["-c", r#"source <("$0" completions bash) && complete -p bedrock-auth"#]);
    let loaded = answer(bash.arg(crate::support::program::PROGRAM).stdin(Stdio::null()));
    assert!(loaded.stdout.contains("-F _bedrock"), "{loaded:?}");
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let page = answer(&mut program(&["man"])).stdout;
    for heading in
        [".TH bedrock-auth 1", ".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH SUBCOMMANDS"]
    {
        assert!(page.contains(heading), "no `{heading}`: {page}");
    }
    let dir = tempfile::tempdir().unwrap();
    let written = answer(program(&["man", "--out"]).arg(dir.path()));
    assert_eq!((written.code, written.stdout.as_str()), (0, ""));
    for name in ["", "-status", "-policy-show", "-login"] {
        let page = dir.path().join(format!("bedrock-auth{name}.1"));
        assert!(page.is_file(), "{}", page.display());
    }
}
