//! The two profile files: where the SDK looks for them, and what was read from them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use aws_runtime::fs_util::{Os, home_dir};
use aws_types::os_shim_internal::Env;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::provenance::{Place, Position};

/// Which of the two profile files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `~/.aws/config`, or what `AWS_CONFIG_FILE` names.
    Config,
    /// `~/.aws/credentials`, or what `AWS_SHARED_CREDENTIALS_FILE` names.
    Credentials,
}

impl FileKind {
    /// Both files, in the order in which the SDK reads them: keys of the later one win.
    pub const BOTH: [FileKind; 2] = [FileKind::Config, FileKind::Credentials];

    /// The environment variable that names another file.
    pub fn variable(self) -> &'static str {
        match self {
            FileKind::Config => "AWS_CONFIG_FILE",
            FileKind::Credentials => "AWS_SHARED_CREDENTIALS_FILE",
        }
    }

    fn usual_path(self) -> &'static str {
        match self {
            FileKind::Config => "~/.aws/config",
            FileKind::Credentials => "~/.aws/credentials",
        }
    }
}

/// The file to read under this environment.
///
/// As `aws-runtime` does it: a leading `~` alone stands for the home directory, which is `HOME`, and on
/// Windows then `USERPROFILE`, then `HOMEDRIVE` and `HOMEPATH`; without any of them it stays a `~`.
/// A variable that is set to nothing counts as absent; the SDK would read nothing then, not the usual file.
pub fn profile_file(kind: FileKind, environment: &BTreeMap<String, String>) -> PathBuf {
    let named = environment.get(kind.variable()).filter(|named| !named.is_empty());
    expand_home(Path::new(named.map_or(kind.usual_path(), String::as_str)), environment)
}

/// The home directory of this environment, as the SDK finds it.
pub(crate) fn home(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let variables: Vec<_> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    home_dir(&Env::from_slice(&variables), Os::real()).map(PathBuf::from)
}

fn expand_home(path: &Path, environment: &BTreeMap<String, String>) -> PathBuf {
    let mut components = path.components();
    match components.next() {
        Some(Component::Normal(first)) if first == "~" => {
            let mut expanded = home(environment).unwrap_or_else(|| PathBuf::from("~"));
            expanded.extend(components);
            expanded
        }
        _ => path.to_owned(),
    }
}

/// A profile file as it was read, once: what is inspected is what the SDK is given.
#[derive(Clone)]
pub struct FileText {
    path: Arc<Path>,
    text: Result<SecretString, String>,
}

impl FileText {
    /// A file with these bytes. The SDK passes over a file that is not UTF-8, and so do we.
    pub fn new(path: impl AsRef<Path>, bytes: Vec<u8>) -> Self {
        let text = match String::from_utf8(bytes) {
            Ok(text) => Ok(SecretString::from(text)),
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                Err("it is not UTF-8 text".to_owned())
            }
        };
        FileText { path: Arc::from(path.as_ref()), text }
    }

    /// A file that exists and could not be read, and why.
    pub fn unreadable(path: impl AsRef<Path>, reason: impl Into<String>) -> Self {
        FileText { path: Arc::from(path.as_ref()), text: Err(reason.into()) }
    }

    /// The file as it was opened.
    pub fn path(&self) -> &Arc<Path> {
        &self.path
    }

    /// The place of a key or a header: they begin their lines, because AWS's parser takes an indented line as the
    /// continuation of another.
    pub(super) fn at_line(&self, line: u32) -> Place {
        Place::in_file(&self.path, Position { line, column: 1 })
    }

    /// The very text that was inspected; none where it could not be read.
    pub fn text(&self) -> Option<&SecretString> {
        self.text.as_ref().ok()
    }

    /// Why there is no text.
    pub fn unreadable_reason(&self) -> Option<&str> {
        self.text.as_ref().err().map(String::as_str)
    }
}

/// Equal where the same was read from the same file.
impl PartialEq for FileText {
    fn eq(&self, other: &Self) -> bool {
        let texts = [self, other].map(|file| file.text().map(ExposeSecret::expose_secret));
        texts[0] == texts[1]
            && self.path == other.path
            && self.unreadable_reason() == other.unreadable_reason()
    }
}

/// The path and what is wrong; never the text.
impl fmt::Debug for FileText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileText")
            .field("path", &self.path)
            .field("unreadable", &self.unreadable_reason())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use aws_runtime::env_config::file::EnvConfigFiles;
    use aws_runtime::env_config::section::EnvConfigSections;
    use aws_runtime::env_config::source;
    use aws_types::os_shim_internal::Fs;

    use super::*;

    fn path(kind: FileKind, variables: &[(&str, &str)]) -> String {
        let environment = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        profile_file(kind, &environment.collect()).to_string_lossy().into_owned()
    }

    #[cfg(unix)]
    #[test]
    fn paths_as_the_sdk_finds_them() {
        let home = ("HOME", "/home/me");
        for (variables, config, credentials) in [
            (vec![home], "/home/me/.aws/config", "/home/me/.aws/credentials"),
            (vec![], "~/.aws/config", "~/.aws/credentials"),
            (vec![("HOME", "")], ".aws/config", ".aws/credentials"),
            (vec![("USERPROFILE", "/u")], "~/.aws/config", "~/.aws/credentials"),
            (
                vec![home, ("AWS_CONFIG_FILE", "~/c"), ("AWS_SHARED_CREDENTIALS_FILE", "d/~/e")],
                "/home/me/c",
                "d/~/e",
            ),
            (vec![home, ("AWS_CONFIG_FILE", "~you/c")], "~you/c", "/home/me/.aws/credentials"),
            (
                vec![home, ("AWS_CONFIG_FILE", "")],
                "/home/me/.aws/config",
                "/home/me/.aws/credentials",
            ),
        ] {
            assert_eq!(path(FileKind::Config, &variables), config, "{variables:?}");
            assert_eq!(path(FileKind::Credentials, &variables), credentials, "{variables:?}");
        }
    }

    /// The SDK, on a file system that holds nothing but a file of the path that we name, finds its profile.
    #[cfg(unix)]
    #[test]
    fn the_sdk_reads_the_file_that_we_name() {
        for variables in [
            vec![("HOME", "/home/me")],
            vec![("HOME", "")],
            vec![],
            vec![
                ("HOME", "/h"),
                ("AWS_CONFIG_FILE", "~/c"),
                ("AWS_SHARED_CREDENTIALS_FILE", "~//./d/"),
            ],
            vec![("AWS_CONFIG_FILE", "~you/c"), ("AWS_SHARED_CREDENTIALS_FILE", "~")],
        ] {
            let config = path(FileKind::Config, &variables);
            let credentials = path(FileKind::Credentials, &variables);
            let files = [(config.as_str(), "[profile b]"), (credentials.as_str(), "[c]")];
            let (environment, files) = (Env::from_slice(&variables), Fs::from_slice(&files));
            let both = EnvConfigFiles::default();
            let load = pin!(source::load(&environment, &files, &both));
            let Poll::Ready(Ok(source)) = load.poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("not loaded at once");
            };
            let mut found: Vec<_> =
                EnvConfigSections::parse(source).unwrap().profiles().map(str::to_owned).collect();
            found.sort();
            assert_eq!(found, ["b", "c"], "{variables:?}");
        }
    }

    #[test]
    fn debug_shows_no_text() {
        let file = FileText::new("f", b"aws_secret_access_key = hush".to_vec());
        assert_eq!(format!("{file:?}"), r#"FileText { path: "f", unreadable: None, .. }"#);
    }
}
