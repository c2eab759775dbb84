//! Machines made by chance: policies, a person, settings, variables, a keychain and profiles.
//!
//! What is generated keeps its plain description beside the text that the core reads, so that a
//! second opinion (`tests/naive`) need not decode anything.

#![allow(dead_code, unused_imports, reason = "two test programs share this, and each uses a part")]
#![allow(clippy::unwrap_used, reason = "a generator that fails fails its test")]

pub mod credentials;
pub mod deliveries;
pub mod dice;
pub mod machine;
pub mod policies;
pub mod pools;
pub mod signers;

pub use credentials::{MadeAccessKey, MadeApiKey, MadeCredentials};
pub use deliveries::{MadeDelivery, MadeKind};
pub use dice::Dice;
pub use machine::{Keychain, Settings, Variables, World};
pub use policies::{FileContent, PolicyFile};
