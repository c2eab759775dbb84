use std::path::PathBuf;

use bedrock_auth::journal::{Journal, Layout, Rhythm};

use super::audit_journal::{absent, own_directory};
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::print_raw;

/// Print the public key that checkpoints are verified with, for somebody elsewhere to keep
///
/// As C2SP writes verifier keys: `<name>+<id>+<key>`. The person's own journal begins with it, where there is none yet;
/// another one has to be there already, unless a key is imported for it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Sign with this private key from now on: Ed25519 in PKCS #8 and PEM, as `openssl genpkey` writes it
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,

    /// The directory of the journal, instead of the person's own
    #[arg(long = "journal", value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(super) fn run(common: &Common, args: &Args) -> Result<Exit, Failure> {
    let directory = args.directory.clone().map_or_else(|| own_directory(common), Ok)?;
    let layout = Layout::of(directory);
    // A name that was mistyped is not to become a journal.
    if args.directory.is_some() && args.import.is_none() && !layout.holds_a_journal() {
        return Err(absent(&layout));
    }
    let journal = Journal::open(layout, Rhythm::default())?;
    let now = common.machine().now();
    let verifier = match &args.import {
        Some(path) => {
            let pem =
                std::fs::read_to_string(path).map(zeroize::Zeroizing::new).map_err(|error| {
                    Failure::new(format!("`{}` cannot be read: {error}", path.display()))
                })?;
            journal.sign_with(now, &pem)?
        }
        None => journal.verifier(now)?,
    };
    print_raw(format!("{verifier}\n").as_bytes())?;
    Ok(Exit::Fine)
}
