//! A platform without a keychain this crate knows.

use std::time::Duration;

use super::{ItemName, ItemText, KeychainError, Removed};

pub(super) fn read(_: Duration) -> Result<Option<(ItemName, ItemText)>, KeychainError> {
    Err(absent())
}

pub(super) fn store(_: Duration, _: &[u8]) -> Result<(), KeychainError> {
    Err(absent())
}

pub(super) fn remove(_: Duration) -> Result<Removed, KeychainError> {
    Err(absent())
}

fn absent() -> KeychainError {
    KeychainError::Absent { reason: "none is known for this platform".to_owned() }
}
