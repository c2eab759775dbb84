use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bedrock_auth::journal::verify::{
    Files, KeptCheckpoint, KeyOrigin, KnownEnd, Options, Verification, VerifyReport, verify,
    verify_files,
};
use bedrock_auth::journal::{Layout, Verifier, known_end};

use super::audit_journal::{absent, own_directory};
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, print_json, verification};

/// Verify a journal: intact up to which record, and which were changed, removed, inserted or cut off
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A journal's directory, or files of one journal; without any, the person's own
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// A checkpoint that was kept elsewhere: records that it counts must be these
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,

    /// A key that must have signed records, or a file that holds it, instead of the one in the directory; several are keys
    /// that followed one another
    #[arg(long, value_name = "KEY|FILE")]
    key: Vec<String>,

    /// The first segments may have been moved away
    #[arg(long)]
    start_may_be_missing: bool,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let mut options =
        Options { start_may_be_missing: args.start_may_be_missing, ..Options::default() };
    for path in &args.checkpoint {
        let from = path.display().to_string();
        let note = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        options.checkpoints.push(KeptCheckpoint { from, note });
    }
    let place = match &args.paths[..] {
        [] => Place::Journal(Layout::of(own_directory(common)?)),
        [path] if path.is_dir() || !path.exists() => Place::Journal(Layout::of(path)),
        files => Place::Files(files),
    };
    if let Place::Journal(layout) = &place {
        if !layout.directory().exists() {
            return Err(absent(layout));
        }
        // Before anything else is read: whoever writes meanwhile only adds to it.
        options.known_end = known_end(layout).map(|(sequence, hash)| KnownEnd { sequence, hash });
        if options.known_end.is_none() && layout.directory().is_dir() {
            let mut page = Page::for_stderr();
            let message = "its file `head`, which counts its records, is missing or unreadable: a tail that was cut off may not show";
            page.warning(
                message,
                Some("compare with a checkpoint that was kept elsewhere: `--checkpoint FILE`"),
            );
            page.print_to_stderr()?;
        }
    }
    let key = add_keys(&mut options, args, &place)?;
    let verified = match &place {
        Place::Journal(layout) => verify(layout, &options),
        Place::Files(files) => Files::at(files.iter().map(PathBuf::as_path))
            .and_then(|files| verify_files(&files, &options)),
    };
    let verification = verified.map_err(|error| {
        Failure::new(format!("the journal cannot be verified: {error}"))
            .with_advice("name the journal's directory, or its files")
    })?;
    let exit = exit(&verification);
    let report = VerifyReport { schema_version: 1, key, verification };
    if common.json {
        print_json(&report)?;
    } else {
        verification::page(&report).print()?;
    }
    Ok(exit)
}

enum Place<'a> {
    Journal(Layout),
    Files(&'a [PathBuf]),
}

/// Only what is intact passes.
fn exit(verification: &Verification) -> Exit {
    if verification.intact { Exit::Fine } else { Exit::PolicyUnusable }
}

/// The keys that are given, or else the one that lies beside the records.
fn add_keys(
    options: &mut Options,
    args: &Args,
    place: &Place<'_>,
) -> Result<Option<KeyOrigin>, Failure> {
    for key in &args.key {
        options.verifiers.push(given(key)?);
    }
    if !args.key.is_empty() {
        options.must_be_signed = true;
        return Ok(Some(KeyOrigin::Given));
    }
    let layout = match place {
        Place::Journal(layout) => layout.clone(),
        Place::Files(files) => Layout::of(files[0].parent().unwrap_or(Path::new(""))),
    };
    let path = layout.verifier_key();
    match fs::read_to_string(&path) {
        Ok(text) => {
            options.verifiers.push(key_in(&path, &text)?);
            Ok(Some(KeyOrigin::Directory))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&path, &error)),
    }
}

/// A key on the command line, or the name of a file that holds one.
fn given(key: &str) -> Result<Verifier, Failure> {
    if let Ok(verifier) = Verifier::from_text(key) {
        return Ok(verifier);
    }
    let path = Path::new(key);
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "`{key}` is neither a verifier key nor a file that can be read: {error}"
        ))
        .with_advice("a key looks like `<name>+<id>+<key>`, as in the journal's `verifier-key`")
    })?;
    key_in(path, &text)
}

fn key_in(path: &Path, text: &str) -> Result<Verifier, Failure> {
    Verifier::from_text(text).map_err(|error| {
        Failure::new(format!("`{}` cannot be used: {error}", path.display()))
            .with_advice("give the journal's key with `--key`")
    })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("`{}` cannot be read: {error}", path.display()))
}
