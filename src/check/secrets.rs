//! What looks like a secret in a text, and the text without it.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr, memmem};

use super::characters::escape;
use crate::auth::{AccessKeyId, AccessKeyKind, ApiKey};

/// The length of the id of an access key.
const ACCESS_KEY_ID: usize = 20;
/// The length of an AWS secret access key.
const SECRET_ACCESS_KEY: usize = 40;
/// No name or URL part is as long, and every session token is longer.
const SHORTEST_TOKEN: usize = 100;
/// How the session tokens of STS begin: `!…origin_` in base64.
const SESSION_TOKEN: &str = "IQoJb3JpZ2lu";
/// Bits for each character; English words and paths stay below.
const LEAST_ENTROPY: f64 = 4.2;

/// The bytes that secrets are made of, in a table: every byte of every text is asked for.
const IS_PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let ascii = byte as u8;
        table[byte] = ascii.is_ascii_alphanumeric() || matches!(ascii, b'+' | b'/' | b'_' | b'-');
        byte += 1;
    }
    table
};

/// What a run of characters looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AccessKeyId,
    SecretAccessKey,
    ApiKey,
    Token,
    PrivateKey,
    Password,
}

/// The text with asterisks in place of what looks like a secret, as long as before and with the same lines.
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for (range, _) in find(text) {
        // Two may overlap, and what is masked stays so.
        let start = range.start.max(masked.len());
        masked.push_str(&text[masked.len()..start]);
        let hidden = text.as_bytes().get(start..range.end).unwrap_or_default();
        masked.extend(hidden.iter().map(|byte| if *byte == b'\n' { '\n' } else { '*' }));
    }
    masked.push_str(&text[masked.len()..]);
    masked
}

/// Every part of a text that looks like a secret.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut found = as_it_stands(text);
    found.extend(escaped(text));
    without_parts(found)
}

/// In the order of the text, without those that stand inside another one.
fn without_parts(mut found: Vec<(Range<usize>, Kind)>) -> Vec<(Range<usize>, Kind)> {
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    found.retain(|(range, _)| {
        let is_new = range.end > end;
        end = end.max(range.end);
        is_new
    });
    found
}

/// The same without a look behind backslashes.
fn as_it_stands(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut found = as_written(text);
    found.extend(passwords(text));
    found
}

/// Passwords between a name and the host of a URL.
fn passwords(text: &str) -> impl Iterator<Item = (Range<usize>, Kind)> {
    const MARK: &str = "://";
    let has_any = memchr(b'@', text.as_bytes()).is_some();
    let searched = if has_any { text.as_bytes() } else { &[] };
    memmem::find_iter(searched, MARK).filter_map(|at| {
        let begin = at + MARK.len();
        let ends = |c: char| c.is_whitespace() || "/?#\"'\\<>|)".contains(c);
        let authority = text[begin..].split(ends).next()?;
        let (person, _) = authority.rsplit_once('@')?;
        let (name, password) = person.split_once(':')?;
        let begin = begin + name.len() + 1;
        // `host:8443,it@corp.example` is a port and something else, and `${PASSWORD}` stands for one.
        let front = password.split([',', ';']).next()?;
        let is_port = front.len() < password.len() && front.bytes().all(|b| b.is_ascii_digit());
        (!password.is_empty() && !is_port && !password.starts_with("${"))
            .then(|| (begin..begin + password.len(), Kind::Password))
    })
}

/// What stands behind escapes, be it in a string or elsewhere: `\/` is what many encoders write.
fn escaped(text: &str) -> Vec<(Range<usize>, Kind)> {
    if memchr(b'\\', text.as_bytes()).is_none() {
        return Vec::new();
    }
    // For each byte of what is meant, where its character is written.
    let (mut meant, mut written) = (String::with_capacity(text.len()), Vec::new());
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let (value, length) = match character {
            '\\' => escape(&text[at..]),
            other => (other, other.len_utf8()),
        };
        meant.push(value);
        written.extend(std::iter::repeat_n(at..at + length, value.len_utf8()));
        at += length;
    }
    let place = |(range, kind): (Range<usize>, Kind)| {
        let last = range.end.checked_sub(1)?;
        Some((written.get(range.start)?.start..written.get(last)?.end, kind))
    };
    as_it_stands(&meant).into_iter().filter_map(place).collect()
}

