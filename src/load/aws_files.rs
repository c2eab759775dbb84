//! AWS's config and credentials files, each read once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::memory::Memory;
use super::trusted::{DirectoryRead, FileRead, Ownership, Problem, list_directory, read_file};
use crate::aws::{
    AwsFacts, AwsInputs, FileKind, FileText, SignInName, VARIABLES, login_cache, portal_cache,
    profile_file,
};
#[cfg(feature = "client")]
use crate::aws::{CONTAINER_TOKEN_FILE, LOGIN_CACHE_DIRECTORY, home};
#[cfg(feature = "client")]
use crate::prose::quoted;
use crate::signer::SignIn;
#[cfg(feature = "client")]
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// Profile files of large companies are generated and long; more than this is none.
const MAX_BYTES: u64 = 16 << 20;

/// Tokens are a few kilobytes.
const MAX_TOKEN_BYTES: u64 = 1 << 20;

/// What AWS's files and variables say on this machine.
pub(super) fn read(environment: &Environment, memory: Option<&Memory>) -> AwsFacts {
    let environment = environment.raw(VARIABLES);
    let read = FileKind::BOTH.map(|kind| read_one(&profile_file(kind, &environment)));
    let [config, credentials] = match memory {
        Some(memory) => memory.aws(read),
        None => read,
    };
    let variables = environment.clone();
    AwsFacts::new(AwsInputs { config, credentials, environment }).with_sign_ins(|name| {
        let read = sign_in(name, &variables);
        match memory {
            Some(memory) => memory.sign_in(name, read),
            None => read,
        }
    })
}

/// A sign-in as it is now; its tokens are wiped at once.
fn sign_in(name: &SignInName, environment: &BTreeMap<String, String>) -> SignIn {
    let Some(path) = name.file(environment) else { return SignIn::Absent };
    match read_file(&path, Ownership::Waived, MAX_TOKEN_BYTES) {
        FileRead::Absent => SignIn::Absent,
        FileRead::Read { bytes } => name.read(&Zeroizing::new(bytes)),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => {
            SignIn::Unreadable(problem.reason)
        }
    }
}

/// Where AWS's files and sign-ins stand under an environment.
pub(crate) struct AwsPlaces {
    pub(crate) config: PathBuf,
    pub(crate) credentials: PathBuf,
    /// Directories.
    pub(crate) sign_ins: Vec<PathBuf>,
}

/// Where AWS's files and sign-ins stand.
pub(super) fn places(environment: &Environment) -> AwsPlaces {
    let variables = environment.raw(VARIABLES);
    let caches = [portal_cache(&variables), login_cache(&variables)];
    AwsPlaces {
        config: profile_file(FileKind::Config, &variables),
        credentials: profile_file(FileKind::Credentials, &variables),
        sign_ins: caches.into_iter().flatten().collect(),
    }
}

/// The files of a cache of sign-ins, as far as it can be looked into.
pub(crate) fn drop_ins(cache: &Path) -> Vec<PathBuf> {
    const MOST: usize = 1_000;
    match list_directory(cache, Ownership::Waived, MOST) {
        DirectoryRead::Listed { paths } => paths,
        DirectoryRead::Absent | DirectoryRead::Unreadable(_) | DirectoryRead::Untrusted(_) => {
            Vec::new()
        }
    }
}

/// Why a file that is there is none that AWS's SDKs could use.
pub(crate) fn unusable_text_file(path: &Path) -> Option<Problem> {
    let problem =
        |reason, remedy: &str| Problem { path: path.to_owned(), reason, remedy: remedy.to_owned() };
    match read_file(path, Ownership::Waived, MAX_BYTES) {
        FileRead::Absent => None,
        FileRead::Read { bytes } => {
            let file = FileText::new(path, bytes);
            let why = file.unreadable_reason()?;
            let name = crate::prose::quoted(&path.to_string_lossy());
            Some(problem(format!("{name} cannot be used: {why}"), "write it anew, as text"))
        }
        FileRead::Unreadable(found) | FileRead::Untrusted(found) => Some(found),
    }
}

fn read_one(path: &Path) -> Option<FileText> {
    match read_file(path, Ownership::Waived, MAX_BYTES) {
        FileRead::Absent => None,
        FileRead::Read { bytes } => Some(FileText::new(path, bytes)),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => {
            Some(FileText::unreadable(path, problem.reason))
        }
    }
}

/// The token of a web identity, as it is now: tokens are rotated.
///
/// # Errors
/// When there is no regular file, or none that is text and of a reasonable size.
#[cfg(feature = "client")]
pub(crate) fn read_web_identity_token(path: &Path) -> Result<SecretString, String> {
    read_token("web identity token", path)
}

/// What is shown to the container credentials endpoint.
#[cfg(feature = "client")]
pub(crate) struct ContainerAuthorization {
    /// The variable that holds the token, or names its file.
    pub(crate) variable: &'static str,
    pub(crate) token: SecretString,
}

/// What this environment has for the container credentials endpoint, as it is now: the file wins, and is rotated.
///
/// # Errors
/// As [`read_web_identity_token`].
#[cfg(feature = "client")]
pub(crate) fn container_authorization(
    environment: &Environment,
) -> Result<Option<ContainerAuthorization>, String> {
    const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    let (variable, token) = match environment.get(CONTAINER_TOKEN_FILE) {
        Some(file) => (CONTAINER_TOKEN_FILE, read_token("authorization token", Path::new(file))?),
        None => match environment.get(TOKEN) {
            Some(token) => (TOKEN, SecretString::from(token)),
            None => return Ok(None),
        },
    };
    // Editors and `echo` leave a line break behind, which no header can hold.
    let token = SecretString::from(token.expose_secret().trim_end_matches(['\r', '\n']));
    Ok(Some(ContainerAuthorization { variable, token }))
}

/// Whether AWS's provider, which looks below the home of this process, would find another person's sign-ins to IAM
/// Identity Center than those of this environment.
#[cfg(feature = "client")]
pub(crate) fn are_sso_sign_ins_elsewhere(environment: &Environment) -> bool {
    let place = |environment: &Environment| home(&environment.raw(VARIABLES));
    place(environment) != place(&Environment::of_process())
}

/// The same for the sign-ins of `aws login`.
#[cfg(feature = "client")]
pub(crate) fn are_logins_elsewhere(environment: &Environment) -> bool {
    let place = |environment: &Environment| {
        let variables = environment.raw(VARIABLES);
        variables.get(LOGIN_CACHE_DIRECTORY).map(PathBuf::from).or_else(|| home(&variables))
    };
    place(environment) != place(&Environment::of_process())
}

#[cfg(feature = "client")]
fn read_token(what: &str, path: &Path) -> Result<SecretString, String> {
    let shown = quoted(&path.to_string_lossy());
    match read_file(path, Ownership::Waived, MAX_TOKEN_BYTES) {
        FileRead::Absent => Err(format!("there is no {what} {shown}")),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => Err(problem.reason),
        FileRead::Read { bytes } => FileText::new(path, bytes)
            .text()
            .cloned()
            .ok_or_else(|| format!("the {what} {shown} is not text")),
    }
}
