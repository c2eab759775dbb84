//! What AWS's files and variables lead to, predicted without calling anything.
//!
//! A policy is judged on what would really sign a request, so this module answers as the AWS SDK for Rust
//! behaves (`aws-config` 1.13, `aws-runtime` 1.10): it parses with AWS's own parser, walks profiles in the order
//! of `ProfileFileCredentialsProvider`, and asks the providers of `DefaultCredentialsChain` in theirs.
//! The SDK takes an empty value for a value, in files and variables alike, and so does this module; but an empty
//! `AWS_PROFILE`, `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` counts as absent, as every empty name does here,
//! so that nothing falls through to the container or the instance because somebody unset a variable by half.
//!
//! [`AwsFacts`] is a value made from values: whoever loads the machine finds the two files with
//! [`profile_file`], reads each once, and later builds the SDK's client from the text kept here.
//!
//! ```
//! use bedrock_auth::auth::Root;
//! use bedrock_auth::aws::{AwsFacts, AwsInputs, FileText};
//! use bedrock_auth::signer::Signers;
//!
//! let config = "[profile dev]\ncredential_process = /opt/corp/bin/creds dev\n";
//! let facts = AwsFacts::new(AwsInputs {
//!     config: Some(FileText::new("/home/me/.aws/config", config.into())),
//!     ..AwsInputs::default()
//! });
//! let signer = facts.profile("dev").unwrap();
//! assert_eq!(signer.root, Some(Root::CredentialProcess));
//! assert_eq!(signer.chain[0].at.as_ref().unwrap().to_string(), "/home/me/.aws/config:2:1");
//! ```

mod ambient;
mod default_chain;
mod endpoints;
mod files;
#[cfg(test)]
mod fixture;
mod keys;
mod locate;
mod lures;
mod parser;
mod profiles;
mod sign_ins;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use self::ambient::Ambient;
use self::endpoints::Endpoints;
use self::profiles::Profiles;
use self::walk::{Ground, Stop, walk};
use crate::credentials::StaticCredentials;
use crate::lure::Lure;
use crate::prose::quoted;
use crate::provenance::Place;
use crate::signer::{
    Note, Service, ServiceCall, SignIn, Signer, SignerFault, Signers, Step, StepKind,
};

#[cfg(feature = "client")]
pub(crate) use self::ambient::{
    ACCESS_KEY_ID, AUTH_SCHEME_PREFERENCE, BEARER_TOKEN, CREDENTIAL_EXPIRATION, DEFAULT_REGION,
    ENDPOINT_URL_BEDROCK_RUNTIME, IGNORE_ENDPOINT_URLS, IMDS_DISABLED, LOGIN_CACHE_DIRECTORY,
    REGION, SECRET_ACCESS_KEY, SESSION_TOKEN, USE_DUAL_STACK, USE_FIPS,
    is_misleading_for_a_service, misleading_variables,
};
pub use self::ambient::{CONTAINER_FULL_URI, CONTAINER_TOKEN_FILE, VARIABLES};
#[cfg(feature = "client")]
pub(crate) use self::files::home;
pub use self::files::{FileKind, FileText, profile_file};
pub use self::sign_ins::{SignInName, login_cache, portal_cache};

const DEFAULT_PROFILE: &str = "default";

/// What the AWS SDK would find on a machine.
#[derive(Default)]
pub struct AwsInputs {
    /// A snapshot of the environment; [`VARIABLES`] names what it has to hold.
    pub environment: BTreeMap<String, String>,
    /// The file that [`profile_file`] names; none where it does not exist.
    pub config: Option<FileText>,
    /// Likewise.
    pub credentials: Option<FileText>,
}

/// The names of the variables alone: some of their values are secrets.
impl fmt::Debug for AwsInputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsInputs")
            .field("environment", &self.environment.keys())
            .field("config", &self.config)
            .field("credentials", &self.credentials)
            .finish()
    }
}

/// What AWS's files and variables say about who would sign; no secret but the files' own text.
pub struct AwsFacts {
    ambient: Ambient,
    config: Option<FileText>,
    credentials: Option<FileText>,
    profiles: Result<Profiles, SignerFault>,
    /// Files whose content is unknown. The SDK takes such a file for an empty one.
    unreadable: Vec<FileText>,
    /// Empty where nobody looked.
    sign_ins: BTreeMap<SignInName, SignIn>,
}

impl AwsFacts {
    /// Parses the files and keeps of the environment what is no secret.
    pub fn new(inputs: AwsInputs) -> Self {
        let AwsInputs { environment, config, credentials } = inputs;
        let files: Vec<_> = FileKind::BOTH
            .into_iter()
            .zip([&config, &credentials])
            .filter_map(|(kind, file)| Some((kind, file.as_ref()?)))
            .collect();
        let profiles = Profiles::parse(&files);
        let unreadable = files
            .iter()
            .filter(|(_, file)| file.text().is_none())
            .map(|(_, file)| (*file).clone())
            .collect();
        AwsFacts {
            ambient: Ambient::of(environment),
            profiles,
            unreadable,
            config,
            credentials,
            sign_ins: BTreeMap::new(),
        }
    }

