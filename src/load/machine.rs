//! The machine as a value: everything that a resolution depends on and that a host program may replace.

use std::path::PathBuf;
use std::sync::Arc;
#[cfg(feature = "watch")]
use std::time::Instant;

use jiff::Timestamp;

use super::environment::Environment;
use super::keychain::{Keychain, KeychainState, NoKeychain, OsKeychain, ReadOnce};
use super::layers::Layers;
use super::managed::{Managed, machine_has_policy};
use super::memory::Memory;
use super::settings_file::{SettingsPlace, default_place};
use super::state::StatePlace;
use super::{AwsPlaces, aws_files, identity, network};
use crate::facts::{Facts, KeychainFacts, KeychainObstacle};
use crate::family::Family;
use crate::network::NetworkFacts;
use crate::policy::{Document, Identity, ManagedSource, Policy};
use crate::provenance::Place;
use crate::resolve::{Resolution, resolve};
use crate::settings::SettingsRead;
use crate::settings::UserSettings;
use crate::signer::Signers;
use crate::targets::LOAD as TARGET;

/// Where a machine's clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The system's clock.
    System,
    /// One moment, for tests and what-if questions.
    At(Timestamp),
}

/// What to watch.
#[cfg(feature = "watch")]
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) files: Vec<PathBuf>,
    /// Directories whose entries count, whatever their names.
    pub(crate) listed: Vec<PathBuf>,
}

/// What the files hold, and the moment at which the policies were judged.
pub(crate) struct Look {
    policy: Policy,
    settings: SettingsRead,
    signers: Arc<dyn Signers + Send + Sync>,
    /// One moment for all: a policy must not end between its verdict and that on a key.
    now: Timestamp,
}

/// A machine: its managed places, environment, settings, keychain, person and clock.
///
/// ```
/// use bedrock_auth::load::{Environment, Machine};
/// use bedrock_auth::resolve::Outcome;
///
/// let machine = Machine::empty().with_environment(Environment::from_pairs([
///     ("ZED_BEDROCK_BEARER_TOKEN", "a-token-of-a-local-test-server"),
/// ]));
/// let resolution = machine.resolve();
/// assert_eq!(resolution.outcome, Outcome::Allowed);
/// assert_eq!(
///     resolution.display,
///     "Using Bedrock API Key from ZED_BEDROCK_BEARER_TOKEN environment variable"
/// );
/// ```
#[derive(Clone)]
pub struct Machine {
    managed: Managed,
    environment: Environment,
    settings: Settings,
    keychain: Arc<dyn Keychain>,
    identity: Option<Identity>,
    clock: Clock,
    signers: Option<Arc<dyn Signers + Send + Sync>>,
    network: Option<NetworkFacts>,
    memory: Option<Memory>,
    state: StatePlace,
}

#[derive(Clone)]
enum Settings {
    Default,
    At(SettingsPlace),
    Read(Box<UserSettings>),
    None,
}

impl Machine {
    /// The machine that this process runs on.
    pub fn this() -> Self {
        Machine {
            managed: Managed::System,
            environment: Environment::of_process(),
            settings: Settings::Default,
            keychain: Arc::new(OsKeychain::default()),
            identity: None,
            clock: Clock::System,
            signers: None,
            network: None,
            memory: None,
            state: StatePlace::OfPerson,
        }
    }

    /// A machine without policy, variables, settings, keychain or a place for state.
    pub fn empty() -> Self {
        Machine {
            managed: Managed::Given(Vec::new()),
            environment: Environment::default(),
            settings: Settings::None,
            keychain: Arc::new(NoKeychain),
            identity: Some(Identity::default()),
            clock: Clock::System,
            signers: None,
            network: None,
            memory: None,
            state: StatePlace::Nowhere,
        }
    }

    /// Looks for policies elsewhere.
    #[must_use]
    pub fn with_managed(self, managed: Managed) -> Self {
        Machine { managed, memory: None, ..self }
    }

    /// Reads another environment.
    #[must_use]
    pub fn with_environment(self, environment: Environment) -> Self {
        Machine { environment, memory: None, ..self }
    }

    /// Reads settings from another place.
    #[must_use]
    pub fn with_settings(self, place: SettingsPlace) -> Self {
        Machine { settings: Settings::At(place), memory: None, ..self }
    }

    /// Takes settings as given.
    #[must_use]
    pub fn with_settings_read(self, settings: UserSettings) -> Self {
        Machine { settings: Settings::Read(Box::new(settings)), memory: None, ..self }
    }

    /// Asks another keychain.
    #[must_use]
    pub fn with_keychain(self, keychain: impl Keychain + 'static) -> Self {
        Machine { keychain: Arc::new(keychain), ..self }
    }

    /// Takes the person and the host as given.
    #[must_use]
    pub fn with_identity(self, identity: Identity) -> Self {
        Machine { identity: Some(identity), ..self }
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Machine { clock, ..self }
    }

