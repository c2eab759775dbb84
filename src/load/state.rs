//! Where a person's state is kept: files that are written by programs, and worth keeping.

use std::path::PathBuf;

use super::environment::Environment;

/// Where state is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StatePlace {
    /// In the usual place of the person who runs the program.
    OfPerson,
    /// In this directory.
    At(PathBuf),
    /// Nowhere.
    Nowhere,
}

impl StatePlace {
    /// The directory; none where there is none, or nobody knows.
    ///
    /// Where a managed policy stands on the machine, variables move nothing: records that IT asks for must not land where
    /// nobody looks.
    pub(super) fn directory(
        &self,
        environment: &Environment,
        is_managed: impl FnOnce() -> bool,
    ) -> Option<PathBuf> {
        match self {
            StatePlace::At(directory) => Some(directory.clone()),
            StatePlace::Nowhere => None,
            StatePlace::OfPerson => {
                let of_variables = |name| environment.get(name).map(PathBuf::from);
                let home = || home_of_account().or_else(|| of_variables("HOME"));
                let base = match is_managed() {
                    true => home().map(below_home),
                    false => of_variables(VARIABLE)
                        .filter(|base| base.is_absolute())
                        .or_else(|| of_variables("HOME").or_else(home_of_account).map(below_home)),
                };
                base.filter(|base| base.is_absolute()).map(|base| base.join("bedrock-auth"))
            }
        }
    }
}

/// What moves state, where it may.
const VARIABLE: &str = if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_STATE_HOME" };

fn below_home(home: PathBuf) -> PathBuf {
    if cfg!(windows) {
        home.join("AppData/Local")
    } else if cfg!(target_os = "macos") {
        home.join("Library/Application Support")
    } else {
        home.join(".local/state")
    }
}

/// As the system's accounts have it, which the person does not control.
#[cfg(unix)]
fn home_of_account() -> Option<PathBuf> {
    use uzers::os::unix::UserExt as _;
    let user = uzers::get_user_by_uid(rustix::process::geteuid().as_raw())?;
    Some(user.home_dir().to_owned())
}

#[cfg(not(unix))]
fn home_of_account() -> Option<PathBuf> {
    std::env::home_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(variables: &[(&str, &str)], is_managed: bool) -> Option<PathBuf> {
        let environment = Environment::from_pairs(variables.iter().copied());
        StatePlace::OfPerson.directory(&environment, || is_managed)
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn variables_move_state_where_nobody_manages_the_machine() {
        let moved = [("XDG_STATE_HOME", "/elsewhere"), ("HOME", "/home/x")];
        assert_eq!(directory(&moved, false), Some("/elsewhere/bedrock-auth".into()));
        let home = [("XDG_STATE_HOME", "relative"), ("HOME", "/home/x")];
        assert_eq!(directory(&home, false), Some("/home/x/.local/state/bedrock-auth".into()));
        let of_account = home_of_account().unwrap().join(".local/state/bedrock-auth");
        assert_eq!(directory(&moved, true), Some(of_account.clone()));
        assert_eq!(directory(&[], false), Some(of_account));
    }
}
