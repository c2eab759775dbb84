//! What would really sign a request: the root of a credential and every step that leads to it.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::auth::{AccessKeyId, AccountId, Root};
use crate::credentials::StaticCredentials;
use crate::lure::Lure;
use crate::provenance::{Layer, Place, Source};
use crate::words::words;

/// What is known, before anything is called, about the credential that would sign.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signer {
    /// Where the credential comes from; none where that cannot be known.
    pub root: Option<Root>,
    /// From what was asked for, down to the root.
    pub chain: Vec<Step>,
    /// The account that the requests will count for.
    pub account: Option<AccountId>,
    /// The key that signs, where it is known beforehand.
    pub access_key_id: Option<AccessKeyId>,
    /// When the credential ends, where that is known beforehand.
    pub expires: Option<Timestamp>,
    /// The services that are asked on the way to the credential, in the order of the chain.
    pub calls: Vec<ServiceCall>,
    /// Parts of the files that were passed over or are ambiguous, for people to read.
    pub notes: Vec<Note>,
}

words! {
    /// A service that hands out credentials, or a part of them.
    pub enum Service {
        /// AWS Security Token Service: assumes roles.
        Sts = "sts",
        /// The portal of IAM Identity Center: role credentials.
        Sso = "sso",
        /// OpenID Connect of IAM Identity Center: renews a sign-in.
        SsoOidc = "sso_oidc",
        /// AWS Sign-In: renews the session of `aws login`.
        SignIn = "signin",
        /// The container credentials endpoint.
        Container = "container",
        /// The EC2 instance metadata service.
        Imds = "imds",
    }
}

/// A service that is asked on the way to a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCall {
    /// The service.
    pub service: Service,
    /// The endpoint that a variable or a profile moves it to; none for the service's own. The container
    /// credentials endpoint has none of its own: its whole URL always stands here.
    pub moved_to: Option<MovedEndpoint>,
}

/// An endpoint other than a service's own. `Debug` leaves its query out.
#[derive(Clone, PartialEq, Eq)]
pub struct MovedEndpoint {
    /// The URL as it was parsed: host and port are what every parser reads out of it. The query that
    /// container credentials may carry can be a secret.
    pub url: String,
    /// Where it is written.
    pub at: Place,
}

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

/// A remark about a place that shaped the signer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The remark, lower case, without a full stop.
    pub message: String,
    /// Where it stands.
    pub at: Option<Place>,
}

/// Why what was asked for can supply no credential at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerFault {
    /// Which fault.
    pub kind: SignerFaultKind,
    /// Where the fault stands, if it stands somewhere.
    pub at: Option<Place>,
    /// What could be walked before the fault.
    pub chain: Vec<Step>,
}

/// The faults of profiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerFaultKind {
    /// No profile of this name. The SDK would fall through to container and IMDS credentials.
    ProfileNotFound {
        /// The name that was looked for.
        profile: String,
        /// A name that is nearly the same.
        similar: Option<String>,
    },
    /// The profile names no way to get credentials.
    NoCredentials {
        /// The profile.
        profile: String,
    },
    /// The profile lacks a key that its own keys call for.
    Incomplete {
        /// The profile.
        profile: String,
        /// The missing key.
        missing: &'static str,
    },
    /// `source_profile` leads back to a profile that was passed already.
    Loop {
        /// The profiles in the order in which they were passed, the repeated one last.
        profiles: Vec<String>,
    },
    /// A key has a value that the SDK would refuse.
    Invalid {
        /// The profile.
        profile: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it, without repeating its value.
        reason: String,
    },
    /// An environment variable that the credentials depend on cannot be used.
    Variable {
        /// The variable.
        name: &'static str,
        /// What is wrong with it, without repeating its value.
        reason: String,
    },
    /// A file could not be read or parsed, so nothing in it is known.
    FileUnusable {
        /// What is wrong.
        reason: String,
    },
    /// Nothing on this machine would supply credentials to the default chain.
    NothingFound,
}