/// Every run of characters that looks like a secret; runs are ASCII.
fn as_written(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    for run in runs(text, ACCESS_KEY_ID, |byte| IS_PART[usize::from(byte)]) {
        // What stands behind an ending `=` is a run of its own: people paste `NAME=value`.
        let padding = text.as_bytes()[run.end..].iter().take(2).take_while(|byte| **byte == b'=');
        let padded = run.start..run.end + padding.count();
        if let Some(kind) = kind_of(&text[padded.clone()]) {
            found.push((padded, kind));
            continue;
        }
        if let Some(inside) = joined_secret_key(&text[run.clone()]) {
            let range = run.start + inside.start..run.start + inside.end;
            found.push((range, Kind::SecretAccessKey));
            continue;
        }
        // Ids of access keys hold no punctuation, and stand beside it: in ARNs, paths, assignments.
        let words =
            runs(&text[run.clone()], ACCESS_KEY_ID, |byte: u8| byte.is_ascii_alphanumeric());
        let words = words.map(|word| run.start + word.start..run.start + word.end);
        found.extend(
            words
                .filter(|word| is_access_key_id(&text[word.clone()]))
                .map(|word| (word, Kind::AccessKeyId)),
        );
    }
    let keys = private_keys(text);
    if !keys.is_empty() {
        // What is inside may be cut into lines, each of which is a run of its own.
        let is_inside = |range: &Range<usize>| {
            let behind = keys.partition_point(|key| key.start <= range.start);
            behind.checked_sub(1).is_some_and(|key| range.start < keys[key].end)
        };
        found.retain(|(range, _)| !is_inside(range));
        found.extend(keys.into_iter().map(|range| (range, Kind::PrivateKey)));
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// Private keys in PEM, from their first mark to their last; where that is missing, the first alone.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    /// `-----BEGIN ENCRYPTED PRIVATE KEY-----`, and room for what is not invented yet.
    const LONGEST_MARK: usize = 64;
    static BEGIN: LazyLock<memmem::Finder<'_>> =
        LazyLock::new(|| memmem::Finder::new("-----BEGIN "));
    let bytes = text.as_bytes();
    let mut keys: Vec<Range<usize>> = Vec::new();
    if BEGIN.find(bytes).is_none() {
        return keys;
    }
    let mut ends = memmem::find_iter(bytes, "-----END").peekable();
    for at in BEGIN.find_iter(bytes) {
        if keys.last().is_some_and(|key| at < key.end) {
            continue;
        }
        let line = text[at..text.floor_char_boundary(at + LONGEST_MARK)].split(['\n', '\\', '"']);
        let is_private = |line: &&str| {
            line.contains("PRIVATE KEY-----") || line.contains("PRIVATE KEY BLOCK-----")
        };
        let Some(mark) = line.take(1).find(is_private) else {
            continue;
        };
        while ends.next_if(|end| *end < at).is_some() {}
        keys.push(at..ends.peek().copied().unwrap_or(at + mark.len()));
    }
    keys
}

/// The longest runs of such bytes, which are ASCII, but for those that are shorter than `least`.
///
/// Where there is none, it looks at one byte of so many: a run that begins here would reach over it.
fn runs(
    text: &str,
    least: usize,
    is_part: impl Fn(u8) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let probe = from + least - 1;
            if !is_part(*bytes.get(probe)?) {
                from = probe + 1;
                continue;
            }
            let other = bytes[from..probe].iter().rposition(|byte| !is_part(*byte));
            let start = other.map_or(from, |at| from + at + 1);
            let length = bytes[probe..].iter().position(|byte| !is_part(*byte));
            let end = length.map_or(bytes.len(), |length| probe + length);
            from = end + 1;
            if end - start >= least {
                return Some(start..end);
            }
        }
    })
}

/// AWS's documentation marks its own examples so.
fn is_example(run: &str) -> bool {
    run.contains("EXAMPLE")
}

fn is_access_key_id(word: &str) -> bool {
    word.len() == ACCESS_KEY_ID
        && !is_example(word)
        && matches!(
            AccessKeyId::new(word).kind(),
            AccessKeyKind::LongLived | AccessKeyKind::Temporary
        )
}

