//! Managed policy files as JSON text, with every key of the format, and files that are none.

use std::path::Path;
use std::sync::Arc;

use bedrock_auth::policy::{ManagedContent, ManagedSource, Obstacle};
use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::pools::{
    ACCOUNTS, CANARY, COMMAND_PATTERNS, ENDPOINT_PATTERNS, ENDPOINTS, FAMILIES, GROUP_PATTERNS,
    HOST_PATTERNS, INSTANTS, METHODS, NO_ENDPOINTS, PROFILE_PATTERNS, PROFILES, REGION_PATTERNS,
    REGIONS, ROLE_PATTERNS, SSO_ROLE_PATTERNS, START_URL_PATTERNS, USER_PATTERNS,
};

/// One managed source.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    pub rank: u32,
    pub path: &'static str,
    pub content: FileContent,
}

/// What is found there.
#[derive(Debug, Clone)]
pub enum FileContent {
    Policy(Value),
    /// Not JSON.
    Malformed(String),
    /// JSON, and not a policy.
    Invalid(String),
    Empty,
    Absent,
    Unreadable,
    Untrusted,
}

impl PolicyFile {
    pub fn roll(dice: &mut Dice, rank: u32) -> Self {
        let content = match dice.below(100) {
            0..90 => FileContent::Policy(roll_policy(dice, true)),
            90 => FileContent::Empty,
            91 => FileContent::Absent,
            _ => return PolicyFile { content: roll_bad_content(dice), ..at_rank(rank) },
        };
        PolicyFile { content, ..at_rank(rank) }
    }

    /// A policy that supplies no values.
    pub fn roll_without_settings(dice: &mut Dice, rank: u32) -> Self {
        PolicyFile { content: FileContent::Policy(roll_policy(dice, false)), ..at_rank(rank) }
    }

    /// A source in a state that denies everything, but for a policy that is over.
    pub fn roll_bad(dice: &mut Dice, rank: u32) -> Self {
        PolicyFile { content: roll_bad_content(dice), ..at_rank(rank) }
    }

    pub fn to_source(&self) -> ManagedSource {
        let path: Arc<Path> = Arc::from(Path::new(self.path));
        let obstacle = || Obstacle {
            path: Arc::clone(&path),
            reason: "somebody stands in the way".to_owned(),
            remedy: "move aside".to_owned(),
        };
        let bytes = match &self.content {
            FileContent::Policy(policy) => format!("// generated\n{policy:#}"),
            FileContent::Malformed(text) | FileContent::Invalid(text) => text.clone(),
            FileContent::Empty => " \n".to_owned(),
            FileContent::Absent => return self.with(&path, ManagedContent::Absent),
            FileContent::Unreadable => {
                return self.with(&path, ManagedContent::Unreadable(obstacle()));
            }
            FileContent::Untrusted => {
                return self.with(&path, ManagedContent::Untrusted(obstacle()));
            }
        };
        ManagedSource::of_bytes(self.rank, path, bytes.into_bytes())
    }

    fn with(&self, path: &Arc<Path>, content: ManagedContent) -> ManagedSource {
        ManagedSource { rank: self.rank, path: Arc::clone(path), content }
    }

    /// The policy as JSON, where the file holds one.
    pub fn policy_mut(&mut self) -> Option<&mut Map<String, Value>> {
        match &mut self.content {
            FileContent::Policy(Value::Object(policy)) => Some(policy),
            _ => None,
        }
    }
}

fn at_rank(rank: u32) -> PolicyFile {
    const PATHS: &[&str] = &[
        "/etc/bedrock-auth/policy.json",
        "/etc/bedrock-auth/policy.d/10-team.json",
        "/etc/bedrock-auth/policy.d/20-site.json",
        "/etc/bedrock-auth/policy.d/30-more.json",
    ];
    PolicyFile { rank, path: PATHS[rank as usize % PATHS.len()], content: FileContent::Absent }
}