    /// Takes what stands behind profiles as given, instead of reading the AWS files.
    #[must_use]
    pub fn with_signers(self, signers: Arc<dyn Signers + Send + Sync>) -> Self {
        Machine { signers: Some(signers), ..self }
    }

    /// Takes what variables say about connections as given, instead of reading the files that they name.
    #[must_use]
    pub fn with_network(self, network: NetworkFacts) -> Self {
        Machine { network: Some(network), ..self }
    }

    /// Keeps state, such as the audit journal, in this directory.
    #[must_use]
    pub fn with_state_directory(self, directory: impl Into<PathBuf>) -> Self {
        Machine { state: StatePlace::At(directory.into()), ..self }
    }

    /// Remembers what was read, as a program that keeps running does: no file counts before it is written to its end,
    /// and a managed file that turns bad does not undo the last good policy.
    #[must_use]
    pub fn with_memory(self, memory: Memory) -> Self {
        Machine { memory: Some(memory), ..self }
    }

    /// The keychain.
    pub fn keychain(&self) -> &dyn Keychain {
        self.keychain.as_ref()
    }

    /// The same machine, whose keychain is asked what it holds once and no more.
    #[must_use]
    pub fn reading_keychain_once(self) -> Self {
        let keychain = Arc::new(ReadOnce::of(Arc::clone(&self.keychain)));
        Machine { keychain, ..self }
    }

    /// Where state is kept, such as the audit journal; none where nobody knows, or there is no place.
    ///
    /// `$XDG_STATE_HOME/bedrock-auth` or its usual place; where a managed policy stands on the machine, the usual place below
    /// the home that the system's accounts name, whatever variables say.
    pub fn state_directory(&self) -> Option<PathBuf> {
        self.state.directory(&self.environment, machine_has_policy)
    }

    /// The person and the host, as the system knows them.
    #[cfg(feature = "journal")]
    pub(crate) fn person(&self) -> Identity {
        self.identity.clone().unwrap_or_else(|| identity::of_process(false))
    }

    /// Where policies are looked for.
    pub(crate) fn managed(&self) -> &Managed {
        &self.managed
    }

    /// The settings file, if there may be one.
    pub(crate) fn settings_file(&self) -> Option<PathBuf> {
        match &self.settings {
            Settings::Default => default_place(&self.environment).map(|p| p.path().to_owned()),
            Settings::At(place) => Some(place.path().to_owned()),
            Settings::Read(_) | Settings::None => None,
        }
    }

    /// Where AWS's files and sign-ins stand.
    pub(crate) fn aws_places(&self) -> AwsPlaces {
        aws_files::places(&self.environment)
    }

