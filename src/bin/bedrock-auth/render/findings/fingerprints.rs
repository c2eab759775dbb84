//! What tells one finding from another, from one run to the next.

use std::collections::HashMap;

use bedrock_auth::check::Finding;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{Reported, paths};

/// Of the code, the file and the text that is meant: numbers of lines change with every edit above them.
pub(super) fn fingerprints(reported: &Reported) -> Vec<String> {
    let mut seen: HashMap<[u8; 32], u32> = HashMap::new();
    let findings = reported.report.findings.iter();
    let print = |finding: &Finding| {
        let text = reported.texts.get(&finding.at.file);
        let meant = text.and_then(|text| text.get(finding.range.clone())).unwrap_or_default();
        let mut hash = Sha256::new();
        for part in [finding.code.as_str(), &paths::of_checkout(&finding.at.file), meant] {
            hash.update(part);
            hash.update([0]);
        }
        let base: [u8; 32] = hash.finalize().into();
        let count = seen.entry(base).or_default();
        *count += 1;
        let mut hash = Sha256::new();
        hash.update(base);
        hash.update(count.to_be_bytes());
        HEXLOWER.encode(&hash.finalize()[..16])
    };
    findings.map(print).collect()
}
