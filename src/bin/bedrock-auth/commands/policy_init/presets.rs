//! Policies to start from: the catalogue's, with what each is for in the words of whoever has that wish.

/// A policy of the catalogue.
#[derive(Debug)]
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    /// Ends the sentence "people shall …".
    pub(crate) intent: &'static str,
    pub(crate) text: &'static str,
    /// What is a company's own in it.
    pub(crate) takes: &'static [Takes],
}

/// What a company brings along: lists of values, and an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    StartUrls,
    Accounts,
    Regions,
    /// When the policy ends.
    End,
}

impl Preset {
    /// Whether it names no portal, and allows any unless one is given.
    pub(crate) fn allows_any_portal(&self) -> bool {
        self.takes.contains(&Takes::StartUrls) && !self.text.contains("\"start_urls\":")
    }
}

macro_rules! presets {
    ($($name:literal from $directory:literal, takes $takes:expr => $intent:literal;)+) => {
        /// All of them; whoever is asked chooses by number.
        pub(crate) const PRESETS: &[Preset] = &[$(Preset {
            name: $name,
            intent: $intent,
            text: include_str!(concat!("../../../../../policies/", $directory, "/policy.json")),
            takes: $takes,
        }),+];
    };
}

use Takes::{Accounts, End, Regions, StartUrls};

presets! {
    "sso-only" from "sso-only", takes &[StartUrls] =>
        "sign in through our IAM Identity Center portal, and use nothing else";
    "sso-one-portal-two-accounts" from "sso-one-portal-two-accounts", takes &[StartUrls, Accounts] =>
        "do so in certain accounts only, with one permission set";
    "no-long-lived-keys" from "no-long-lived-keys", takes &[StartUrls] =>
        "use what they like, as long as it ends by itself: no key that lives until it is deleted";
    "short-term-api-keys-only" from "short-term-api-keys-only", takes &[Accounts] =>
        "use Bedrock API keys of the day, made from a session";
    "keychain-only" from "keychain-only", takes &[StartUrls] =>
        "keep API keys and session keys in the keychain, never in variables or files";
    "credential-process-only" from "credential-process-only", takes &[Accounts] =>
        "get credentials from our own broker, which AWS profiles call";
    "gateway-only" from "gateway-only", takes &[] =>
        "go through our own gateway, with a token of its making";
    "cloud-workloads-only" from "cloud-workloads-only", takes &[Accounts] =>
        "be build agents and workspaces that use their machine's role";
    "eu-regions-only" from "eu-regions-only", takes &[Regions] =>
        "send requests to certain regions only, however they sign in";
    "report-only-migration" from "report-only-migration", takes &[StartUrls, Accounts, Regions, End] =>
        "go on as before, while we see who a stricter policy would deny";
    "full" from "full-example", takes &[StartUrls, Accounts, Regions] =>
        "not be told anything yet: show me every key of the format, to cut down";
}

/// Its comments name the place, not only its regions.
pub(crate) const EU_REGIONS_ONLY: &str = "eu-regions-only";

pub(crate) fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}
