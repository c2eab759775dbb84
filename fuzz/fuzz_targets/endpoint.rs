//! Any text as an endpoint: what is read is what a person sees.
#![no_main]

use bedrock_auth::endpoint::Endpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(endpoint) = Endpoint::parse(text) else { return };
    let again = Endpoint::parse(endpoint.as_str()).expect("an endpoint can be written and read");
    assert_eq!(again.as_str(), endpoint.as_str());
    assert_eq!(again.aws_region(), endpoint.aws_region());

    let (scheme, rest) = text.split_once("://").expect("an endpoint has `://`");
    let authority = rest.split('/').next().unwrap_or_default();
    assert!(!authority.is_empty() && !rest.contains(['@', '?', '#', '\\']));
    // Whoever reads the text up to the first slash sees the host that is called.
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() && b != b'0' || b == b'.';
    let has_a_letter_last = authority.ends_with(|c: char| c.is_ascii_lowercase());
    if authority.bytes().all(is_plain) && has_a_letter_last {
        let scheme = scheme.to_ascii_lowercase();
        assert!(endpoint.as_str().starts_with(&format!("{scheme}://{authority}")));
    }
    if endpoint.is_aws_bedrock_runtime() {
        let written = endpoint.as_str();
        let host = written.strip_prefix("https://").expect("AWS's own are https");
        assert!(!host.contains(['/', ':']) && host.contains("bedrock-runtime"));
        let ends =
            [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu", ".gov", ".uk"];
        let ends = ends.iter().chain(&[".scloud", ".api.amazonwebservices.com.cn"]);
        let mut ends = ends.chain(&[".api.amazonwebservices.eu"]);
        assert!(ends.any(|end| host.ends_with(end)), "{host} is not AWS's");
    }
});
