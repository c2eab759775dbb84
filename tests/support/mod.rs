//! What tests of the real program, and of a real keychain, stand on.

#![allow(dead_code, reason = "several test programs share this, and each uses a part")]

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
