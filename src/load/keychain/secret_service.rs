//! Secret Service on the session bus.
//!
//! Spoken to directly rather than through `keyring-core`: that crate's store unlocks whatever a
//! search finds, which opens a password dialog.

use std::{collections::HashMap, io, time::Duration};

use secret_service::{Collection, EncryptionType, Error, Item, SecretService};
use tokio::{runtime, time};
use zeroize::Zeroizing;

use super::{
    ItemName, ItemText, KeychainError, Removed,
    state::{SERVICE, USER, ZED_URL, ZED_USER},
};

pub(super) fn read(bound: Duration) -> Result<Option<(ItemName, ItemText)>, KeychainError> {
    on_the_bus(bound, async |service| {
        let own = find(&service, ItemName::BedrockAuth).await?;
        if let Some(item) = newest(own).await? {
            return text_of(ItemName::BedrockAuth, &item).await;
        }
        // An own item may hide in there, and it would come first
        refuse_if_locked(&service).await?;
        let zed = find(&service, ItemName::Zed).await?;
        match newest(zed).await? {
            Some(item) => text_of(ItemName::Zed, &item).await,
            None => Ok(None),
        }
    })
}

pub(super) fn store(bound: Duration, text: &[u8]) -> Result<(), KeychainError> {
    on_the_bus(bound, async |service| {
        let collection = default_collection(&service).await?.ok_or(KeychainError::NoCollection)?;
        // The service would answer a write to a locked collection with a dialog
        if collection.is_locked().await.map_err(fault)? {
            return Err(KeychainError::Locked);
        }
        let before = find(&service, ItemName::BedrockAuth).await?;
        let label = ItemName::BedrockAuth.label();
        let attributes = attributes(ItemName::BedrockAuth);
        let written = collection
            .create_item(label, attributes, text, true, "text/plain")
            .await
            .map_err(fault)?;
        for stale in before.iter().filter(|item| item.item_path != written.item_path) {
            // One that stays does no harm: the item written last is the one that is read
            let _ = stale.delete().await;
        }
        Ok(())
    })
}

pub(super) fn remove(bound: Duration) -> Result<Removed, KeychainError> {
    on_the_bus(bound, async |service| {
        let own = find(&service, ItemName::BedrockAuth).await?;
        if own.is_empty() {
            refuse_if_locked(&service).await?;
        }
        for item in &own {
            item.delete().await.map_err(fault)?;
        }
        let zed = service.search_items(attributes(ItemName::Zed)).await.map_err(fault)?;
        let zed_remains = !(zed.unlocked.is_empty() && zed.locked.is_empty());
        Ok(Removed { existed: !own.is_empty(), zed_remains })
    })
}

/// Connects, does the work, and gives up at the bound, cancelling whatever is still under way.
fn on_the_bus<T>(
    bound: Duration,
    work: impl AsyncFnOnce(SecretService<'static>) -> Result<T, KeychainError>,
) -> Result<T, KeychainError> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        KeychainError::Failed { reason: format!("no runtime to ask it with: {error}") }
    })?;
    let answer = runtime
        .block_on(async { time::timeout(bound, async { work(connect().await?).await }).await });
    // A name lookup or a connect that is stuck in the system must not hold us up
    runtime.shutdown_background();
    answer.unwrap_or(Err(KeychainError::TimedOut { after: bound }))
}

async fn connect() -> Result<SecretService<'static>, KeychainError> {
    let bus = zbus::Connection::session().await.map_err(|error| KeychainError::Absent {
        reason: format!("no session bus answers: {}", one_line(&error)),
    })?;
    // Encrypted: the bus and whoever monitors it see no credential
    SecretService::connect_with_existing(EncryptionType::Dh, bus).await.map_err(fault)
}

