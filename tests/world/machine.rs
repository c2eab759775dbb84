//! A whole machine, and the facts that the loader would make of it.

use std::path::Path;
use std::sync::Arc;

use bedrock_auth::facts::{
    Asker, Facts, FamilyFacts, KeychainFacts, KeychainObstacle, Request, Requests,
};
use bedrock_auth::family::{Family, Variable};
use bedrock_auth::jsonc::{Finding, FindingCode, Located, SourceText};
use bedrock_auth::network::NetworkFacts;
use bedrock_auth::policy::{Identity, ManagedSource, Policy};
use bedrock_auth::provenance::{Layer, Place, Position, Source};
use bedrock_auth::settings::{ManagedValues, RequestedMethod};
use bedrock_auth::words::Word;
use jiff::Timestamp;

use super::credentials::MadeCredentials;
use super::dice::Dice;
use super::policies::{PolicyFile, roll_endpoint};
use super::pools::{
    CA_VARIABLES, FAMILIES, GROUPS, HOSTS, METHODS, NO_PROXY, NOW, PROFILES, PROXIES,
    PROXY_VARIABLES, REGIONS, USERS, instant,
};
use super::signers::Profiles;

/// Everything that the core looks at.
#[derive(Debug, Clone)]
pub struct World {
    pub policies: Vec<PolicyFile>,
    pub identity: Identity,
    pub now: Timestamp,
    pub settings: Settings,
    /// In the person's order of preference.
    pub environment: Vec<Variables>,
    pub keychain: Keychain,
    pub profiles: Profiles,
    /// Variables about certificates and proxies.
    pub network: Vec<(&'static str, &'static str)>,
}

/// The person's settings file.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub is_faulty: bool,
    pub method: Option<&'static str>,
    pub profile: Option<&'static str>,
    pub region: Option<&'static str>,
    pub endpoint_url: Option<&'static str>,
}

/// The variables of one family.
#[derive(Debug, Clone)]
pub struct Variables {
    pub family: &'static str,
    pub profile: Option<&'static str>,
    pub region: Option<&'static str>,
    pub endpoint_url: Option<&'static str>,
    pub credentials: MadeCredentials,
}

/// What the keychain says.
#[derive(Debug, Clone)]
pub enum Keychain {
    Nothing,
    Unavailable(KeychainObstacle),
    Unusable,
    Found(MadeCredentials),
}

impl World {
    pub fn roll(dice: &mut Dice) -> Self {
        let now = instant(dice.pick(NOW));
        let policies = dice.pick(&[0, 1, 1, 1, 1, 2, 2, 2, 3]);
        World {
            now,
            policies: (0..policies).map(|rank| PolicyFile::roll(dice, rank)).collect(),
            identity: roll_identity(dice),
            settings: Settings::roll(dice),
            environment: roll_environment(dice, now),
            keychain: Keychain::roll(dice, now),
            profiles: Profiles::roll(dice),
            network: roll_network(dice),
        }
    }

    /// Each managed source as the loader found it.
    pub fn sources(&self) -> Vec<ManagedSource> {
        self.policies.iter().map(PolicyFile::to_source).collect()
    }

    /// The meet of all policies, here and now.
    pub fn policy(&self) -> Policy {
        self.policy_of(&self.sources())
    }

    fn policy_of(&self, sources: &[ManagedSource]) -> Policy {
        Policy::meet_all(sources.iter().map(|s| Policy::of(s, &self.identity, self.now)))
    }

    pub fn to_facts(&self) -> Facts {
        self.to_facts_of(&self.sources())
    }

    /// The facts, where the sources are at hand already.
    pub fn to_facts_of(&self, sources: &[ManagedSource]) -> Facts {
        let policy = self.policy_of(sources);
        let fault = || {
            let text = SourceText::new(Path::new("settings.json"), "{");
            Finding::new(FindingCode::Syntax, "it breaks off".to_owned(), &text, 0..1)
        };
        Facts {
            requests: self.requests(&policy),
            policy,
            what_if: false,
            families: self.environment.iter().map(Variables::to_facts).collect(),
            keychain: self.keychain.to_facts(),
            signers: Arc::new(self.profiles.clone()),
            network: self.network_facts(),
            now: self.now,
            settings_faults: if self.settings.is_faulty { vec![fault()] } else { Vec::new() },
            audit_asked: false,
            settings_remarks: Vec::new(),
        }
    }

