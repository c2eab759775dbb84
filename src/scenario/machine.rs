//! The machine that a scenario writes down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::Scenario;
use super::file::{ManagedEntry, Text, UseEntry};
use crate::aws::{AwsFacts, AwsInputs, FileText};
use crate::load::{Clock, Environment, Machine, Managed, NotAPlace, SettingsPlace};
use crate::network::{Certificates, NetworkFacts};
use crate::policy::{Digest, Identity, Instant, ManagedContent, ManagedSource};
use crate::prose::quoted;

impl Scenario {
    /// The machine that the scenario writes down.
    pub fn machine(&self) -> Machine {
        let file = &self.file;
        let variables = file.environment.clone().unwrap_or_default().0;
        let machine = Machine::empty()
            .with_managed(self.managed(file.managed.as_deref().unwrap_or_default()))
            .with_signers(Arc::new(self.signers(&variables)))
            .with_network(self.network(&variables))
            .with_environment(Environment::from_pairs(variables))
            .with_identity(file.identity.clone().map_or_else(Identity::default, Into::into));
        let machine = self.with_settings(at_moment(machine, file.now.as_ref()));
        match &file.keychain {
            Some(keychain) => machine.with_keychain(keychain.pretend()),
            None => machine,
        }
    }

    /// The same machine when the credential is used.
    pub(super) fn machine_at_use(&self, at_use: &UseEntry) -> Machine {
        let machine = match &at_use.managed {
            Some(managed) => self.machine().with_managed(self.managed(managed)),
            None => self.machine(),
        };
        at_moment(machine, at_use.now.as_ref())
    }

    fn signers(&self, variables: &BTreeMap<String, String>) -> AwsFacts {
        let text = |text: &Text, name: &str| FileText::new(name, text.0.clone().into_bytes());
        let entry = self.file.aws.as_ref();
        let config = entry.and_then(|aws| aws.config.as_ref());
        let credentials = entry.and_then(|aws| aws.credentials.as_ref());
        let facts = AwsFacts::new(AwsInputs {
            config: config.map(|config| text(config, "~/.aws/config")),
            credentials: credentials.map(|credentials| text(credentials, "~/.aws/credentials")),
            environment: variables.clone(),
        });
        match entry.and_then(|aws| aws.sign_ins.as_ref()) {
            Some(sign_ins) => facts.with_sign_ins(|name| sign_ins.find(name.as_str())),
            None => facts,
        }
    }

    fn network(&self, variables: &BTreeMap<String, String>) -> NetworkFacts {
        NetworkFacts::of(
            |name| variables.get(name).map(String::as_str),
            |_, path| match &self.file.ca_bundle {
                Some(text) => Certificates::parse([text.0.as_bytes()]),
                None => Err(format!("there is no file {}", quoted(&path.to_string_lossy()))),
            },
        )
    }

    fn with_settings(&self, machine: Machine) -> Machine {
        match (&self.file.settings, &self.file.settings_file) {
            (Some(settings), _) => machine.with_settings_read(settings.value.clone()),
            (None, Some(named)) => match self.settings_place(&named.value) {
                Ok(place) => machine.with_settings(place),
                // Such a file is no scenario; see `missing_files`.
                Err(_) => machine,
            },
            (None, None) => machine,
        }
    }

    fn managed(&self, entries: &[ManagedEntry]) -> Managed {
        let ranks = 0..;
        let sources = ranks.zip(entries).flat_map(|(rank, entry)| self.sources_of(rank, entry));
        Managed::Given(sources.collect())
    }

    pub(super) fn sources_of(&self, rank: u32, entry: &ManagedEntry) -> Vec<ManagedSource> {
        match entry {
            ManagedEntry::Path(path) => {
                let sources = Managed::WhatIf(self.beside(&path.value)).read();
                sources.into_iter().map(|source| ManagedSource { rank, ..source }).collect()
            }
            ManagedEntry::Inline(document) => {
                let digest = Digest::of_bytes(self.text.as_str().as_bytes());
                let content = ManagedContent::Policy(Arc::new(document.value.clone()), digest);
                vec![ManagedSource { rank, path: Arc::clone(self.text.path()), content }]
            }
            ManagedEntry::Stub(stub) => {
                let now = self.file.now.as_ref().map_or(Timestamp::UNIX_EPOCH, |now| now.0);
                vec![stub.source(rank, &self.text, now)]
            }
        }
    }

    pub(super) fn settings_place(&self, named: &str) -> Result<SettingsPlace, NotAPlace> {
        SettingsPlace::named(&self.beside(named).to_string_lossy())
    }

    fn beside(&self, path: &str) -> PathBuf {
        self.text.path().parent().unwrap_or(Path::new("")).join(path)
    }
}

fn at_moment(machine: Machine, moment: Option<&Instant>) -> Machine {
    match moment {
        Some(moment) => machine.with_clock(Clock::At(moment.0)),
        None => machine,
    }
}
