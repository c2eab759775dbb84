//! Which journal is asked.

use std::io;
use std::path::PathBuf;

use bedrock_auth::journal::query::Snapshot;
use bedrock_auth::journal::{Layout, directory_of};

use crate::exit::Failure;
use crate::options::Common;

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
    pub(super) fn layout(&self, common: &Common) -> Result<Layout, Failure> {
        let named = self.directory.as_ref().or(self.named.as_ref()).cloned();
        let layout = Layout::of(named.map_or_else(|| own_directory(common), Ok)?);
        if !layout.directory().is_dir() {
            return Err(absent(&layout));
        }
        Ok(layout)
    }

    /// What it holds now.
    pub(super) fn snapshot(&self, common: &Common) -> Result<Snapshot, Failure> {
        let layout = self.layout(common)?;
        Snapshot::of(&layout).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => absent(&layout),
            _ => {
                Failure::new(format!("`{}` cannot be read: {error}", layout.directory().display()))
            }
        })
    }
}

/// There is nothing in it to be read.
pub(super) fn absent(layout: &Layout) -> Failure {
    if layout.compressed().is_ok_and(|compressed| !compressed.is_empty()) {
        let directory = layout.directory().display();
        return Failure::new(format!("every file of the journal in `{directory}` is compressed"))
            .with_advice("decompress them");
    }
    let message = format!("there is no journal in `{}`", layout.directory().display());
    Failure::new(message).with_advice("name the directory of a journal")
}

/// Where the person's own journal is.
pub(super) fn own_directory(common: &Common) -> Result<PathBuf, Failure> {
    directory_of(&common.machine()).ok_or_else(|| {
        Failure::new("nobody knows the home directory of this person")
            .with_advice("name the directory of a journal")
    })
}