/// The unlocked items of that name.
///
/// # Errors
/// [`KeychainError::Locked`] where one of them is locked.
async fn find<'a>(
    service: &'a SecretService<'_>,
    name: ItemName,
) -> Result<Vec<Item<'a>>, KeychainError> {
    let found = service.search_items(attributes(name)).await.map_err(fault)?;
    match found.locked.is_empty() {
        true => Ok(found.unlocked),
        false => Err(KeychainError::Locked),
    }
}

/// Of several items of one name, in as many collections, the one written last.
async fn newest(mut items: Vec<Item<'_>>) -> Result<Option<Item<'_>>, KeychainError> {
    if items.len() < 2 {
        return Ok(items.pop());
    }
    let mut best = None;
    for item in items {
        let modified = item.get_modified().await.map_err(fault)?;
        if best.as_ref().is_none_or(|(latest, _)| modified > *latest) {
            best = Some((modified, item));
        }
    }
    Ok(best.map(|(_, item)| item))
}

async fn text_of(
    name: ItemName,
    item: &Item<'_>,
) -> Result<Option<(ItemName, ItemText)>, KeychainError> {
    let text = item.get_secret().await.map_err(fault)?;
    Ok(Some((name, Zeroizing::new(text))))
}

async fn refuse_if_locked(service: &SecretService<'_>) -> Result<(), KeychainError> {
    match default_collection(service).await? {
        Some(collection) if collection.is_locked().await.map_err(fault)? => {
            Err(KeychainError::Locked)
        }
        _ => Ok(()),
    }
}

async fn default_collection<'a>(
    service: &'a SecretService<'_>,
) -> Result<Option<Collection<'a>>, KeychainError> {
    match service.get_default_collection().await {
        Ok(collection) => Ok(Some(collection)),
        Err(Error::NoResult) => Ok(None),
        Err(error) => Err(fault(error)),
    }
}

fn attributes(name: ItemName) -> HashMap<&'static str, &'static str> {
    HashMap::from(match name {
        // The names that every `keyring` library uses, so that their tools find the item too
        ItemName::BedrockAuth => [("service", SERVICE), ("username", USER)],
        ItemName::Zed => [("url", ZED_URL), ("username", ZED_USER)],
    })
}

fn fault(error: Error) -> KeychainError {
    match error {
        // A dialog that somebody else's lock brought up, and that was dismissed
        Error::Locked | Error::Prompt | Error::PromptDisconnected => KeychainError::Locked,
        Error::Unavailable => no_service(),
        Error::Zbus(error) => bus_fault(&error),
        Error::ZbusFdo(error) => standard_fault(&error),
        error => KeychainError::Failed { reason: one_line(&error) },
    }
}

fn bus_fault(error: &zbus::Error) -> KeychainError {
    match error {
        zbus::Error::FDO(error) => standard_fault(error),
        zbus::Error::InputOutput(error) if is_gone(error.kind()) => KeychainError::Absent {
            reason: format!("the session bus went away: {}", one_line(error)),
        },
        zbus::Error::MethodError(name, _, _) => match name.as_str() {
            "org.freedesktop.Secret.Error.IsLocked" => KeychainError::Locked,
            "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner"
            | "org.freedesktop.DBus.Error.Spawn.ServiceNotFound" => no_service(),
            _ => KeychainError::Failed { reason: one_line(error) },
        },
        error => KeychainError::Failed { reason: one_line(error) },
    }
}

fn standard_fault(error: &zbus::fdo::Error) -> KeychainError {
    match error {
        zbus::fdo::Error::ServiceUnknown(_)
        | zbus::fdo::Error::NameHasNoOwner(_)
        | zbus::fdo::Error::SpawnServiceNotFound(_) => no_service(),
        zbus::fdo::Error::ZBus(error) => bus_fault(error),
        error => KeychainError::Failed { reason: one_line(error) },
    }
}

fn no_service() -> KeychainError {
    KeychainError::Absent { reason: "no Secret Service on the session bus".to_owned() }
}

fn is_gone(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionRefused | ConnectionReset | NotFound | UnexpectedEof)
}

fn one_line(error: &impl ToString) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
