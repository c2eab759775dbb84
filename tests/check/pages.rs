//! The pages on the codes say what the code says.

use std::path::Path;

use bedrock_auth::check::{self, Checked, Code, Finding, page};
use bedrock_auth::jsonc::SourceText;
use bedrock_auth::regions::AS_OF;

use crate::catalogue::{files, root};
use crate::{NO_TEXT, rules};

/// What stands below a heading, up to the next one.
fn section<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    Some(rest.split("\n## ").next().unwrap_or(rest))
}

/// The blocks of a language, without their fences.
fn blocks<'p>(section: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    section.split(&fence).skip(1).filter_map(|rest| Some(rest.split_once("\n```")?.0)).collect()
}

/// What is found in the files that a section shows; one that begins with `// settings.json` holds settings.
fn findings(section: &str) -> Vec<Finding> {
    let texts = blocks(section, "jsonc").into_iter().map(|block| {
        let name = block.lines().next().and_then(|line| line.strip_prefix("// "));
        let name = name.filter(|name| name.ends_with(".json")).unwrap_or("policy.json");
        SourceText::new(Path::new(name), block)
    });
    let (settings, policies): (Vec<_>, Vec<_>) =
        texts.partition(|text| text.path().ends_with("settings.json"));
    let policies: Vec<_> = policies.into_iter().map(|text| check::policy(text, &rules())).collect();
    let all: Vec<&Checked> = policies.iter().collect();
    let mut findings: Vec<_> = all.iter().flat_map(|policy| policy.findings.clone()).collect();
    findings.extend(check::together(&all, &rules()));
    findings.extend(settings.iter().flat_map(|text| check::settings(text, None, &all)));
    findings
}

fn told(finding: &Finding) -> String {
    let advice = finding.advice.iter().map(|advice| format!("\n  = help: {advice}"));
    // The date of the table changes with each release.
    format!("{}{}", finding.message.replace(AS_OF, "…"), advice.collect::<String>())
}

#[test]
fn each_page_has_its_title_its_severity_and_its_sections() {
    for code in Code::all() {
        let page = page(code);
        assert!(page.starts_with(&format!("# `{code}`\n")), "{code}: its title");
        let severity = format!("\n**Severity: {}.** ", code.severity());
        assert_eq!(page.matches(&severity).count(), 1, "{code}: its severity");
        for heading in ["On a laptop", "Example", "Mended"] {
            assert!(section(page, heading).is_some(), "{code}: no `{heading}`");
        }
        let may_be_left = section(page, "When to leave it").is_some();
        assert_eq!(may_be_left, code.severity() == check::Severity::Warning, "{code}");
    }
}

#[test]
fn each_example_provokes_its_code_and_the_mended_one_nothing() {
    let mut wrong = Vec::new();
    for code in Code::all() {
        let (example, mended) =
            (section(page(code), "Example").unwrap(), section(page(code), "Mended").unwrap());
        // How to make one is shown instead.
        if NO_TEXT.contains(&code.as_str()) {
            assert!(blocks(example, "jsonc").is_empty(), "{code} is no exception any more");
            continue;
        }
        let found = findings(example);
        let is_alone = !found.is_empty() && found.iter().all(|finding| finding.code == code);
        let says: Vec<_> = found.iter().map(told).collect();
        if !is_alone || blocks(example, "text") != says {
            wrong.push(format!("{code}: the example\n{}", says.join("\n")));
        }
        let left: Vec<_> = findings(mended).iter().map(told).collect();
        if blocks(mended, "jsonc").is_empty() || !left.is_empty() {
            wrong.push(format!("{code}: the mended one: {left:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_index_has_a_row_for_each_code_and_none_besides() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let rows = |text: &str, begin: &str| {
        let rows = text.lines().filter(|line| line.starts_with(begin));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    let line_of = |code: Code| {
        let (_, rest) = page(code).split_once(".** ").unwrap();
        rest.lines().next().unwrap().trim_end_matches('.').to_owned()
    };
    let expected = Code::all()
        .map(|code| format!("| [`{code}`]({code}.md) | {} | {} |", code.severity(), line_of(code)));
    let index = rows(&read("docs/findings/README.md"), "| [`");
    assert_eq!(index, expected.collect::<Vec<_>>());
    let codes = read("docs/codes.md");
    for code in Code::all() {
        let row = format!("| `{code}` | {} | {} |", code.severity(), line_of(code));
        assert!(codes.contains(&row), "docs/codes.md has no row\n{row}");
    }
    let pages = files("docs/findings", ".md").len();
    assert_eq!(pages, Code::all().count() + 1, "a page without a code");
}
