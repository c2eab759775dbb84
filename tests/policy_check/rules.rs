//! The moment, and what counts as soon.

use crate::{check, codes, directory};

fn policy(expires: jiff::Timestamp) -> String {
    format!(
        r#"{{ "schema_version": 1, "id": "a", "valid": {{ "expires": "{}" }} }}"#,
        expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
}

#[test]
fn soon_is_what_the_command_says() {
    let in_days =
        |days: i64| jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days + 1);
    let dir =
        directory(&[("soon.json", &policy(in_days(10))), ("past.json", &policy(in_days(-1)))]);
    let found = |words: &[&str]| codes(&check(dir.path(), &[words, &["--json"]].concat()));
    assert_eq!(found(&["soon.json"]), ["expires_soon"]);
    assert_eq!(found(&["soon.json", "--expires-within", "9"]), [""; 0]);
    assert_eq!(found(&["past.json"]), ["expired"]);
    assert_eq!(check(dir.path(), &["soon.json"]).code, 0);
    assert_eq!(check(dir.path(), &["past.json"]).code, 4);
}
