//! What one policy says of one candidate.

use bedrock_auth::auth::{AccountId, ApiKeyKind, Root};
use bedrock_auth::jsonc::Located;
use bedrock_auth::policy::{AccountsKnown, CredentialLayer, Document, Identity};
use bedrock_auth::signer::{Signer, StepKind};
use jiff::Timestamp;

use super::contract::Codes;
use super::text::{glob, read_url, same_url};
use crate::world::signers::account_id;
use crate::world::{MadeAccessKey, MadeApiKey, MadeDelivery, MadeKind};

/// One way to authenticate: what it is, and what is known about it.
pub struct Candidate<'a> {
    pub method: &'static str,
    pub profile: Option<String>,
    pub layer: Option<&'static str>,
    pub family: Option<&'static str>,
    pub signer: Option<Signer>,
    pub api_key: Option<&'a MadeApiKey>,
    pub access_key: Option<&'a MadeAccessKey>,
}

impl Candidate<'_> {
    pub fn of(method: &'static str) -> Self {
        Candidate {
            method,
            profile: None,
            layer: None,
            family: None,
            signer: None,
            api_key: None,
            access_key: None,
        }
    }

    /// Whether a static credential could work here and now, whatever policies say.
    pub fn works(&self, region: &str, now: Timestamp) -> bool {
        match (self.api_key, self.access_key) {
            (Some(MadeApiKey::ShortTerm { region: of_key, expires, .. }), _) => {
                *of_key == region && now < *expires
            }
            (Some(MadeApiKey::Unusable), _) | (_, Some(MadeAccessKey::Unusable)) => false,
            _ => true,
        }
    }

    pub fn region_of_key(&self) -> Option<&'static str> {
        match self.api_key {
            Some(MadeApiKey::ShortTerm { region, .. }) => Some(region),
            _ => None,
        }
    }

    fn account(&self) -> Option<AccountId> {
        match (self.api_key, self.access_key) {
            (Some(MadeApiKey::ShortTerm { account, .. }), _) => account.map(account_id),
            (Some(MadeApiKey::LongTerm { account }), _) => Some(account_id(*account)),
            (Some(_), _) => None,
            (
                _,
                Some(
                    MadeAccessKey::LongLived { account }
                    | MadeAccessKey::Temporary { account }
                    | MadeAccessKey::Unknown { account },
                ),
            ) => account.map(account_id),
            _ => self.signer.as_ref()?.account,
        }
    }
}

