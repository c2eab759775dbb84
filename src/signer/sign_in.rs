//! Sign-ins that AWS's command line left behind: by `aws sso login`, and by `aws login`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::prose::Shown;

/// What is known of the sign-in that a step needs. Of its file, only instants are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// Nobody has signed in.
    Absent,
    /// There is one that cannot be used, and why.
    Unreadable(String),
    /// There is one.
    Until {
        /// When its token ends.
        expires: Timestamp,
        /// Whether the token can be renewed then without a person.
        renewal: Renewal,
    },
}

/// Whether a token that has ended can be renewed without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// It cannot.
    Never,
    /// It can until the registration of the client ends.
    Until(Timestamp),
    /// It can while the session lasts, whose end is not told.
    WhileTheSessionLasts,
}

/// A sign-in as an answer tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SignInReport {
    /// When its token ends.
    pub expires: Timestamp,
    /// Whether it can be renewed then without a person.
    pub renewable: bool,
}

impl SignIn {
    /// Whether credentials can be had by it at this moment.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        match self {
            SignIn::Absent | SignIn::Unreadable(_) => false,
            SignIn::Until { expires, renewal } => now < *expires || renewal.is_possible(now),
        }
    }

    /// As an answer tells it; none where there is no sign-in, or none that can be used.
    pub fn report(&self, now: Timestamp) -> Option<SignInReport> {
        match self {
            SignIn::Until { expires, renewal } if self.is_usable(now) => {
                Some(SignInReport { expires: *expires, renewable: renewal.is_possible(now) })
            }
            _ => None,
        }
    }

    /// The instants at which it is worth less than before.
    pub fn ends(&self) -> impl Iterator<Item = Timestamp> {
        let (token, registration) = match self {
            SignIn::Absent | SignIn::Unreadable(_) => (None, None),
            SignIn::Until { expires, renewal: Renewal::Until(end) } => (Some(*expires), Some(*end)),
            SignIn::Until { expires, .. } => (Some(*expires), None),
        };
        token.into_iter().chain(registration)
    }
}

impl Renewal {
    fn is_possible(self, now: Timestamp) -> bool {
        match self {
            Renewal::Never => false,
            Renewal::Until(end) => now < end,
            Renewal::WhileTheSessionLasts => true,
        }
    }
}

/// What a person runs to sign in to IAM Identity Center.
pub(crate) fn sso_login(profile: &str) -> String {
    format!("`aws sso login --profile {}`", argument(profile))
}

/// What a person runs to sign in to AWS Sign-In.
pub(crate) fn console_login(profile: &str) -> String {
    format!("`aws login --profile {}`", argument(profile))
}

/// A profile's name as a command line takes it.
fn argument(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.@+/".contains(c);
    let shown = Shown(name).to_string();
    // Whatever a name holds, a shell that is given the remedy takes it for one word.
    if name.chars().all(is_plain) { shown } else { format!("'{}'", shown.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_word_to_a_shell() {
        for (name, word) in [
            ("corp-dev.1@eu", "corp-dev.1@eu"),
            ("my corp", "'my corp'"),
            ("a; rm x", "'a; rm x'"),
            ("a'; x", r"'a'\''; x'"),
        ] {
            assert_eq!(argument(name), word);
        }
    }

    #[test]
    fn a_sign_in_ends_with_its_token_unless_it_can_be_renewed() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (end, later) = (at("2026-01-01T08:00:00Z"), at("2026-03-01T00:00:00Z"));
        let before = |moment: Timestamp| moment - jiff::SignedDuration::from_nanos(1);
        for (renewal, last) in [
            (Renewal::Never, Some(end)),
            (Renewal::Until(later), Some(later)),
            (Renewal::Until(before(end)), Some(end)),
            (Renewal::WhileTheSessionLasts, None),
        ] {
            let sign_in = SignIn::Until { expires: end, renewal };
            let is_usable = |moment| {
                assert_eq!(sign_in.report(moment).is_some(), sign_in.is_usable(moment));
                sign_in.is_usable(moment)
            };
            match last {
                Some(last) => assert!(is_usable(before(last)) && !is_usable(last), "{renewal:?}"),
                None => assert!(is_usable(at("2030-01-01T00:00:00Z"))),
            }
        }
        assert!(!SignIn::Absent.is_usable(end));
        assert_eq!(SignIn::Unreadable(String::new()).report(end), None);
    }
}
