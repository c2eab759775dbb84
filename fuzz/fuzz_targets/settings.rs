//! Any text as a settings file, whole and at a pointer.
#![no_main]

use std::path::Path;

use bedrock_auth::jsonc::{self, Finding, SourceText, UnknownKeys};
use bedrock_auth::settings::UserSettings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (pointer, text) = input;
    let source = SourceText::new(Path::new("settings.json"), text);
    let strict = jsonc::read::<UserSettings>(&source, UnknownKeys::Refuse);
    let lenient = jsonc::read::<UserSettings>(&source, UnknownKeys::Ignore);
    check(&strict, text);
    check(&lenient, text);
    if strict.is_ok() {
        assert_eq!(strict, lenient, "settings without unknown keys read the same either way");
    }
    let whole = jsonc::read_at::<UserSettings>(&source, "", UnknownKeys::Refuse);
    assert_eq!(whole, strict.map(Some), "the empty pointer names the whole text");

    let part = jsonc::read_at::<UserSettings>(&source, pointer, UnknownKeys::Ignore);
    check(&part, text);

    // The same object inside another program's file is the same settings.
    let wrapped = SourceText::new(Path::new("zed.json"), format!("{{\"a\": [{text}\n]}}"));
    if let (Ok(inner), Ok(Some(found))) =
        (lenient, jsonc::read_at::<UserSettings>(&wrapped, "/a/0", UnknownKeys::Ignore))
    {
        assert_eq!(
            inner.profile.map(|located| located.value),
            found.profile.map(|located| located.value)
        );
    }
});

fn check<T>(read: &Result<T, Vec<Finding>>, text: &str) {
    let Err(findings) = read else { return };
    assert!(!findings.is_empty(), "a fault without a reason");
    for finding in findings {
        assert!(finding.span.end <= text.len(), "{finding} at {:?}", finding.span);
        assert!(text.is_char_boundary(finding.span.start), "{finding} within a character");
    }
}