pub fn judge(document: &Document, candidate: &Candidate<'_>, codes: &mut Codes) {
    if let Some(family) = candidate.family
        && !may_read(document, family)
    {
        codes.insert("family_not_allowed");
    }
    // "Present: what is not listed is denied."
    if let Some(methods) = &document.methods {
        let listed = match candidate.method {
            "automatic" => methods.automatic.is_some(),
            "named_profile" => methods.named_profile.is_some(),
            "sso" => methods.sso.is_some(),
            "iam_credentials" => methods.iam_credentials.is_some(),
            _ => methods.api_key.is_some(),
        };
        if !listed {
            codes.insert("method_not_allowed");
            return;
        }
    }
    // "An SSO profile has SSO as its root, or it is not `sso`."
    if let ("sso", Some(signer)) = (candidate.method, &candidate.signer)
        && signer.root != Some(Root::Sso)
    {
        codes.insert("sso_profile_not_sso");
    }
    // Services on the way to the credential are AWS's own, or listed.
    for call in candidate.signer.iter().flat_map(|signer| &signer.calls) {
        let Some(moved) = &call.moved_to else { continue };
        let url = read_url(moved.url.split('?').next().unwrap()).expect("it was parsed before");
        let mut listed = document.endpoints.iter().flat_map(|list| list.iter());
        if !url.is_own_of(call.service) && !listed.any(|p| same_url(p.as_str(), &url)) {
            codes.insert("service_endpoint_not_allowed");
        }
    }
    let Some(methods) = &document.methods else { return };
    match candidate.method {
        "automatic" => {
            let rule = methods.automatic.as_ref().unwrap();
            judge_roots(&rule.roots, candidate, codes);
            // Only roles that are assumed are judged.
            if candidate.signer.as_ref().is_some_and(assumes_any_role) {
                let listed = rule.role_arns.as_ref().map(|l| texts(l, |p| p.as_str()));
                judge_roles(listed, candidate, codes);
            }
            let listed = rule.commands.as_ref().map(|l| texts(l, |p| p.as_str()));
            judge_commands(listed, candidate, codes);
            if !is_told_later(&rule.accounts_known, candidate) {
                judge_account(&rule.accounts, candidate, codes);
            }
        }
        "named_profile" => {
            let rule = methods.named_profile.as_ref().unwrap();
            let listed = rule.profiles.as_ref().map(|l| texts(l, |p| p.as_str()));
            judge_name("profile_not_allowed", listed, candidate.profile.as_deref(), codes);
            judge_roots(&rule.roots, candidate, codes);
            judge_roles(
                rule.role_arns.as_ref().map(|l| texts(l, |p| p.as_str())),
                candidate,
                codes,
            );
            judge_commands(
                rule.commands.as_ref().map(|l| texts(l, |p| p.as_str())),
                candidate,
                codes,
            );
            if !is_told_later(&rule.accounts_known, candidate) {
                judge_account(&rule.accounts, candidate, codes);
            }
        }
        "sso" => {
            let rule = methods.sso.as_ref().unwrap();
            let listed = rule.profiles.as_ref().map(|l| texts(l, |p| p.as_str()));
            judge_name("profile_not_allowed", listed, candidate.profile.as_deref(), codes);
            for step in candidate.signer.iter().flat_map(|signer| &signer.chain) {
                let StepKind::Sso { start_url, role_name, account, .. } = &step.kind else {
                    continue;
                };
                // The portal signs in to an account of its own where a role stands on top.
                if candidate.signer.as_ref().is_some_and(has_role)
                    && let Some(accounts) = &rule.accounts
                {
                    match account {
                        None => drop(codes.insert("account_unknown")),
                        Some(account) if !accounts.contains(account) => {
                            codes.insert("account_not_allowed");
                        }
                        Some(_) => {}
                    }
                }
                let portals = rule.start_urls.as_ref().map(|l| texts(l, |p| p.as_str()));
                if portals
                    .is_some_and(|l| !l.iter().any(|p| super::text::same_portal(p, start_url)))
                {
                    codes.insert("start_url_not_allowed");
                }
                let listed = rule.roles.as_ref().map(|l| texts(l, |p| p.as_str()));
                let role = role_name.as_deref().unwrap_or("");
                judge_name("role_not_allowed", listed, Some(role), codes);
            }
            if candidate.signer.as_ref().is_some_and(assumes_any_role) {
                judge_roles(
                    rule.role_arns.as_ref().map(|l| texts(l, |p| p.as_str())),
                    candidate,
                    codes,
                );
            }
            judge_account(&rule.accounts, candidate, codes);
        }
        "iam_credentials" => {
            let rule = methods.iam_credentials.as_ref().unwrap();
            judge_layer(&rule.layers, candidate, codes);
            if rule.temporary_only.as_ref().is_some_and(|demand| demand.value)
                && !matches!(candidate.access_key, Some(MadeAccessKey::Temporary { .. }))
            {
                codes.insert("long_lived_credential");
            }
            judge_account(&rule.accounts, candidate, codes);
        }
        _ => {
            let rule = methods.api_key.as_ref().unwrap();
            judge_layer(&rule.layers, candidate, codes);
            judge_api_key(rule, candidate.api_key.unwrap(), codes);
            judge_account(&rule.accounts, candidate, codes);
        }
    }
}