/// A secret access key that is joined to a name: `dev-…`, `…_prod`, `/run/…`. It holds slashes itself.
fn joined_secret_key(run: &str) -> Option<Range<usize>> {
    let is_key = |part: &Range<usize>| {
        let part = &run[part.clone()];
        part.len() == SECRET_ACCESS_KEY && !is_example(part) && is_random(part)
    };
    if run.len() <= SECRET_ACCESS_KEY {
        return None;
    }
    let mut words = runs(run, SECRET_ACCESS_KEY, |byte| !matches!(byte, b'_' | b'-'));
    words.find_map(|word| {
        let tail = word.end - SECRET_ACCESS_KEY..word.end;
        let follows_a_slash = run[..tail.start].ends_with('/');
        is_key(&word).then(|| word.clone()).or((follows_a_slash && is_key(&tail)).then_some(tail))
    })
}

fn kind_of(run: &str) -> Option<Kind> {
    if run.len() < SECRET_ACCESS_KEY || is_example(run) {
        return None;
    }
    if ApiKey::looks_like_one(run) {
        return Some(Kind::ApiKey);
    }
    if run.starts_with(SESSION_TOKEN) {
        return Some(Kind::Token);
    }
    let is_base64 = !run.contains(['_', '-']);
    if is_base64 && run.len() == SECRET_ACCESS_KEY && is_random(run) {
        return Some(Kind::SecretAccessKey);
    }
    (is_base64 && run.len() >= SHORTEST_TOKEN && is_random(run)).then_some(Kind::Token)
}

/// Of all kinds of characters, none of which stands out. A digest in hexadecimal digits has no capitals.
fn is_random(run: &str) -> bool {
    let has = |test: fn(&u8) -> bool| run.bytes().filter(test).count() >= 3;
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && run.bytes().any(|byte| byte.is_ascii_digit())
        && entropy(run) >= LEAST_ENTROPY
}