    /// The environment that is judged, which need not be that of the process.
    #[cfg(feature = "client")]
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        match self.clock {
            Clock::System => Timestamp::now(),
            Clock::At(moment) => moment,
        }
    }

    /// The policies that count here and now.
    pub fn policy(&self) -> Policy {
        self.policy_at(self.now())
    }

    /// The policies by which credentials may leave: once the machine has some of its own, no others open a door.
    #[cfg(feature = "client")]
    pub(crate) fn policy_of_use(&self, now: Timestamp) -> Policy {
        let policy = self.policy_at(now);
        match self.managed {
            Managed::System => policy,
            _ => policy.meet(self.policy_of(&Managed::System, now)),
        }
    }

    fn policy_at(&self, now: Timestamp) -> Policy {
        self.policy_of(&self.managed, now)
    }

    fn policy_of(&self, managed: &Managed, now: Timestamp) -> Policy {
        let read = managed.read();
        let sources = match &self.memory {
            Some(memory) => memory.managed(managed, read, now),
            None => read,
        };
        let identity = self.identity(&sources);
        let policy =
            Policy::meet_all(sources.iter().map(|source| Policy::of(source, &identity, now)));
        for source in policy.sources() {
            let (file, state) = (&source.file, source.state);
            tracing::debug!(target: TARGET, ?file, %state, "a managed source is read");
        }
        policy
    }

    /// Reads everything that a resolution is made of.
    pub fn facts(&self) -> Facts {
        self.facts_of(self.look())
    }

    /// Reads the files.
    pub(crate) fn look(&self) -> Look {
        let now = self.now();
        Look {
            policy: self.policy_at(now),
            settings: self.read_settings(),
            signers: self.signers(),
            now,
        }
    }

    /// Adds to what the files hold everything else that a resolution is made of.
    pub(crate) fn facts_of(&self, look: Look) -> Facts {
        let Look { policy, settings, signers, now } = look;
        let SettingsRead { settings, faults, remarks } = settings;
        let (file, faulty) = (self.settings_file(), faults.len());
        tracing::debug!(target: TARGET, file = file.map(tracing::field::debug), is_there = settings.is_some(), faulty, "the settings are read");
        let families = families(settings.as_ref());
        let audit_asked = settings.as_ref().is_some_and(|settings| settings.audit == Some(true));
        let layers = Layers::collect(&policy, &self.environment, &families, settings.as_ref());
        let requests = layers.requests();
        let keychain = if faults.is_empty() && requests.depend_on_keychain() {
            self.keychain.read().into()
        } else {
            let why = "not asked: what is heard before it decides".to_owned();
            KeychainFacts::Nothing { why }
        };
        Facts {
            policy,
            what_if: self.managed != Managed::System,
            requests,
            families: families.iter().map(|family| self.environment.family(family)).collect(),
            keychain,
            signers,
            network: self.network.clone().unwrap_or_else(|| network::read(&self.environment)),
            now,
            settings_faults: faults,
            audit_asked,
            settings_remarks: remarks,
        }
    }

    /// Certificates and proxies as a connection needs them.
    #[cfg(feature = "client")]
    pub(crate) fn connections(&self) -> NetworkFacts {
        self.network.clone().unwrap_or_else(|| network::read_whole(&self.environment))
    }

    /// How often something that counts has changed in the files; none without a memory.
    #[cfg(feature = "watch")]
    pub(crate) fn changes(&self) -> Option<u64> {
        self.memory.as_ref().map(Memory::changes)
    }

    /// When a file that is being written counts as it is, if nothing changes until then.
    #[cfg(feature = "watch")]
    pub(crate) fn settles_at(&self) -> Option<Instant> {
        self.memory.as_ref()?.settles_at()
    }

    /// Every file that an answer is made of.
    #[cfg(feature = "watch")]
    pub(crate) fn places(&self) -> Places {
        let mut places = self.managed.places();
        places.files.extend(self.settings_file());
        if self.signers.is_none() {
            let aws = self.aws_places();
            places.files.extend([aws.config, aws.credentials]);
            places.listed.extend(aws.sign_ins);
        }
        places
    }

    /// Whether credentials may leave by these policies: by the machine's own, or, where it has none, by any.
    pub fn may_hand_out(&self) -> bool {
        self.managed == Managed::System || !machine_has_policy()
    }

    /// Answers how to authenticate on this machine now.
    pub fn resolve(&self) -> Resolution {
        resolve(&self.facts())
    }

    /// Looked up only where a policy asks for it: a directory service can be slow.
    fn identity(&self, sources: &[ManagedSource]) -> Identity {
        let documents = || sources.iter().filter_map(ManagedSource::document);
        match &self.identity {
            Some(given) => given.clone(),
            None if documents().any(|document| document.applies_to.is_some()) => {
                identity::of_process(documents().any(Document::asks_for_groups))
            }
            None => Identity::default(),
        }
    }

    fn read_settings(&self) -> SettingsRead {
        let read = self.read_settings_anew();
        match &self.memory {
            Some(memory) => memory.settings(read),
            None => read,
        }
    }

    fn read_settings_anew(&self) -> SettingsRead {
        match &self.settings {
            Settings::None => SettingsRead::default(),
            Settings::At(place) => place.read(),
            Settings::Read(settings) => {
                let settings = Some(settings.as_ref().clone());
                SettingsRead { settings, ..SettingsRead::default() }
            }
            Settings::Default => {
                default_place(&self.environment).map_or_else(SettingsRead::default, |p| p.read())
            }
        }
    }

    fn signers(&self) -> Arc<dyn Signers + Send + Sync> {
        let read = || aws_files::read(&self.environment, self.memory.as_ref());
        self.signers.clone().unwrap_or_else(|| Arc::new(read()))
    }
}

/// The families to read, each once, in the order of the settings.
fn families(settings: Option<&UserSettings>) -> Vec<Family> {
    let Some(named) = settings.and_then(|settings| settings.environment_families.as_ref()) else {
        return vec![Family::zed()];
    };
    let mut families = Vec::new();
    for family in &named.value {
        if !families.contains(&family.value) {
            families.push(family.value.clone());
        }
    }
    families
}

impl From<KeychainState> for KeychainFacts {
    fn from(state: KeychainState) -> Self {
        let why = state.to_string();
        let advice = state.advice().map(str::to_owned);
        let unavailable =
            |obstacle, why, advice| KeychainFacts::Unavailable { obstacle, why, advice };
        match state {
            KeychainState::Disabled | KeychainState::Empty => KeychainFacts::Nothing { why },
            KeychainState::Absent { .. } => unavailable(KeychainObstacle::Absent, why, advice),
            KeychainState::Locked => unavailable(KeychainObstacle::Locked, why, advice),
            KeychainState::TimedOut { .. } => unavailable(KeychainObstacle::TimedOut, why, advice),
            KeychainState::Failed { .. } => unavailable(KeychainObstacle::Failed, why, advice),
            KeychainState::Found { item, credentials } => {
                let item = Place::KeychainItem(item.to_string().into());
                KeychainFacts::Found { item, credentials }
            }
            KeychainState::Unusable { item, reason } => {
                let item = Place::KeychainItem(item.to_string().into());
                KeychainFacts::Unusable { item, why: reason, advice }
            }
        }
    }
}
