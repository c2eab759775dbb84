//! Reads a machine into facts: managed policy, settings, environment, keychain, AWS files.
//!
//! Everything here does IO on behalf of a [`Machine`] value, so that a test or a host program can hand in
//! other paths, another environment, another keychain or another clock.

pub mod keychain;

mod aws_files;
mod environment;
mod identity;
mod layers;
mod machine;
mod managed;
mod memory;
mod named;
mod network;
mod settings_file;
mod standing;
mod state;
mod trusted;

pub(crate) use aws_files::unusable_text_file;
pub(crate) use aws_files::{AwsPlaces, drop_ins};
#[cfg(feature = "client")]
pub(crate) use aws_files::{
    ContainerAuthorization, are_logins_elsewhere, are_sso_sign_ins_elsewhere,
    container_authorization, read_web_identity_token,
};
pub use environment::Environment;
pub use layers::Layers;
#[cfg(feature = "watch")]
pub(crate) use machine::Look;
pub use machine::{Clock, Machine};
pub use managed::{Managed, fault_of_drop_ins, read_policy_file, read_policy_from};
pub use memory::Memory;
pub use settings_file::{NotAPlace, SettingsPlace, default_place, read_text_file, read_text_from};
#[cfg(unix)]
pub(crate) use standing::name_of_this_person;
pub(crate) use standing::{Standing, standing, standings_on_the_way};
pub(crate) use trusted::shell_word;
pub use trusted::{DROP_INS, MAIN_POLICY, is_drop_in};
