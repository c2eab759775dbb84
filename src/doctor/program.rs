//! This program itself: whoever can replace it decides everything.

use std::path::Path;

use super::check::{Check, CheckCode, Subject};
use crate::load::{Standing, shell_word, standing};
use crate::prose::quoted;
use crate::provenance::Place;

pub(super) fn check() -> Check {
    let program = std::env::current_exe().and_then(|path| path.canonicalize());
    let lax = program.ok().and_then(|program| {
        let places = [Some(program.as_path()), program.parent()];
        places.into_iter().flatten().find_map(lax)
    });
    lax.unwrap_or_else(|| {
        Check::fine(Subject::Program, "nobody but root and you can replace this program")
    })
}

/// What lets others replace it, if anything does.
fn lax(path: &Path) -> Option<Check> {
    let Standing { owner, mode, is_of_another, others_write, .. } = standing(path).ok()??;
    let (shown, word) = (quoted(&path.to_string_lossy()), shell_word(path));
    let (why, remedy) = if is_of_another {
        let owner = owner.as_deref().map(quoted).unwrap_or_default();
        let remedy = format!("install it anew, or run `chown root {word}` as root");
        (format!("{shown} belongs to {owner}"), remedy)
    } else if others_write {
        let mode = mode.unwrap_or_default();
        let remedy = format!("install it anew, then run `chmod go-w {word}`");
        (format!("others may change {shown}: its mode is {mode:04o}"), remedy)
    } else {
        return None;
    };
    let message = format!("others can replace this program: {why}");
    let check = Check::found(Subject::Program, CheckCode::ProgramReplaceable, message);
    Some(Check { at: Some(Place::whole_file(path)), ..check }.with_remedy(remedy))
}
