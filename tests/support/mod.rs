//! What tests of the real program, of a real keychain and of the real AWS SDK stand on.

#![allow(dead_code, reason = "several test programs share this, and each uses a part")]

#[cfg(feature = "client")]
pub(crate) mod aws;
#[cfg(feature = "journal")]
pub(crate) mod journal;
#[cfg(feature = "cli")]
pub(crate) mod moto;
#[cfg(feature = "cli")]
pub(crate) mod peers;
#[cfg(all(feature = "cli", target_os = "linux"))]
pub(crate) mod place;
#[cfg(feature = "cli")]
pub(crate) mod program;
#[cfg(target_os = "linux")]
pub(crate) mod session;
pub(crate) mod terminal;
