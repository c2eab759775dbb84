//! Options that every command takes.

use std::path::PathBuf;

use bedrock_auth::load::keychain::NoKeychain;
use bedrock_auth::load::{Machine, Managed, SettingsPlace};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Ask what would be if these were the managed policies, instead of the machine's own
    #[arg(long, value_name = "PATH", global = true, help_heading = "Common options")]
    pub(crate) managed: Option<PathBuf>,

    /// Read the person's settings from this file, or from an object inside it
    #[arg(long, value_name = "FILE[#/pointer]", global = true, help_heading = "Common options", value_parser = SettingsPlace::named)]
    pub(crate) user_settings: Option<SettingsPlace>,

    /// Do not ask the keychain
    #[arg(long, global = true, help_heading = "Common options")]
    pub(crate) no_keychain: bool,

    /// Answer in JSON
    #[arg(long, global = true, help_heading = "Common options")]
    pub(crate) json: bool,

    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true, help_heading = "Common options")]
    pub(crate) color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Even where nothing but a file or a pipe reads
    Always,
    /// Plain text everywhere
    Never,
}

impl Color {
    pub(crate) fn write_global(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

impl Common {
    /// The machine that the options describe.
    pub(crate) fn machine(&self) -> Machine {
        let mut machine = Machine::this();
        if let Some(path) = &self.managed {
            machine = machine.with_managed(Managed::WhatIf(path.clone()));
        }
        if let Some(place) = &self.user_settings {
            machine = machine.with_settings(place.clone());
        }
        if self.no_keychain {
            machine = machine.with_keychain(NoKeychain);
        }
        machine
    }
}