fn roll_bad_content(dice: &mut Dice) -> FileContent {
    match dice.below(8) {
        0 | 1 => FileContent::Unreadable,
        2 | 3 => FileContent::Untrusted,
        4 | 5 => FileContent::Malformed(
            dice.pick(&[
                "{",
                "{} {}",
                "// only a comment",
                "\u{feff}{}",
                "{\"id\": \"a\0\"}",
                "{\"schema_version\": 1, \"id\": \"a\", \"id\": \"b\"}",
                "{'id': 'a'}",
            ])
            .to_owned(),
        ),
        _ => FileContent::Invalid(
            dice.pick(&[
                "{}",
                "[]",
                r#"{"schema_version": 2, "id": "a"}"#,
                r#"{"schema_version": 1, "id": "a", "method": {}}"#,
                r#"{"schema_version": 1, "id": "a", "methods": {"sso": null}}"#,
                r#"{"schema_version": 1, "id": "a", "regions": "eu-*"}"#,
                r#"{"schema_version": 1, "id": "a", "methods": {"api_key": {"accounts": ["cAnArYs3cr3t"]}}}"#,
                r#"{"schema_version": 1, "id": "a", "methods": {"api_key": {"max_lifetime": "1d"}}}"#,
                r#"{"schema_version": 1, "id": "a", "enforcement": "cAnArYs3cr3t"}"#,
                r#"{"schema_version": 1, "id": "cAnArYs3cr3t!"}"#,
                r#"{"schema_version": 1, "id": "a", "endpoints": ["https://a:cAnArYs3cr3t@b"]}"#,
                r#"{"schema_version": 1, "id": "a", "valid": {"expires": "2026-01-01"}}"#,
                r#"{"schema_version": 1, "id": "a", "endpoints": ["https://a@b"]}"#,
            ])
            .to_owned(),
        ),
    }
}

/// A policy in which each key stands now and then. What is allowed is mostly wide, so that some cases pass.
fn roll_policy(dice: &mut Dice, with_settings: bool) -> Value {
    let mut policy = Object::default();
    policy.put("schema_version", json!(1));
    policy.put("id", json!(dice.pick(&["corp-bedrock", "team.2", "A_b"])));
    policy.maybe(dice, 30, "revision", |dice| json!(dice.below(9)));
    policy.maybe(dice, 10, "description", |_| json!("what it is for"));
    policy.maybe(dice, 20, "contact", |_| json!("https://it.example/bedrock"));
    policy.maybe(dice, 25, "enforcement", |dice| {
        json!(dice.pick(&["enforce", "report_only", "report_only", ""]))
    });
    policy.maybe(dice, 12, "valid", roll_validity);
    policy.maybe(dice, 12, "applies_to", roll_applies_to);
    policy.maybe(dice, 65, "methods", roll_methods);
    policy.maybe(dice, 22, "regions", |dice| roll_patterns(dice, REGION_PATTERNS));
    policy.maybe(dice, 25, "endpoints", |dice| json!(dice.some_of(ENDPOINT_PATTERNS, 60)));
    policy.maybe(dice, 22, "network", roll_network);
    policy.maybe(dice, 22, "environment_families", |dice| json!(dice.some_of(FAMILIES, 70)));
    if with_settings {
        policy.maybe(dice, 40, "settings", roll_settings);
    }
    policy.maybe(dice, 10, "audit", |dice| json!({ "required": dice.percent(50) }));
    policy.maybe(dice, 5, "x-note", |_| json!({ "secret": CANARY }));
    policy.into()
}

fn roll_validity(dice: &mut Dice) -> Value {
    let mut valid = Object::default();
    valid.maybe(dice, 50, "not_before", |dice| json!(dice.pick(INSTANTS)));
    valid.maybe(dice, 50, "expires", |dice| json!(dice.pick(INSTANTS)));
    valid.into()
}

fn roll_applies_to(dice: &mut Dice) -> Value {
    let mut who = Object::default();
    who.maybe(dice, 40, "users", |dice| json!(dice.some_of(USER_PATTERNS, 50)));
    who.maybe(dice, 40, "groups", |dice| json!(dice.some_of(GROUP_PATTERNS, 50)));
    who.maybe(dice, 40, "hosts", |dice| json!(dice.some_of(HOST_PATTERNS, 50)));
    who.into()
}

fn roll_network(dice: &mut Dice) -> Value {
    let mut network = Object::default();
    network.maybe(dice, 60, "ca_bundle", |dice| json!(dice.percent(40)));
    network.maybe(dice, 60, "proxy", |dice| json!(dice.percent(40)));
    network.into()
}

fn roll_methods(dice: &mut Dice) -> Value {
    let mut methods = Object::default();
    methods.maybe(dice, 78, "automatic", roll_automatic);
    methods.maybe(dice, 78, "named_profile", roll_named_profile);
    methods.maybe(dice, 78, "sso", roll_sso);
    methods.maybe(dice, 78, "iam_credentials", roll_iam_credentials);
    methods.maybe(dice, 78, "api_key", roll_api_key);
    methods.into()
}

const PROFILE_ROOTS: &[&str] = &[
    "sso",
    "web_identity",
    "credential_process",
    "long_lived_keys",
    "temporary_keys",
    "container",
    "imds",
    "login",
];

fn roll_automatic(dice: &mut Dice) -> Value {
    let mut rule = Object::default();
    rule.maybe(dice, 30, "roots", |dice| json!(dice.some_of(PROFILE_ROOTS, 75)));
    rule.maybe(dice, 6, "role_arns", |dice| json!(dice.some_of(ROLE_PATTERNS, 40)));
    rule.maybe(dice, 25, "commands", |dice| json!(dice.some_of(COMMAND_PATTERNS, 25)));
    rule.maybe(dice, 20, "accounts", roll_accounts);
    rule.maybe(dice, 40, "accounts_known", roll_accounts_known);
    rule.into()
}