    /// Certificates and proxies.
    pub fn network_facts(&self) -> NetworkFacts {
        let variable = |name: &str| {
            self.network.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
        };
        NetworkFacts::of(variable, |_, _| Err("nobody reads it here".to_owned()))
    }

    /// What variables and the keychain hold.
    pub fn credentials(&self) -> impl Iterator<Item = &MadeCredentials> {
        let in_keychain = match &self.keychain {
            Keychain::Found(credentials) => Some(credentials),
            _ => None,
        };
        self.environment.iter().map(|variables| &variables.credentials).chain(in_keychain)
    }

    /// Everything on this machine that must never be shown.
    pub fn secrets(&self) -> Vec<String> {
        self.credentials().flat_map(|made| made.secrets().map(str::to_owned)).collect()
    }

    /// What the layers ask for, in the order of the contract's section 3.
    fn requests(&self, policy: &Policy) -> Requests {
        let mut requests = Requests::default();
        for document in policy.documents().filter(|document| document.enforces()) {
            let locked = document.settings.as_ref().and_then(|s| s.locked.as_ref());
            ask_managed(&mut requests, Asker::Locked, locked);
        }
        for variables in &self.environment {
            variables.ask(&mut requests);
        }
        if !self.settings.is_faulty {
            self.settings.ask(&mut requests);
        }
        for document in policy.documents().rev() {
            let recommended = document.settings.as_ref().and_then(|s| s.recommended.as_ref());
            ask_managed(&mut requests, Asker::Recommended, recommended);
        }
        requests
    }
}

fn ask_managed(requests: &mut Requests, asker: Asker, values: Option<&ManagedValues>) {
    let Some(values) = values else { return };
    let ManagedValues { authentication_method, profile, region, endpoint_url } = values;
    ask_located(&mut requests.method, &asker, authentication_method.as_ref());
    ask_located(&mut requests.profile, &asker, profile.as_ref());
    ask_located(&mut requests.region, &asker, region.as_ref());
    ask_located(&mut requests.endpoint_url, &asker, endpoint_url.as_ref());
}

fn ask_located<T: Clone>(
    requests: &mut Vec<Request<T>>,
    asker: &Asker,
    value: Option<&Located<T>>,
) {
    requests.extend(value.map(|located| Request {
        asker: asker.clone(),
        value: located.value.clone(),
        source: Source::new(Layer::Managed, located.at.clone()),
    }));
}

impl Settings {
    fn roll(dice: &mut Dice) -> Self {
        Settings {
            is_faulty: dice.percent(2),
            method: dice.maybe(65, |dice| dice.pick(METHODS)),
            profile: dice.maybe(40, |dice| dice.pick(PROFILES)),
            region: dice.maybe(35, |dice| dice.pick(REGIONS)),
            endpoint_url: dice.maybe(12, roll_endpoint),
        }
    }

    fn ask(&self, requests: &mut Requests) {
        let path: Arc<Path> = Arc::from(Path::new("/home/ada/.config/bedrock-auth/settings.json"));
        let source =
            |line| Source::new(Layer::User, Place::in_file(&path, Position { line, column: 3 }));
        let method = self.method.and_then(RequestedMethod::from_word);
        requests.method.extend(method.map(|value| Request {
            asker: Asker::User,
            value,
            source: source(2),
        }));
        let lists = [
            (&mut requests.profile, self.profile, 3),
            (&mut requests.region, self.region, 4),
            (&mut requests.endpoint_url, self.endpoint_url, 5),
        ];
        for (list, value, line) in lists {
            list.extend(value.map(|value| Request {
                asker: Asker::User,
                value: value.to_owned(),
                source: source(line),
            }));
        }
    }
}