/// Says which signer stands behind a profile or the SDK's default chain.
///
/// An implementation is a value made beforehand: asking it does no IO.
pub trait Signers {
    /// What would sign if this profile were used.
    ///
    /// # Errors
    /// When the profile can supply no credential.
    fn profile(&self, name: &str) -> Result<Signer, SignerFault>;

    /// What the SDK's default chain would sign with.
    ///
    /// # Errors
    /// When the chain would find nothing.
    fn automatic(&self) -> Result<Signer, SignerFault>;

    /// What a plain AWS SDK that uses this profile, or the one that variables choose, would heed besides.
    fn lures(&self, profile: Option<&str>) -> Vec<Lure>;

    /// The call that asks STS whose credentials these are (`GetCallerIdentity`), for a profile or the active one.
    ///
    /// # Errors
    /// When the endpoint of STS is none, or which one wins is chance.
    fn identity_call(&self, profile: Option<&str>) -> Result<ServiceCall, SignerFault>;

    /// The access key of a step that is one: [`StepKind::StaticKeys`] or [`StepKind::EnvironmentKeys`].
    fn access_key(&self, step: &StepKind) -> Option<StaticCredentials>;
}

impl Signer {
    /// The roles that are assumed, from the one that signs down.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &str> {
        self.chain.iter().filter_map(|step| match &step.kind {
            StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } => {
                Some(role_arn.as_str())
            }
            _ => None,
        })
    }

    /// The commands that are run for credentials.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &CommandLine> {
        self.chain.iter().filter_map(|step| match &step.kind {
            StepKind::CredentialProcess { command, .. } => Some(command),
            _ => None,
        })
    }

    /// The portal's start URL and the permission set.
    pub(crate) fn portal(&self) -> Option<(&str, &str)> {
        self.chain.iter().find_map(|step| match &step.kind {
            StepKind::Sso { start_url, role_name, .. } => {
                Some((start_url.as_str(), role_name.as_deref().unwrap_or_default()))
            }
            _ => None,
        })
    }
}

impl Service {
    /// What people call the service.
    pub fn noun(self) -> &'static str {
        match self {
            Service::Sts => "AWS STS",
            Service::Sso => "the portal of IAM Identity Center",
            Service::SsoOidc => "the sign-in of IAM Identity Center",
            Service::SignIn => "AWS Sign-In",
            Service::Container => "the container credentials endpoint",
            Service::Imds => "the instance metadata service",
        }
    }
}

impl MovedEndpoint {
    /// Where it is written, as a layer's source.
    pub fn source(&self) -> Source {
        let layer = match self.at {
            Place::Variable(_) => Layer::Environment,
            Place::File { .. } | Place::KeychainItem(_) => Layer::User,
        };
        Source::new(layer, self.at.clone())
    }
}

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

impl fmt::Debug for MovedEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("MovedEndpoint").field("url", &url).field("at", &self.at).finish()
    }
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} …", self.program())
    }
}

impl fmt::Display for SignerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            SignerFaultKind::ProfileNotFound { profile, .. } => {
                write!(f, "there is no AWS profile `{profile}`")
            }
            SignerFaultKind::NoCredentials { profile } => {
                write!(f, "the AWS profile `{profile}` names no way to get credentials")
            }
            SignerFaultKind::Incomplete { profile, missing } => {
                write!(f, "the AWS profile `{profile}` lacks `{missing}`")
            }
            SignerFaultKind::Loop { profiles } => {
                write!(f, "the AWS profiles lead in a circle: {}", profiles.join(" → "))
            }
            SignerFaultKind::Invalid { profile, key, reason } => {
                write!(f, "`{key}` of the AWS profile `{profile}` is not usable: {reason}")
            }
            SignerFaultKind::Variable { name, reason } => {
                write!(f, "the environment variable `{name}` is not usable: {reason}")
            }
            SignerFaultKind::FileUnusable { reason } => f.write_str(reason),
            SignerFaultKind::NothingFound => {
                f.write_str("the AWS default chain would find no credentials on this machine")
            }
        }
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
