//! Files that fail to parse: always a finding with a position, never a crash, never a pass.

use proptest::prelude::*;

use crate::{SOUND, check, codes, directory};

const TEXTS: &[&str] = &[
    "",
    " ",
    "\n",
    "\t\r\n",
    "[",
    "]",
    "{",
    "}",
    "[]",
    "[1",
    "[1,",
    "{]",
    "{\"",
    "{\"a",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "nul",
    "null",
    "true",
    "tru",
    "\"",
    "\"a",
    "\"\\",
    "\"\\u",
    "\"\\uD800\"",
    "\"\\x41\"",
    "'a'",
    "1",
    "-",
    "-1",
    "1.",
    ".5",
    "1e",
    "1e400",
    "+1",
    "0x10",
    "01",
    "NaN",
    "Infinity",
    "//",
    "/*",
    "/* */",
    "/",
    "#",
    "{\"a\":1}}",
    "{} {}",
    "{}x",
    ",",
    ":",
    "{,}",
    "[,]",
    "{\"a\" 1}",
    "{a:1}",
    "{\"a\":undefined}",
    "{\"a\":\"\t\"}",
    "{\"a\":\"\n\"}",
    "\u{feff}{}",
    "\u{2028}",
    "{\"\\u0000\":1}",
    "{\"schema_version\":1,\"id\":\"a\",\"id\":\"b\"}",
    "<policy/>",
    "{\"a\":\"\u{1b}\"}",
    "{\u{c}}",
    "{}\u{a0}",
    "{ // a\r}",
    "[\"\u{7}\"]",
    "{\"\t\":1}",
    "schema_version: 1",
    "{\"schema_version\":1,\"id\":\"a\"}garbage",
];

#[test]
fn no_text_that_is_no_policy_passes() {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (index, text) in TEXTS.iter().enumerate() {
        files.push((format!("{index}.json"), text.as_bytes().to_vec()));
    }
    for (name, bytes) in [
        ("utf16.json", [0xff, 0xfe, b'{', 0, b'}', 0].as_slice()),
        ("latin1.json", b"{ \"id\": \"\xfc\" }"),
        ("nul.json", b"{ \"schema_version\": 1, \"id\": \"a\" }\0"),
        ("overlong.json", b"{ \"id\": \"\xc0\x80\" }"),
        ("surrogate.json", b"{ \"id\": \"\xed\xa0\x80\" }"),
    ] {
        files.push((name.to_owned(), bytes.to_vec()));
    }
    files.push(("deep.json".to_owned(), "[".repeat(100_000).into_bytes()));
    let deep = format!("{}{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    files.push(("deep-objects.json".to_owned(), deep.into_bytes()));
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in &files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let answer = check(dir.path(), &[".", "--json"]);
    assert_eq!(answer.code, 4);
    let report = answer.json();
    for (name, _) in &files {
        let is_here = |finding: &&serde_json::Value| {
            finding["file"].as_str().unwrap().trim_start_matches("./") == name
        };
        let findings: Vec<_> =
            report["findings"].as_array().unwrap().iter().filter(is_here).collect();
        assert!(!findings.is_empty(), "{name} passes");
        for finding in findings {
            assert!(finding["line"].as_u64() >= Some(1), "{name}: {finding}");
            assert!(finding["column"].as_u64() >= Some(1), "{name}: {finding}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    /// Five hundred at once, each a sound policy that lost or gained a character: what passes is still a policy.
    #[test]
    fn one_wrong_character_never_crashes(seed in any::<u64>()) {
        let dir = directory(&[]);
        let mut state = seed | 1;
        let mut next = |bound: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % bound as u64).unwrap()
        };
        for index in 0..500 {
            let mut text = SOUND.to_owned();
            let at = next(text.len());
            match next(3) {
                0 => { text.remove(at); }
                1 => text.insert(at, ['"', '{', '}', '\\', ',', '\u{0}', 'ü', '\n'][next(8)]),
                _ => text.truncate(at),
            }
            std::fs::write(dir.path().join(format!("{index}.json")), &text).unwrap();
        }
        let answer = check(dir.path(), &[".", "--json"]);
        prop_assert_eq!(answer.code, 4);
        prop_assert!(codes(&answer).len() >= 250, "{}", codes(&answer).len());
    }
}
