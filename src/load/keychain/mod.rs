//! The operating system's keychain: where `login` puts static credentials, and where Zed keeps its own.
//!
//! Every operation is bounded, and none asks the person anything: a keychain that would need a
//! password or a consent first is reported as [`KeychainState::Locked`].
//!
//! ```
//! use bedrock_auth::credentials::StaticCredentials;
//! use bedrock_auth::load::keychain::{InMemoryKeychain, Keychain, KeychainState};
//!
//! let keychain = InMemoryKeychain::default();
//! keychain.store(&StaticCredentials::bearer("ABSKexample"))?;
//! assert!(matches!(keychain.read(), KeychainState::Found { .. }));
//! assert!(keychain.remove()?.existed);
//! # Ok::<(), bedrock_auth::load::keychain::KeychainError>(())
//! ```

mod bounded;
mod error;
mod memory;
mod once;
mod state;

#[cfg_attr(target_os = "linux", path = "secret_service.rs")]
#[cfg_attr(target_os = "macos", path = "apple.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "macos", windows)), path = "unsupported.rs")]
mod service;

use std::time::Duration;

use zeroize::Zeroizing;

use crate::credentials::StaticCredentials;

pub use error::KeychainError;
pub use memory::InMemoryKeychain;
pub(in crate::load) use once::ReadOnce;
pub use state::{ItemName, KeychainState, Removed};

/// How long [`OsKeychain`] waits for each operation unless told otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2);

/// A place that keeps static credentials for one person.
///
/// All operations block the calling thread. [`OsKeychain`] blocks for at most its bound; call it
/// from a thread that may wait.
pub trait Keychain: Send + Sync {
    /// Looks for our own item, then for Zed's.
    ///
    /// An own item that is there but not usable is reported, never passed over for Zed's.
    fn read(&self) -> KeychainState;

    /// Writes our own item in place of what it held before.
    ///
    /// # Errors
    /// [`KeychainError::Incomplete`] before anything is written, where neither a bearer token nor a
    /// whole access key is given; else what the keychain answered. After
    /// [`KeychainError::TimedOut`] the item may or may not be written.
    fn store(&self, credentials: &StaticCredentials) -> Result<(), KeychainError>;

    /// Deletes our own item; Zed's is left alone, and whether one remains is told.
    ///
    /// An item that was not there is no error: see [`Removed::existed`].
    ///
    /// # Errors
    /// What the keychain answered. A locked keychain is an error even where it seems to hold
    /// nothing, because some services hide the items of a locked keychain.
    fn remove(&self) -> Result<Removed, KeychainError>;
}

/// The keychain of the operating system.
///
/// Linux: Secret Service on the session bus (GNOME Keyring, KWallet, KeePassXC). macOS: the login
/// keychain. Windows: Credential Manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OsKeychain {
    /// The longest an operation may take. Work that exceeds it is given up, and where the platform
    /// allows, cancelled.
    pub timeout: Duration,
}

impl Default for OsKeychain {
    /// Waits [`DEFAULT_TIMEOUT`].
    fn default() -> Self {
        OsKeychain { timeout: DEFAULT_TIMEOUT }
    }
}

impl Keychain for OsKeychain {
    fn read(&self) -> KeychainState {
        let bound = self.timeout;
        match bounded::within(bound, move || service::read(bound)) {
            Ok(Some((item, text))) => KeychainState::from_item(item, &text),
            Ok(None) => KeychainState::Empty,
            Err(error) => KeychainState::from_error(error),
        }
    }

    fn store(&self, credentials: &StaticCredentials) -> Result<(), KeychainError> {
        let bound = self.timeout;
        credentials.check().map_err(KeychainError::Incomplete)?;
        let text = credentials.to_item();
        bounded::within(bound, move || service::store(bound, &text))
    }

    fn remove(&self) -> Result<Removed, KeychainError> {
        let bound = self.timeout;
        bounded::within(bound, move || service::remove(bound))
    }
}

/// The keychain of somebody who wants none consulted (`--no-keychain`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoKeychain;

impl Keychain for NoKeychain {
    fn read(&self) -> KeychainState {
        KeychainState::Disabled
    }

    fn store(&self, _: &StaticCredentials) -> Result<(), KeychainError> {
        Err(KeychainError::Disabled)
    }

    fn remove(&self) -> Result<Removed, KeychainError> {
        Err(KeychainError::Disabled)
    }
}

/// An item's text as the platform hands it over, wiped when dropped.
type ItemText = Zeroizing<Vec<u8>>;
