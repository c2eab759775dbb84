//! Any bytes as a policy file: read without a panic, and every fault stands inside the text.
#![no_main]

use std::path::Path;

use bedrock_auth::check::{self, Rules, Severity, mask};
use bedrock_auth::jsonc::SourceText;
use bedrock_auth::policy::{Identity, ManagedContent, ManagedSource, Policy};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let source = ManagedSource::of_bytes(0, Path::new("policy.json"), bytes.to_vec());
    let policy = Policy::of(&source, &Identity::default(), Timestamp::UNIX_EPOCH);
    match &source.content {
        ManagedContent::Faulty(findings) => {
            assert!(!findings.is_empty(), "a fault without a reason");
            assert!(!policy.faults().is_empty(), "a faulty policy that denies nothing");
            for finding in findings {
                let span = finding.span.clone();
                assert!(span.start <= span.end && span.end <= bytes.len(), "{finding} at {span:?}");
                assert!(!finding.message.is_empty());
            }
        }
        ManagedContent::Policy(document, _) => {
            assert!(!document.id.as_str().is_empty());
            let again = ManagedSource::of_bytes(0, Path::new("policy.json"), bytes.to_vec());
            assert_eq!(again, source, "two readings of one file differ");
            assert_eq!(policy.clone().meet(policy.clone()), policy);
        }
        ManagedContent::Empty => assert!(!policy.is_in_force()),
        other => panic!("bytes are never {other:?}"),
    }
    check(bytes, source.document().is_some());
});

/// What a check says stands inside the text, and nothing that a machine refuses passes.
fn check(bytes: &[u8], is_policy: bool) {
    let Ok(text) = SourceText::from_bytes(Path::new("policy.json"), bytes.to_vec()) else { return };
    // Carriage returns that end no line are the one part of JSON that is refused.
    let is_json = serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
    assert!(!is_json || bytes.contains(&b'\r') || text.tree().is_some(), "JSON is refused");
    let masked = mask(text.as_str());
    assert_eq!(masked.len(), text.as_str().len());
    let now = Timestamp::UNIX_EPOCH;
    let checked = check::policy(text, &Rules::at(now, 30));
    assert_eq!(checked.document.is_some(), is_policy);
    assert!(is_policy || checked.findings.iter().any(|f| f.severity == Severity::Error));
    for finding in &checked.findings {
        let range = finding.range.clone();
        assert!(checked.text.as_str().get(range.clone()).is_some(), "{finding:?} at {range:?}");
    }
}
