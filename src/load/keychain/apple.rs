//! The login keychain of macOS.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use security_framework::{
    base::Error,
    item::{ItemClass, ItemSearchOptions, Limit},
    os::macos::{
        keychain::SecKeychain,
        passwords::{SecAuthenticationType, SecProtocolType},
    },
};
use zeroize::Zeroizing;

use super::{
    ItemName, ItemText, KeychainError, Removed,
    state::{SERVICE, USER, ZED_URL, ZED_USER},
};

pub(super) fn read(_: Duration) -> Result<Option<(ItemName, ItemText)>, KeychainError> {
    without_dialogs(|keychain| {
        let own = present(keychain.find_generic_password(SERVICE, USER))?;
        if let Some((password, _)) = own {
            return Ok(Some((ItemName::BedrockAuth, Zeroizing::new(password.to_owned()))));
        }
        let zed = present(keychain.find_internet_password(
            ZED_URL,
            None,
            ZED_USER,
            "",
            None,
            SecProtocolType::Any,
            SecAuthenticationType::Any,
        ))?;
        Ok(zed.map(|(password, _)| (ItemName::Zed, Zeroizing::new(password.to_owned()))))
    })
}

pub(super) fn store(_: Duration, text: &[u8]) -> Result<(), KeychainError> {
    without_dialogs(|keychain| keychain.set_generic_password(SERVICE, USER, text).map_err(fault))
}

pub(super) fn remove(_: Duration) -> Result<Removed, KeychainError> {
    without_dialogs(|keychain| {
        let own = ItemSearchOptions::new()
            .keychains(std::slice::from_ref(keychain))
            .class(ItemClass::generic_password())
            .service(SERVICE)
            .account(USER)
            .delete();
        let existed = present(own)?.is_some();
        Ok(Removed { existed, zed_remains: zed_is_there(keychain)? })
    })
}

/// By attributes alone, because the password would need the person's consent.
fn zed_is_there(keychain: &SecKeychain) -> Result<bool, KeychainError> {
    let items = ItemSearchOptions::new()
        .keychains(std::slice::from_ref(keychain))
        .class(ItemClass::internet_password())
        .account(ZED_USER)
        .load_attributes(true)
        .limit(Limit::All)
        .search();
    let items = present(items)?.unwrap_or_default();
    let server = |attributes: std::collections::HashMap<String, String>| {
        attributes.get("srvr").is_some_and(|server| server == ZED_URL)
    };
    Ok(items.iter().filter_map(|item| item.simplify_dict()).any(server))
}

/// Does the work with the system's password and consent dialogs turned off.
fn without_dialogs<T>(
    work: impl FnOnce(&SecKeychain) -> Result<T, KeychainError>,
) -> Result<T, KeychainError> {
    // The switch is one for the whole process: the first to finish would turn it back on for all
    static SWITCH: Mutex<()> = Mutex::new(());
    let _turn = SWITCH.lock().unwrap_or_else(PoisonError::into_inner);
    // A host program that has turned dialogs off itself keeps them off
    let allowed = SecKeychain::user_interaction_allowed().map_err(fault)?;
    let _off = match allowed {
        true => Some(SecKeychain::disable_user_interaction().map_err(fault)?),
        false => None,
    };
    let keychain = SecKeychain::default().map_err(fault)?;
    work(&keychain)
}

fn present<T>(answer: Result<T, Error>) -> Result<Option<T>, KeychainError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code() == ITEM_NOT_FOUND => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

// Names of <Security/SecBase.h>
const USER_CANCELED: i32 = -128;
const NOT_AVAILABLE: i32 = -25291;
const AUTH_FAILED: i32 = -25293;
const NO_SUCH_KEYCHAIN: i32 = -25294;
const DUPLICATE_ITEM: i32 = -25299;
const ITEM_NOT_FOUND: i32 = -25300;
const NO_DEFAULT_KEYCHAIN: i32 = -25307;
const INTERACTION_NOT_ALLOWED: i32 = -25308;
const INTERACTION_REQUIRED: i32 = -25315;

fn fault(error: Error) -> KeychainError {
    let reason = || match error.message() {
        Some(message) => format!("{} ({})", message.trim_end_matches('.'), error.code()),
        None => format!("error {}", error.code()),
    };
    match error.code() {
        NOT_AVAILABLE | NO_SUCH_KEYCHAIN | NO_DEFAULT_KEYCHAIN => {
            KeychainError::Absent { reason: reason() }
        }
        // A store that may not read the item it is to replace finds it in the way
        USER_CANCELED
        | AUTH_FAILED
        | INTERACTION_NOT_ALLOWED
        | INTERACTION_REQUIRED
        | DUPLICATE_ITEM => KeychainError::Locked,
        _ => KeychainError::Failed { reason: reason() },
    }
}
