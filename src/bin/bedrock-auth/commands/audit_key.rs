use std::path::PathBuf;

use bedrock_auth::journal::{Journal, Layout, Rhythm};

use super::audit_journal::own_directory;
use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::print_raw;

/// Print the public key that checkpoints are verified with, for somebody elsewhere to keep
///
/// As C2SP writes verifier keys: `<name>+<id>+<key>`. Where there is no journal yet, it begins.
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
    let journal = Journal::open(Layout::of(directory), Rhythm::default())?;
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
