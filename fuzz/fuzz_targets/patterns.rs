//! Any pattern against any text: no panic, and no star crosses a separator.
#![no_main]

use std::path::Path;

use bedrock_auth::endpoint::Endpoint;
use bedrock_auth::jsonc::{self, FromJson, SourceText, UnknownKeys};
use bedrock_auth::policy::{
    ArnPattern, CommandPattern, EndpointPattern, HostPattern, NamePattern, PrincipalPattern,
    StartUrlPattern,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (written, text) = input;
    let separators = |text: &str| text.chars().filter(|c| ":/".contains(*c)).collect::<String>();
    if let Some(pattern) = pattern::<ArnPattern>(written)
        && pattern.matches(text)
    {
        assert_eq!(separators(written), separators(text));
    }
    if let Some(pattern) = pattern::<NamePattern>(written) {
        assert!(pattern.matches(written), "a pattern matches itself");
        assert!(pattern.matches(&written.replace('*', text)), "a star takes any run");
    }
    if let Some(pattern) = pattern::<CommandPattern>(written)
        && pattern.matches(text)
        && written != text
    {
        assert!(!text.contains([';', '|', '&', '$', '`', '\n', '<', '>', '"', '\'', '\\', '%']));
    }
    pattern::<HostPattern>(written).map(|pattern| pattern.matches(text));
    pattern::<PrincipalPattern>(written).map(|pattern| pattern.matches(text));
    pattern::<StartUrlPattern>(written)
        .map(|pattern| StartUrlPattern::any_matches(&[pattern], text));
    if let (Some(pattern), Ok(endpoint)) =
        (pattern::<EndpointPattern>(written), Endpoint::parse(text))
    {
        pattern.matches(&endpoint);
    }
});

fn pattern<T: FromJson>(written: &str) -> Option<T> {
    let json = serde_json::to_string(written).expect("a text is JSON");
    jsonc::read(&SourceText::new(Path::new("policy.json"), json), UnknownKeys::Refuse).ok()
}
