//! How a journal came out, for people.

use bedrock_auth::journal::verify::{KeyOrigin, Verification, VerifyReport};

use super::{BAD, FAINT, GOOD, Page, STRONG, WARN, clean, styled};

/// As wide as the longest code, and a gap.
const CODE_WIDTH: usize = 18;

pub(crate) fn page(report: &VerifyReport) -> Page {
    let mut page = Page::for_stdout();
    let verification = &report.verification;
    let (first, last) = (verification.first.unwrap_or(1), last_known(verification));
    match (verification.intact, &verification.hash, verification.intact_up_to) {
        (true, Some(hash), _) => {
            let from = if first > 1 { format!("from record {first} ") } else { String::new() };
            page.headline(GOOD, "✓ intact", &format!("{from}up to record {last} (hash {hash})"));
        }
        (false, _, Some(sound)) if sound >= first => {
            let from = if first > 1 { format!("from record {first} ") } else { String::new() };
            let sentence = match sound < last {
                true => format!("only {from}up to record {sound} of {last}"),
                false => format!("although the chain has no break {from}up to record {last}"),
            };
            page.headline(BAD, "✗ not intact", &sentence);
        }
        _ => page.headline(BAD, "✗ not intact", "no record is beyond doubt"),
    }
    signatures(&mut page, report);
    warnings(&mut page, verification);
    if verification.findings.is_empty() {
        return page;
    }
    page.blank();
    let mut advised = None;
    for finding in &verification.findings {
        let word = styled(BAD, finding.code.as_str());
        page.entry_at("  ", CODE_WIDTH, &word, &styled(STRONG, &clean(&finding.message)));
        let below = |page: &mut Page, text: &str| page.entry_at("  ", CODE_WIDTH, "", text);
        if let Some(at) = &finding.at {
            below(&mut page, &styled(FAINT, &clean(&at.to_string())));
        }
        // The same advice again and again is read by nobody.
        if advised.replace(finding.code) != Some(finding.code) {
            below(&mut page, &format!("{} {}", styled(FAINT, "→"), clean(&finding.remedy)));
        }
    }
    if verification.findings_left_out > 0 {
        page.note(&format!("and {} more", verification.findings_left_out));
    }
    page
}

/// What is worth knowing, and nothing wrong.
fn warnings(page: &mut Page, verification: &Verification) {
    for warning in &verification.warnings {
        let place = warning.at.as_ref().map(|at| format!("`{at}`: ")).unwrap_or_default();
        let text = format!("{place}{} ({})", warning.message, warning.remedy);
        page.note(&format!("{}: {}", styled(WARN, "warning"), clean(&text)));
    }
}

/// The greatest number of a record that is here, or that somebody counts.
fn last_known(verification: &Verification) -> u64 {
    let named = verification.findings.iter().filter_map(|finding| finding.records);
    named.map(|records| records.last).chain(verification.last).max().unwrap_or(0)
}

/// What is signed, and how much the key proves that it was compared with.
fn signatures(page: &mut Page, report: &VerifyReport) {
    let Verification { checkpoints, intact, last, .. } = report.verification;
    match checkpoints.last {
        // The next record is the checkpoint itself.
        Some(records) if last.is_some_and(|last| last > records + 1) => {
            page.note(&format!("signed up to record {records}; those after it are not signed yet"))
        }
        Some(records) => page.note(&format!("signed up to record {records}")),
        None if intact => {
            let unsigned = "nobody signed it: whoever can write it could have made all of it anew";
            return page.note(&styled(WARN, unsigned));
        }
        None => page.note(&styled(WARN, "nothing that is signed was compared")),
    }
    match report.key {
        Some(KeyOrigin::Given) => {}
        Some(KeyOrigin::Directory) => page.note(&styled(
            FAINT,
            "the key is the one in the directory: whoever can write there could have replaced it together with all \
             records; a checkpoint or a key that is kept elsewhere proves more (`--checkpoint`, `--key`)",
        )),
        None => page.note(&styled(
            WARN,
            "no key is known, so no signature was compared: give it with `--key`",
        )),
    }
}
