//! A policy as it is written: one file, every key with its place.

use super::endpoint::{EndpointPattern, StartUrlPattern};
use super::pattern::{ArnPattern, CommandPattern, HostPattern, NamePattern, PrincipalPattern};
use super::values::{Instant, Lifetime, PolicyId, SchemaVersion};
use crate::auth::{AccountId, ApiKeyKind, Method, Root};
use crate::family::Family;
use crate::jsonc::{self, Finding, Located, SourceText, UnknownKeys, object};
use crate::provenance::Place;
use crate::settings::ManagedValues;
use crate::words::words;

object! {
    /// A managed policy: what IT allows, and the values that IT supplies. All policies of a machine are
    /// in force together, and each can only narrow what the others allow.
    pub struct Document {
        /// The version of this format: 1.
        schema_version: Located<SchemaVersion>,
        /// The policy's name, which audit records refer to.
        id: Located<PolicyId>,
        /// A number that rises with each change.
        revision: Option<u64>,
        /// What the policy is for.
        description: Option<String>,
        /// Where a person who is denied finds help: an address or a URL, shown with every denial.
        contact: Option<String>,
        /// Whether the policy denies, or only reports what it would deny. Default: `enforce`.
        enforcement: Option<Located<Enforcement>>,
        /// When the policy counts. Before it does, it changes nothing; after it, it denies everything.
        valid: Option<Located<Validity>>,
        /// Whom the policy is for. Absent: everybody.
        applies_to: Option<Located<AppliesTo>>,
        /// The ways to authenticate that are allowed, each with its rule. Absent: all of them. A method
        /// that is not listed is denied; `{}` allows it without further limits.
        methods: Option<Located<Methods>>,
        /// The AWS regions that may be called. Absent: all of them.
        regions: Option<Located<Vec<NamePattern>>>,
        /// The Bedrock Runtime endpoints that may be called, as URLs; `*` in a host stays within one label.
        /// Absent: AWS's own endpoints, over https only. STS, IAM Identity Center and other services that hand out
        /// credentials may be asked at AWS's own endpoints and at these.
        endpoints: Option<Located<Vec<EndpointPattern>>>,
        /// What of the environment may stand between the client and AWS. Absent: all of it.
        network: Option<Network>,
        /// The prefixes of environment variables that may be read. Absent: whatever the person's settings name.
        environment_families: Option<Located<Vec<Family>>>,
        /// Values that IT supplies.
        settings: Option<ManagedSettings>,
        /// Whether use must be on record.
        audit: Option<Audit>,
    }
}

words! {
    /// Whether a policy denies or only reports.
    pub enum Enforcement {
        /// What is not allowed is denied.
        Enforce = "enforce",
        /// What would be denied is reported, and nothing is denied.
        ReportOnly = "report_only",
    }
}

object! {
    /// When a policy counts.
    pub struct Validity {
        /// The policy counts from this instant on (RFC 3339).
        not_before: Option<Located<Instant>>,
        /// From this instant on the policy denies everything (RFC 3339).
        expires: Option<Located<Instant>>,
    }
}

object! {
    /// Whom a policy is for. Every list that is present must match.
    pub struct AppliesTo {
        /// Login names.
        users: Option<Vec<PrincipalPattern>>,
        /// Groups of the person, primary and supplementary; one of them must match.
        groups: Option<Vec<PrincipalPattern>>,
        /// Host names.
        hosts: Option<Vec<HostPattern>>,
    }
}

object! {
    /// The ways to authenticate that are allowed.
    pub struct Methods {
        /// The AWS SDK's default chain of credential providers.
        automatic: Option<Located<AutomaticRule>>,
        /// A profile of the AWS config and credentials files.
        named_profile: Option<Located<NamedProfileRule>>,
        /// A profile that signs in through IAM Identity Center.
        sso: Option<Located<SsoRule>>,
        /// An access key from the environment or the keychain.
        iam_credentials: Option<Located<IamCredentialsRule>>,
        /// A Bedrock API key from the environment or the keychain.
        api_key: Option<Located<ApiKeyRule>>,
    }
}

object! {
    /// Limits on the AWS SDK's default chain.
    pub struct AutomaticRule {
        /// Where the credential may really come from.
        roots: Option<Located<Vec<Root>>>,
        /// The roles that may be assumed on the way, if any is.
        role_arns: Option<Located<Vec<ArnPattern>>>,
        /// The command lines that a `credential_process` may have.
        commands: Option<Located<Vec<CommandPattern>>>,
        /// The accounts that requests may count for. An account that cannot be known is not allowed.
        accounts: Option<Located<Vec<AccountId>>>,
        /// When the account has to be known. Default: `beforehand`. Containers, instances and processes tell theirs
        /// only `on_delivery`.
        accounts_known: Option<Located<AccountsKnown>>,
    }
}

object! {
    /// Limits on profiles.
    pub struct NamedProfileRule {
        /// The names of the profiles.
        profiles: Option<Located<Vec<NamePattern>>>,
        /// Where the credential may really come from, at the end of all `source_profile` chains.
        roots: Option<Located<Vec<Root>>>,
        /// The roles that may be assumed on the way; a profile that assumes none is not allowed.
        role_arns: Option<Located<Vec<ArnPattern>>>,
        /// The command lines that a `credential_process` may have.
        commands: Option<Located<Vec<CommandPattern>>>,
        /// The accounts that requests may count for. An account that cannot be known is not allowed.
        accounts: Option<Located<Vec<AccountId>>>,
        /// When the account has to be known. Default: `beforehand`. Containers, instances and processes tell theirs
        /// only `on_delivery`.
        accounts_known: Option<Located<AccountsKnown>>,
    }
}

