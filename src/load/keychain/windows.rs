//! Credential Manager of Windows.

use std::{collections::HashMap, time::Duration};

use keyring_core::{Entry, Error, api::CredentialStoreApi};
use windows_native_keyring_store::Store;
use zeroize::Zeroizing;

use super::{
    ItemName, ItemText, KeychainError, Removed,
    state::{SERVICE, USER},
};

pub(super) fn read(_: Duration) -> Result<Option<(ItemName, ItemText)>, KeychainError> {
    for name in [ItemName::BedrockAuth, ItemName::Zed] {
        if let Some(text) = present(entry(name)?.get_secret())? {
            return Ok(Some((name, Zeroizing::new(text))));
        }
    }
    Ok(None)
}

pub(super) fn store(_: Duration, text: &[u8]) -> Result<(), KeychainError> {
    entry(ItemName::BedrockAuth)?.set_secret(text).map_err(fault)
}

pub(super) fn remove(_: Duration) -> Result<Removed, KeychainError> {
    let existed = present(entry(ItemName::BedrockAuth)?.delete_credential())?.is_some();
    let zed_remains = present(entry(ItemName::Zed)?.get_attributes())?.is_some();
    Ok(Removed { existed, zed_remains })
}

fn entry(name: ItemName) -> Result<Entry, KeychainError> {
    let (service, user, modifier) = match name {
        // On this machine alone: the store's own default roams with a domain profile
        ItemName::BedrockAuth => (SERVICE, USER, ("persistence", "Local")),
        ItemName::Zed => ("", "", ("target", name.label())),
    };
    let store = Store::new().map_err(fault)?;
    store.build(service, user, Some(&HashMap::from([modifier]))).map_err(fault)
}

fn present<T>(answer: Result<T, Error>) -> Result<Option<T>, KeychainError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

fn fault(error: Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(error) => KeychainError::Absent { reason: error.to_string() },
        Error::TooLong(_, limit) => KeychainError::TooLarge { limit: limit as usize },
        Error::PlatformFailure(error) => KeychainError::Failed { reason: error.to_string() },
        // The other errors can carry what was read, and none of them is expected here
        _ => {
            KeychainError::Failed { reason: "Credential Manager gave no usable answer".to_owned() }
        }
    }
}
