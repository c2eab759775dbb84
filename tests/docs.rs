//! The pages say what the code says.

use std::path::Path;

use bedrock_auth::check::Code;
use bedrock_auth::doctor::CheckCode;
use bedrock_auth::journal::verify;
use bedrock_auth::policy::DenialCode;
use bedrock_auth::resolve::{UnusableCode, WarningCode};

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The codes in the first column of the tables below a heading.
fn codes_below(page: &str, heading: &str) -> Vec<String> {
    let section = page.split("\n## ").find(|section| section.starts_with(heading));
    let section = section.unwrap_or_else(|| panic!("no section `{heading}`"));
    section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code.to_owned())
        .collect()
}

fn words<T: ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

#[test]
fn every_code_is_explained_once_and_none_besides() {
    let page = page("docs/codes.md");
    for (heading, mut codes) in [
        ("Denials", words(DenialCode::ALL)),
        ("Candidates that cannot work", words(UnusableCode::ALL)),
        ("Warnings", words(WarningCode::ALL)),
        ("Findings in files", Code::all().map(|code| code.to_string()).collect()),
        (
            "Findings of `audit verify`",
            [words(verify::FindingCode::ALL), words(verify::WarningCode::ALL)].concat(),
        ),
        ("Checks of the doctor", words(CheckCode::ALL)),
    ] {
        let mut explained = codes_below(&page, heading);
        codes.sort();
        explained.sort();
        assert_eq!(explained, codes, "section `{heading}`");
    }
}

#[test]
fn every_command_stands_in_the_readme() {
    let readme = page("README.md");
    for command in [
        "status",
        "explain",
        "doctor",
        "serve",
        "exec",
        "export",
        "credential-process",
        "policy show",
        "policy test",
        "policy init",
        "policy fmt",
        "policy schema",
        "audit verify",
        "audit query",
        "audit summary",
        "audit tail",
        "audit export",
        "audit checkpoint",
        "login",
        "completions",
    ] {
        assert!(readme.contains(&format!("| `{command}")), "`{command}`");
    }
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut pages: Vec<_> =
        ["README.md", "policies/README.md", "benches/README.md"].map(str::to_owned).into();
    for folder in ["docs", "docs/findings"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
        {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            pages.extend(name.ends_with(".md").then(|| format!("{folder}/{name}")));
        }
    }
    assert!(pages.len() > 6, "too few pages: {pages:?}");
    for name in pages {
        let text = page(&name);
        assert!(!text.contains("@TABLE@"), "{name} holds a placeholder");
        let folder = Path::new(&name).parent().unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let target = link.0.split('#').next().unwrap();
            if target.starts_with("http") || target.is_empty() {
                continue;
            }
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
            assert!(path.exists(), "{name} leads to `{target}`, which is not there");
        }
    }
}
