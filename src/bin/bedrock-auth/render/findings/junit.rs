//! A JUnit report: each file is a test.
//!
//! Only what the XML Schema of Jenkins knows, which is what all its readers have in common.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use bedrock_auth::check::Finding;
use bedrock_auth::prose::Harmless;
use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::{Reported, is_error, paths, sentence};

const NAME: &str = "bedrock-auth policy check";

pub(super) fn text(reported: &Reported, deny_warnings: bool) -> io::Result<String> {
    let cases = cases(reported, deny_warnings);
    let tests = cases.len().to_string();
    let failures = cases.iter().filter(|case| !case.wrong.is_empty()).count().to_string();
    let counts = [
        ("name", NAME),
        ("tests", tests.as_str()),
        ("failures", failures.as_str()),
        ("errors", "0"),
    ];
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.create_element("testsuites").with_attributes(counts).write_inner_content(|writer| {
        let suite = writer.create_element("testsuite").with_attributes(counts);
        suite.write_inner_content(|writer| cases.iter().try_for_each(|case| case.write(writer)))?;
        Ok(())
    })?;
    let xml = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    Ok(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}\n"))
}

/// A file, with what makes it fail and what does not.
struct Case<'r> {
    file: &'r Path,
    wrong: Vec<&'r Finding>,
    other: Vec<&'r Finding>,
}

/// Directories in which nothing was found count too, so that a report without files is no success.
fn cases(reported: &Reported, deny_warnings: bool) -> Vec<Case<'_>> {
    let case = |file| Case { file, wrong: Vec::new(), other: Vec::new() };
    let mut cases: BTreeMap<&Path, Case<'_>> =
        reported.files.iter().map(|file| (file.as_path(), case(file.as_path()))).collect();
    for finding in &reported.report.findings {
        let file = finding.at.file.as_ref();
        let case = cases.entry(file).or_insert_with(|| case(file));
        match deny_warnings || is_error(finding) {
            true => case.wrong.push(finding),
            false => case.other.push(finding),
        }
    }
    cases.into_values().collect()
}

impl Case<'_> {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let name = name(self.file);
        let case = writer
            .create_element("testcase")
            .with_attributes([("name", name.as_str()), ("classname", NAME)]);
        case.write_inner_content(|writer| {
            if let Some(first) = self.wrong.first() {
                let message = safe(&first.message);
                writer
                    .create_element("failure")
                    .with_attributes([("message", message.as_str()), ("type", first.code.as_str())])
                    .write_text_content(BytesText::new(&told(&self.wrong)))?;
            }
            if !self.other.is_empty() {
                let told = told(&self.other);
                writer.create_element("system-out").write_text_content(BytesText::new(&told))?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

/// XML has no place for two characters that JSON has.
fn safe(text: &str) -> String {
    Harmless(text).to_string().replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn name(file: &Path) -> String {
    safe(&paths::of_checkout(file))
}

fn told(findings: &[&Finding]) -> String {
    let lines = findings.iter().map(|finding| {
        let word = finding.severity;
        let place = match &finding.at.lines {
            Some(at) => format!("{}:{}:{}", name(&finding.at.file), at.line, at.column),
            None => name(&finding.at.file),
        };
        let text = sentence(finding);
        let text: Vec<_> = text.split('\n').map(safe).collect();
        format!("{word}[{}] {place}: {}", finding.code, text.join("\n  "))
    });
    lines.collect::<Vec<_>>().join("\n")
}
