//! Why nothing can ever match the rule of a method.

use crate::auth::{AccountId, ApiKeyKind, Method, Root};
use crate::jsonc::Located;
use crate::policy::{
    ApiKeyRule, ArnPattern, AutomaticRule, CommandPattern, CredentialLayer, Document,
    IamCredentialsRule, NamedProfileRule, SsoRule, matches_segment,
};

/// Why nothing can match a rule: the key of the rule that stands in the way.
pub(super) struct Never {
    pub(super) key: &'static str,
    pub(super) why: &'static str,
    /// What it was concluded from besides the rule, by a JSON pointer.
    pub(super) ground: Option<&'static str>,
}

impl Never {
    fn of_rule(key: &'static str, why: &'static str) -> Self {
        Never { key, why, ground: None }
    }
}

/// Whether the policy lists the method, with a rule that something can match.
pub(super) fn may_match(document: &Document, method: Method) -> bool {
    document.lists(method) && never(document, method).is_empty()
}

/// Every reason why nothing can match the rule of a method; none where something may, or where there is no rule.
pub(super) fn never(document: &Document, method: Method) -> Vec<Never> {
    let mut reasons = Vec::new();
    if let Some(methods) = document.methods.as_deref() {
        match method {
            Method::Automatic => {
                reasons.extend(methods.automatic.iter().flat_map(|rule| automatic(rule)))
            }
            Method::NamedProfile => {
                reasons.extend(methods.named_profile.iter().flat_map(|rule| named_profile(rule)));
            }
            Method::Sso => reasons.extend(methods.sso.iter().flat_map(|rule| sso(rule))),
            Method::IamCredentials => {
                let rule = methods.iam_credentials.iter();
                reasons.extend(rule.flat_map(|rule| iam_credentials(rule, document)));
            }
            Method::ApiKey => {
                reasons.extend(methods.api_key.iter().flat_map(|rule| api_key(rule, document)));
            }
        }
    }
    reasons
}

fn automatic(rule: &AutomaticRule) -> impl Iterator<Item = Never> {
    let AutomaticRule { roots, role_arns: _, commands, accounts, accounts_known: _ } = rule;
    reasons([
        empty("roots", roots),
        empty("accounts", accounts),
        no_root(roots),
        no_command(roots, commands),
    ])
}

fn named_profile(rule: &NamedProfileRule) -> impl Iterator<Item = Never> {
    let NamedProfileRule { profiles, roots, role_arns, commands, accounts, accounts_known: _ } =
        rule;
    let roles = role_arns.as_deref().filter(|roles| !roles.is_empty());
    let no_role = roles.is_some_and(|roles| !roles.iter().any(can_be_a_role));
    let of_no_form = "no role has an ARN of these forms, and a profile has to assume one";
    let of_strangers = "no role that it allows is of an account that it allows";
    let strangers = match (roles, accounts.as_deref()) {
        (Some(roles), Some(accounts)) => !is_any_role_of(roles, accounts),
        _ => false,
    };
    reasons([
        empty("profiles", profiles),
        empty("roots", roots),
        empty("role_arns", role_arns),
        empty("accounts", accounts),
        no_root(roots),
        no_command(roots, commands),
        no_role.then_some(Never::of_rule("role_arns", of_no_form)),
        strangers.then_some(Never::of_rule("role_arns", of_strangers)),
    ])
}

fn sso(rule: &SsoRule) -> impl Iterator<Item = Never> {
    let SsoRule { profiles, start_urls, accounts, roles, role_arns: _ } = rule;
    reasons([
        empty("profiles", profiles),
        empty("start_urls", start_urls),
        empty("accounts", accounts),
        empty("roles", roles),
    ])
}

fn iam_credentials(rule: &IamCredentialsRule, document: &Document) -> impl Iterator<Item = Never> {
    let IamCredentialsRule { layers, temporary_only: _, accounts } = rule;
    reasons([empty("layers", layers), empty("accounts", accounts), no_family(document, layers)])
}

fn api_key(rule: &ApiKeyRule, document: &Document) -> impl Iterator<Item = Never> {
    let ApiKeyRule { layers, kinds, max_lifetime: _, temporary_only: _, accounts } = rule;
    let only_long_term = kinds.as_deref().is_some_and(|kinds| {
        !kinds.is_empty() && kinds.iter().all(|kind| *kind == ApiKeyKind::LongTerm)
    });
    let why = "a long-term key has no end, and the rule demands one";
    let no_end = only_long_term && rule.demand_of_end().is_some();
    reasons([
        empty("layers", layers),
        empty("kinds", kinds),
        empty("accounts", accounts),
        no_family(document, layers),
        no_end.then_some(Never::of_rule("kinds", why)),
    ])
}

