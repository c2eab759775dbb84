//! The person's settings: a file of our own, or an object inside another program's settings file.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::named;
use super::trusted::{FileRead, Ownership, read_file};
use crate::jsonc::{self, Finding, FindingCode, SourceText, UnknownKeys};
use crate::provenance::Place;
use crate::settings::SettingsRead;

/// Settings files of editors grow; more than this is no settings file.
const MAX_BYTES: u64 = 8 << 20;

/// Where settings stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsPlace {
    path: PathBuf,
    /// RFC 6901; none for a file of our own.
    pointer: Option<String>,
    /// Whether a person named the file, so that its absence is a fault.
    is_named: bool,
}

/// Why a text names no place of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAPlace {
    /// There is no file before the `#`.
    NoFile,
    /// `~` stands for something only as `~0` and `~1`.
    Pointer,
}

impl fmt::Display for NotAPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotAPlace::NoFile => "it names no file",
            NotAPlace::Pointer => {
                "in a JSON pointer, `~` stands only as `~0` (for `~`) and `~1` (for `/`)"
            }
        })
    }
}

impl std::error::Error for NotAPlace {}

impl SettingsPlace {
    /// `FILE`, or `FILE#/json/pointer` for an object inside another program's settings.
    ///
    /// # Errors
    /// When no file is named, or the pointer is none of RFC 6901.
    pub fn named(text: &str) -> Result<Self, NotAPlace> {
        let (path, pointer) = match text.rsplit_once('#') {
            Some((path, pointer)) if pointer.is_empty() || pointer.starts_with('/') => {
                (path, Some(pointer.to_owned()))
            }
            _ => (text, None),
        };
        if path.is_empty() {
            return Err(NotAPlace::NoFile);
        }
        let escapes = pointer.iter().flat_map(|pointer| pointer.split('~').skip(1));
        if escapes.into_iter().any(|escape| !escape.starts_with(['0', '1'])) {
            return Err(NotAPlace::Pointer);
        }
        Ok(SettingsPlace { path: PathBuf::from(path), pointer, is_named: true })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The JSON pointer of the object inside it (RFC 6901); none for a file of our own.
    pub fn pointer(&self) -> Option<&str> {
        self.pointer.as_deref()
    }

    pub(super) fn read(&self) -> SettingsRead {
        match read_bytes(&self.path) {
            Ok(None) if !self.is_named => SettingsRead::default(),
            Ok(None) => SettingsRead::faulty(named::absent(&self.path)),
            Ok(Some(bytes)) if bytes.iter().all(u8::is_ascii_whitespace) => SettingsRead::default(),
            Ok(Some(bytes)) => match SourceText::from_bytes(self.path.as_path(), bytes) {
                Ok(text) => self.read_text(&text),
                Err(finding) => SettingsRead::faulty(finding),
            },
            Err(finding) => SettingsRead::faulty(finding),
        }
    }

    fn read_text(&self, text: &SourceText) -> SettingsRead {
        match &self.pointer {
            Some(pointer) => match jsonc::read_at(text, pointer, UnknownKeys::Ignore) {
                Ok(None) => {
                    let remarks = vec![nothing_at(pointer, text)];
                    SettingsRead { remarks, ..SettingsRead::default() }
                }
                Ok(settings) => SettingsRead { settings, ..SettingsRead::default() },
                Err(faults) => SettingsRead { faults, ..SettingsRead::default() },
            },
            None => SettingsRead::of_own(text),
        }
    }
}

fn nothing_at(pointer: &str, text: &SourceText) -> Finding {
    let message = format!("there is nothing at {} in this file", crate::prose::quoted(pointer));
    let finding = Finding::new(FindingCode::MissingKey, message, text, 0..0);
    Finding { place: Place::whole_file(text.path()), ..finding }
        .with_advice("name the object that holds the settings, as in `#/language_models/bedrock`")
}

/// The text of a file that a person named.
///
/// # Errors
/// When there is no such file, or it cannot be read, is too large, or is not text.
pub fn read_text_file(path: &Path) -> Result<SourceText, Finding> {
    let bytes = read_bytes(path)?.ok_or_else(|| named::absent(path))?;
    SourceText::from_bytes(path, bytes)
}

/// A text that stands in no file, as long as one in a file may be.
///
/// # Errors
/// When it cannot be read, is too large, or is not text.
pub fn read_text_from(source: impl Read, name: &Path) -> Result<SourceText, Finding> {
    named::read_from(source, name, MAX_BYTES)
}

fn read_bytes(path: &Path) -> Result<Option<Vec<u8>>, Finding> {
    match read_file(path, Ownership::Waived, MAX_BYTES) {
        FileRead::Absent => Ok(None),
        FileRead::Read { bytes } => Ok(Some(bytes)),
        FileRead::Unreadable(problem) | FileRead::Untrusted(problem) => {
            Err(named::unreadable(path, problem, MAX_BYTES))
        }
    }
}

/// The settings file that is read when nobody names one.
///
/// Linux: `$XDG_CONFIG_HOME/bedrock-auth/settings.json`, `~/.config` where the variable is not an absolute path
/// (XDG Base Directory Specification). macOS: `~/Library/Application Support`. Windows: `%APPDATA%`.
pub fn default_place(environment: &Environment) -> Option<SettingsPlace> {
    let home = environment.get("HOME").map(PathBuf::from);
    let base = if cfg!(windows) {
        environment.get("APPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home.map(|home| home.join("Library/Application Support"))
    } else {
        let configured = environment.get("XDG_CONFIG_HOME").map(PathBuf::from);
        configured
            .filter(|path| path.is_absolute())
            .or_else(|| home.map(|home| home.join(".config")))
    };
    let path = base.filter(|base| base.is_absolute())?.join("bedrock-auth/settings.json");
    Some(SettingsPlace { path, pointer: None, is_named: false })
}
