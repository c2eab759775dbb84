//! The person's own files: whose they are, and what others may do with them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::check::{Check, CheckCode, Subject};
use crate::load::{Machine, Standing, drop_ins, shell_word, standing, unusable_text_file};
use crate::prose::quoted;
use crate::provenance::Place;

/// What others may do with a file without harm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// They may read it.
    Plain,
    /// They may not even read it.
    Secret,
}

/// The settings file and its directory.
pub(super) fn of_settings(machine: &Machine) -> Vec<Check> {
    let Some(path) = machine.settings_file() else { return Vec::new() };
    of_folder(Subject::Settings, parent(&path), &[(path.clone(), Content::Plain)])
}

/// AWS's files and the cached sign-ins, with their directories.
pub(super) fn of_aws(machine: &Machine) -> Vec<Check> {
    let places = machine.aws_places();
    let mut folders: Vec<(PathBuf, Vec<(PathBuf, Content)>)> = Vec::new();
    let own = [(places.config, Content::Plain), (places.credentials, Content::Secret)];
    for (path, content) in own {
        let folder = parent(&path).to_owned();
        match folders.iter_mut().find(|(known, _)| *known == folder) {
            Some((_, files)) => files.push((path, content)),
            None => folders.push((folder, vec![(path, content)])),
        }
    }
    for cache in places.sign_ins {
        let files = drop_ins(&cache).into_iter().map(|path| (path, Content::Secret)).collect();
        folders.push((cache, files));
    }
    let checks: Vec<_> = folders
        .iter()
        .flat_map(|(folder, files)| of_folder(Subject::AwsFiles, folder, files))
        .collect();
    super::or_fine(checks, Subject::AwsFiles, "AWS's files are absent, or yours alone to change")
}

/// A path without a directory is one in the working directory.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn of_folder(subject: Subject, folder: &Path, files: &[(PathBuf, Content)]) -> Vec<Check> {
    let looked: Vec<_> =
        files.iter().map(|(path, content)| (path, *content, standing(path))).collect();
    let is_used = looked.iter().any(|(_, _, standing)| !matches!(standing, Ok(None)));
    let of_directory = is_used.then(|| standing(folder).ok().flatten()).flatten();
    let mut checks = Vec::new();
    checks.extend(
        of_directory.and_then(|directory| of_standing(subject, &directory, Content::Plain)),
    );
    for (path, content, standing) in looked {
        checks.extend(match standing {
            Ok(Some(file)) if file.is_file => {
                unusable(subject, path).or_else(|| of_standing(subject, &file, content))
            }
            // The settings' own reader says so, with its advice.
            Ok(_) if subject == Subject::Settings => None,
            Ok(_) => unusable(subject, path),
            Err(_) if subject == Subject::Settings => None,
            Err(_) => unusable(subject, path),
        });
    }
    checks
}

pub(super) fn of_standing(
    subject: Subject,
    standing: &Standing,
    content: Content,
) -> Option<Check> {
    let path = &standing.path;
    let (shown, word) = (quoted(&path.to_string_lossy()), shell_word(path));
    let mode = standing.mode.unwrap_or_default();
    let tighter = if standing.is_directory { "go-w" } else { "600" };
    let check = if standing.is_of_another {
        let owner = standing.owner.as_deref().map(quoted).unwrap_or_default();
        let message = format!("{shown} belongs to {owner}, who can change it at any time");
        let remedy = format!("look at what is in it, then run `{}` as root", chown(&word));
        Check::found(subject, CheckCode::FileOfAnother, message).with_remedy(remedy)
    } else if standing.others_write {
        let message = format!("others may change {shown}: its mode is {mode:04o}");
        let remedy = format!("look at what is in it, then run `chmod {tighter} {word}`");
        Check::found(subject, CheckCode::FileWritableByOthers, message).with_remedy(remedy)
    } else if standing.others_read && content == Content::Secret {
        let message =
            format!("others may read {shown}, which holds secrets: its mode is {mode:04o}");
        let remedy = format!("run `chmod {tighter} {word}`");
        Check::found(subject, CheckCode::FileReadableByOthers, message).with_remedy(remedy)
    } else {
        return None;
    };
    Some(Check { at: Some(Place::whole_file(path)), ..check })
}

/// As whoever uses the file finds it.
fn unusable(subject: Subject, path: &Path) -> Option<Check> {
    // `/dev/null` is how people say that there is no such file.
    if path.canonicalize().is_ok_and(|real| real == Path::new("/dev/null")) {
        return None;
    }
    let problem = unusable_text_file(path)?;
    let word = shell_word(path);
    // To open a pipe would be to wait for who writes into it.
    let is_forbidden = path.is_file()
        && std::fs::File::open(path).is_err_and(|e| e.kind() == ErrorKind::PermissionDenied);
    let remedy = match is_forbidden {
        true => format!("run `{}` and `chmod u+r {word}` as root", chown(&word)),
        false => problem.remedy,
    };
    let check =
        Check::found(subject, CheckCode::FileUnreadable, problem.reason).with_remedy(remedy);
    Some(Check { at: Some(Place::whole_file(path)), ..check })
}

#[cfg(unix)]
fn chown(word: &str) -> String {
    let name = crate::load::name_of_this_person();
    format!("chown {} {word}", shell_word(Path::new(&name)))
}

#[cfg(not(unix))]
fn chown(word: &str) -> String {
    format!("takeown /f {word}")
}