/// What one policy says of credentials that came, besides all that it says beforehand.
pub fn judge_delivery(
    document: &Document,
    candidate: &Candidate<'_>,
    came: &MadeDelivery,
    codes: &mut Codes,
) {
    let signer = candidate.signer.as_ref().expect("somebody was asked for them");
    // The account of credentials that only assume a role is their own matter.
    if !came.to_assume_role {
        if let (Some(foreseen), Some(told)) = (signer.account, came.account)
            && foreseen != told
        {
            codes.insert("account_mismatch");
        }
        match (accounts_of(document, candidate.method), came.account.or(signer.account)) {
            (None, _) => {}
            (Some(_), None) => drop(codes.insert("account_unknown")),
            (Some(accounts), Some(account)) if !accounts.contains(&account) => {
                codes.insert("account_not_allowed");
            }
            (Some(_), Some(_)) => {}
        }
    }
    let is_used_as_it_is = has_static_keys(signer) && (came.to_assume_role || !has_role(signer));
    if is_used_as_it_is || !expects_session(document, candidate.method) {
        return;
    }
    match came.kind {
        MadeKind::LongLived => drop(codes.insert("long_lived_credential")),
        MadeKind::Unknown => drop(codes.insert("root_unknown")),
        MadeKind::Temporary if !came.has_session_token => drop(codes.insert("root_unknown")),
        MadeKind::Temporary if came.expires.is_none() => drop(codes.insert("expiry_unknown")),
        MadeKind::Temporary => {}
    }
}

/// The portal hands out nothing but sessions. Elsewhere, `roots` without long-lived keys or a list of `commands`
/// says that one is expected.
fn expects_session(document: &Document, method: &str) -> bool {
    let methods = document.methods.as_ref();
    let (roots, commands) = match method {
        "sso" => return true,
        "automatic" => match methods.and_then(|methods| methods.automatic.as_ref()) {
            Some(rule) => (&rule.roots, &rule.commands),
            None => return false,
        },
        _ => match methods.and_then(|methods| methods.named_profile.as_ref()) {
            Some(rule) => (&rule.roots, &rule.commands),
            None => return false,
        },
    };
    match roots {
        Some(roots) => !roots.contains(&Root::LongLivedKeys),
        None => commands.is_some(),
    }
}

fn accounts_of<'a>(document: &'a Document, method: &str) -> Option<&'a Vec<AccountId>> {
    let methods = document.methods.as_ref()?;
    let accounts = match method {
        "automatic" => &methods.automatic.as_ref()?.accounts,
        "named_profile" => &methods.named_profile.as_ref()?.accounts,
        _ => &methods.sso.as_ref()?.accounts,
    };
    Some(&accounts.as_ref()?.value)
}

/// A policy can wait for the credential to tell its account; a key that is at hand tells it beforehand or never.
fn is_told_later(rule: &Option<Located<AccountsKnown>>, candidate: &Candidate<'_>) -> bool {
    let waits = rule.as_ref().is_some_and(|when| when.value == AccountsKnown::OnDelivery);
    let is_at_hand =
        |signer: &Signer| has_static_keys(signer) && !has_role(signer) || signer.account.is_some();
    waits && !candidate.signer.as_ref().is_some_and(is_at_hand)
}

fn has_static_keys(signer: &Signer) -> bool {
    let is_static =
        |kind: &StepKind| matches!(kind, StepKind::StaticKeys { .. } | StepKind::EnvironmentKeys);
    signer.chain.iter().any(|step| is_static(&step.kind))
}

fn assumes_any_role(signer: &Signer) -> bool {
    let is_role = |kind: &StepKind| {
        matches!(kind, StepKind::AssumeRole { .. } | StepKind::WebIdentity { .. })
    };
    signer.chain.iter().any(|step| is_role(&step.kind))
}

fn has_role(signer: &Signer) -> bool {
    signer.chain.iter().any(|step| matches!(step.kind, StepKind::AssumeRole { .. }))
}

fn judge_api_key(rule: &bedrock_auth::policy::ApiKeyRule, key: &MadeApiKey, codes: &mut Codes) {
    let (kind, lifetime, is_temporary) = match key {
        MadeApiKey::ShortTerm { lifetime, temporary_signer, .. } => {
            (Some(ApiKeyKind::ShortTerm), Some(*lifetime), *temporary_signer)
        }
        MadeApiKey::LongTerm { .. } => (Some(ApiKeyKind::LongTerm), None, false),
        _ => (None, None, false),
    };
    if let Some(kinds) = &rule.kinds
        && !kinds.iter().any(|allowed| Some(*allowed) == kind)
    {
        codes.insert("api_key_kind_not_allowed");
    }
    if let Some(limit) = &rule.max_lifetime
        && lifetime.is_none_or(|lifetime| lifetime > limit.value.seconds)
    {
        codes.insert("api_key_lifetime_too_long");
    }
    if rule.temporary_only.as_ref().is_some_and(|demand| demand.value) && !is_temporary {
        codes.insert("long_lived_credential");
    }
}

