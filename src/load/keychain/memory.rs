//! A keychain in memory, for tests and for programs that keep credentials themselves.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{ItemName, Keychain, KeychainError, KeychainState, Removed};
use crate::credentials::StaticCredentials;

/// A keychain that lives as long as the value, shared by reference.
#[derive(Debug, Default)]
pub struct InMemoryKeychain {
    contents: Mutex<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    own: Option<StaticCredentials>,
    zed: Option<StaticCredentials>,
    /// What a read answers in place of the items, until a store succeeds.
    pretended: Option<KeychainState>,
}

impl InMemoryKeychain {
    /// A keychain that holds one item.
    pub fn holding(item: ItemName, credentials: StaticCredentials) -> Self {
        let keychain = Self::default();
        keychain.put(item, credentials);
        keychain
    }

    /// A keychain in the state given: a locked one, say, or one that does not answer.
    ///
    /// Does not wait: [`KeychainState::TimedOut`] comes at once.
    pub fn pretending(state: KeychainState) -> Self {
        let contents = Contents { pretended: Some(state), ..Contents::default() };
        InMemoryKeychain { contents: Mutex::new(contents) }
    }

    /// Writes an item as if its owner, Zed for example, had done so.
    pub fn put(&self, item: ItemName, credentials: StaticCredentials) {
        let mut contents = self.contents();
        match item {
            ItemName::BedrockAuth => contents.own = Some(credentials),
            ItemName::Zed => contents.zed = Some(credentials),
        }
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        // Every change is one assignment, so a panic elsewhere leaves nothing half done
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    /// The error that the pretended state means for a write.
    fn refusal(&self) -> Result<(), KeychainError> {
        Err(match self.pretended.clone() {
            Some(KeychainState::Disabled) => KeychainError::Disabled,
            Some(KeychainState::Absent { reason }) => KeychainError::Absent { reason },
            Some(KeychainState::Locked) => KeychainError::Locked,
            Some(KeychainState::TimedOut { after }) => KeychainError::TimedOut { after },
            Some(KeychainState::Failed { reason }) => KeychainError::Failed { reason },
            Some(
                KeychainState::Empty | KeychainState::Found { .. } | KeychainState::Unusable { .. },
            )
            | None => return Ok(()),
        })
    }
}

impl Keychain for InMemoryKeychain {
    fn read(&self) -> KeychainState {
        let contents = self.contents();
        if let Some(state) = &contents.pretended {
            return state.clone();
        }
        let found = |item, held: &Option<StaticCredentials>| {
            let credentials = held.clone()?;
            Some(match credentials.check() {
                Ok(()) => KeychainState::Found { item, credentials },
                Err(error) => KeychainState::Unusable { item, reason: error.to_string() },
            })
        };
        found(ItemName::BedrockAuth, &contents.own)
            .or_else(|| found(ItemName::Zed, &contents.zed))
            .unwrap_or(KeychainState::Empty)
    }

    fn store(&self, credentials: &StaticCredentials) -> Result<(), KeychainError> {
        credentials.check().map_err(KeychainError::Incomplete)?;
        let mut contents = self.contents();
        contents.refusal()?;
        contents.pretended = None;
        contents.own = Some(credentials.clone());
        Ok(())
    }

    fn remove(&self) -> Result<Removed, KeychainError> {
        let mut contents = self.contents();
        contents.refusal()?;
        let pretended = contents.pretended.take();
        let (own, zed) = match pretended {
            Some(KeychainState::Found { item, .. } | KeychainState::Unusable { item, .. }) => {
                (item == ItemName::BedrockAuth, item == ItemName::Zed)
            }
            _ => (false, false),
        };
        let existed = contents.own.take().is_some() || own;
        Ok(Removed { existed, zed_remains: contents.zed.is_some() || zed })
    }
}
