//! Machines of this process, for what a child of its own need not run.

use bedrock_auth::load::keychain::NoKeychain;
use bedrock_auth::load::{Environment, Machine, Managed, SettingsPlace};

use crate::world::World;

/// A machine whose environment is not that of this process.
pub(crate) fn machine(
    world: &World,
    managed: &str,
    settings: &str,
    variables: &[(&str, &str)],
) -> Machine {
    world.write(&[("settings.json", settings)]);
    let own = variables.iter().map(|(name, value)| (*name, world.fill(value)));
    Machine::this()
        .with_managed(Managed::WhatIf(world.path(managed)))
        .with_settings(SettingsPlace::named(world.path("settings.json").to_str().unwrap()).unwrap())
        .with_keychain(NoKeychain)
        .with_environment(Environment::from_pairs(world.variables().into_iter().chain(own)))
}
