//! A record as a line.

use jiff::Timestamp;
use serde_json::Value;

use super::*;

fn sealed(name: &str, line: &mut Vec<u8>) -> Hash {
    let who = Who {
        user: Person { name: Some(Text::new(name)), uid: Some(1) },
        host: None,
        process: Process { pid: Some(7), uid: None, executable: None },
        caller: None,
    };
    let event =
        Event::Policy(PolicyChange { who, policy: PolicyInForce::default(), changed_from: None });
    let record = Record {
        schema_version: 1,
        sequence: 42,
        previous: Hash::of(b"before"),
        time: Timestamp::UNIX_EPOCH,
        event: &event,
    };
    seal(&record, line)
}

#[test]
fn a_line_says_what_the_record_said() {
    let mut bytes = Vec::new();
    let hash = sealed("ann", &mut bytes);
    let text = std::str::from_utf8(&bytes).unwrap();
    let line = text.strip_suffix('\n').unwrap();
    assert_eq!(
        Line::read(line.as_bytes()),
        Ok(Line { sequence: 42, previous: Hash::of(b"before"), hash })
    );
    let value: Value = serde_json::from_str(line).unwrap();
    assert_eq!(value["time"], "1970-01-01T00:00:00.000000Z");
    assert_eq!(value["event"], "policy");
    assert_eq!(value["hash"], hash.to_string());
    assert!(text.starts_with("{\"schema_version\":1,\"sequence\":42,\"previous\":\""), "{text}");
}

#[test]
fn text_from_outside_ends_no_line_and_forges_none() {
    let forged =
        "x\"}\n{\"schema_version\":1,\"sequence\":43}\r\u{2028}\u{85}\u{1f600}\0\u{7f}\u{202e}";
    let mut bytes = Vec::new();
    sealed(forged, &mut bytes);
    assert!(bytes.is_ascii());
    assert!(bytes[..bytes.len() - 1].iter().all(|byte| (b' '..=b'~').contains(byte)));
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(value["user"]["name"], forged);
}

#[test]
fn every_changed_byte_shows() {
    let mut bytes = Vec::new();
    sealed("ann", &mut bytes);
    bytes.pop();
    for at in 0..bytes.len() {
        for change in [1, 0x20, 0x80] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            assert!(Line::read(&changed).is_err(), "byte {at}");
        }
    }
}

#[test]
fn long_text_is_cut_and_says_so() {
    let text = Text::new(&"é".repeat(2000));
    assert!(text.as_str().ends_with("é… (+976)"), "{text:?}");
    assert_eq!(Text::new("short").as_str(), "short");
}