impl Variables {
    fn roll(dice: &mut Dice, family: &'static str, now: Timestamp) -> Self {
        let credentials =
            dice.maybe(45, |dice| MadeCredentials::roll(dice, now)).unwrap_or_default();
        Variables {
            family,
            profile: dice.maybe(15, |dice| dice.pick(PROFILES)),
            region: dice.maybe(15, |dice| dice.pick(REGIONS)),
            endpoint_url: dice.maybe(5, roll_endpoint),
            credentials,
        }
    }

    fn family(&self) -> Family {
        Family::parse(self.family).expect("the pool holds families")
    }

    fn to_facts(&self) -> FamilyFacts {
        FamilyFacts { family: self.family(), credentials: self.credentials.to_static() }
    }

    fn ask(&self, requests: &mut Requests) {
        let family = self.family();
        let lists = [
            (&mut requests.profile, self.profile, Variable::Profile),
            (&mut requests.region, self.region, Variable::Region),
            (&mut requests.endpoint_url, self.endpoint_url, Variable::Endpoint),
        ];
        for (list, value, variable) in lists {
            let place = Place::variable(&family.name(variable));
            list.extend(value.map(|value| Request {
                asker: Asker::Environment(family.clone()),
                value: value.to_owned(),
                source: Source::new(Layer::Environment, place),
            }));
        }
    }
}

impl Keychain {
    fn roll(dice: &mut Dice, now: Timestamp) -> Self {
        match dice.below(20) {
            0..11 => Keychain::Nothing,
            11 => Keychain::Unavailable(dice.pick(KeychainObstacle::ALL)),
            12 => Keychain::Unusable,
            _ => Keychain::Found(MadeCredentials::roll(dice, now)),
        }
    }

    fn to_facts(&self) -> KeychainFacts {
        let item = || Place::KeychainItem(Arc::from("bedrock-auth"));
        let why = || "in words".to_owned();
        match self {
            Keychain::Nothing => KeychainFacts::Nothing { why: why() },
            Keychain::Unavailable(obstacle) => {
                KeychainFacts::Unavailable { obstacle: *obstacle, why: why(), advice: None }
            }
            Keychain::Unusable => {
                KeychainFacts::Unusable { item: item(), why: why(), advice: None }
            }
            Keychain::Found(made) => {
                KeychainFacts::Found { item: item(), credentials: made.to_static() }
            }
        }
    }
}

/// Mostly nothing; else each variable now and then, so that one hides another.
fn roll_network(dice: &mut Dice) -> Vec<(&'static str, &'static str)> {
    if !dice.percent(25) {
        return Vec::new();
    }
    let files = dice.some_of(CA_VARIABLES, 25).into_iter();
    let files = files.map(|name| (name, dice.pick(&["/etc/corp/ca.pem", ""]))).collect::<Vec<_>>();
    let proxies = dice.some_of(PROXY_VARIABLES, 25).into_iter();
    let proxies = proxies.map(|name| (name, dice.pick(PROXIES))).collect::<Vec<_>>();
    let spared = dice.some_of(&["NO_PROXY", "no_proxy"], 25).into_iter();
    let spared = spared.map(|name| (name, dice.pick(NO_PROXY))).collect::<Vec<_>>();
    let cgi = dice.maybe(10, |_| ("REQUEST_METHOD", "GET"));
    files.into_iter().chain(proxies).chain(spared).chain(cgi).collect()
}

/// The families that the person named, ZED alone where none.
fn roll_environment(dice: &mut Dice, now: Timestamp) -> Vec<Variables> {
    let families = match dice.below(4) {
        0 | 1 => vec!["ZED"],
        2 => vec!["AWS", "ZED"],
        _ => dice.some_of(FAMILIES, 50),
    };
    families.into_iter().map(|family| Variables::roll(dice, family, now)).collect()
}

/// What is not known about a person counts as a match, so now and then something is not known.
pub fn roll_identity(dice: &mut Dice) -> Identity {
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    Identity {
        user: dice.maybe(85, |dice| dice.pick(USERS).to_owned()),
        groups: dice.maybe(85, |dice| owned(dice.some_of(GROUPS, 50))),
        host: dice.maybe(85, |dice| dice.pick(HOSTS).to_owned()),
    }
}
