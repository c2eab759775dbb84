//! Families of environment variables: the same set of names behind different prefixes.

use std::fmt;

use crate::jsonc::{FromJson, Node, Reader, string_schemas};

/// The prefix of a family of environment variables, such as `ZED` or `AWS`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Family(String);

/// What a variable of a family holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    /// An access key id.
    AccessKeyId,
    /// The secret half of an access key.
    SecretAccessKey,
    /// The token of a temporary access key.
    SessionToken,
    /// A Bedrock API key.
    BearerToken,
    /// A region.
    Region,
    /// The name of an AWS profile.
    Profile,
    /// The URL of the Bedrock Runtime endpoint.
    Endpoint,
}

impl Variable {
    const ALL: [Variable; 7] = [
        Variable::AccessKeyId,
        Variable::SecretAccessKey,
        Variable::SessionToken,
        Variable::BearerToken,
        Variable::Region,
        Variable::Profile,
        Variable::Endpoint,
    ];
}

impl Family {
    /// The family of the editor that this contract grew out of, and the only one read by default.
    pub fn zed() -> Self {
        Family("ZED".to_owned())
    }

    /// A prefix of capitals, digits and inner underscores that begins with a capital.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && !text.ends_with('_')
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        fits.then(|| Family(text.to_owned()))
    }

    /// The prefix, without the underscore that follows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names of a variable, the one that is heard first in front. AWS's own names differ from the common shape.
    pub fn names(&self, variable: Variable) -> Vec<String> {
        if self.0 == "AWS" {
            let names: &[&str] = match variable {
                Variable::AccessKeyId => &["AWS_ACCESS_KEY_ID"],
                Variable::SecretAccessKey => &["AWS_SECRET_ACCESS_KEY"],
                Variable::SessionToken => &["AWS_SESSION_TOKEN"],
                Variable::BearerToken => &["AWS_BEARER_TOKEN_BEDROCK"],
                Variable::Region => &["AWS_REGION", "AWS_DEFAULT_REGION"],
                Variable::Profile => &["AWS_PROFILE"],
                Variable::Endpoint => &["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"],
            };
            return names.iter().map(|name| (*name).to_owned()).collect();
        }
        let suffix = match variable {
            Variable::AccessKeyId => "ACCESS_KEY_ID",
            Variable::SecretAccessKey => "SECRET_ACCESS_KEY",
            Variable::SessionToken => "SESSION_TOKEN",
            Variable::BearerToken => "BEDROCK_BEARER_TOKEN",
            Variable::Region => "AWS_REGION",
            Variable::Profile => "AWS_PROFILE",
            Variable::Endpoint => "AWS_ENDPOINT",
        };
        vec![format!("{}_{suffix}", self.0)]
    }

    /// The names of all variables.
    pub fn all_names(&self) -> impl Iterator<Item = String> {
        Variable::ALL.into_iter().flat_map(|variable| self.names(variable))
    }

    /// The one name of a variable that has one.
    pub fn name(&self, variable: Variable) -> String {
        self.names(variable).swap_remove(0)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromJson for Family {
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let text = String::read(node, reader)?;
        match Family::parse(&text) {
            Some(family) => Some(family),
            None => reader.invalid(
                node,
                "a family is a prefix of capitals, digits and inner underscores, as in `ZED`",
            ),
        }
    }
}

string_schemas! {
    Family: { "type": "string", "pattern": "^[A-Z]([A-Z0-9_]*[A-Z0-9])?$", "maxLength": 64 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes() {
        for right in ["ZED", "AWS", "A", "MY_TOOL2"] {
            assert!(Family::parse(right).is_some(), "{right}");
        }
        for wrong in ["", "zed", "ZED_", "_ZED", "2ED", "ZÉD", "Z-D"] {
            assert!(Family::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn names_of_the_contract() {
        let all = |family: &Family| family.all_names().collect::<Vec<_>>().join(" ");
        assert_eq!(
            all(&Family::zed()),
            "ZED_ACCESS_KEY_ID ZED_SECRET_ACCESS_KEY ZED_SESSION_TOKEN ZED_BEDROCK_BEARER_TOKEN \
             ZED_AWS_REGION ZED_AWS_PROFILE ZED_AWS_ENDPOINT"
        );
        assert_eq!(
            all(&Family("AWS".to_owned())),
            "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK \
             AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
        );
    }
}
