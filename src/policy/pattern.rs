//! Patterns of a policy. The one wildcard, `*`, stays within one segment of what it is matched with.

use std::borrow::Cow;
#[cfg(feature = "check")]
use std::cmp::Ordering;
use std::fmt;

use crate::jsonc::{FromJson, Node, Reader, string_schemas};

/// Whether `text` has the form of `pattern`, where `*` stands for any run of characters without a separator.
///
/// Compares bytes: separators and `*` are ASCII, so no byte of a longer character is mistaken for one.
pub(super) fn matches(pattern: &str, text: &str, is_separator: fn(u8) -> bool) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut in_pattern, mut in_text) = (0, 0);
    // The latest `*`: where the pattern goes on behind it, and how far into the text it reaches.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(in_pattern), text.get(in_text)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                in_pattern += 1;
                star = Some((in_pattern, in_text));
            }
            (Some(expected), Some(actual)) if expected == actual => {
                in_pattern += 1;
                in_text += 1;
            }
            _ => {
                let Some((behind, reach)) = &mut star else { return false };
                if text.get(*reach).is_none_or(|&swallowed| is_separator(swallowed)) {
                    return false;
                }
                *reach += 1;
                (in_pattern, in_text) = (*behind, *reach);
            }
        }
    }
}

/// Whether a text without separators has the form of a part of a pattern.
#[cfg(feature = "check")]
pub(crate) fn matches_segment(pattern: &str, segment: &str) -> bool {
    matches(pattern, segment, |_| false)
}

/// Whether some text has the form of both patterns, where `*` stands for any run of characters.
#[cfg(feature = "check")]
pub(crate) fn patterns_meet(one: &str, other: &str) -> bool {
    // Most regions stand for themselves.
    match (one.contains('*'), other.contains('*')) {
        (_, false) => return matches_segment(one, other),
        (false, _) => return matches_segment(other, one),
        (true, true) => {}
    }
    let leading_stars = other.bytes().take_while(|byte| *byte == b'*').count();
    // For each beginning of the other pattern: whether some text fits it and as much of the first as was looked at.
    let mut meets: Vec<bool> = (0..=other.len()).map(|end| end <= leading_stars).collect();
    for here in one.bytes() {
        let mut next = vec![here == b'*' && meets[0]];
        for (end, there) in other.bytes().enumerate() {
            next.push(match (here, there) {
                // A star stands for nothing more, or for one character more.
                (b'*', _) | (_, b'*') => next[end] || meets[end + 1],
                _ => here == there && meets[end],
            });
        }
        meets = next;
    }
    meets.last().copied().unwrap_or_default()
}

/// Declares a kind of pattern: what it looks like, why one is refused, and how values are compared with it.
macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident, $description:literal, $fault:path, |$pattern:ident, $text:ident| $compare:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The pattern as the policy writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether a value has the form of this pattern.
            pub fn matches(&self, $text: &str) -> bool {
                let $pattern = self.0.as_str();
                $compare
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromJson for $name {
            fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let text = String::read(node, reader)?;
                match $fault(&text) {
                    Some(fault) => reader.invalid(node, fault),
                    None => Some($name(text)),
                }
            }
        }

        string_schemas! {
            $name: { "type": "string", "minLength": 1, "description": $description },
        }
    )+};
}

/// Most names are written so.
fn in_lower_case(name: &str) -> Cow<'_, str> {
    match name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        true => Cow::Borrowed(name),
        false => Cow::Owned(name.to_lowercase()),
    }
}

/// Why a pattern could never match anything.
fn fault_of_pattern(pattern: &str) -> Option<&'static str> {
    pattern.is_empty().then_some("an empty pattern matches nothing")
}

/// The same for a command line, which is compared with absolute ones alone.
fn fault_of_command(pattern: &str) -> Option<&'static str> {
    let advice =
        "a command begins with the absolute path of its program, as in `/opt/corp/bin/creds *`";
    fault_of_pattern(pattern).or((!is_absolute(pattern)).then_some(advice))
}

