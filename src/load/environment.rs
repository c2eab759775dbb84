//! One snapshot of the environment, and what the variables of a family hold.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::credentials::StaticCredentials;
use crate::facts::FamilyFacts;
use crate::family::{Family, Variable};

/// The environment at one moment. An empty variable counts as absent.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, SecretString>);

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let mut pairs: Vec<_> = std::env::vars_os().collect();
        // Of two variables of one name, `getenv` finds the first, and so does every AWS SDK.
        pairs.reverse();
        Environment::from_pairs(pairs)
    }

    /// An environment made of pairs, of which the last of a name counts. Bytes that are no text become U+FFFD, which no credential holds.
    pub fn from_pairs<N: Into<OsString>, V: Into<OsString>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let text = |os: OsString| os.to_string_lossy().into_owned();
        let name = |os: OsString| {
            let name = text(os);
            if cfg!(windows) { name.to_uppercase() } else { name }
        };
        let pairs = pairs.into_iter();
        let variables = pairs
            .map(|(n, value)| (name(n.into()), SecretString::from(text(value.into()))))
            .collect();
        Environment(variables)
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(ExposeSecret::expose_secret)
    }

    /// The variables of these names as they stand, also empty ones, which mean something to the AWS SDK.
    pub(super) fn raw(&self, names: &[&str]) -> BTreeMap<String, String> {
        let value =
            |name: &&str| Some(((*name).to_owned(), self.0.get(*name)?.expose_secret().to_owned()));
        names.iter().filter_map(value).collect()
    }

    /// What the variables of a family hold.
    pub(super) fn family(&self, family: &Family) -> FamilyFacts {
        let credential = |variable| self.secret(&family.name(variable)).cloned();
        FamilyFacts {
            family: family.clone(),
            credentials: StaticCredentials {
                access_key_id: credential(Variable::AccessKeyId),
                secret_access_key: credential(Variable::SecretAccessKey),
                session_token: credential(Variable::SessionToken),
                bearer_token: credential(Variable::BearerToken),
            },
        }
    }

    fn secret(&self, name: &str) -> Option<&SecretString> {
        self.0.get(name).filter(|value| !value.expose_secret().is_empty())
    }
}

/// Names alone: any value may be a secret.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