fn judge_layer(
    rule: &Option<Located<Vec<CredentialLayer>>>,
    candidate: &Candidate<'_>,
    codes: &mut Codes,
) {
    if let Some(layers) = rule
        && !layers.iter().any(|layer| Some(layer.as_str()) == candidate.layer)
    {
        codes.insert("layer_not_allowed");
    }
}

fn judge_roots(rule: &Option<Located<Vec<Root>>>, candidate: &Candidate<'_>, codes: &mut Codes) {
    let (Some(roots), Some(signer)) = (rule, &candidate.signer) else { return };
    match signer.root {
        None => drop(codes.insert("root_unknown")),
        Some(root) if !roots.contains(&root) => drop(codes.insert("root_not_allowed")),
        Some(_) => {}
    }
}

fn judge_account(
    rule: &Option<Located<Vec<AccountId>>>,
    candidate: &Candidate<'_>,
    codes: &mut Codes,
) {
    let Some(accounts) = rule else { return };
    let is_known_at_all =
        candidate.signer.is_some() || candidate.api_key.is_some() || candidate.access_key.is_some();
    match candidate.account() {
        _ if !is_known_at_all => {}
        None => drop(codes.insert("account_unknown")),
        Some(account) if !accounts.contains(&account) => drop(codes.insert("account_not_allowed")),
        Some(_) => {}
    }
}

/// Every role on the way must be listed, and there must be one.
fn judge_roles(rule: Option<Vec<&str>>, candidate: &Candidate<'_>, codes: &mut Codes) {
    let (Some(patterns), Some(signer)) = (rule, &candidate.signer) else { return };
    let roles: Vec<_> = (signer.chain.iter())
        .filter_map(|step| match &step.kind {
            StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } => {
                Some(role_arn)
            }
            _ => None,
        })
        .collect();
    let is_listed = |role: &&String| patterns.iter().any(|p| glob(p, role, ":/"));
    if roles.is_empty() || !roles.iter().all(is_listed) {
        codes.insert("role_arn_not_allowed");
    }
}

fn judge_commands(rule: Option<Vec<&str>>, candidate: &Candidate<'_>, codes: &mut Codes) {
    let (Some(patterns), Some(signer)) = (rule, &candidate.signer) else { return };
    for step in &signer.chain {
        if let StepKind::CredentialProcess { command, .. } = &step.kind
            && !patterns.iter().any(|p| super::text::same_command(p, command.as_str()))
        {
            codes.insert("command_not_allowed");
        }
    }
}

fn judge_name(code: &'static str, rule: Option<Vec<&str>>, name: Option<&str>, codes: &mut Codes) {
    if let Some(patterns) = rule
        && !patterns.iter().any(|pattern| glob(pattern, name.unwrap(), ""))
    {
        codes.insert(code);
    }
}

pub fn may_read(document: &Document, family: &str) -> bool {
    match &document.environment_families {
        Some(families) => families.iter().any(|allowed| allowed.as_str() == family),
        None => true,
    }
}

/// Every list that is present must match; what is not known counts as a match.
pub fn applies_to(document: &Document, identity: &Identity) -> bool {
    let Some(who) = &document.applies_to else { return true };
    let same = |pattern: &str, name: &str| glob(&pattern.to_lowercase(), &name.to_lowercase(), "");
    if let (Some(users), Some(user)) = (&who.users, &identity.user)
        && !users.iter().any(|p| same(p.as_str(), user))
    {
        return false;
    }
    if let (Some(patterns), Some(groups)) = (&who.groups, &identity.groups)
        && !groups.iter().any(|group| patterns.iter().any(|p| same(p.as_str(), group)))
    {
        return false;
    }
    if let (Some(hosts), Some(host)) = (&who.hosts, &identity.host) {
        let host = host.to_lowercase();
        let first = host.split('.').next().unwrap();
        let is_host = |p: &str| glob(p, &host, ".") || glob(p, first, ".");
        return hosts.iter().any(|p| is_host(&p.as_str().to_lowercase()));
    }
    true
}

fn texts<T>(list: &Located<Vec<T>>, text: impl Fn(&T) -> &str) -> Vec<&str> {
    list.iter().map(text).collect()
}
