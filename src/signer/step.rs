//! The steps from what was asked for to the root of a credential.

use std::fmt;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::auth::AccountId;
use crate::provenance::Place;

/// One step from what was asked for to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What happens at this step.
    pub kind: StepKind,
    /// Where the step is written: the line of a profile file, or the variable.
    pub at: Option<Place>,
}

/// What one step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// A role assumed with the credentials of the next step.
    AssumeRole {
        /// The profile that says so.
        profile: String,
        /// The role.
        role_arn: String,
        /// What the role's owner asks for besides. Not shown in answers.
        external_id: Option<String>,
        /// The name of the session; none for one that is made up.
        session_name: Option<String>,
    },
    /// A role assumed with a web identity token.
    WebIdentity {
        /// The profile that says so; none for the environment's variables.
        profile: Option<String>,
        /// The role.
        role_arn: String,
        /// The file that holds the token.
        token_file: PathBuf,
        /// The name of the session; none for one that is made up.
        session_name: Option<String>,
    },
    /// A sign-in through IAM Identity Center.
    Sso {
        /// The profile that says so.
        profile: String,
        /// The portal's start URL.
        start_url: String,
        /// The portal's region.
        region: String,
        /// The `[sso-session]` whose sign-in is used; none for that of the start URL.
        session: Option<String>,
        /// The portal's account.
        account: Option<AccountId>,
        /// The permission set.
        role_name: Option<String>,
    },
    /// A program that prints credentials.
    CredentialProcess {
        /// The profile that says so.
        profile: String,
        /// The command line exactly as written.
        command: CommandLine,
    },
    /// An access key in a profile.
    StaticKeys {
        /// The profile that holds it.
        profile: String,
    },
    /// An access key in environment variables.
    EnvironmentKeys,
    /// `aws login`.
    Login {
        /// The profile that says so.
        profile: String,
        /// The session's ARN.
        login_session: String,
    },
    /// The container credentials endpoint.
    Container,
    /// The EC2 instance metadata service.
    Imds,
}

/// A command line. Its arguments may hold a secret, so `Debug` shows the program alone.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandLine(String);

impl StepKind {
    /// The name of the step as answers write it.
    pub fn as_str(&self) -> &'static str {
        match self {
            StepKind::AssumeRole { .. } => "assume_role",
            StepKind::WebIdentity { .. } => "web_identity",
            StepKind::Sso { .. } => "sso",
            StepKind::CredentialProcess { .. } => "credential_process",
            StepKind::StaticKeys { .. } => "static_keys",
            StepKind::EnvironmentKeys => "environment_keys",
            StepKind::Login { .. } => "login",
            StepKind::Container => "container",
            StepKind::Imds => "imds",
        }
    }

    /// The profile that the step is written in.
    pub fn profile(&self) -> Option<&str> {
        match self {
            StepKind::AssumeRole { profile, .. }
            | StepKind::Sso { profile, .. }
            | StepKind::CredentialProcess { profile, .. }
            | StepKind::StaticKeys { profile }
            | StepKind::Login { profile, .. } => Some(profile),
            StepKind::WebIdentity { profile, .. } => profile.as_deref(),
            StepKind::EnvironmentKeys | StepKind::Container | StepKind::Imds => None,
        }
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.kind.as_str())?;
        if let Some(profile) = self.kind.profile() {
            map.serialize_entry("profile", profile)?;
        }
        match &self.kind {
            StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } => {
                map.serialize_entry("role_arn", role_arn)?;
            }
            StepKind::Sso { start_url, account, role_name, .. } => {
                map.serialize_entry("start_url", start_url)?;
                map.serialize_entry("account", account)?;
                map.serialize_entry("role_name", role_name)?;
            }
            StepKind::Login { login_session, .. } => {
                map.serialize_entry("login_session", login_session)?;
            }
            StepKind::CredentialProcess { command, .. } => {
                map.serialize_entry("program", command.program())?;
            }
            StepKind::StaticKeys { .. }
            | StepKind::EnvironmentKeys
            | StepKind::Container
            | StepKind::Imds => {}
        }
        match &self.at {
            Some(Place::File { path, position }) => {
                map.serialize_entry("file", &path.to_string_lossy())?;
                if let Some(at) = position {
                    map.serialize_entry("line", &at.line)?;
                }
            }
            Some(Place::Variable(name)) => map.serialize_entry("variable", name.as_ref())?,
            Some(Place::KeychainItem(item)) => map.serialize_entry("item", item.as_ref())?,
            None => {}
        }
        map.end()
    }
}

impl JsonSchema for Step {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text =
            |description: &str| json_schema!({ "description": description, "type": "string" });
        let account = json_schema!({
            "description": "The portal's account.",
            "type": ["string", "null"],
        });
        let role_name = json_schema!({
            "description": "The permission set.",
            "type": ["string", "null"],
        });
        json_schema!({
            "description": "One step from what was asked for to the root of the credential.",
            "type": "object",
            "properties": {
                "kind": {
                    "description": "What happens at this step.",
                    "enum": [
                        "assume_role", "web_identity", "sso", "credential_process", "static_keys",
                        "environment_keys", "login", "container", "imds",
                    ],
                },
                "profile": text("The profile that says so."),
                "role_arn": text("The role that is assumed."),
                "start_url": text("The portal's start URL."),
                "account": account,
                "role_name": role_name,
                "login_session": text("The ARN of the console session."),
                "program": text("The program of the command line, without its arguments."),
                "file": text("The file in which the step is written."),
                "line": {
                    "description": "The line in the file, from 1.",
                    "type": "integer",
                    "minimum": 1,
                },
                "variable": text("The variable in which the step is written."),
                "item": text("The keychain item in which the step is written."),
            },
            "required": ["kind"],
        })
    }
}

impl CommandLine {
    /// A command line as a profile writes it.
    pub fn new(command: impl Into<String>) -> Self {
        CommandLine(command.into())
    }

    /// The whole line, for those who judge or run it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The program, without its arguments and without the variables set in front of it.
    ///
    /// Only a shell knows where quoted or redirected text ends, and such text may hold a secret: then it is `…`.
    pub fn program(&self) -> &str {
        let is_plain = |word: &str| {
            let drive = word.get(..2).filter(|drive| drive.ends_with(':')).map_or(0, str::len);
            word[drive..].chars().all(|c| c.is_alphanumeric() || "_./\\~+-".contains(c))
        };
        let is_assignment = |word: &&str| {
            word.split_once('=').is_some_and(|(name, value)| {
                is_plain(name) && !value.contains(['"', '\'', '\\', '`', '$'])
            })
        };
        match self.0.split_whitespace().find(|word| !is_assignment(word)) {
            Some(word) if is_plain(word) => word,
            Some(_) => "…",
            None => "",
        }
    }
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} …", self.program())
    }
}

#[cfg(test)]
mod tests {
    use super::CommandLine;

    #[test]
    fn programs_without_what_may_be_a_secret() {
        for (line, program) in [
            ("/opt/corp/bin/creds --password hush", "/opt/corp/bin/creds"),
            ("TOKEN=hush A=b /opt/creds", "/opt/creds"),
            ("C:\\corp\\creds.exe x", "C:\\corp\\creds.exe"),
            ("PASS=\"my hush\" /opt/creds", "…"),
            ("PASS=my\\ hush /opt/creds", "…"),
            ("/opt/creds<<<hush", "…"),
            ("https://me:hush@host/", "…"),
            ("\"/opt/my corp/creds\" x", "…"),
            ("", ""),
            ("A=b", ""),
        ] {
            assert_eq!(CommandLine::new(line).program(), program, "{line}");
        }
    }
}
