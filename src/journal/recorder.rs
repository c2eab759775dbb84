//! What decisions are recorded with: the journal of a machine, opened when there is something to write.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use secrecy::SecretString;

use super::error::{Doing, JournalError};
use super::layout::Layout;
use super::processes::this_process;
use super::writer::{Durability, Journal, Rhythm, known_policy};
use crate::audit::{Asked, Caller, CredentialUse, Event, Person, PolicyInForce, Text, Who};
use crate::load::Machine;
use crate::policy::{AuditDemand, Identity};
use crate::resolve::Resolution;
use crate::targets::JOURNAL as TARGET;

/// The directory of a machine's journal; none where the machine has no place for state.
pub fn directory_of(machine: &Machine) -> Option<PathBuf> {
    machine.state_directory().map(|state| state.join("audit"))
}

/// Records decisions of this process in the journal of a machine. Clones share it.
#[derive(Clone)]
pub struct Recorder(Arc<Inner>);

struct Inner {
    machine: Machine,
    journal: OnceLock<Journal>,
    who: OnceLock<Who>,
    /// The last failure that kept nothing from happening.
    trouble: Mutex<Option<JournalError>>,
}

impl Recorder {
    /// Opens nothing yet.
    pub fn of(machine: &Machine) -> Self {
        Recorder(Arc::new(Inner {
            machine: machine.clone(),
            journal: OnceLock::new(),
            who: OnceLock::new(),
            trouble: Mutex::new(None),
        }))
    }

    /// Who decides here, on behalf of whom.
    pub fn who(&self, caller: Option<Caller>) -> Who {
        let who = self.0.who.get_or_init(|| who(self.0.machine.person()));
        Who { caller, ..who.clone() }
    }

    /// What an answer says of a wish for a credential, and who decides here; how that went is for the caller to add.
    pub fn made(&self, resolution: &Resolution, asked: &Asked) -> CredentialUse {
        CredentialUse::of_answer(asked.door, self.who(asked.caller.clone()), resolution)
    }

    /// Records a credential that is about to leave. The secret that an API key is becomes a fingerprint.
    ///
    /// # Errors
    /// Where a record is demanded, and is not known to be durable: then the credential must not leave. Every other failure
    /// is kept as [`trouble`](Self::trouble).
    pub fn released(
        &self,
        now: Timestamp,
        demand: AuditDemand,
        made: CredentialUse,
        api_key: Option<&SecretString>,
    ) -> Result<(), JournalError> {
        match self.write(now, demand, made, api_key) {
            Err(error) if demand == AuditDemand::Required => {
                tracing::error!(target: TARGET, %error, "no credential leaves without its record");
                Err(error)
            }
            Err(error) => {
                self.keep(error);
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Records that no credential leaves. A failure is kept as [`trouble`](Self::trouble).
    pub fn withheld(
        &self,
        now: Timestamp,
        demand: AuditDemand,
        made: CredentialUse,
        api_key: Option<&SecretString>,
    ) {
        if let Err(error) = self.write(now, demand, made, api_key) {
            self.keep(error);
        }
    }

    /// Records an answer that is an allowed one, to somebody who will be told how to have the credential.
    ///
    /// # Errors
    /// As [`released`](Self::released).
    pub fn allowed(&self, resolution: &Resolution, asked: &Asked) -> Result<(), JournalError> {
        let made = self.made(resolution, asked);
        self.released(self.0.machine.now(), resolution.audit, made, None)
    }

    /// Records an answer that is no allowed one, to somebody who asked for a credential.
    pub fn not_allowed(&self, resolution: &Resolution, asked: &Asked) {
        let made = self.made(resolution, asked);
        self.withheld(self.0.machine.now(), resolution.audit, made, None);
    }

    fn write(
        &self,
        now: Timestamp,
        demand: AuditDemand,
        mut made: CredentialUse,
        api_key: Option<&SecretString>,
    ) -> Result<(), JournalError> {
        let durability = match demand {
            AuditDemand::Required => Durability::Durable,
            AuditDemand::Recorded => Durability::Written,
            AuditDemand::Off if made.what_if => return Ok(()),
            AuditDemand::Off => {
                self.note_policy(now, demand, &made.policy);
                return Ok(());
            }
        };
        let journal = self.journal()?;
        made.fingerprint = api_key.map(|key| journal.fingerprint(key));
        journal.append(now, &Event::Credential(Box::new(made)), durability).map(drop)
    }

    /// Records that other policies are in force than the journal knows of.
    pub fn note_policy(&self, now: Timestamp, demand: AuditDemand, policy: &PolicyInForce) {
        if demand == AuditDemand::Off && !self.knows_of_policy() {
            return;
        }
        let noted = self.journal().and_then(|j| j.note_policy(now, &self.who(None), policy));
        match noted {
            Ok(true) => tracing::info!(target: TARGET, "other policies are in force"),
            Ok(false) => {}
            Err(error) => self.keep(error),
        }
    }

    /// The last failure that kept no credential from leaving.
    pub fn trouble(&self) -> Option<JournalError> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// On a machine that had policies once, their end is worth a record.
    fn knows_of_policy(&self) -> bool {
        let journal = directory_of(&self.0.machine).map(Layout::of);
        let known = journal.and_then(|layout| known_policy(&layout.head()));
        known.is_some_and(|known| known != PolicyInForce::default().key())
    }

    fn journal(&self) -> Result<&Journal, JournalError> {
        if let Some(journal) = self.0.journal.get() {
            return Ok(journal);
        }
        let directory = directory_of(&self.0.machine).ok_or_else(|| {
            let why = "nobody knows the home directory of this person";
            let error = std::io::Error::new(ErrorKind::NotFound, why);
            JournalError::new(Doing::Opening, "audit".as_ref(), &error)
        })?;
        let journal = Journal::open(Layout::of(directory), Rhythm::default())?;
        // Of two that open it at the same moment, one is used.
        Ok(self.0.journal.get_or_init(|| journal))
    }

    fn keep(&self, error: JournalError) {
        tracing::warn!(target: TARGET, %error, "something is not on record");
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

fn who(person: Identity) -> Who {
    Who {
        user: Person { name: person.user.as_deref().map(Text::new), uid: uid() },
        host: person.host.as_deref().map(Text::new),
        process: this_process(),
        caller: None,
    }
}

#[cfg(unix)]
fn uid() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn uid() -> Option<u32> {
    None
}

/// Without the machine, which holds an environment.
impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}