patterns! {
    /// A name without inner structure: a profile, a permission set, a region.
    NamePattern, "A name; `*` stands for any run of characters.",
        fault_of_pattern, |pattern, text| matches(pattern, text, |_| false);

    /// A user or a group. Windows and some directories write names in any case.
    PrincipalPattern, "A user or group name, compared without regard to case; `*` stands for any run of characters.",
        fault_of_pattern, |pattern, text| matches(&in_lower_case(pattern), &in_lower_case(text), |_| false);

    /// A host: the full name, or the first label alone.
    HostPattern, "A host name; `*` stays within one label. It is compared, without regard to case, with the full name and with its first label.",
        fault_of_pattern, |pattern, text| {
            let (pattern, text) = (in_lower_case(pattern), in_lower_case(text));
            let first_label = text.split('.').next().unwrap_or_default();
            [&text, first_label].iter().any(|name| matches(&pattern, name, |b| b == b'.'))
        };

    /// An ARN.
    ArnPattern, "An ARN; `*` stays within one part, that is, it crosses neither `:` nor `/`.",
        fault_of_pattern, |pattern, text| matches(pattern, text, |b| matches!(b, b':' | b'/'));

    /// A command line of a `credential_process`.
    CommandPattern, "A command line whose program is an absolute path. `*` stays within one path segment of one word; a last word `*` stands for any further arguments. No wildcard stands for a character that a shell treats specially.",
        fault_of_command, |pattern, text| command_matches(pattern, text);
}

impl ArnPattern {
    /// `arn`, partition, service, region, account and resource, if it has all of them. A resource may hold a colon.
    pub fn parts(&self) -> Option<[&str; 6]> {
        let mut rest = self.0.as_str();
        let mut next = || {
            // The parts are short: whoever looks for many bytes at once is slower.
            let colon = rest.bytes().position(|byte| byte == b':')?;
            let part = &rest[..colon];
            rest = &rest[colon + 1..];
            Some(part)
        };
        Some([next()?, next()?, next()?, next()?, next()?, rest])
    }
}

#[cfg(feature = "check")]
impl CommandPattern {
    /// Whether its wildcards stand beside `..`, where they match nothing.
    pub(crate) fn leaves_its_directory(&self) -> bool {
        self.0.contains('*') && words(&self.0).any(leaves)
    }

    /// Whether a command could have the form of both, as far as two words at a time tell.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        let ((one, one_takes_more), (other, other_takes_more)) =
            (expected(&self.0), expected(&other.0));
        let (one, other): (Vec<_>, Vec<_>) = (words(one).collect(), words(other).collect());
        let goes_on = match one.len().cmp(&other.len()) {
            Ordering::Less => one_takes_more,
            Ordering::Equal => true,
            Ordering::Greater => other_takes_more,
        };
        goes_on && one.iter().zip(&other).all(|(one, other)| patterns_meet(one, other))
    }
}

/// The SDK gives a `credential_process` to the shell, so a wildcard must not let a second command in. `%` is
/// special to the one on Windows.
fn command_matches(pattern: &str, command: &str) -> bool {
    if pattern == command {
        return is_absolute(command);
    }
    if !is_plain_command(command) {
        return false;
    }
    let (expected, takes_more) = expected(pattern);
    let mut actual = words(command);
    let begins_alike = words(expected)
        .all(|pattern| actual.next().is_some_and(|word| matches(pattern, word, |b| b == b'/')));
    begins_alike && (takes_more || actual.next().is_none())
}

/// The words that must be there, and whether more may follow.
fn expected(pattern: &str) -> (&str, bool) {
    let front = pattern.trim_end_matches(' ').strip_suffix(" *");
    match front.filter(|front| words(front).next().is_some()) {
        Some(front) => (front, true),
        None => (pattern, false),
    }
}

/// `..` would leave the directory that the pattern names.
fn leaves(word: &str) -> bool {
    word.split('/').any(|part| part == "..")
}

/// Whether a wildcard may stand for a part of the command.
fn is_plain_command(command: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b" /._-+=:,@".contains(&b);
    is_absolute(command) && command.bytes().all(is_plain) && !words(command).any(leaves)
}

fn words(command: &str) -> impl Iterator<Item = &str> {
    command.split(' ').filter(|word| !word.is_empty())
}

