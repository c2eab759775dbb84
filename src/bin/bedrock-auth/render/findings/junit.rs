//! A JUnit report: each file is a test.
//!
//! Only what the XML Schema of Jenkins knows, which is what all its readers have in common.

use std::io;
use std::path::Path;

use bedrock_auth::check::Finding;
use bedrock_auth::prose::Harmless;
use quick_xml::Writer;
use quick_xml::events::BytesText;

use super::{Reported, is_error, paths, sentence};

const NAME: &str = "bedrock-auth policy check";

pub(super) fn text(reported: &Reported, deny_warnings: bool) -> io::Result<String> {
    let cases: Vec<_> =
        tested(reported).into_iter().map(|file| Case::of(file, reported, deny_warnings)).collect();
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

/// Directories in which nothing was found count too, so that a report without files is no success.
fn tested(reported: &Reported) -> Vec<&Path> {
    let mut paths: Vec<_> = reported.files.iter().map(|file| file.as_path()).collect();
    paths.extend(reported.report.findings.iter().map(|finding| finding.at.file.as_ref()));
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// A file, with what makes it fail and what does not.
struct Case<'r> {
    file: &'r Path,
    wrong: Vec<&'r Finding>,
    other: Vec<&'r Finding>,
}

impl<'r> Case<'r> {
    fn of(file: &'r Path, reported: &'r Reported, deny_warnings: bool) -> Self {
        let findings = reported.report.findings.iter().filter(|finding| *finding.at.file == *file);
        let (wrong, other) = findings.partition(|finding| deny_warnings || is_error(finding));
        Case { file, wrong, other }
    }

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
