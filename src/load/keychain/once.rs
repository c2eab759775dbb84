//! A keychain that is asked what it holds once.

use std::sync::{Arc, OnceLock};

use super::{Keychain, KeychainError, KeychainState, Removed};
use crate::credentials::StaticCredentials;

/// Remembers the first look into another keychain.
pub(in crate::load) struct ReadOnce {
    keychain: Arc<dyn Keychain>,
    state: OnceLock<KeychainState>,
}

impl ReadOnce {
    pub(in crate::load) fn of(keychain: Arc<dyn Keychain>) -> Self {
        ReadOnce { keychain, state: OnceLock::new() }
    }
}

impl Keychain for ReadOnce {
    fn read(&self) -> KeychainState {
        self.state.get_or_init(|| self.keychain.read()).clone()
    }

    fn store(&self, credentials: &StaticCredentials) -> Result<(), KeychainError> {
        self.keychain.store(credentials)
    }

    fn remove(&self) -> Result<Removed, KeychainError> {
        self.keychain.remove()
    }
}
