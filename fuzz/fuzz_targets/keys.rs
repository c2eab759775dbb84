//! Any text as an API key or an access key id.
#![no_main]

use bedrock_auth::auth::{AccessKeyId, ApiKey};
use data_encoding::BASE64;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (text, body) = input;
    let _ = ApiKey::decode(text);
    let id = AccessKeyId::new(text);
    if let Some(account) = id.account() {
        assert_eq!((text.len(), account.to_string().len()), (20, 12));
    }
    let _ = id.kind();

    let encoded = BASE64.encode(body.as_bytes());
    short_term(&encoded, body);
    let query = body.strip_prefix("bedrock.amazonaws.com/?").unwrap_or(body);
    let request = format!("bedrock.amazonaws.com/?Action=CallWithBearerToken&{query}");
    short_term(&BASE64.encode(request.as_bytes()), &request);
    long_term(&encoded, body);
});

fn short_term(encoded: &str, request: &str) {
    let decoded = ApiKey::decode(&format!("bedrock-api-key-{encoded}"));
    let unpadded = format!("bedrock-api-key-{}", encoded.trim_end_matches('='));
    assert_eq!(decoded, ApiKey::decode(&unpadded), "padding means nothing");
    match decoded {
        Ok(ApiKey::ShortTerm(key)) => {
            assert!(request.starts_with("bedrock.amazonaws.com/?"));
            assert!((1..=43_200).contains(&key.lifetime_seconds));
            assert!(key.expires() > key.issued);
            assert!(!key.region.contains('/') && !key.signer.as_str().contains('/'));
        }
        Ok(other) => panic!("a short-term key is read as {other:?}"),
        Err(_) => {}
    }
}

fn long_term(encoded: &str, body: &str) {
    match ApiKey::decode(&format!("ABSK{encoded}")) {
        Ok(ApiKey::LongTerm(key)) => {
            let second = if key.is_second { "+1" } else { "" };
            let front = format!("{}{second}-at-{}:", key.user_name, key.account);
            assert!(body.starts_with(&front), "{front} is not what {body:?} says");
            assert!(!key.user_name.contains(':'), "a part of the secret in {}", key.user_name);
        }
        Ok(other) => panic!("a long-term key is read as {other:?}"),
        Err(_) => {}
    }
}