object! {
    /// Limits on sign-in through IAM Identity Center.
    pub struct SsoRule {
        /// The names of the profiles.
        profiles: Option<Located<Vec<NamePattern>>>,
        /// The portals; `*` in a host stays within one label.
        start_urls: Option<Located<Vec<StartUrlPattern>>>,
        /// The accounts that requests may count for, and that the portal may sign in to. An account that cannot be
        /// known is not allowed.
        accounts: Option<Located<Vec<AccountId>>>,
        /// The permission sets (`sso_role_name`).
        roles: Option<Located<Vec<NamePattern>>>,
        /// The roles that the session may assume on top, if it assumes any.
        role_arns: Option<Located<Vec<ArnPattern>>>,
    }
}

object! {
    /// Limits on access keys.
    pub struct IamCredentialsRule {
        /// The layers that may supply the key.
        layers: Option<Located<Vec<CredentialLayer>>>,
        /// Whether only temporary keys (`ASIA…` with a session token) are allowed.
        temporary_only: Option<Located<bool>>,
        /// The accounts that requests may count for. An account that cannot be known is not allowed.
        accounts: Option<Located<Vec<AccountId>>>,
    }
}

object! {
    /// Limits on Bedrock API keys.
    pub struct ApiKeyRule {
        /// The layers that may supply the key.
        layers: Option<Located<Vec<CredentialLayer>>>,
        /// The kinds of keys.
        kinds: Option<Located<Vec<ApiKeyKind>>>,
        /// The longest that a key may last from its making to its end, such as `12h`.
        max_lifetime: Option<Located<Lifetime>>,
        /// Whether long-lived keys may neither be the key nor stand behind it: a short-term key must be signed by
        /// a temporary access key (`ASIA…`).
        temporary_only: Option<Located<bool>>,
        /// The accounts that requests may count for. An account that cannot be known is not allowed.
        accounts: Option<Located<Vec<AccountId>>>,
    }
}

words! {
    /// When the account of a credential has to be known.
    pub enum AccountsKnown {
        /// From files and variables alone, before anything is called.
        Beforehand = "beforehand",
        /// From the credential itself, once it is delivered and before it signs anything.
        OnDelivery = "on_delivery",
    }
}

words! {
    /// The layers that can supply a credential.
    pub enum CredentialLayer {
        /// Environment variables.
        Environment = "environment",
        /// The operating system's keychain.
        Keychain = "keychain",
    }
}

object! {
    /// What of the environment may stand between the client and AWS.
    pub struct Network {
        /// Whether certificates that `AWS_CA_BUNDLE`, `SSL_CERT_FILE` or `SSL_CERT_DIR` names may replace those of
        /// the system. Default: `true`.
        ca_bundle: Option<Located<bool>>,
        /// Whether requests may go through a proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names.
        /// Default: `true`.
        proxy: Option<Located<bool>>,
    }
}

object! {
    /// Values that IT supplies.
    pub struct ManagedSettings {
        /// Values that nobody overrides. Two policies that lock different values deny everything.
        locked: Option<ManagedValues>,
        /// Defaults. Of two policies that recommend a value, the later file wins.
        recommended: Option<ManagedValues>,
    }
}

object! {
    /// Whether use must be on record.
    pub struct Audit {
        /// Whether no credential may leave before its record is durable on disk. Default: `false`.
        required: Option<Located<bool>>,
    }
}

impl Document {
    /// Reads a policy.
    ///
    /// # Errors
    /// With every fault of the text, in its order.
    pub fn parse(text: &SourceText) -> Result<Self, Vec<Finding>> {
        jsonc::read(text, UnknownKeys::Refuse)
    }

    /// Whether what this policy forbids is denied, rather than only reported.
    pub fn enforces(&self) -> bool {
        self.enforcement.as_ref().is_none_or(|e| e.value == Enforcement::Enforce)
    }

    /// Whether telling if the policy applies takes the groups of the person, which can be slow to look up.
    pub fn asks_for_groups(&self) -> bool {
        self.applies_to.as_ref().is_some_and(|who| who.groups.is_some())
    }

    /// The values that it locks.
    pub fn locked(&self) -> Option<&ManagedValues> {
        self.settings.as_ref()?.locked.as_ref()
    }

    /// Whether a method is allowed at all, under whatever rule.
    pub fn lists(&self, method: Method) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.place_of(method).is_some())
    }

    /// Where the rule of a method stands; none where the method is not listed or all methods are allowed.
    pub(super) fn rule_of(&self, method: Method) -> Option<&Place> {
        self.methods.as_ref()?.place_of(method)
    }
}

impl ApiKeyRule {
    /// The key by which the rule demands that an API key ends by itself, if it does.
    pub fn demand_of_end(&self) -> Option<&'static str> {
        let is_temporary = self.temporary_only.as_ref().is_some_and(|demand| demand.value);
        match self.max_lifetime {
            Some(_) => Some("max_lifetime"),
            None => is_temporary.then_some("temporary_only"),
        }
    }
}

impl Methods {
    /// Where the rule of a method stands; none where the method is not listed.
    pub fn place_of(&self, method: Method) -> Option<&Place> {
        let Methods { automatic, named_profile, sso, iam_credentials, api_key } = self;
        match method {
            Method::Automatic => automatic.as_ref().map(|rule| &rule.at),
            Method::NamedProfile => named_profile.as_ref().map(|rule| &rule.at),
            Method::Sso => sso.as_ref().map(|rule| &rule.at),
            Method::IamCredentials => iam_credentials.as_ref().map(|rule| &rule.at),
            Method::ApiKey => api_key.as_ref().map(|rule| &rule.at),
        }
    }
}
