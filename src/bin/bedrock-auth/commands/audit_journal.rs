//! Which journal is asked.

use std::io;
use std::path::PathBuf;

use bedrock_auth::journal::Layout;
use bedrock_auth::journal::query::Snapshot;

use crate::exit::Failure;

#[derive(Debug, clap::Args)]
pub(super) struct Journal {
    /// The directory of the journal, instead of the person's own
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,

    /// The same, as an option
    #[arg(long = "journal", value_name = "DIR", conflicts_with = "directory")]
    named: Option<PathBuf>,
}

impl Journal {
    pub(super) fn layout(&self) -> Result<Layout, Failure> {
        let named = self.directory.as_ref().or(self.named.as_ref()).cloned();
        let layout = Layout::of(named.or_else(own).ok_or_else(no_home)?);
        if !layout.directory().is_dir() {
            return Err(absent(&layout));
        }
        Ok(layout)
    }

    /// What it holds now.
    pub(super) fn snapshot(&self) -> Result<Snapshot, Failure> {
        let layout = self.layout()?;
        Snapshot::of(&layout).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => absent(&layout),
            _ => {
                Failure::new(format!("`{}` cannot be read: {error}", layout.directory().display()))
            }
        })
    }
}

fn absent(layout: &Layout) -> Failure {
    let message = format!("there is no journal in `{}`", layout.directory().display());
    Failure::new(message).with_advice("name the directory of a journal")
}

fn no_home() -> Failure {
    Failure::new("neither `XDG_STATE_HOME` nor `HOME` says where the journal is")
        .with_advice("name the directory of a journal")
}

fn own() -> Option<PathBuf> {
    let path = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = path("XDG_STATE_HOME").or_else(|| Some(path("HOME")?.join(".local/state")));
    state.map(|state| state.join("bedrock-auth/audit"))
}