    /// Looks for each sign-in that a profile could need, once.
    #[must_use]
    pub fn with_sign_ins(mut self, look: impl Fn(&SignInName) -> SignIn) -> Self {
        let names = self.profiles.iter().flat_map(Profiles::sign_ins).collect::<BTreeSet<_>>();
        self.sign_ins = names.into_iter().map(|name| (name.clone(), look(&name))).collect();
        self
    }

    /// The file that was inspected, for the client that is to use the same bytes.
    pub fn file(&self, kind: FileKind) -> Option<&FileText> {
        match kind {
            FileKind::Config => self.config.as_ref(),
            FileKind::Credentials => self.credentials.as_ref(),
        }
    }

    /// The names of the profiles in both files.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        self.profiles.iter().flat_map(Profiles::names)
    }

    fn walk(&self, name: &str) -> Result<Signer, Stop> {
        let profiles = self
            .profiles
            .as_ref()
            .map_err(|fault| Stop { fault: Box::new(fault.clone()), falls_through: false })?;
        walk(&Ground { profiles, ambient: &self.ambient, unreadable: &self.unreadable }, name)
    }

    /// The profile that an SDK reads where nobody names one.
    fn active_profile(&self) -> &str {
        self.ambient.filled(ambient::PROFILE).unwrap_or(DEFAULT_PROFILE)
    }

    /// Of a profile, or of the active one.
    fn endpoints(&self, profile: Option<&str>) -> Endpoints<'_> {
        let profile = profile.unwrap_or_else(|| self.active_profile());
        let profiles = self.profiles.as_ref().ok();
        let profile = profiles.and_then(|profiles| profiles.profile(profile));
        Endpoints { ambient: &self.ambient, profiles, profile }
    }

    /// Where the files really are, if that is not where people look, and what could not be read of them.
    fn notes_on_files(&self, chain: &[Step]) -> impl Iterator<Item = Note> {
        let redirected = FileKind::BOTH.map(FileKind::variable).into_iter();
        let redirected = redirected.filter_map(|name| Some((name, self.ambient.filled(name)?)));
        let redirected = redirected.map(|(name, file)| Note {
            message: format!(
                "here the AWS SDK is pointed to {} instead of the usual file",
                quoted(file)
            ),
            at: Some(Place::variable(name)),
        });
        let of_login = self.ambient.value(ambient::LOGIN_CACHE_DIRECTORY).map(|directory| Note {
            message: format!(
                "here the AWS SDK is pointed to {} instead of the usual place of the sign-ins of `aws login`",
                quoted(directory)
            ),
            at: Some(Place::variable(ambient::LOGIN_CACHE_DIRECTORY)),
        });
        let is_asked = chain.iter().any(|step| matches!(step.kind, StepKind::Login { .. }));
        let of_login = of_login.filter(|_| is_asked);
        let unreadable = self.unreadable.iter().map(|file| {
            let reason = file.unreadable_reason().unwrap_or_default();
            let message = format!("the AWS SDK takes this file for an empty one: {reason}");
            Note { message, at: Some(Place::whole_file(file.path())) }
        });
        redirected.chain(of_login).chain(unreadable)
    }
}

impl Signers for AwsFacts {
    fn profile(&self, name: &str) -> Result<Signer, SignerFault> {
        let mut signer = self.walk(name).map_err(|stop| *stop.fault)?;
        signer.calls = self.endpoints(Some(name)).calls(&signer.chain)?;
        signer.notes.extend(self.notes_on_files(&signer.chain));
        Ok(signer)
    }

    fn automatic(&self) -> Result<Signer, SignerFault> {
        let mut signer = default_chain::predict(self)?;
        signer.calls = self.endpoints(None).calls(&signer.chain)?;
        signer.notes.extend(self.notes_on_files(&signer.chain));
        Ok(signer)
    }

    fn lures(&self, profile: Option<&str>) -> Vec<Lure> {
        lures::of(&self.endpoints(profile))
    }

    fn identity_call(&self, profile: Option<&str>) -> Result<ServiceCall, SignerFault> {
        self.endpoints(profile).call(Service::Sts)
    }

    fn access_key(&self, step: &StepKind) -> Option<StaticCredentials> {
        match step {
            StepKind::EnvironmentKeys => self.ambient.whole_access_key(),
            StepKind::StaticKeys { profile } => {
                self.profiles.as_ref().ok()?.profile(profile)?.whole_access_key()
            }
            _ => None,
        }
    }

    fn sign_in(&self, step: &StepKind) -> Option<SignIn> {
        self.sign_ins.get(&SignInName::of_step(step)?).cloned()
    }
}

/// The paths of the files and the names of the profiles.
impl fmt::Debug for AwsFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsFacts")
            .field("config", &self.config)
            .field("credentials", &self.credentials)
            .field("profiles", &self.profile_names().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
