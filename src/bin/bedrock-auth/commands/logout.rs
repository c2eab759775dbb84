use bedrock_auth::load::keychain::KeychainError;
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::options::Common;
use crate::render::{Page, print_json};

/// Remove the static credentials from the keychain
///
/// Only what `bedrock-auth login` stored is removed. To sign out of SSO, use `aws sso logout`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Answer {
    schema_version: u32,
    removed: bool,
    zed_item_remains: bool,
}

pub(super) fn run(common: &Common, _: &Args) -> Result<Exit, Failure> {
    let machine = common.machine();
    let removed = machine.keychain().remove().map_err(keychain_failure)?;
    if common.json {
        print_json(&Answer {
            schema_version: 1,
            removed: removed.existed,
            zed_item_remains: removed.zed_remains,
        })?;
        return Ok(Exit::Fine);
    }
    let mut page = Page::for_stdout();
    page.note(if removed.existed {
        "removed the credentials from the keychain"
    } else {
        "the keychain held no credentials of bedrock-auth"
    });
    if removed.zed_remains {
        page.note("Zed's own item is still there, and is read; reset it in Zed's settings");
    }
    page.print()?;
    Ok(Exit::Fine)
}

pub(super) fn keychain_failure(error: KeychainError) -> Failure {
    let advice = error.advice().map(str::to_owned);
    Failure { advice, ..Failure::new(error.to_string()) }
}
