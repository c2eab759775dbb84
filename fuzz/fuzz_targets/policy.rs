//! Any bytes as a policy file: read without a panic, and every fault stands inside the text.
#![no_main]

use std::path::Path;

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
});