fn is_absolute(command: &str) -> bool {
    let drive = command.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && matches!(command.as_bytes().get(1..3), Some(b":\\" | b":/"));
    command.starts_with('/') || drive
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(pattern: &str, text: &str) -> bool {
        ArnPattern(pattern.to_owned()).matches(text)
    }

    #[test]
    fn a_star_stays_within_its_segment() {
        assert!(arn("arn:aws:iam::*:role/Bedrock*", "arn:aws:iam::111122223333:role/BedrockUser"));
        assert!(!arn("arn:aws:iam::*:role/Bedrock*", "arn:aws:iam::1:role/Bedrock/Admin"));
        assert!(!arn("arn:aws:iam::*", "arn:aws:iam::1:role/Admin"));
        assert!(arn("a*b*c", "aXbbXc"));
        assert!(!arn("a*b*c", "aX:bXc"));
        assert!(arn("*", ""));
        assert!(!arn("", "a"));
    }

    /// Every text of so many of these letters at most.
    fn texts(letters: &str, longest: usize) -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut shorter = texts.clone();
        for _ in 0..longest {
            let longer = |text: &String| letters.chars().map(|c| format!("{text}{c}")).collect();
            shorter = shorter.iter().flat_map(|text| -> Vec<String> { longer(text) }).collect();
            texts.extend(shorter.iter().cloned());
        }
        texts
    }

    #[test]
    fn patterns_meet_where_a_text_fits_both() {
        let (patterns, texts) = (texts("ab*", 3), texts("ab", 6));
        for one in &patterns {
            let fits = |pattern: &str, text: &str| matches(pattern, text, |_| false);
            let of_one: Vec<_> = texts.iter().filter(|text| fits(one, text)).collect();
            for other in &patterns {
                let is_shared = of_one.iter().any(|text| fits(other, text));
                assert_eq!(patterns_meet(one, other), is_shared, "`{one}` and `{other}`");
            }
        }
        assert!(!patterns_meet("eu-*", "us-*") && patterns_meet("eu-*", "*-west-*"));
    }

    #[test]
    fn long_runs_of_stars_do_not_explode() {
        let pattern = "*a".repeat(2_000);
        assert!(!matches(&pattern, &"a".repeat(1_999), |_| false));
    }

    #[test]
    fn hosts_by_full_name_and_first_label() {
        let host = |pattern: &str, name: &str| HostPattern(pattern.to_owned()).matches(name);
        assert!(host("*", "Laptop.corp.example"));
        assert!(host("laptop", "LAPTOP.corp.example"));
        assert!(host("*.corp.example", "laptop.corp.example"));
        assert!(!host("*.corp.example", "a.b.corp.example"));
        assert!(!host("corp", "laptop.corp.example"));
    }

    #[test]
    fn commands() {
        let command = |pattern: &str, text: &str| CommandPattern(pattern.to_owned()).matches(text);
        assert!(command("/opt/corp/bin/creds *", "/opt/corp/bin/creds --profile dev"));
        assert!(command("/opt/corp/bin/creds *", "/opt/corp/bin/creds"));
        assert!(command("/opt/*/bin/creds --to *", "/opt/corp/bin/creds --to /a/b c"));
        assert!(command("/opt/c --x=*", "/opt/c --x=1"));
        assert!(command("/opt/c 'a|b'", "/opt/c 'a|b'"));
        for evil in [
            "/opt/corp/bin/creds x; /tmp/evil",
            "/opt/corp/bin/creds $(/tmp/evil)",
            "/opt/corp/bin/creds x\n/tmp/evil",
            "/opt/corp/bin/creds `/tmp/evil`",
            "/opt/corp/bin/creds2",
            "/opt/corp/bin/../../../tmp/creds x",
            "creds x",
            "\"/opt/corp/bin/creds\" x",
        ] {
            assert!(!command("/opt/corp/bin/creds *", evil), "{evil}");
        }
        assert!(!command("/opt/*/creds", "/opt/a/../creds"));
        assert!(!command("/opt/*/creds", "/opt/../creds"));
        assert!(!command("*", "creds"));
        assert!(!command("creds", "creds"));
    }
}