/// Shannon's, in bits for each character.
fn entropy(run: &str) -> f64 {
    let mut counts = [0_u32; 128];
    run.bytes().for_each(|byte| counts[usize::from(byte & 0x7f)] += 1);
    let length = run.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_names() {
        let kind = |text: &str| find(text).first().map(|(_, kind)| *kind);
        assert_eq!(kind("// AKIARZPUZDIKEWS2LJNF"), Some(Kind::AccessKeyId));
        assert_eq!(
            kind("\"q8Zk1vNc0RtYp3XwLm9sJbHd7FgTe5UaKo2WiQxB\""),
            Some(Kind::SecretAccessKey)
        );
        for pasted in [
            "// AWS_ACCESS_KEY_ID=AKIARZPUZDIKEWS2LJNF",
            "AKIARZPUZDIKEWS2LJNF:",
            "\"arn:aws:iam::111122223333:user/AKIARZPUZDIKEWS2LJNF\"",
        ] {
            assert_eq!(kind(pasted), Some(Kind::AccessKeyId), "{pasted}");
        }
        let assigned = "AWS_SECRET_ACCESS_KEY=q8Zk1vNc0RtYp3XwLm9sJbHd7FgTe5UaKo2WiQxB";
        assert_eq!(find(assigned), [(22..62, Kind::SecretAccessKey)]);
        assert_eq!(kind(&format!("ABSK{}", "QmVkcm9ja0FQSUtleS0".repeat(4))), Some(Kind::ApiKey));
        for name in [
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "/opt/corp/credentials/bin/credential-helper",
            "arn:aws:iam::111122223333:role/BedrockUserOfTheDevelopers",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ] {
            assert_eq!(kind(name), None, "{name}");
        }
    }

    #[test]
    fn keys_that_are_joined_to_names() {
        const KEY: &str = "q8Zk1vNc0RtYp3XwLm9sJbHd7FgTe5UaKo2WiQxB";
        for text in ["dev-KEY", "KEY_prod", "key_KEY", "/run/KEY", "a-KEY-b"] {
            let text = text.replace("KEY", KEY);
            let at = text.find(KEY).unwrap();
            assert_eq!(find(&text), [(at..at + 40, Kind::SecretAccessKey)], "{text}");
        }
        let name = "arn:aws:iam::111122223333:role/Bedrock-Developers_of-the-Department-4711/x";
        assert_eq!(find(name), []);
    }

    /// A quote in a comment begins no string.
    #[test]
    fn comments_are_no_strings() {
        let text = "// 5\" disks\n{ \"id\": \"q8Zk1vNc0RtYp3XwLm9s\\/bHd7FgTe5UaKo2WiQxB\" }";
        assert_eq!(find(text).len(), 1);
        assert!(!mask(text).contains("bHd7"), "{}", mask(text));
    }

    /// Texts that are as long as a policy may be, and that a look to the end for each mark would take hours for.
    #[test]
    fn private_keys_and_what_begins_like_them() {
        let pem = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n";
        assert_eq!(find(pem), [(0..40, Kind::PrivateKey)]);
        for mark in ["-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "-----BEGIN X -----END"] {
            let text = mark.repeat((1 << 20) / mark.len());
            assert_eq!(mask(&text).len(), text.len());
        }
    }

    #[test]
    fn secrets_behind_backslashes_and_in_urls() {
        for (text, shown) in [
            (r#""q8Zk1vNc0RtYp3XwLm9s\/bHd7FgTe5UaKo2WiQxB""#, "q8Zk"),
            (r#""AKIARZPUZDIKEWS2LJN\u0046""#, "AKIA"),
            ("\"https://ann:hunter2@corp.example.com/x\"", "hunter2"),
            (r#""https:\/\/ann:hunter2@corp.example.com\/x""#, "hunter2"),
            (r#""AKIARZPUZDIKEWS2LJNF q8Zk1vNc0RtYp3XwLm9s\/bHd7FgTe5UaKo2WiQxB""#, "q8Zk"),
            (r#""AKIARZPUZDIKEWS2LJNF q8Zk1vNc0RtYp3XwLm9s\/bHd7FgTe5UaKo2WiQxB""#, "AKIA"),
            (r#"'q8Zk1vNc0RtYp3XwLm9s\/bHd7FgTe5UaKo2WiQxB'"#, "q8Zk"),
            (r"/* q8Zk1vNc0RtYp3XwLm9s\/bHd7FgTe5UaKo2WiQxB */", "q8Zk"),
            ("\"https://ann:AKIARZPUZDIKEWS2LJNF-hunter2@corp.example.com\"", "hunter2"),
            ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQVYBGQ\n-----END PGP", "lQVY"),
            ("\"IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJH\"", "IQoJ"),
        ] {
            assert!(!mask(text).contains(shown), "{}", mask(text));
            assert_eq!(mask(text).len(), text.len());
        }
        let plain = r#""https://corp.example.com/a@b:c" "a\nb" "c:\\d""#;
        assert_eq!(mask(plain), plain);
        for plain in [
            r#""Gateway: https://gw.corp.example:8443\nit@corp.example answers""#,
            "\"https://it.corp.example:8443,it@corp.example\"",
            "// https://gw.corp.example:8443\tit@corp.example",
            "// http://<user>:<password>@proxy http://${USER}:${PASS}@proxy",
        ] {
            assert_eq!(mask(plain), plain);
        }
    }

    #[test]
    fn what_stands_behind_backslashes_has_its_place() {
        let text = r#"{ "ä": "\n q8Zk1vNc0RtYp3XwLm9s\/bHd7FgTe5UaKo2WiQxB", "b": 1 }"#;
        let found = find(text);
        assert_eq!(found.len(), 1);
        let (range, kind) = &found[0];
        assert_eq!(*kind, Kind::SecretAccessKey);
        assert_eq!(&text[range.clone()], r"q8Zk1vNc0RtYp3XwLm9s\/bHd7FgTe5UaKo2WiQxB");
    }

    #[test]
    fn what_is_masked_keeps_its_lines() {
        let text = "/* -----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY----- */ 1\n2";
        assert_eq!(mask(text).matches('\n').count(), text.matches('\n').count());
        assert!(!mask(text).contains("MC4") && mask(text).ends_with("1\n2"));
    }

    #[test]
    fn what_is_masked_keeps_its_length() {
        let text = "ä \"q8Zk1vNc0RtYp3XwLm9sJbHd7FgTe5UaKo2WiQxB\" ü";
        let masked = mask(text);
        assert_eq!(masked.len(), text.len());
        assert!(!masked.contains("q8Zk1"), "{masked}");
        let pem =
            "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIA==\\n-----END PRIVATE KEY-----";
        assert!(!mask(pem).contains("MC4CAQ"), "{}", mask(pem));
    }
}