fn reasons<const COUNT: usize>(all: [Option<Never>; COUNT]) -> impl Iterator<Item = Never> {
    all.into_iter().flatten()
}

fn empty<T>(key: &'static str, list: &Option<Located<Vec<T>>>) -> Option<Never> {
    is_empty(list).then_some(Never::of_rule(key, "the list is empty"))
}

pub(super) fn is_empty<T>(list: &Option<Located<Vec<T>>>) -> bool {
    list.as_ref().is_some_and(|list| list.is_empty())
}

/// Roots that neither the default chain nor a profile has.
pub(super) fn is_of_api_keys(root: Root) -> bool {
    matches!(root, Root::ShortTermApiKey | Root::LongTermApiKey)
}

fn no_root(roots: &Option<Located<Vec<Root>>>) -> Option<Never> {
    let roots = roots.as_deref().filter(|roots| !roots.is_empty())?;
    let all = roots.iter().all(|root| is_of_api_keys(*root));
    all.then_some(Never::of_rule("roots", "none of the roots is one of this method"))
}

/// Only commands could supply a credential, and none may be run.
fn no_command(
    roots: &Option<Located<Vec<Root>>>,
    commands: &Option<Located<Vec<CommandPattern>>>,
) -> Option<Never> {
    let roots = roots.as_deref()?;
    let is_process_alone = roots.contains(&Root::CredentialProcess)
        && roots.iter().all(|root| *root == Root::CredentialProcess || is_of_api_keys(*root));
    let why = "`roots` takes credentials from commands alone, and the list is empty";
    (is_process_alone && is_empty(commands)).then_some(Never::of_rule("commands", why))
}

fn no_family(document: &Document, layers: &Option<Located<Vec<CredentialLayer>>>) -> Option<Never> {
    let layers = layers.as_deref().filter(|layers| !layers.is_empty())?;
    let is_environment_alone = layers.iter().all(|layer| *layer == CredentialLayer::Environment);
    let why =
        "only the environment may supply it, and `environment_families` lets no variable be read";
    (is_environment_alone && is_empty(&document.environment_families)).then_some(Never {
        key: "layers",
        why,
        ground: Some("/environment_families"),
    })
}

/// Whether a role could have an ARN of this form.
pub(super) fn can_be_a_role(pattern: &ArnPattern) -> bool {
    let Some([arn, _, service, region, account, resource]) = pattern.parts() else { return false };
    matches_segment(arn, "arn")
        && matches_segment(service, "iam")
        && matches_segment(region, "")
        && can_be_an_account(account)
        && resource.split_once('/').is_some_and(|(kind, name)| {
            let (path, name) = name.rsplit_once('/').unwrap_or(("", name));
            matches_segment(kind, "role")
                && path.bytes().all(|byte| byte.is_ascii_graphic())
                && can_be_a_name(name)
        })
}

/// Without a wildcard it is one or not, which is told in words of its own.
fn can_be_an_account(pattern: &str) -> bool {
    let digits = pattern.bytes().filter(u8::is_ascii_digit).count();
    let stars = pattern.bytes().filter(|byte| *byte == b'*').count();
    stars == 0 || (digits <= 12 && digits + stars == pattern.len())
}

/// Whether a role or a permission set could be called so: letters, digits and `+=,.@_-` (IAM's and Identity Center's API).
pub(super) fn can_be_a_name(pattern: &str) -> bool {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-*".contains(&byte);
    !pattern.is_empty() && pattern.bytes().all(may_stand)
}

/// Whether one of the roles could be of one of the accounts. That there is no account, or no role, is told by itself.
pub(super) fn is_any_role_of(roles: &[ArnPattern], accounts: &[AccountId]) -> bool {
    let mut possible = roles.iter().filter(|role| can_be_a_role(role)).peekable();
    possible.peek().is_none()
        || accounts.is_empty()
        || possible.any(|role| may_be_of_one(role, accounts))
}

/// Whether a role of this form could be of one of the accounts. Of very many accounts, some may be its.
fn may_be_of_one(pattern: &ArnPattern, accounts: &[AccountId]) -> bool {
    const MOST_ACCOUNTS: usize = 200;
    pattern.parts().is_some_and(|[_, _, _, _, account, _]| match account.parse() {
        Ok(account) => accounts.contains(&account),
        Err(_) => {
            accounts.len() > MOST_ACCOUNTS
                || accounts.iter().any(|known| matches_segment(account, &known.to_string()))
        }
    })
}