fn roll_named_profile(dice: &mut Dice) -> Value {
    let mut rule = Object::default();
    rule.maybe(dice, 25, "profiles", |dice| roll_patterns(dice, PROFILE_PATTERNS));
    rule.maybe(dice, 25, "roots", |dice| json!(dice.some_of(PROFILE_ROOTS, 80)));
    rule.maybe(dice, 12, "role_arns", |dice| json!(dice.some_of(ROLE_PATTERNS, 40)));
    rule.maybe(dice, 55, "commands", |dice| json!(dice.some_of(COMMAND_PATTERNS, 25)));
    rule.maybe(dice, 18, "accounts", roll_accounts);
    rule.maybe(dice, 40, "accounts_known", roll_accounts_known);
    rule.into()
}

fn roll_sso(dice: &mut Dice) -> Value {
    let mut rule = Object::default();
    rule.maybe(dice, 25, "profiles", |dice| roll_patterns(dice, PROFILE_PATTERNS));
    rule.maybe(dice, 40, "start_urls", |dice| json!(dice.some_of(START_URL_PATTERNS, 60)));
    rule.maybe(dice, 18, "accounts", roll_accounts);
    rule.maybe(dice, 55, "roles", |dice| roll_patterns(dice, SSO_ROLE_PATTERNS));
    rule.maybe(dice, 12, "role_arns", |dice| json!(dice.some_of(ROLE_PATTERNS, 40)));
    rule.into()
}

fn roll_iam_credentials(dice: &mut Dice) -> Value {
    let mut rule = Object::default();
    rule.maybe(dice, 25, "layers", |dice| json!(dice.some_of(LAYERS, 65)));
    rule.maybe(dice, 30, "temporary_only", |dice| json!(dice.percent(75)));
    rule.maybe(dice, 18, "accounts", roll_accounts);
    rule.into()
}

fn roll_api_key(dice: &mut Dice) -> Value {
    let mut rule = Object::default();
    rule.maybe(dice, 25, "layers", |dice| json!(dice.some_of(LAYERS, 65)));
    rule.maybe(dice, 25, "kinds", |dice| json!(dice.some_of(&["short_term", "long_term"], 70)));
    rule.maybe(dice, 25, "max_lifetime", |dice| {
        json!(dice.pick(&["12h", "1h", "120m", "7200s", "1s"]))
    });
    rule.maybe(dice, 25, "temporary_only", |dice| json!(dice.percent(75)));
    rule.maybe(dice, 18, "accounts", roll_accounts);
    rule.into()
}

const LAYERS: &[&str] = &["environment", "keychain"];

fn roll_settings(dice: &mut Dice) -> Value {
    let mut settings = Object::default();
    settings.maybe(dice, 60, "locked", |dice| roll_values(dice, 30));
    settings.maybe(dice, 65, "recommended", |dice| roll_values(dice, 45));
    settings.into()
}

fn roll_values(dice: &mut Dice, chance: usize) -> Value {
    let mut values = Object::default();
    values.maybe(dice, chance, "authentication_method", |dice| json!(dice.pick(METHODS)));
    values.maybe(dice, chance, "profile", |dice| json!(dice.pick(PROFILES)));
    values.maybe(dice, chance, "region", |dice| json!(dice.pick(REGIONS)));
    values.maybe(dice, chance / 4, "endpoint_url", |dice| json!(roll_endpoint(dice)));
    values.into()
}

/// Mostly an endpoint.
pub fn roll_endpoint(dice: &mut Dice) -> &'static str {
    if dice.percent(15) { dice.pick(NO_ENDPOINTS) } else { dice.pick(ENDPOINTS) }
}

fn roll_accounts(dice: &mut Dice) -> Value {
    let accounts = dice.some_of(ACCOUNTS, 75);
    json!(accounts.iter().map(|account| format!("{account:012}")).collect::<Vec<_>>())
}

fn roll_accounts_known(dice: &mut Dice) -> Value {
    json!(dice.pick(&["beforehand", "on_delivery", "on_delivery"]))
}

/// Half of the lists hold the widest pattern.
fn roll_patterns(dice: &mut Dice, pool: &[&str]) -> Value {
    let mut patterns = dice.some_of(pool, 40);
    if dice.percent(40) && !patterns.contains(&"*") {
        patterns.push("*");
    }
    json!(patterns)
}

#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    fn maybe(
        &mut self,
        dice: &mut Dice,
        chance: usize,
        key: &str,
        make: impl FnOnce(&mut Dice) -> Value,
    ) {
        if let Some(value) = dice.maybe(chance, make) {
            self.put(key, value);
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Value::Object(object.0)
    }
}
